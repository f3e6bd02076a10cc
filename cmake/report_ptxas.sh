#!/bin/sh
# Runs a compiler command; what ptxas says of its kernels (-Xptxas=-v) goes to the file named first, everything else to stderr.
report=$1
shift
"$@" 2> "$report"
status=$?
grep -vE '^ptxas info |^    [0-9]+ bytes stack frame' "$report" >&2
exit $status

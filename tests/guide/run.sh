#!/usr/bin/env bash
# Runs the commands of the session in models/README.md, one after the other; what they write goes to a temporary folder.
#
#   tests/guide/run.sh [FOLDER]     FOLDER: where runs/ goes, and stays; default: a temporary one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

folder=${1:-$(mktemp -d)}
[[ $# -gt 0 ]] || trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"

# The section's indented lines, without their comments.
mapfile -t commands < <(sed -n '/^## A session of 90 minutes/,/^## The models/s/^    \.\/nautile /.\/nautile /p' models/README.md | sed 's/ \{2,\}#.*//')
((${#commands[@]} >= 10)) || {
  echo "guide: models/README.md has ${#commands[@]} commands in its session; 10 or more are expected" >&2
  exit 1
}
for command in "${commands[@]}"; do
  echo "== $command"
  start=$SECONDS
  read -ra words <<< "${command//runs\//$folder/runs/}"
  "${words[@]}" > "$folder/output.txt" 2>&1 || {
    code=$?
    cat "$folder/output.txt" >&2
    echo "guide: exit code $code: $command" >&2
    exit 1
  }
  echo "== $((SECONDS - start)) s, $(wc -l < "$folder/output.txt") lines: $command"
done
for page in first faster both cost ladder compare-mlp crossover compare-unet profiled; do
  [[ -f $folder/runs/$page/index.html ]] || {
    echo "guide: runs/$page has no page" >&2
    exit 1
  }
done

#!/usr/bin/env bash
# Checks and times a bundle on a machine with an NVIDIA GPU, beside PyTorch, in less than eight minutes.
#
#   bench/peers/gpu.sh BUNDLE.tar.xz [OUT]     OUT: a folder for what is measured; default: gpu-results
#
#   PYTHON   a Python that has PyTorch; default: python3
#   SECONDS_TOTAL   the limit of the whole; default: 470
#
# Each step has a limit of its own, and one that fails does not stop the others. Exit code: 0 all good, 1 some step failed,
# 2 wrong usage.
set -uo pipefail

say() { echo "gpu: $*"; }
die() {
  echo "gpu: $2" >&2
  exit "$1"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 1 && $# -le 2 ]] || die 2 "usage: bench/peers/gpu.sh BUNDLE.tar.xz [OUT]"
bundle=$1
out=${2:-gpu-results}
python=${PYTHON:-python3}
total=${SECONDS_TOTAL:-470}
start=$SECONDS
[[ -f $bundle ]] || die 2 "$bundle is missing: ./nautile bundle makes it"
nvidia-smi -L 2> /dev/null | grep -q GPU || die 1 "no NVIDIA GPU here (nvidia-smi lists none); use a machine with one"
mkdir -p "$out" || die 1 "cannot write to $out"
out=$(cd "$out" && pwd)
rm -f "$out"/*.{json,jsonl,txt,md}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xf "$bundle" || die 1 "cannot unpack $bundle"
nautile=$(echo "$work"/*/nautile)
[[ -x $nautile ]] || die 1 "$bundle is no bundle: it has no nautile"
export HOME=$work # what is unpacked and compiled on the way goes with it
export LC_ALL=C

# cuBLAS and cuDNN: those of PyTorch's packages, or CUDA's own.
libraries=$("$python" -c 'import glob, site
print(":".join(p for s in site.getsitepackages() + [site.getusersitepackages()] for p in sorted(glob.glob(s + "/nvidia/*/lib"))))' \
  2> /dev/null) || libraries=
for folder in /usr/local/cuda/lib64 /usr/local/cuda/lib /usr/local/cuda/targets/x86_64-linux/lib; do
  [[ ! -d $folder ]] || libraries+=${libraries:+:}$folder
done
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2> /dev/null)

failed=$work/failed # a line for each step that did
touch "$failed"

# step NAME LIMIT COMMAND...: its output goes to OUT/NAME.txt
step() {
  local name=$1 limit=$2 left=$((total - (SECONDS - start))) begun=$SECONDS code=0
  shift 2
  if ((left < 5)); then
    say "$name: not begun, $total s are over"
    echo "$name" >> "$failed"
    return
  fi
  timeout --kill-after=5 "$((limit < left ? limit : left))" "$@" > "$out/$name.txt" 2>&1 || code=$?
  local verdict=ok
  if ((code != 0)); then
    verdict="failed, exit code $code"
    ((code != 124 && code != 137)) || verdict="failed, not done in its time"
    echo "$name" >> "$failed"
  fi
  say "$name: $verdict, $((SECONDS - begun)) s"
  ((code == 0)) || tail -n 5 "$out/$name.txt" | sed 's/^/    /'
}

with_libraries() { LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$@"; }
export -f with_libraries
export libraries
ours() { step "$1" "$2" bash -c 'with_libraries "$@"' with_libraries "$nautile" "${@:3}"; }

# sanitize TOOL: some ops under it. The JVM uses SIGSEGV itself, and only our kernels are of interest.
sanitize() {
  if [[ -z $sanitizer ]]; then
    say "$1: skipped, compute-sanitizer is not here"
    return
  fi
  step "$1" 110 "$sanitizer" --tool "$1" --target-processes all --error-exitcode 9 --print-limit 20 \
    "$nautile" validate --device cuda --op softmax,matmul,layer_norm,max_pool2d
}

nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader > "$out/gpu.txt" 2>&1
say "$(head -n 1 "$out/gpu.txt"); libraries from ${libraries:-nowhere}"
ours doctor 30 doctor
for device in cuda cudnn; do # apart, so that one without its libraries does not cost the other's results
  ours "validate-$device" 110 validate --device "$device" --json "$out/validate-$device.json" &
done
sanitize memcheck &
sanitize racecheck &
wait # nothing else runs beside what is timed
# Compared with the processor, which takes less time than the reference; recorded, as PyTorch's graphs are.
ours bench-recorded 90 bench --device cuda --judge cpu --recorded --works "$here/works-gpu.tsv" --budget 0.1 \
  --out "$out/recorded.jsonl"
ours bench-cuda 60 bench --device cuda --judge cpu --works "$here/works-gpu.tsv" --budget 0.1 --out "$out/cuda.jsonl" \
  --suite gemm,conv
# what cuDNN and cuBLAS do; of the rest the device cudnn has the kernels of cuda
ours bench-cudnn 70 bench --device cudnn --judge cpu --works "$here/works-gpu.tsv" --budget 0.1 --out "$out/cudnn.jsonl" \
  --filter 'gemm|linear|conv|softmax'
ours compare-mlp 30 compare mnist-mlp --devices cpu,cuda --steps 200 --tolerance 1e-4 --out "$work/compare-mlp"
# not Adam, which enlarges rounding errors
ours compare-cnn 30 compare cifar-cnn-small --optimizer sgd --lr 0.01 --devices cpu,cuda --steps 200 --tolerance 1e-4 \
  --out "$work/compare-cnn"
step torch 150 "$python" "$here/peer_torch.py" --works "$here/works-gpu.tsv" --out "$out/torch.jsonl" --budget 0.1 \
  --mode eager,graph,tuned,compile --seconds 120

shopt -s nullglob
figures=("$out"/*.jsonl)
if ((${#figures[@]} > 0)); then
  {
    echo "$(head -n 1 "$out/gpu.txt"), $(date -u +%F), $(basename "$bundle")"
    echo
    "$python" "$here/report.py" "${figures[@]}"
  } > "$out/report.md" 2> "$out/report.txt" || {
    say "report: failed: $(tail -n 1 "$out/report.txt")"
    echo report >> "$failed"
  }
  cat "$out/report.md"
fi
if [[ -s $failed ]]; then
  say "failed: $(paste -sd ' ' "$failed") ($((SECONDS - start)) s; $out)"
  exit 1
fi
say "all good ($((SECONDS - start)) s; $out)"

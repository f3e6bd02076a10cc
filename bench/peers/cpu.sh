#!/usr/bin/env bash
# Times Nautile's device cpu beside PyTorch, oneDNN, OpenBLAS, MKL and BLIS and writes bench/RESULTS.md.
#
#   bench/peers/cpu.sh [OPTION...]     options of ./nautile bench that narrow it down: --suite, --filter, --rounds, --out
#
# The first run fetches the libraries: PyTorch with pip, oneDNN, OpenBLAS and MKL as the jars of JavaCPP's presets. BLIS is
# taken from the system (Debian: libblis4-openmp). What cannot be had is said and left out. Everything takes more than an hour:
# torch.compile needs minutes for a whole model.
#
#   PEERS    folder for what is fetched and built; default: bench/target/peers
#   PYTHON   a Python that has PyTorch; default: one made in PEERS
#   THREADS  numbers of threads; default: 1,2
#   RESULTS  the file to write; default: bench/RESULTS.md
set -euo pipefail

say() { echo "peers: $*" >&2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${PEERS:-$root/bench/target/peers}
onednn=3.13-1.5.14
openblas=0.3.31-1.5.13
mkl=2026.1-1.5.14
mkdir -p "$peers"
peers=$(cd "$peers" && pwd)

# fetch NAME VERSION CLASSIFIER: the libraries of one of JavaCPP's presets, to PEERS/NAME
fetch() {
  local folder=$peers/$1 jar=$peers/$1-$2-$3.jar
  [[ ! -e $folder/complete ]] || return 0
  say "fetching $1 $2"
  mvn -B -q -ntp dependency:copy "-Dartifact=org.bytedeco:$1:$2:jar:$3" "-DoutputDirectory=$peers" >&2 || return 1
  mkdir -p "$folder"
  (cd "$folder" && jar xf "$jar") || return 1
  find "$folder" -mindepth 2 -name '*.so*' ! -name 'libjni*' -exec mv -t "$folder" {} + || return 1
  rm "$jar"
  touch "$folder/complete"
}

# build SOURCE OPTION...: a program in PEERS
build() {
  local program=$peers/${1%.cpp}
  if [[ ! $program -nt $here/$1 || ! $program -nt $here/peer.hpp ]]; then
    "${CXX:-g++}" -std=c++17 -O2 -fopenmp -o "$program" "$here/$1" "${@:2}" || return 1
  fi
}

lanes=()
lane() { lanes+=(--peer "$1=$2"); }

# PyTorch. glibc gives large blocks back to the kernel whenever they are freed; the tuned modes keep them.
if [[ -z ${PYTHON:-} ]]; then
  PYTHON=$peers/venv/bin/python
  if ! "$PYTHON" -c 'import torch, numpy' 2> /dev/null; then
    say "installing PyTorch"
    python3 -m venv "$peers/venv" && "$peers/venv/bin/pip" install -q torch numpy setuptools >&2 || true
  fi
fi
if "$PYTHON" -c 'import torch' 2> /dev/null; then
  keep="env MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=68719476736 MALLOC_TOP_PAD_=67108864"
  serve="'$PYTHON' '$here/peer_torch.py' --serve --device cpu --mode"
  lane torch-eager "$serve eager"
  lane torch-tuned "$keep $serve tuned"
  lane torch-compile "$keep $serve compile"
else
  say "PyTorch is left out: $PYTHON cannot import torch"
fi

if fetch dnnl $onednn linux-x86_64 \
  && build peer_onednn.cpp -I "$peers/dnnl/org/bytedeco/dnnl/linux-x86_64/include" "$peers/dnnl/libdnnl.so.3" "-Wl,-rpath,$peers/dnnl"; then
  lane onednn-any "'$peers/peer_onednn' any"
  lane onednn-nhwc "'$peers/peer_onednn' nhwc"
else
  say "oneDNN is left out"
fi

if build peer_blas.cpp -ldl; then
  if fetch openblas $openblas linux-x86_64; then
    lane openblas "env LD_LIBRARY_PATH='$peers/openblas' '$peers/peer_blas' '$peers/openblas/libopenblas.so.0' 'OpenBLAS ${openblas%-*}' openblas_set_num_threads"
  else
    say "OpenBLAS is left out"
  fi
  if fetch mkl $mkl linux-x86_64-redist; then
    lane mkl "env LD_LIBRARY_PATH='$peers/mkl' MKL_THREADING_LAYER=GNU MKL_INTERFACE_LAYER=LP64 '$peers/peer_blas' '$peers/mkl/libmkl_rt.so.3' 'MKL ${mkl%-*}' MKL_Set_Num_Threads"
  else
    say "MKL is left out"
  fi
  blis=$(ldconfig -p 2> /dev/null | awk '/libblis\.so\.4 /{print $NF; exit}')
  if [[ -n $blis ]]; then
    lane blis "'$peers/peer_blas' '$blis' 'BLIS' bli_thread_set_num_threads"
  else
    say "BLIS is left out: no libblis.so.4 here (Debian: libblis4-openmp)"
  fi
fi

exec "$root/nautile" bench --device cpu --threads "${THREADS:-1,2}" --works "$here/works-cpu.tsv" "${lanes[@]}" \
  --results "${RESULTS:-$root/bench/RESULTS.md}" --remarks "$here/remarks-cpu.tsv" "$@"

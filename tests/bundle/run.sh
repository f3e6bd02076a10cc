#!/usr/bin/env bash
# Makes a bundle, unpacks it in an empty folder, and uses it with an empty environment, without a Java on the path.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$root/nautile" bundle --out "$out/bundle.tar.xz"
mkdir "$out/home" "$out/bin" "$out/unpacked"
for program in sh dirname readlink; do # all that the bundle may ask for
  ln -s "$(command -v "$program")" "$out/bin/"
done
tar -C "$out/unpacked" -xf "$out/bundle.tar.xz"
nautile=$(echo "$out"/unpacked/*/nautile)

# use CODE COMMAND...
use() {
  local code=$1 actual=0 start=$SECONDS
  shift
  (cd "$out/home" && env -i "PATH=$out/bin" "HOME=$out/home" "$nautile" "$@") > "$out/output" 2>&1 || actual=$?
  if [[ $actual != "$code" ]]; then
    echo "bundle: FAILED: $*: exit code $actual instead of $code:"
    cat "$out/output"
    exit 1
  fi
  echo "bundle: ok: $*: $((SECONDS - start)) s"
}

use 0 doctor
use 0 train mnist-mlp --quick --out "$out/home/run"
[[ -s $out/home/run/model.safetensors ]] || {
  echo "bundle: FAILED: no weights"
  exit 1
}
use 0 validate --op softmax
use 1 bundle # there is no source tree
use 2 unknown
if NAUTILE_JAVA_OPTS=-Xshare:on "$nautile" --version > /dev/null; then
  echo "bundle: ok: class data sharing"
else
  echo "bundle: FAILED: class data sharing"
  exit 1
fi

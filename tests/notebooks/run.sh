#!/usr/bin/env bash
# Runs the course's practicals in quick form, as plain programs and as notebooks, and looks at what they leave.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source=$root/models/notebooks
python=/usr/bin/python3 # the one for which Debian's packages are
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

packages=()
"$python" -c "import nbclient" 2> /dev/null || packages+=(python3-nbclient)
"$python" -c "import nbconvert" 2> /dev/null || packages+=(jupyter-nbconvert)
if ((${#packages[@]} > 0)); then
  if ! command -v apt-get > /dev/null; then
    echo "notebooks: FAILED: no nbclient and nbconvert for $python, and no apt-get to install ${packages[*]}"
    exit 1
  fi
  sudo=
  [[ $(id -u) -eq 0 ]] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

"$python" "$source/notebooks.py" --check
export NAUTILE_JAVA_OPTS="${NAUTILE_JAVA_OPTS:-} -Dnautile.quick=true"
unset NAUTILE_DATA                   # generated data, the same everywhere
export XDG_CACHE_HOME="$out/cache"   # nor downloaded data
"$source/start.sh" --kernel "$out/jupyter"

class_path=$root/bench/target/classes:$(< "$root/bench/target/classpath.txt")
"${java}c" -Xlint:all,-try,-path -Werror -d "$out/classes" -cp "$class_path" "$source"/*.java

failed() {
  echo "notebooks: FAILED: $1:"
  cat "$2"
  exit 1
}

# The kernel does not always answer when it has been started: then, and only then, a second and a third time.
execute() {
  local try
  for try in 1 2 3; do
    JUPYTER_PATH=$out/jupyter "$python" -m nbconvert --to notebook --execute --ExecutePreprocessor.timeout=120 \
      --ExecutePreprocessor.startup_timeout=90 --output-dir "$out" "$1" > "$out/output" 2>&1 && return
    grep -qE "^RuntimeError: Kernel (didn't respond|died before replying)" "$out/output" || return
    echo "notebooks: the kernel did not answer ($try)"
  done
  return 1
}

for notebook in "$source"/*.ipynb; do
  name=$(basename "$notebook" .ipynb)
  start=$SECONDS
  mkdir "$out/$name"
  # shellcheck disable=SC2086 # several options in one variable
  (cd "$out/$name" && "$java" --enable-native-access=ALL-UNNAMED $NAUTILE_JAVA_OPTS -cp "$out/classes:$class_path" "$name") \
    > "$out/output" 2>&1 || failed "$name as a program" "$out/output"
  pictures=$(find "$out/$name" -name '*.png' -size +1k | wc -l)
  wanted=$(grep -c 'show(' "$source/$name.java")
  [[ $pictures == "$wanted" ]] || failed "$name as a program: $pictures pictures instead of $wanted" "$out/output"
  programs=$((SECONDS - start))

  start=$SECONDS
  execute "$notebook" || failed "$name" "$out/output"
  "$python" "$source/notebooks.py" --executed "$out/$name.ipynb" > "$out/output" 2>&1 || failed "$name" "$out/output"
  echo "notebooks: ok: $name: as a program $programs s, as a notebook $((SECONDS - start)) s"
done

#!/usr/bin/env bash
# Opens the notebooks in Jupyter, on a Java kernel that has Nautile on its class path.
#
#   start.sh [FOLDER]       copies the notebooks that FOLDER lacks (default: runs/notebooks) and starts Jupyter there
#   start.sh --kernel DIR   only writes the kernel's description below DIR: for a Jupyter or an editor that is started otherwise,
#                           DIR is ~/.local/share/jupyter
#
#   NAUTILE_JAVA_OPTS   options for the kernel's JVM, for example "-Xmx4g -Dnautile.device=cuda"
#   NAUTILE_DATA        the folder with real data
#
# Needs the network once, for the kernel's jar.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
version=3.0.1
sha256=cffac185dafff9a4d62ffdbeb357822b56931c41421c576314a84d3605addd09
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
jar=$repository/io/github/padreati/rapaio-jupyter-kernel/$version/rapaio-jupyter-kernel-$version.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

problems=0
# problem WHAT REMEDY
problem() {
  echo "notebooks: $1: $2" >&2
  problems=$((problems + 1))
}

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"
}

kernel_only=
folder=$root/runs/notebooks
case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
  --kernel)
    [[ $# -eq 2 ]] || { usage >&2 && exit 2; }
    kernel_only=$2
    ;;
  -*)
    usage >&2
    exit 2
    ;;
  ?*) folder=$1 ;;
esac

# what is missing, all of it at once
if ! command -v "$java" > /dev/null; then
  problem "there is no Java" "install a JDK, 17 or later (Debian: apt-get install openjdk-17-jdk-headless)"
elif ! "$java" --list-modules | grep '^jdk.jshell@' > /dev/null; then
  problem "$java has no JShell, which the kernel needs" \
    "install a JDK instead of a JRE (Debian: apt-get install openjdk-17-jdk-headless)"
fi
command -v python3 > /dev/null || problem "there is no Python" "Debian: apt-get install python3"
if [[ -z $kernel_only ]] && ! command -v jupyter-notebook > /dev/null && ! command -v jupyter-lab > /dev/null; then
  problem "there is no Jupyter" "Debian: apt-get install jupyter-notebook; elsewhere: pip install notebook"
fi
if [[ ! -f $jar ]]; then
  fetch=(mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.9.0:get -Dtransitive=false
    "-Dmaven.repo.local=$repository" "-Dartifact=io.github.padreati:rapaio-jupyter-kernel:$version")
  "${fetch[@]}" >&2 || problem "the kernel rapaio-jupyter-kernel $version is not in $repository" \
    "connect to the network and start again, or copy its jar from another machine to $jar"
fi
if [[ -f $jar ]] && ! echo "$sha256  $jar" | sha256sum --check --status; then
  problem "$jar is damaged (SHA-256)" "remove it and start again"
fi
((problems == 0)) || exit 1

"$root/nautile" --version > /dev/null # builds what is missing or old

kernels=${kernel_only:-$root/target/jupyter}
kernel=$(mkdir -p "$kernels/kernels/nautile" && cd "$kernels/kernels/nautile" && pwd)
"${java}c" -d "$kernel/classes" "$here/kernel/LoopThread.java"
class_path=$kernel/classes:$jar:$root/bench/target/classes:$(< "$root/bench/target/classpath.txt")
# shellcheck disable=SC2086 # several options in one variable
python3 - "$here/kernel/init.jshell" "$java" --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true "-Dnautile.home=$root" ${NAUTILE_JAVA_OPTS:-} \
  -cp "$class_path" org.rapaio.jupyter.kernel.MainApp '{connection_file}' > "$kernel/kernel.json" << 'PYTHON'
import json, sys
kernel = {"display_name": "Nautile (Java)", "language": "java", "interrupt_mode": "message"}
json.dump({**kernel, "argv": sys.argv[2:], "env": {"RJK_INIT_SCRIPT": sys.argv[1]}}, sys.stdout, indent=1)
PYTHON
if [[ -n $kernel_only ]]; then
  exit 0
fi

mkdir -p "$folder"
for notebook in "$here"/*.ipynb; do
  copy=$folder/$(basename "$notebook")
  [[ -e $copy ]] || cp "$notebook" "$copy" # yours stays as it is
done
command -v jupyter-lab > /dev/null && jupyter=jupyter-lab || jupyter=jupyter-notebook
echo "notebooks: in $folder; close Jupyter with Ctrl-C" >&2
JUPYTER_PATH=$kernels${JUPYTER_PATH:+:$JUPYTER_PATH} exec "$jupyter" --notebook-dir="$folder"

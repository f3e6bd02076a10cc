#!/usr/bin/env bash
# Embeds Nautile in a Maven project outside its build, by coordinates, and runs it in the situations that embedders meet.
# Installs Nautile into a local repository of its own, which borrows everything else from the user's.
# shellcheck disable=SC2317 # some functions are called by check
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$here/target
users=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
mvn=(mvn -B -ntp -q "$@") # for example --offline

case $(uname -sm) in
  "Linux x86_64") platform=linux-x86_64 ;;
  "Linux aarch64") platform=linux-arm64 ;;
  *)
    echo "embedding: not tested on $(uname -sm)"
    exit 0
    ;;
esac

rm -rf "$out"
repository=$out/repository
mkdir -p "$repository/org" "$users/org"
for entry in "$users"/* "$users"/org/*; do
  name=${entry#"$users"/}
  [[ $name == org || $name == org/nautile ]] || ln -s "$entry" "$repository/$name"
done

echo "embedding: installing ($SECONDS s)"
"${mvn[@]}" -f "$root/pom.xml" install -pl native,java-api -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dspotless.check.skip -Dmaven.repo.local="$repository"
version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p;' "$root/pom.xml" | head -n 1)
echo "embedding: building ($SECONDS s)"
"${mvn[@]}" -f "$here/pom.xml" package -Dmaven.repo.local="$repository" -Dnautile.version="$version" \
  -Dnautile.platform="$platform"

lib=$out/lib
jar=$out/embedding-1.0.jar
shaded=$out/embedding-1.0-all.jar
plain=$jar:$(printf '%s:' "$lib"/*.jar)
natives=$lib/nautile-native-$version-$platform.jar
bare=${plain//$natives:/}
options=(--enable-native-access=ALL-UNNAMED -XX:+UseSerialGC "-Dorg.bytedeco.javacpp.cachedir=$out/cache")
failures=0

# check WHAT CODE PATTERN... -- COMMAND...: the exit code, and a line for each pattern
check() {
  local what=$1 code=$2 patterns=() output actual=0
  shift 2
  while [[ $1 != -- ]]; do
    patterns+=("$1")
    shift
  done
  shift
  output=$("$@" 2>&1) || actual=$?
  local wrong=
  [[ $actual == "$code" ]] || wrong="exit code $actual instead of $code"
  for pattern in "${patterns[@]}"; do
    grep -qE -- "$pattern" <<< "$output" || wrong+="${wrong:+, }no '$pattern'"
  done
  [[ $output != *$'\tat '* ]] || wrong+="${wrong:+, }a stack trace"
  if [[ -n $wrong ]]; then
    echo "embedding: FAILED: $what: $wrong in:"
    echo "$output"
    failures=$((failures + 1))
  else
    echo "embedding: ok: $what: ${output%%$'\n'*}"
  fi
}

devices='devices \[cpu,.*reference' # Nautile's and, from another jar, the program's own
own='devices \[.*example'
if [[ ! -s $natives ]] || ! "${java%java}jar" tf "$natives" | grep -q libjninautile; then
  echo "embedding: SKIPPED: there is no native library (no C++ compiler)"
  check "reference" 0 "ran on reference" -- "$java" "${options[@]}" -cp "$bare" example.Embedded reference
  exit $((failures > 0))
fi

check "class path, cpu" 0 "$devices" "$own" "ran on cpu.*testMetric" -- "$java" "${options[@]}" -cp "$plain" example.Embedded cpu
check "class path, reference" 0 "ran on reference" -- "$java" "${options[@]}" -cp "$plain" example.Embedded reference
check "shaded jar, cpu" 0 "$devices" "$own" "ran on cpu" -- "$java" "${options[@]}" -jar "$shaded" cpu
check "without natives, reference" 0 "ran on reference" -- "$java" "${options[@]}" -cp "$bare" example.Embedded reference
check "without natives, cpu" 1 \
  "^device cpu: the class path holds no native library; add the jar org.nautile:nautile-native:$version:$platform" -- \
  "$java" "${options[@]}" -cp "$bare" example.Embedded cpu

check "without OpenBLAS's jars" 1 "^device openblas: .*; .*org.bytedeco:openblas" -- \
  "$java" "${options[@]}" -cp "$plain" example.Embedded openblas

# Four at once, with nothing unpacked yet.
four_at_once() {
  local cache=$out/cold-$1 i pids=() code=0
  shift
  rm -rf "$cache"
  for i in 1 2 3 4; do
    "$java" "${options[@]}" "-Dorg.bytedeco.javacpp.cachedir=$cache" "$@" > "$cache.$i" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    wait "$i" || code=1
  done
  cat "$cache".?
  return "$code"
}
check "four JVMs at once, class path" 0 "ran on cpu" -- four_at_once plain -cp "$plain" example.Embedded cpu
check "four JVMs at once, shaded jar" 0 "ran on cpu" -- four_at_once shaded -jar "$shaded" cpu

twice() {
  "$java" "${options[@]}" "${@:3}" -cp "$jar" example.TwoLoaders "$1" "$2" > "$out/twice" || return 1
  cat "$out/twice"
  [[ $(grep -c "ran on cpu" "$out/twice") == "$loaders" ]]
}
loaders=2
check "two class loaders" 0 -- twice own "$plain"
check "two class loaders, shaded jar" 0 -- twice own "$shaded"
loaders=0
same="^device cpu: .*; load JavaCPP and Nautile with the same class loader"
check "two class loaders with one JavaCPP" 0 "$same" -- twice shared "$plain"
check "the same, with java.lang opened to JavaCPP" 0 "$same" -- \
  twice shared "$plain" --add-opens=java.base/java.lang=ALL-UNNAMED

exit $((failures > 0))

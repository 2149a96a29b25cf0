#!/bin/sh
# Everything compiles with clang under our warnings, and every libFuzzer target survives its corpus and a bounded number of mutations:
# tests/builds/check_clang.sh [RUNS]. The seed is fixed, so that a failure comes again.
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-20000}
command -v clang >/dev/null || { echo "skipped: clang is not installed"; exit 77; }
cmake --preset clang >/dev/null
cmake --build --preset clang -- --quiet
for target in build/clang/tests/fuzz/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  corpus=tests/fuzz/corpus/${name#fuzz_}
  echo "== $name"
  scratch=$(mktemp -d)
  "$target" -seed=20261123 -runs="$runs" -max_len=4096 -timeout=20 -rss_limit_mb=2048 -verbosity=0 "$scratch" "$corpus"
  rm -rf "$scratch"
done

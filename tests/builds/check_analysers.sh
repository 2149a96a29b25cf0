#!/bin/sh
# What two analysers say of the library's and the tools' sources: gcc -fanalyzer and clang-tidy with .clang-tidy. Of other versions than those that the
# sources are kept clean with, each finds other things; then that analyser is left out, and without both the test is skipped.
set -eu
cd "$(dirname "$0")/../.."
build=build/analysers
reasons=""
n_run=0

if [ "$(gcc -dumpversion | cut -d. -f1)" = 12 ]; then
  echo "== gcc -fanalyzer"
  cmake -S . -B "$build/gcc" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DQDRANT_BUILD_TESTS=OFF -DCMAKE_C_COMPILER=gcc \
    -DCMAKE_C_FLAGS="-fanalyzer -Werror" >/dev/null
  cmake --build "$build/gcc" --parallel "$(nproc)" -- --quiet
  n_run=$((n_run + 1))
else
  reasons="gcc is not version 12; "
fi

if command -v clang-tidy >/dev/null && command -v clang >/dev/null && clang-tidy --version | grep -q 'LLVM version 14\.'; then
  echo "== clang-tidy"
  cmake -S . -B "$build/clang" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DQDRANT_BUILD_TESTS=OFF -DCMAKE_C_COMPILER=clang \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
  find client cli codec core endpoints fallback_rest ingest memory pool server tls -name '*.c' -print0 |
    xargs -0 -P "$(nproc)" -n 4 clang-tidy -p "$build/clang" --quiet >"$build/clang-tidy.log" 2>/dev/null || {
    grep -E 'warning:|error:' "$build/clang-tidy.log" | sort -u
    exit 1
  }
  n_run=$((n_run + 1))
else
  reasons="${reasons}clang-tidy 14 is not installed; "
fi

[ -z "$reasons" ] || echo "skipped: ${reasons%; }"
[ "$n_run" -gt 0 ] || exit 77

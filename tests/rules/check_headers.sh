#!/bin/sh
# Every public header, ours and generated, compiles alone as C11 and as C++17 with gcc and clang under our warnings.
set -eu
cd "$(dirname "$0")/../.."
n=0
for header in include/qdrant/*.h generated/qdrant/pb/*.h; do
  name=${header#include/}
  name=${name#generated/}
  for compiler in "gcc -std=c11 -x c" "clang -std=c11 -x c" "g++ -std=c++17 -x c++" "clang++ -std=c++17 -x c++"; do
    command -v "${compiler%% *}" >/dev/null || { echo "skipped: ${compiler%% *} is not installed"; exit 77; }
    printf '#include <%s>\n' "$name" | $compiler -Wall -Wextra -Wconversion -Wshadow -Werror -fsyntax-only -Iinclude -Igenerated - || {
      echo "$name does not compile alone: $compiler" >&2
      exit 1
    }
    n=$((n + 1))
  done
done
echo "$n compilations"

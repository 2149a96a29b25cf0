#!/bin/sh
# The unit tests under valgrind, in a build without sanitizers: uninitialised reads are what ASan cannot see. Only errors and definite leaks count:
# gRPC core keeps memory until the process ends.
set -eu
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
cmake --preset debug >/dev/null
cmake --build --preset debug -- --quiet
failed=0
for name in "$@"; do
  echo "== $name"
  valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
    --suppressions=tests/builds/valgrind.supp "build/debug/tests/unit/$name" >build/debug/valgrind.log 2>&1 || {
    failed=1
    tail -n 60 build/debug/valgrind.log
  }
done
exit $failed

#!/bin/sh
# Every C file of ours is as clang-format leaves it. The result depends on the tool's version: another than the recorded one is no judge.
set -eu
cd "$(dirname "$0")/../.."
version=14
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
clang-format --version | grep -q "version $version\." || { echo "skipped: clang-format $version is needed, this is $(clang-format --version)"; exit 77; }
git ls-files -- '*.c' '*.h' '*.cpp' | grep -v '^generated/' | xargs clang-format --dry-run --Werror

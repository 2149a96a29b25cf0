#!/bin/sh
# The unit and contract tests under ThreadSanitizer. gRPC core is not instrumented: its modules are ignored, which still finds races of our own.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset tsan >/dev/null
cmake --build --preset tsan -- --quiet
TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1"
export TSAN_OPTIONS
ctest --preset tsan -L 'unit|contract' -j "$(nproc)" --quiet --output-log build/tsan/ctest.log || { tail -n 200 build/tsan/ctest.log; exit 1; }
tail -n 5 build/tsan/ctest.log

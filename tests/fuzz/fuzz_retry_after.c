/* Any value of a "retry-after" header is read or refused, and no wait is longer than a day. */
#include "core/retry_after.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  uint32_t wait_ms = 1;
  int is_read = qd_retry_after_parse((const char *)bytes, n_bytes, INT64_C(784111777), &wait_ms);
  fuzz_require(wait_ms <= 86400000, "at most a day");
  fuzz_require(is_read || wait_ms == 0, "no wait without a value");
  return 0;
}

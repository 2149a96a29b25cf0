#include "core/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct reason_case {
  qdrant_status status;
  const char *text;
  int has_retry_after;
  int is_storage_full;
  int is_too_large;
  qdrant_reason expected;
} reason_case;

static const char read_limit[] =
    "Rate limiting exceeded: Read rate limit exceeded: Operation requires 1 tokens but only "
    "0.9 were available. Retry after 6s";
static const char never[] = "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter "
                            "capacity, please try to split your request";
static const char link[] = "Rate limiting exceeded: status: Internal, message: \"h2 protocol error: http2 error\"";

static const reason_case cases[] = {
    {QDRANT_RESOURCE_EXHAUSTED, read_limit, 1, 0, 0, QDRANT_REASON_RATE_LIMITED},
    {QDRANT_RESOURCE_EXHAUSTED, read_limit, 0, 0, 0, QDRANT_REASON_RATE_LIMITED},
    {QDRANT_RESOURCE_EXHAUSTED, "Insufficient storage: no space left on the device", 1, 0, 0,
        QDRANT_REASON_STORAGE_FULL},
    {QDRANT_RESOURCE_EXHAUSTED, never, 0, 0, 0, QDRANT_REASON_NEVER_PASSES},
    {QDRANT_RESOURCE_EXHAUSTED, link, 0, 0, 0, QDRANT_REASON_NODE_LINK},
    {QDRANT_RESOURCE_EXHAUSTED, "quota", 0, 1, 0, QDRANT_REASON_STORAGE_FULL},
    {QDRANT_RESOURCE_EXHAUSTED, "quota", 1, 1, 0, QDRANT_REASON_STORAGE_FULL}, /* waiting makes no room */
    {QDRANT_RESOURCE_EXHAUSTED, "too large", 0, 0, 1, QDRANT_REASON_NEVER_PASSES},
    {QDRANT_RESOURCE_EXHAUSTED, "something else", 0, 0, 0, QDRANT_REASON_NONE},
    {QDRANT_INTERNAL, "Service internal error: No space left on device: WAL buffer size exceeds available disk space",
        0, 0, 0, QDRANT_REASON_STORAGE_FULL},
    {QDRANT_INTERNAL, "Service internal error: 1 of 2 replicas failed. Please retry", 0, 0, 0,
        QDRANT_REASON_REPLICA_FAILED},
    {QDRANT_INTERNAL, "Local shard 1 not found", 0, 0, 0, QDRANT_REASON_NONE},
    {QDRANT_OUT_OF_RANGE, "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes", 0, 0, 0,
        QDRANT_REASON_NEVER_PASSES},
    {QDRANT_INVALID_ARGUMENT, "JSON payload (9 bytes) is larger than allowed (limit: 8 bytes).", 0, 0, 0,
        QDRANT_REASON_NEVER_PASSES},
    {QDRANT_INVALID_ARGUMENT, "Please retry", 0, 0, 0, QDRANT_REASON_NONE},
    {QDRANT_UNAVAILABLE, "", 1, 0, 0, QDRANT_REASON_NONE},
};

static void test_reason_find_table_of_cases_told_apart(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const reason_case *each = &cases[i];
    qd_refusal refusal = {.status = each->status,
        .text = each->text,
        .n_text = strlen(each->text),
        .has_retry_after = each->has_retry_after,
        .is_storage_full = each->is_storage_full,
        .is_too_large = each->is_too_large};
    if (qd_reason_find(&refusal) != each->expected)
      fail_msg("\"%s\": %s", each->text, qdrant_reason_name(qd_reason_find(&refusal)));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reason_find_table_of_cases_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

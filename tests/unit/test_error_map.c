#include "pool/error_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static grpc_metadata one_item;
static const grpc_metadata_array no_metadata;
static grpc_metadata_array some_metadata = {.count = 1, .capacity = 1, .metadata = &one_item};

static grpc_metadata_array *with_item(const char *name, const char *value) {
  one_item.key = grpc_slice_from_static_string(name);
  one_item.value = grpc_slice_from_static_string(value);
  return &some_metadata;
}

static qd_ending make_ending(int code, const char *text) {
  return (qd_ending){.code = (grpc_status_code)code,
      .text = grpc_slice_from_static_string(text),
      .initial = &no_metadata,
      .trailing = &no_metadata,
      .endpoint = "10.0.0.1:6334",
      .max_reply_bytes = 1000};
}

static qdrant_error explain(const qd_ending *ending) {
  qdrant_error error;
  memset(&error, 0x55, sizeof error);
  qdrant_status status = qd_ending_explain(ending, &error);
  assert_int_equal(status, error.status);
  return error;
}

typedef struct expectation {
  int code;
  const char *text;
  qdrant_status status;
  qdrant_delivery delivery; /* without metadata, with the request sent */
  int is_retryable;
  int is_permanent;
} expectation;

static const expectation expectations[] = {
    {1, "Timeout expired", QDRANT_DEADLINE_EXCEEDED, QDRANT_ANSWERED, 1, 0},
    {1, "Received RST_STREAM with error code 8", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {2, "who knows", QDRANT_UNKNOWN, QDRANT_MAYBE, 0, 0},
    {3, "Wrong input: Vector dimension error", QDRANT_INVALID_ARGUMENT, QDRANT_ANSWERED, 0, 0},
    {4, "Deadline Exceeded", QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, 1, 0},
    {5, "Not found", QDRANT_NOT_FOUND, QDRANT_ANSWERED, 0, 0},
    {6, "exists", QDRANT_ALREADY_EXISTS, QDRANT_ANSWERED, 0, 0},
    {7, "no", QDRANT_PERMISSION_DENIED, QDRANT_ANSWERED, 0, 0},
    {8, "Received message larger than max (1001 vs. 1000)", QDRANT_RESOURCE_EXHAUSTED, QDRANT_MAYBE, 0, 1},
    {8, "received initial metadata size exceeds limit", QDRANT_RESOURCE_EXHAUSTED, QDRANT_MAYBE, 0, 0},
    {8, "Received RST_STREAM with error code 11", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {8, "Rate limit: request larger than capacity", QDRANT_RESOURCE_EXHAUSTED, QDRANT_MAYBE, 0, 0},
    {9, "locked", QDRANT_FAILED_PRECONDITION, QDRANT_ANSWERED, 0, 0},
    {10, "aborted", QDRANT_ABORTED, QDRANT_ANSWERED, 0, 0},
    {11, "range", QDRANT_OUT_OF_RANGE, QDRANT_ANSWERED, 0, 0},
    {12, "Received http2 header with status: 404", QDRANT_UNIMPLEMENTED, QDRANT_ANSWERED, 0, 0},
    {12, "unknown method", QDRANT_UNIMPLEMENTED, QDRANT_ANSWERED, 0, 0},
    {13, "Service internal error: 1 of 3 failed. Please retry", QDRANT_INTERNAL, QDRANT_MAYBE, 1, 0},
    {13, "Service internal error: No space left", QDRANT_INTERNAL, QDRANT_MAYBE, 0, 0},
    {13, "Trying to connect an http1.x server", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 1},
    {14, "failed to connect to all addresses; last error: Connection refused", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {14, "failed to connect to all addresses; last error: certificate verify failed", QDRANT_UNAVAILABLE, QDRANT_MAYBE,
        0, 1},
    {14, "Peer name a is not in peer certificate", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 1},
    {14, "empty address list: ", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 1},
    {14, "DNS resolution failed for x: Domain name not found", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 1},
    {14, "DNS resolution failed for x: Timeout while contacting DNS servers", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {14, "keepalive watchdog timeout", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {14, "shard is not available", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 1, 0},
    {15, "lost", QDRANT_DATA_LOSS, QDRANT_ANSWERED, 0, 0},
    {16, "Must provide an API key", QDRANT_UNAUTHENTICATED, QDRANT_ANSWERED, 0, 0},
    {99, "", QDRANT_UNKNOWN, QDRANT_MAYBE, 0, 0},
};

static void test_qd_ending_explain_every_kind_has_its_meaning(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
    const expectation *expected = &expectations[i];
    qd_ending ending = make_ending(expected->code, expected->text);
    qdrant_error error = explain(&ending);
    assert_int_equal(error.status, expected->status);
    assert_int_equal(error.delivery, expected->delivery);
    assert_int_equal(error.is_retryable, expected->is_retryable);
    assert_int_equal(error.is_permanent, expected->is_permanent);
    assert_int_equal(error.remote_code, expected->code);
    assert_non_null(strstr(error.message, expected->text));
  }
}

static void test_qd_ending_explain_unsent_is_not_sent_without_code(void **state) {
  (void)state;
  qd_ending ending = make_ending(14, "failed to connect to all addresses");
  ending.has_send_failed = 1;
  qdrant_error error = explain(&ending);
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(error.remote_code, 0);
  assert_non_null(strstr(error.message, "10.0.0.1:6334"));
}

static void test_qd_ending_explain_metadata_says_answered_unless_the_text_is_local(void **state) {
  (void)state;
  qd_ending ending = make_ending(14, "shard is not available");
  ending.has_send_failed = 1; /* the server answered before it had read all */
  ending.trailing = with_item("date", "today");
  assert_int_equal(explain(&ending).delivery, QDRANT_ANSWERED);
  ending = make_ending(14, "Socket closed");
  ending.initial = with_item("date", "today");
  assert_int_equal(explain(&ending).delivery, QDRANT_MAYBE);
}

static void test_qd_ending_explain_own_cancel_is_cancelled(void **state) {
  (void)state;
  qd_ending ending = make_ending(1, "CANCELLED");
  ending.is_cancel_asked = 1;
  qdrant_error error = explain(&ending);
  assert_int_equal(error.status, QDRANT_CANCELLED);
  assert_false(error.is_retryable);
  /* The server was faster: its word stands. */
  ending = make_ending(5, "Not found");
  ending.is_cancel_asked = 1;
  assert_int_equal(explain(&ending).status, QDRANT_NOT_FOUND);
}

static void test_qd_ending_explain_bytes_that_are_no_text_stay_readable(void **state) {
  (void)state;
  qd_ending ending = make_ending(3, "bad \xff\xfe text");
  assert_string_equal(explain(&ending).message, "bad ?? text");
}

static void test_qd_ending_explain_retry_after_makes_it_retryable(void **state) {
  (void)state;
  qd_ending ending = make_ending(8, "Rate limiting exceeded");
  ending.trailing = with_item("retry-after", "3");
  qdrant_error error = explain(&ending);
  assert_int_equal(error.retry_after_ms, 3000);
  assert_int_equal(error.reason, QDRANT_REASON_RATE_LIMITED);
  assert_true(error.is_retryable);
}

typedef struct reason_case {
  int code;
  const char *text;
  qdrant_reason reason;
} reason_case;

static const reason_case reason_cases[] = {
    {14, "failed to connect to all addresses; last error: Connection refused", QDRANT_REASON_UNREACHABLE},
    {14, "Stream removed (Socket closed)", QDRANT_REASON_CONNECTION_LOST},
    {14, "Stream removed (recvmsg:Connection reset by peer)", QDRANT_REASON_CONNECTION_LOST},
    {14, "GOAWAY received", QDRANT_REASON_CONNECTION_LOST},
    {14, "DNS resolution failed for x: Domain name not found", QDRANT_REASON_NAME_NOT_FOUND},
    {13, "Trying to connect an http1.x server", QDRANT_REASON_WRONG_PROTOCOL},
    {12, "Received http2 header with status: 404", QDRANT_REASON_WRONG_PROTOCOL},
    {8, "Received message larger than max (1001 vs. 1000)", QDRANT_REASON_CLIENT_LIMIT},
    {8, "Rate limiting exceeded: h2 protocol error: http2 error", QDRANT_REASON_NODE_LINK},
    {13, "Service internal error: 1 of 3 failed. Please retry", QDRANT_REASON_REPLICA_FAILED},
    {14, "shard is not available", QDRANT_REASON_NONE},
};

static void test_qd_ending_explain_reasons_of_core_and_server_told(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof reason_cases / sizeof *reason_cases; i++) {
    qd_ending ending = make_ending(reason_cases[i].code, reason_cases[i].text);
    assert_int_equal(explain(&ending).reason, reason_cases[i].reason);
  }
  qd_ending ending = make_ending(8, "quota");
  ending.trailing = with_item("qdrant-insufficient-storage", "1");
  assert_int_equal(explain(&ending).reason, QDRANT_REASON_STORAGE_FULL);
}

typedef struct reach_case {
  int code;
  const char *text;
  int is_unreachable;
} reach_case;

static const reach_case reach_cases[] = {
    {14, "failed to connect to all addresses; last error: UNKNOWN: Connection refused", 1},
    {14, "failed to connect to all addresses; last error: Trying to connect an http1.x server", 1},
    {14, "Ssl handshake failed: SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version number", 1},
    {12, "Received http2 header with status: 404", 1},
    {14, "Received http2 header with status: 503", 1},
    {13, "Received http2 header with status: 400", 1},
    {14, "Ssl handshake failed: SSL_ERROR_SSL: certificate verify failed", 0},
    {14, "DNS resolution failed for nowhere", 0},
    {14, "Socket closed", 0},
    {12, "", 0},
    {5, "Not found: Collection `c` doesn't exist!", 0},
    {0, "", 0},
};

static void test_qd_ending_is_unreachable_where_no_grpc_server_is(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof reach_cases / sizeof *reach_cases; i++) {
    qd_ending ending = make_ending(reach_cases[i].code, reach_cases[i].text);
    assert_int_equal(qd_ending_is_unreachable(&ending), reach_cases[i].is_unreachable);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_ending_explain_every_kind_has_its_meaning),
      cmocka_unit_test(test_qd_ending_explain_unsent_is_not_sent_without_code),
      cmocka_unit_test(test_qd_ending_explain_metadata_says_answered_unless_the_text_is_local),
      cmocka_unit_test(test_qd_ending_is_unreachable_where_no_grpc_server_is),
      cmocka_unit_test(test_qd_ending_explain_own_cancel_is_cancelled),
      cmocka_unit_test(test_qd_ending_explain_bytes_that_are_no_text_stay_readable),
      cmocka_unit_test(test_qd_ending_explain_retry_after_makes_it_retryable),
      cmocka_unit_test(test_qd_ending_explain_reasons_of_core_and_server_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a server sees of the options: headers, key, user agent and deadline, end to end. */
#include "qdrant/calls.h"
#include "qdrant/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VALUE_BYTES = 256 };

typedef struct world {
  qdrant_mock *mock;
  qdrant_client *client;
  qdrant_error err;
} world;

static int open_world(void **state) {
  static const qdrant_header headers[] = {{"x-team", "the client's"}, {"x-trace", "the client's"}};
  world *w = calloc(1, sizeof *w);
  qdrant_options options = QDRANT_OPTIONS_INIT;
  assert_non_null(w);
  assert_int_equal(qdrant_mock_start(NULL, &w->mock, &w->err), QDRANT_OK);
  options.url = qdrant_mock_url(w->mock);
  options.api_key = " key from a file\n";
  options.user_agent = "tester/1";
  options.headers = headers;
  options.n_headers = 2;
  assert_int_equal(qdrant_client_open(&options, &w->client, &w->err), QDRANT_OK);
  *state = w;
  return 0;
}

static int close_world(void **state) {
  world *w = *state;
  qdrant_client_close(w->client);
  qdrant_mock_stop(w->mock);
  free(w);
  return 0;
}

static qdrant_status list(world *w, const qdrant_call_options *options) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_list(w->client, &request, options, &reply, &w->err);
  qdrant_reply_free(reply);
  return status;
}

/* A header of the last call; "" when it had none. */
static const char *seen(world *w, const char *name, char value[VALUE_BYTES]) {
  if (qdrant_mock_last_header(w->mock, "Collections/List", name, value, VALUE_BYTES) < 0)
    value[0] = '\0';
  return value;
}

static void test_call_without_options_brings_the_clients(void **state) {
  world *w = *state;
  char value[VALUE_BYTES];
  assert_int_equal(list(w, NULL), QDRANT_OK);
  assert_string_equal(seen(w, "x-team", value), "the client's");
  assert_string_equal(seen(w, "x-trace", value), "the client's");
  assert_string_equal(seen(w, "api-key", value), "key from a file");
  assert_ptr_equal(strstr(seen(w, "user-agent", value), "tester/1 libqdrant/"), value);
}

static void test_call_with_headers_adds_and_replaces_for_itself_only(void **state) {
  world *w = *state;
  char value[VALUE_BYTES];
  const qdrant_header headers[] = {{"x-trace", "the call's"}, {"x-request", "7"}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.headers = headers;
  options.n_headers = 2;
  assert_int_equal(list(w, &options), QDRANT_OK);
  assert_string_equal(seen(w, "x-team", value), "the client's");
  assert_string_equal(seen(w, "x-trace", value), "the call's");
  assert_string_equal(seen(w, "x-request", value), "7");
  assert_int_equal(list(w, NULL), QDRANT_OK);
  assert_string_equal(seen(w, "x-trace", value), "the client's");
  assert_string_equal(seen(w, "x-request", value), "");
}

static void test_call_with_a_newline_in_a_header_sends_nothing_and_keeps_the_value(void **state) {
  world *w = *state;
  const qdrant_header headers[] = {{"x-token", "s3cret\nx-admin: 1"}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.headers = headers;
  options.n_headers = 1;
  assert_int_equal(list(w, &options), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(w->err.delivery, QDRANT_NOT_SENT);
  assert_non_null(strstr(w->err.message, "x-token"));
  assert_null(strstr(w->err.message, "s3cret"));
  assert_int_equal(qdrant_mock_count_calls(w->mock, "Collections/List"), 0);
}

/* gRPC writes the time with few digits, rounded up. */
static void assert_time_seen(world *w, long least_ms, long most_ms) {
  char value[VALUE_BYTES];
  assert_in_range(strtol(seen(w, "grpc-timeout-ms", value), NULL, 10), least_ms, most_ms);
}

static void test_call_with_a_timeout_tells_the_server(void **state) {
  world *w = *state;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  assert_int_equal(list(w, NULL), QDRANT_OK);
  assert_time_seen(w, 15000, 31000);
  options.timeout_ms = 600000;
  assert_int_equal(list(w, &options), QDRANT_OK);
  assert_time_seen(w, 500000, 601000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_call_without_options_brings_the_clients),
      TEST(test_call_with_headers_adds_and_replaces_for_itself_only),
      TEST(test_call_with_a_newline_in_a_header_sends_nothing_and_keeps_the_value),
      TEST(test_call_with_a_timeout_tells_the_server),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

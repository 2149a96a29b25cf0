#include "qdrant/client.h"
#include "qdrant/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static qdrant_client *open_client(const char *url, qdrant_toggle prefer_grpc, uint16_t rest_port) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  options.url = url;
  options.prefer_grpc = prefer_grpc;
  options.rest_port = rest_port;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  return client;
}

static qdrant_mock *start_mock(const char *api_key, const char *version) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  options.api_key = api_key;
  options.version = version;
  assert_int_equal(qdrant_mock_start(&options, &mock, NULL), QDRANT_OK);
  return mock;
}

static void check_pong(qdrant_client *client, const char *version) {
  qdrant_pong pong = QDRANT_PONG_INIT;
  char heard[32] = "unchanged";
  qdrant_client_server_version(client, heard, sizeof heard);
  assert_string_equal(heard, "");
  assert_int_equal(qdrant_client_ping(client, 0, &pong, NULL), QDRANT_OK);
  assert_string_equal(pong.version, version);
  assert_true(pong.time_ns > 0);
  qdrant_client_server_version(client, heard, sizeof heard);
  assert_string_equal(heard, version);
  qdrant_client_server_version(client, heard, 4);
  assert_int_equal(strlen(heard), 3);
  assert_int_equal(qdrant_client_ping(client, 0, NULL, NULL), QDRANT_OK);
}

static void test_ping_of_each_transport_needs_no_key_and_tells_the_version(void **state) {
  (void)state;
  qdrant_mock *mock = start_mock("secret", "1.17.5");
  for (int is_rest = 0; is_rest < 2; is_rest++) {
    qdrant_client *client =
        open_client(qdrant_mock_url(mock), is_rest ? QDRANT_OFF : QDRANT_ON, is_rest ? qdrant_mock_rest_port(mock) : 0);
    check_pong(client, "1.17.5");
    qdrant_client_close(client);
  }
  qdrant_mock_stop(mock);
}

static void test_ping_of_the_engine_answers(void **state) {
  (void)state;
  qdrant_pong pong = QDRANT_PONG_INIT;
  qdrant_client *client = open_client(":memory:", QDRANT_DEFAULT, 0);
  assert_int_equal(qdrant_client_ping(client, 0, &pong, NULL), QDRANT_OK);
  assert_true(strlen(pong.version) > 0);
  qdrant_client_close(client);
}

static void test_ping_is_not_repeated(void **state) {
  (void)state;
  qdrant_mock *mock = start_mock(NULL, NULL);
  qdrant_client *client = open_client(qdrant_mock_url(mock), QDRANT_ON, 0);
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  qdrant_error err = {0};
  fault.kind = QDRANT_FAULT_STATUS;
  fault.status = QDRANT_UNAVAILABLE;
  fault.message = "not now";
  assert_int_equal(qdrant_mock_add_fault(mock, &fault, NULL), QDRANT_OK);
  assert_int_equal(qdrant_client_ping(client, 0, NULL, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.n_attempts, 1);
  assert_int_equal(qdrant_mock_count_calls(mock, "Qdrant/HealthCheck"), 1);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_ping_of_a_server_that_does_not_answer_ends_in_time(void **state) {
  (void)state;
  qdrant_mock *mock = start_mock(NULL, NULL);
  qdrant_client *client = open_client(qdrant_mock_url(mock), QDRANT_ON, 0);
  qdrant_mock_fault stall = QDRANT_MOCK_FAULT_INIT;
  qdrant_pong pong = QDRANT_PONG_INIT;
  stall.kind = QDRANT_FAULT_STALL;
  stall.count = -1;
  assert_int_equal(qdrant_mock_add_fault(mock, &stall, NULL), QDRANT_OK);
  assert_int_equal(qdrant_client_ping(client, 50, &pong, NULL), QDRANT_DEADLINE_EXCEEDED);
  assert_string_equal(pong.version, "");
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_ping_with_bad_arguments_names_them(void **state) {
  (void)state;
  qdrant_error err = {0};
  qdrant_pong pong = {0};
  qdrant_client *client = open_client(":memory:", QDRANT_DEFAULT, 0);
  assert_int_equal(qdrant_client_ping(NULL, 0, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "client is NULL");
  assert_int_equal(qdrant_client_ping(client, -1, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "timeout_ms is -1"));
  assert_int_equal(qdrant_client_ping(client, 0, &pong, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "pong->size"));
  qdrant_client_server_version(NULL, NULL, 0);
  qdrant_client_server_version(client, NULL, 10);
  qdrant_client_close(client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ping_of_each_transport_needs_no_key_and_tells_the_version),
      cmocka_unit_test(test_ping_of_the_engine_answers),
      cmocka_unit_test(test_ping_is_not_repeated),
      cmocka_unit_test(test_ping_of_a_server_that_does_not_answer_ends_in_time),
      cmocka_unit_test(test_ping_with_bad_arguments_names_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

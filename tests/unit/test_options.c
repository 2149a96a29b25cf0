#include "client/options.h"
#include "core/deadline.h"
#include "core/error.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void resolve(const qdrant_options *given, qd_options *options) {
  qdrant_error err = {0};
  if (qd_options_resolve(given, options, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
}

static void test_options_resolve_null_all_defaults(void **state) {
  (void)state;
  qd_options options;
  resolve(NULL, &options);
  assert_string_equal(options.nodes[0].endpoint, "http://localhost:6334");
  assert_int_equal(options.nodes[0].rest_port, 6333);
  assert_null(options.api_key);
  assert_int_equal(options.timeout_ms, 30000);
  assert_int_equal(options.connect_timeout_ms, 3000);
  assert_int_equal(options.close_timeout_ms, 1000);
  assert_int_equal(options.keepalive_ms, 10000);
  assert_int_equal(options.keepalive_timeout_ms, 5000);
  assert_int_equal(options.n_connections, 4);
  assert_int_equal(options.max_attempts, 3);
  assert_int_equal(options.attempt_timeout_ms, 0);
  assert_int_equal(options.retry_delay_ms, 100);
  assert_int_equal(options.retry_budget, 500);
  assert_int_equal(options.repeat, QDRANT_REPEAT_SAFE);
  assert_int_equal(options.max_calls_in_flight, 1024);
  assert_int_equal(options.max_bytes_in_flight, 256 << 20);
  assert_int_equal(options.max_request_bytes, 512 << 20);
  assert_int_equal(options.max_reply_bytes, 512 << 20);
  assert_int_equal(options.memory_threads, 2);
  assert_false(options.use_env_proxy);
  assert_memory_equal(options.user_agent, "libqdrant/", 10);
  qd_options_free(&options);
}

static void test_options_resolve_minus_one_means_none(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.timeout_ms = given.close_timeout_ms = given.keepalive_ms = given.max_retries = given.retry_budget = -1;
  resolve(&given, &options);
  assert_int_equal(options.timeout_ms, QD_MAX_TIMEOUT_MS);
  assert_int_equal(options.close_timeout_ms, 0);
  assert_int_equal(options.keepalive_ms, -1);
  assert_int_equal(options.max_attempts, 1);
  assert_int_equal(options.retry_budget, 0);
  qd_options_free(&options);
}

static void test_options_resolve_texts_copied(void **state) {
  (void)state;
  char key[] = " \t key with spaces \r\n", name[] = "x-name", value[] = "value";
  qdrant_header header = {name, value};
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.url = "https://host:6333";
  given.api_key = key;
  given.headers = &header;
  given.n_headers = 1;
  given.user_agent = "indexer/2";
  given.tls_ca_path = "ca.pem";
  given.tls_server_name = "name";
  resolve(&given, &options);
  memset(key, 'x', sizeof key - 1);
  memset(name, 'x', sizeof name - 1);
  memset(value, 'x', sizeof value - 1);
  assert_string_equal(options.api_key, "key with spaces");
  assert_string_equal(options.headers[0].name, "x-name");
  assert_string_equal(options.headers[0].value, "value");
  assert_memory_equal(options.user_agent, "indexer/2 libqdrant/", 20);
  assert_string_equal(options.tls.ca_path, "ca.pem");
  assert_string_equal(options.tls.server_name, "name");
  assert_string_equal(options.nodes[0].endpoint, "https://host:6334");
  qd_options_free(&options);
}

static void test_options_resolve_blank_key_means_none(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.api_key = " \n";
  resolve(&given, &options);
  assert_null(options.api_key);
  qd_options_free(&options);
}

/* Fails to resolve with a text that has `part` and not `secret`. */
static void assert_refused(const qdrant_options *given, const char *part) {
  qd_options options;
  qdrant_error err = {0};
  assert_int_equal(qd_options_resolve(given, &options, &err), QDRANT_CONFIG_INVALID);
  if (strstr(err.message, part) == NULL || strstr(err.message, "hunter2") != NULL)
    fail_msg("expected \"%s\" in: %s", part, err.message);
  qd_options_free(&options);
}

static void test_options_resolve_numbers_out_of_range_named_with_value(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.timeout_ms = -2;
  assert_refused(&given, "timeout_ms is -2; expected 1 to 86400000, 0 for the default, or -1 for none");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.connect_timeout_ms = -1;
  assert_refused(&given, "connect_timeout_ms is -1; expected 1 to 3600000, 0 for the default");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.max_connections = 1001;
  assert_refused(&given, "max_connections is 1001");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.max_retries = -7;
  assert_refused(&given, "max_retries is -7");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.retry_delay_ms = -1;
  assert_refused(&given, "retry_delay_ms is -1; expected 1 to 3600000, 0 for the default");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.attempt_timeout_ms = 86400001;
  assert_refused(&given, "attempt_timeout_ms is 86400001");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.retry_budget = -2;
  assert_refused(&given, "retry_budget is -2");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.repeat = (qdrant_repeat)4;
  assert_refused(&given, "repeat is 4, which is no qdrant_repeat");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.max_request_bytes = SIZE_MAX;
  assert_refused(&given, "max_request_bytes is 9223372036854775807; expected 1 to 2147483647");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.max_calls_in_flight = UINT32_MAX;
  assert_refused(&given, "max_calls_in_flight is 4294967295");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.memory_threads = 257;
  assert_refused(&given, "memory_threads is 257");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.use_env_proxy = (qdrant_toggle)3;
  assert_refused(&given, "use_env_proxy is 3");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.prefer_grpc = (qdrant_toggle)-1;
  assert_refused(&given, "prefer_grpc is -1");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.url = "http://host:7000";
  given.rest_fallback = QDRANT_ON;
  assert_refused(&given, "port 7000 of the url is gRPC's and REST's is not known; set rest_port");
}

static void test_options_resolve_endpoints_each_with_its_ports(void **state) {
  static const qdrant_endpoint endpoints[] = {
      {.url = "http://a"}, {.url = "http://b:7000"}, {.url = "http://c", .grpc_port = 8000, .rest_port = 8001}};
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.endpoints = endpoints;
  given.n_endpoints = 3;
  given.hedge_reads = QDRANT_ON;
  resolve(&given, &options);
  assert_int_equal(options.n_nodes, 3);
  assert_string_equal(options.nodes[0].endpoint, "http://a:6334");
  assert_int_equal(options.nodes[0].rest_port, 6333);
  assert_true(options.nodes[0].has_fallback);
  assert_string_equal(options.nodes[1].endpoint, "http://b:7000");
  assert_false(options.nodes[1].has_fallback);
  assert_string_equal(options.nodes[2].endpoint, "http://c:8000");
  assert_int_equal(options.nodes[2].rest_port, 8001);
  assert_true(options.has_hedges);
  assert_true(options.hedge_fraction == 0.02);
  qd_options_free(&options);
}

static void assert_endpoints_refused(const char *first, const char *second, const char *words) {
  const qdrant_endpoint endpoints[] = {{.url = first}, {.url = second}};
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.endpoints = endpoints;
  given.n_endpoints = 2;
  assert_refused(&given, words);
}

static void test_options_resolve_bad_endpoints_refused(void **state) {
  static const qdrant_endpoint one = {.url = "http://a"};
  (void)state;
  assert_endpoints_refused("http://a", "https://b", "either all use TLS or none does");
  assert_endpoints_refused("http://a", ":memory:", "endpoints[1]: \":memory:\" is no node of a cluster");
  assert_endpoints_refused("http://a", "http://A:6334", "is there twice");
  assert_endpoints_refused("http://a", NULL, "endpoints[1]: url is NULL");
  assert_endpoints_refused("ftp://a", "http://b", "endpoints[0]: ");
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.endpoints = &one;
  assert_refused(&given, "n_endpoints is 0");
  given.n_endpoints = 1;
  given.url = "http://b";
  assert_refused(&given, "url and endpoints are both set");
  given.endpoints = NULL;
  assert_refused(&given, "endpoints is NULL");
}

static void test_options_resolve_bad_options_of_reads_refused(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.hedge_reads = (qdrant_toggle)3;
  assert_refused(&given, "hedge_reads is 3");
  given.hedge_reads = QDRANT_ON;
  given.max_connections = 1;
  assert_refused(&given, "there is nowhere else to ask");
  given.max_connections = 2;
  given.hedge_fraction = 1.5;
  assert_refused(&given, "hedge_fraction is 1.5");
  given.hedge_fraction = -0.1;
  assert_refused(&given, "hedge_fraction is -0.1");
  given.hedge_fraction = 0;
  given.hedge_delay_ms = -1;
  assert_refused(&given, "hedge_delay_ms is -1");
  given.hedge_delay_ms = 0;
  given.route_affinity = "";
  assert_refused(&given, "route_affinity is empty");
  given.route_affinity = "a\nb";
  assert_refused(&given, "not printable ASCII");
  given.route_affinity = NULL;
  given.read_consistency = -4;
  assert_refused(&given, "read_consistency is -4");
}

typedef struct transport_case {
  const char *url;
  uint16_t grpc_port;
  uint16_t rest_port;
  qdrant_toggle prefer_grpc;
  qdrant_toggle rest_fallback;
  const char *endpoint;
  uint16_t wanted_rest_port;
  const char *rest_prefix;
  int has_fallback;
} transport_case;

static const transport_case transport_cases[] = {
    {"http://h", 0, 0, QDRANT_DEFAULT, QDRANT_DEFAULT, "http://h:6334", 6333, "", 1},
    {"http://h", 0, 0, QDRANT_ON, QDRANT_OFF, "http://h:6334", 6333, "", 0},
    {"http://h:6333/a/b/", 0, 0, QDRANT_DEFAULT, QDRANT_ON, "http://h:6334", 6333, "/a/b", 1},
    {"http://h:7000", 0, 0, QDRANT_DEFAULT, QDRANT_DEFAULT, "http://h:7000", 0, "", 0},
    {"http://h:7000", 0, 7001, QDRANT_DEFAULT, QDRANT_DEFAULT, "http://h:7000", 7001, "", 1},
    {"https://h", 0, 0, QDRANT_OFF, QDRANT_DEFAULT, "https://h:6333", 6333, "", 0},
    {"https://h:443/q", 0, 0, QDRANT_OFF, QDRANT_ON, "https://h:443", 443, "/q", 0},
    {"http://h:7000", 0, 7001, QDRANT_OFF, QDRANT_DEFAULT, "http://h:7001", 7001, "", 0},
};

static void test_options_resolve_transports_and_their_ports(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof transport_cases / sizeof transport_cases[0]; i++) {
    const transport_case *each = &transport_cases[i];
    qdrant_options given = QDRANT_OPTIONS_INIT;
    qd_options options;
    given.url = each->url;
    given.grpc_port = each->grpc_port;
    given.rest_port = each->rest_port;
    given.prefer_grpc = each->prefer_grpc;
    given.rest_fallback = each->rest_fallback;
    resolve(&given, &options);
    assert_string_equal(options.nodes[0].endpoint, each->endpoint);
    assert_int_equal(options.nodes[0].rest_port, each->wanted_rest_port);
    assert_string_equal(options.nodes[0].rest_prefix, each->rest_prefix);
    assert_int_equal(options.nodes[0].has_fallback, each->has_fallback);
    assert_int_equal(options.prefers_grpc, each->prefer_grpc != QDRANT_OFF);
    qd_options_free(&options);
  }
}

static void test_options_resolve_bad_texts_named_without_secrets(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.api_key = "hunter2\nhunter2";
  assert_refused(&given, "api_key: byte 7 is not printable ASCII");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.user_agent = "a\tb";
  assert_refused(&given, "user_agent: byte 1");
  char agent[300];
  memset(agent, 'a', sizeof agent);
  agent[sizeof agent - 1] = '\0';
  given.user_agent = agent;
  assert_refused(&given, "user_agent has 299 bytes");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.tls_ca_path = "ca.pem";
  assert_refused(&given, "tls_ca_path is set, but url \"http://localhost:6334\" does not use TLS");
  given.url = "https://host";
  given.tls_ca_path = "";
  assert_refused(&given, "tls_ca_path is empty");
  given = (qdrant_options)QDRANT_OPTIONS_INIT;
  given.url = "http://me:hunter2@host";
  assert_refused(&given, "url:");
}

typedef struct header_case {
  const char *name;
  const char *value;
  const char *rule;
} header_case;

static const header_case header_cases[] = {
    {"", "v", "must not be empty"},
    {"X-Upper", "v", "lower-case"},
    {"with space", "v", "lower-case"},
    {":authority", "v", "lower-case"},
    {"grpc-timeout", "v", "gRPC's own"},
    {"trace-bin", "v", "binary"},
    {"api-key", "hunter2", "reserved"},
    {"user-agent", "v", "reserved"},
    {"te", "v", "reserved"},
    {"authorization", "hunter2\x7f", "byte 7 of the value of \"authorization\" is not printable"},
    {"authorization", "hunter2\r\nx: y", "byte 7"},
    {NULL, "v", "must not be NULL"},
    {"x", NULL, "must not be NULL"},
};

static void test_options_resolve_bad_headers_named_without_values(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof header_cases / sizeof header_cases[0]; i++) {
    qdrant_header headers[] = {{"x-good", "hunter2"}, {header_cases[i].name, header_cases[i].value}};
    qdrant_options given = QDRANT_OPTIONS_INIT;
    given.headers = headers;
    given.n_headers = 2;
    assert_refused(&given, header_cases[i].rule);
    assert_refused(&given, "headers[1]");
  }
}

static void test_options_resolve_header_twice_refused(void **state) {
  (void)state;
  qdrant_header headers[] = {{"x-a", "1"}, {"x-a", "2"}};
  qdrant_options given = QDRANT_OPTIONS_INIT;
  given.headers = headers;
  given.n_headers = 2;
  assert_refused(&given, "there twice");
  given.n_headers = 65;
  assert_refused(&given, "at most 64");
  given.headers = NULL;
  given.n_headers = 1;
  assert_refused(&given, "headers is NULL");
}

static void test_options_resolve_size_missing_refused(void **state) {
  (void)state;
  qdrant_options given = {0};
  assert_refused(&given, "qdrant_options.size is 0; set it to sizeof(qdrant_options)");
}

static void test_options_resolve_older_struct_rest_defaults(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.size = offsetof(qdrant_options, grpc_port);
  given.url = "http://old:1";
  given.grpc_port = 99; /* behind the end of that version */
  resolve(&given, &options);
  assert_string_equal(options.nodes[0].endpoint, "http://old:1");
  qd_options_free(&options);
}

typedef struct newer_options {
  qdrant_options known;
  int64_t added;
} newer_options;

static void test_options_resolve_newer_struct_taken_if_rest_unset(void **state) {
  (void)state;
  newer_options given = {QDRANT_OPTIONS_INIT, 0};
  qd_options options;
  given.known.size = sizeof given;
  resolve(&given.known, &options);
  qd_options_free(&options);
  given.added = 1;
  assert_refused(&given.known, "a member behind them is set");
}

static qdrant_status resolve_all(void *user) {
  (void)user;
  qdrant_header header = {"x-a", "1"};
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.url = "https://host";
  given.api_key = "key";
  given.headers = &header;
  given.n_headers = 1;
  given.tls_ca_path = "ca.pem";
  given.tls_server_name = "name";
  qdrant_status status = qd_options_resolve(&given, &options, NULL);
  qd_options_free(&options);
  return status;
}

static void test_options_resolve_allocations_fail_no_memory(void **state) {
  (void)state;
  torture(resolve_all, NULL);
}

static void test_settings_resolve_call_overrides_client(void **state) {
  (void)state;
  qd_options options;
  qd_settings settings;
  qdrant_header header = {"x-a", "1"};
  qdrant_call_options given = QDRANT_CALL_OPTIONS_INIT;
  resolve(NULL, &options);
  int64_t before_ns = qd_now_ns();
  assert_int_equal(qd_settings_resolve(&options, NULL, &settings, NULL), QDRANT_OK);
  assert_true(settings.deadline_ns >= before_ns + 30 * QD_NS_PER_S);
  assert_int_equal(settings.max_attempts, 3);
  given.timeout_ms = 86400000;
  given.max_retries = -1;
  given.headers = &header;
  given.n_headers = 1;
  assert_int_equal(qd_settings_resolve(&options, &given, &settings, NULL), QDRANT_OK);
  assert_true(settings.deadline_ns >= before_ns + 86400 * QD_NS_PER_S);
  assert_int_equal(settings.max_attempts, 1);
  assert_ptr_equal(settings.headers, &header);
  qd_options_free(&options);
}

static void test_settings_resolve_attempts_call_overrides_client(void **state) {
  (void)state;
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  qd_settings settings;
  qdrant_call_options call = QDRANT_CALL_OPTIONS_INIT;
  given.attempt_timeout_ms = 250;
  given.repeat = QDRANT_REPEAT_NOT_SENT;
  resolve(&given, &options);
  assert_int_equal(qd_settings_resolve(&options, NULL, &settings, NULL), QDRANT_OK);
  assert_int_equal(settings.attempt_timeout_ns, 250 * QD_NS_PER_MS);
  assert_int_equal(settings.repeat, QDRANT_REPEAT_NOT_SENT);
  assert_false(settings.is_patient);
  call.attempt_timeout_ms = 100;
  call.repeat = QDRANT_REPEAT_ALWAYS;
  assert_int_equal(qd_settings_resolve(&options, &call, &settings, NULL), QDRANT_OK);
  assert_int_equal(settings.attempt_timeout_ns, 100 * QD_NS_PER_MS);
  assert_int_equal(settings.repeat, QDRANT_REPEAT_ALWAYS);
  call.attempt_timeout_ms = -1;
  assert_int_equal(qd_settings_resolve(&options, &call, &settings, NULL), QDRANT_OK);
  assert_int_equal(settings.attempt_timeout_ns, 0);
  qd_options_free(&options);
}

static void test_settings_resolve_bad_values_invalid_argument(void **state) {
  (void)state;
  qd_options options;
  qd_settings settings;
  qdrant_error err = {0};
  qdrant_header header = {"X", "hunter2"};
  qdrant_call_options given = QDRANT_CALL_OPTIONS_INIT;
  resolve(NULL, &options);
  given.timeout_ms = -5;
  assert_int_equal(qd_settings_resolve(&options, &given, &settings, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "timeout_ms is -5"));
  given.timeout_ms = 0;
  given.repeat = (qdrant_repeat)4;
  qd_error_clear(&err);
  assert_int_equal(qd_settings_resolve(&options, &given, &settings, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "repeat is 4, which is no qdrant_repeat");
  given.repeat = QDRANT_REPEAT_DEFAULT;
  given.headers = &header;
  given.n_headers = 1;
  qd_error_clear(&err);
  assert_int_equal(qd_settings_resolve(&options, &given, &settings, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "call options: headers[0]: \"X\""));
  qd_options_free(&options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options_resolve_null_all_defaults),
      cmocka_unit_test(test_options_resolve_minus_one_means_none),
      cmocka_unit_test(test_options_resolve_texts_copied),
      cmocka_unit_test(test_options_resolve_blank_key_means_none),
      cmocka_unit_test(test_options_resolve_numbers_out_of_range_named_with_value),
      cmocka_unit_test(test_options_resolve_bad_texts_named_without_secrets),
      cmocka_unit_test(test_options_resolve_bad_headers_named_without_values),
      cmocka_unit_test(test_options_resolve_header_twice_refused),
      cmocka_unit_test(test_options_resolve_size_missing_refused),
      cmocka_unit_test(test_options_resolve_older_struct_rest_defaults),
      cmocka_unit_test(test_options_resolve_newer_struct_taken_if_rest_unset),
      cmocka_unit_test(test_options_resolve_endpoints_each_with_its_ports),
      cmocka_unit_test(test_options_resolve_bad_endpoints_refused),
      cmocka_unit_test(test_options_resolve_bad_options_of_reads_refused),
      cmocka_unit_test(test_options_resolve_transports_and_their_ports),
      cmocka_unit_test(test_options_resolve_allocations_fail_no_memory),
      cmocka_unit_test(test_settings_resolve_call_overrides_client),
      cmocka_unit_test(test_settings_resolve_attempts_call_overrides_client),
      cmocka_unit_test(test_settings_resolve_bad_values_invalid_argument),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

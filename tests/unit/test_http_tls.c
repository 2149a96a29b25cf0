#include "tests/support/certificates.h"
#include "tests/support/made_exchange.h"
#include "tests/support/raw_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CALL_MS = 10000, MANY = 50 };

/* One exchange over TLS with a peer that shows this certificate. */
static made_exchange *try_tls(const char *cert_name, const char *ca_name, const char *server_name) {
  grpc_peer *peer = start_tls_peer(cert_name);
  qd_http_options options = http_options_for(grpc_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = ca_name != NULL ? certificate_path(ca_name) : NULL;
  options.tls.server_name = server_name;
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", NULL, CALL_MS);
  close_http(http);
  grpc_peer_stop(peer);
  return made;
}

static void expect_answer_over_http2(made_exchange *made) {
  assert_string_equal(made->exchange.error.message, "");
  assert_int_not_equal(made->exchange.code, 0);
  assert_true(made->exchange.is_http2);
  free_exchange(made);
}

static void expect_refused(made_exchange *made, const char *fragment) {
  const qdrant_error *error = &made->exchange.error;
  assert_int_equal(error->status, QDRANT_UNAVAILABLE);
  assert_int_equal(error->delivery, QDRANT_NOT_SENT);
  assert_true(error->is_permanent);
  assert_false(error->is_retryable);
  if (strstr(error->message, "TLS") == NULL || strstr(error->message, fragment) == NULL)
    fail_msg("\"%s\" has no \"%s\"", error->message, fragment);
  free_exchange(made);
}

static void test_tls_good_certificate_gives_an_answer_over_http2(void **state) {
  (void)state;
  expect_answer_over_http2(try_tls("good.pem", "ca.pem", NULL));
}

static void test_tls_many_exchanges_at_once_share_one_connection(void **state) {
  (void)state;
  made_exchange *made[MANY];
  grpc_peer *peer = start_tls_peer("good.pem");
  qd_http_options options = http_options_for(grpc_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = certificate_path("ca.pem");
  qd_http *http = open_http(&options);
  free_exchange(exchange_once(http, "/", NULL, CALL_MS));
  for (size_t i = 0; i < MANY; i++) {
    made[i] = new_exchange("/", NULL, CALL_MS);
    assert_int_equal(start_exchange(http, made[i]), QDRANT_OK);
  }
  for (size_t i = 0; i < MANY; i++) {
    await_exchange(made[i]);
    expect_answer_over_http2(made[i]);
  }
  qdrant_stats stats = {0};
  qd_http_stats(http, &stats);
  assert_int_equal(stats.n_used, 1);
  close_http(http);
  grpc_peer_stop(peer);
}

static void test_tls_name_of_the_options_is_checked_instead_of_the_host(void **state) {
  (void)state;
  expect_answer_over_http2(try_tls("good.pem", "ca.pem", "qdrant.test"));
}

static void test_tls_wrong_name_is_permanent_and_names_the_option(void **state) {
  (void)state;
  expect_refused(try_tls("wrong.pem", "ca.pem", NULL), "tls_server_name");
  expect_refused(try_tls("good.pem", "ca.pem", "elsewhere.test"), "tls_server_name");
}

static void test_tls_unknown_ca_is_permanent_and_names_the_option(void **state) {
  (void)state;
  expect_refused(try_tls("good.pem", "other.pem", NULL), "tls_ca_path");
  expect_refused(try_tls("good.pem", NULL, NULL), "tls_ca_path");
}

static void test_tls_expired_certificate_is_permanent(void **state) {
  (void)state;
  expect_refused(try_tls("expired.pem", "ca.pem", NULL), "expired");
}

static void test_tls_server_without_tls_is_permanent(void **state) {
  (void)state;
  raw_peer *peer = raw_peer_start(&(raw_options){.behaviour = RAW_HTTP1});
  qd_http_options options = http_options_for(raw_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = certificate_path("ca.pem");
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", NULL, CALL_MS);
  assert_true(made->exchange.is_unreachable);
  expect_refused(made, "http://");
  close_http(http);
  raw_peer_stop(peer);
}

static void test_open_ca_file_missing_is_config_invalid(void **state) {
  (void)state;
  qd_http_options options = http_options_for(1, 1);
  qd_http *http = NULL;
  qdrant_error error = {0};
  options.is_tls = 1;
  options.tls.ca_path = certificate_path("missing.pem");
  assert_int_equal(qd_http_open(&options, &http, &error), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(error.message, options.tls.ca_path));
  assert_null(http);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_good_certificate_gives_an_answer_over_http2),
      cmocka_unit_test(test_tls_many_exchanges_at_once_share_one_connection),
      cmocka_unit_test(test_tls_name_of_the_options_is_checked_instead_of_the_host),
      cmocka_unit_test(test_tls_wrong_name_is_permanent_and_names_the_option),
      cmocka_unit_test(test_tls_unknown_ca_is_permanent_and_names_the_option),
      cmocka_unit_test(test_tls_expired_certificate_is_permanent),
      cmocka_unit_test(test_tls_server_without_tls_is_permanent),
      cmocka_unit_test(test_open_ca_file_missing_is_config_invalid),
  };
  return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}

#include "core/deadline.h"
#include "tests/support/certificates.h"
#include "tests/support/made_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CALL_MS = 10000, WAIT_MS = 20000 };

/* One call over TLS to a peer with this certificate. */
static qdrant_status try_tls(const char *cert_name, const char *ca_name, const char *server_name, qdrant_error *error) {
  char ca_path[128];
  snprintf(ca_path, sizeof ca_path, "%s", certificate_path(ca_name));
  grpc_peer *peer = start_tls_peer(cert_name);
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = ca_path;
  options.tls.server_name = server_name;
  qd_transport transport = open_local(&options);
  qdrant_error waited = {0};
  qdrant_status ready = transport.ops->wait_ready(transport.self, qd_deadline_in_ms(WAIT_MS), &waited);
  qdrant_status status = call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, error);
  assert_int_equal(ready, status);
  assert_int_equal(waited.is_permanent, error->is_permanent);
  close_local(&transport);
  grpc_peer_stop(peer);
  return status;
}

static void expect_refused(const qdrant_error *error, const char *option) {
  assert_int_equal(error->status, QDRANT_UNAVAILABLE);
  assert_int_equal(error->delivery, QDRANT_NOT_SENT);
  assert_true(error->is_permanent);
  assert_false(error->is_retryable);
  assert_non_null(strstr(error->message, "TLS"));
  assert_non_null(strstr(error->message, option));
}

static void test_tls_good_certificate_is_ok(void **state) {
  (void)state;
  qdrant_error error;
  assert_int_equal(try_tls("good.pem", "ca.pem", NULL, &error), QDRANT_OK);
}

static void test_tls_name_of_the_options_is_checked_instead_of_the_host(void **state) {
  (void)state;
  qdrant_error error;
  assert_int_equal(try_tls("good.pem", "ca.pem", "qdrant.test", &error), QDRANT_OK);
}

static void test_tls_wrong_name_is_permanent_and_names_the_option(void **state) {
  (void)state;
  qdrant_error error;
  assert_int_equal(try_tls("wrong.pem", "ca.pem", NULL, &error), QDRANT_UNAVAILABLE);
  expect_refused(&error, "tls_server_name");
}

static void test_tls_unknown_ca_is_permanent_and_names_the_option(void **state) {
  (void)state;
  qdrant_error error;
  assert_int_equal(try_tls("good.pem", "other.pem", NULL, &error), QDRANT_UNAVAILABLE);
  expect_refused(&error, "tls_ca_path");
}

static void test_tls_expired_certificate_is_permanent(void **state) {
  (void)state;
  qdrant_error error;
  assert_int_equal(try_tls("expired.pem", "ca.pem", NULL, &error), QDRANT_UNAVAILABLE);
  expect_refused(&error, "expired");
}

static void test_tls_system_roots_do_not_trust_a_private_ca(void **state) {
  (void)state;
  qdrant_error error;
  grpc_peer *peer = start_tls_peer("good.pem");
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  options.is_tls = 1;
  qd_transport transport = open_local(&options);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, &error), QDRANT_UNAVAILABLE);
  expect_refused(&error, "tls_ca_path");
  close_local(&transport);
  grpc_peer_stop(peer);
}

static void test_tls_server_without_tls_is_permanent(void **state) {
  (void)state;
  qdrant_error error;
  grpc_peer *peer = grpc_peer_start(&(peer_options){0});
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = certificate_path("ca.pem");
  qd_transport transport = open_local(&options);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, &error), QDRANT_UNAVAILABLE);
  expect_refused(&error, "http://");
  close_local(&transport);
  grpc_peer_stop(peer);
}

static void expect_ca_refused(const char *name, const char *content, const char *reason) {
  if (content != NULL) {
    FILE *file = fopen(certificate_path(name), "we");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
  }
  qd_grpc_options options = local_options(1, 1);
  qd_transport transport = {0};
  qdrant_error error = {0};
  options.is_tls = 1;
  options.tls.ca_path = certificate_path(name);
  assert_int_equal(qd_grpc_open(&options, &transport, &error), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(error.message, options.tls.ca_path));
  assert_non_null(strstr(error.message, reason));
}

static void test_open_ca_file_missing_is_config_invalid(void **state) {
  (void)state;
  expect_ca_refused("missing.pem", NULL, "cannot be opened");
}

static void test_open_ca_folder_is_config_invalid(void **state) {
  (void)state;
  expect_ca_refused(".", NULL, "cannot be read");
}

static void test_open_ca_file_without_certificate_is_config_invalid(void **state) {
  (void)state;
  expect_ca_refused("empty.pem", "", "no certificate");
  expect_ca_refused("server.key", NULL, "no certificate");
}

static void test_open_ca_file_with_garbage_is_config_invalid(void **state) {
  (void)state;
  const char *end = "-----END CERTIFICATE-----\n";
  char content[256];
  const char *bodies[] = {"garbage!\n", "AAAABBBB\n", "MIIBAAAA\n", "MII\n", "\n", ""};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    snprintf(content, sizeof content, "-----BEGIN CERTIFICATE-----\n%s%s", bodies[i], end);
    expect_ca_refused("garbage.pem", content, "damaged");
  }
  expect_ca_refused("garbage.pem", "-----BEGIN CERTIFICATE-----\nMIIBIjAN\n", "damaged");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_good_certificate_is_ok),
      cmocka_unit_test(test_tls_name_of_the_options_is_checked_instead_of_the_host),
      cmocka_unit_test(test_tls_wrong_name_is_permanent_and_names_the_option),
      cmocka_unit_test(test_tls_unknown_ca_is_permanent_and_names_the_option),
      cmocka_unit_test(test_tls_expired_certificate_is_permanent),
      cmocka_unit_test(test_tls_system_roots_do_not_trust_a_private_ca),
      cmocka_unit_test(test_tls_server_without_tls_is_permanent),
      cmocka_unit_test(test_open_ca_file_missing_is_config_invalid),
      cmocka_unit_test(test_open_ca_folder_is_config_invalid),
      cmocka_unit_test(test_open_ca_file_without_certificate_is_config_invalid),
      cmocka_unit_test(test_open_ca_file_with_garbage_is_config_invalid),
  };
  return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}

/* TLS end to end: a client and a server, over gRPC and over REST, which must not differ. */
#include "core/deadline.h"
#include "qdrant/calls.h"
#include "qdrant/log.h"
#include "qdrant/mock.h"
#include "tests/support/certificates.h"
#include "tests/support/ported_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { CALL_MS = 10000 };

static const qdrant_toggle transports[] = {QDRANT_ON, QDRANT_OFF}; /* prefer_grpc */
enum { N_TRANSPORTS = 2 };

/* Files by their names beside the certificates; NULL: none. */
typedef struct tls_case {
  const char *name;
  const char *server_cert; /* NULL: the server speaks plaintext */
  const char *client_ca;   /* that the server demands */
  int is_plaintext;        /* the client's url */
  const char *ca;
  const char *cert;
  const char *server_name;
  qdrant_tls_verify verify;
  qdrant_reason reason; /* NONE: the call ends well */
  const char *fragment; /* of the message */
} tls_case;

static const tls_case cases[] = {
    {"good", "good.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_NONE, ""},
    {"name of the options", "good.pem", NULL, 0, "ca.pem", NULL, "qdrant.test", QDRANT_VERIFY_FULL, QDRANT_REASON_NONE,
        ""},
    {"wrong name", "wrong.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_NAME,
        "tls_server_name"},
    {"wrong name of the options", "good.pem", NULL, 0, "ca.pem", NULL, "elsewhere.test", QDRANT_VERIFY_FULL,
        QDRANT_REASON_TLS_NAME, "tls_server_name"},
    {"unknown authority", "good.pem", NULL, 0, "other.pem", NULL, NULL, QDRANT_VERIFY_FULL,
        QDRANT_REASON_TLS_UNKNOWN_CA, "tls_ca_path"},
    {"system's roots", "good.pem", NULL, 0, NULL, NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_UNKNOWN_CA,
        "tls_ca_path"},
    {"self-signed", "self.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_UNKNOWN_CA,
        "self-signed"},
    {"expired", "expired.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_EXPIRED,
        "has expired"},
    {"not yet valid", "future.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_EXPIRED,
        "not yet valid"},
    {"server without TLS", NULL, NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_PROTOCOL,
        "http://"},
    {"client without TLS", "good.pem", NULL, 1, NULL, NULL, NULL, QDRANT_VERIFY_FULL, QDRANT_REASON_TLS_PROTOCOL,
        "https://"},
    {"client certificate", "good.pem", "ca.pem", 0, "ca.pem", "client.pem", NULL, QDRANT_VERIFY_FULL,
        QDRANT_REASON_NONE, ""},
    {"client certificate missing", "good.pem", "ca.pem", 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_FULL,
        QDRANT_REASON_TLS_CLIENT_CERTIFICATE, "tls_cert_path"},
    {"client certificate of a stranger", "good.pem", "ca.pem", 0, "ca.pem", "stranger.pem", NULL, QDRANT_VERIFY_FULL,
        QDRANT_REASON_TLS_CLIENT_CERTIFICATE, "unknown ca"},
    {"client certificate expired", "good.pem", "ca.pem", 0, "ca.pem", "stale.pem", NULL, QDRANT_VERIFY_FULL,
        QDRANT_REASON_TLS_CLIENT_CERTIFICATE, "certificate expired"},
    {"any name", "wrong.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_CHAIN_ONLY, QDRANT_REASON_NONE, ""},
    {"any name, expired", "expired.pem", NULL, 0, "ca.pem", NULL, NULL, QDRANT_VERIFY_CHAIN_ONLY,
        QDRANT_REASON_TLS_EXPIRED, "has expired"},
    {"any name, unknown authority", "wrong.pem", NULL, 0, "other.pem", NULL, NULL, QDRANT_VERIFY_CHAIN_ONLY,
        QDRANT_REASON_TLS_UNKNOWN_CA, "tls_ca_path"},
    {"any name, client certificate", "wrong.pem", "ca.pem", 0, "ca.pem", "client.pem", NULL, QDRANT_VERIFY_CHAIN_ONLY,
        QDRANT_REASON_NONE, ""},
    {"nothing checked", "self.pem", NULL, 0, NULL, NULL, NULL, QDRANT_VERIFY_NONE, QDRANT_REASON_NONE, ""},
    {"nothing checked, expired", "expired.pem", NULL, 0, NULL, NULL, NULL, QDRANT_VERIFY_NONE, QDRANT_REASON_NONE, ""},
    {"nothing checked, client certificate", "self.pem", "ca.pem", 0, NULL, "client.pem", NULL, QDRANT_VERIFY_NONE,
        QDRANT_REASON_NONE, ""},
};

/* What the library logged. */
static char logged[65536];

static void keep_line(void *user, qdrant_log_level level, const char *subject, const char *text) {
  (void)user, (void)level;
  size_t n_bytes = strlen(logged);
  snprintf(logged + n_bytes, sizeof logged - n_bytes, "%s: %s\n", subject, text);
}

static qdrant_mock *start_server(const char *cert, const char *client_ca) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  char *cert_pem = cert != NULL ? certificate_text(cert) : NULL;
  char *key_pem = cert != NULL ? certificate_text("server.key") : NULL;
  char *ca_pem = client_ca != NULL ? certificate_text(client_ca) : NULL;
  options.tls_cert_pem = cert_pem;
  options.tls_key_pem = key_pem;
  options.tls_client_ca_pem = ca_pem;
  assert_int_equal(qdrant_mock_start(&options, &mock, NULL), QDRANT_OK);
  free(cert_pem);
  free(key_pem);
  free(ca_pem);
  return mock;
}

static void expect_server_refused(const char *cert, const char *key, const char *client_ca, const char *fragment) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  qdrant_error error;
  options.tls_cert_pem = cert;
  options.tls_key_pem = key;
  options.tls_client_ca_pem = client_ca;
  assert_int_equal(qdrant_mock_start(&options, &mock, &error), QDRANT_INVALID_ARGUMENT);
  assert_null(mock);
  assert_non_null(strstr(error.message, fragment));
}

static void test_mock_start_useless_certificates_are_invalid(void **state) {
  (void)state;
  char *cert = certificate_text("good.pem");
  char *key = certificate_text("server.key");
  char *other_key = certificate_text("client.key");
  expect_server_refused(cert, NULL, NULL, "tls_key_pem");
  expect_server_refused(NULL, NULL, cert, "tls_client_ca_pem");
  expect_server_refused("garbage", key, NULL, "tls_cert_pem");
  expect_server_refused(cert, other_key, NULL, "tls_key_pem");
  expect_server_refused(cert, key, "garbage", "tls_client_ca_pem");
  qdrant_mock *plain = start_server(NULL, NULL);
  assert_int_equal(qdrant_mock_show_certificate(plain, cert, key, NULL, NULL), QDRANT_INVALID_ARGUMENT);
  qdrant_mock_stop(plain);
  free(cert);
  free(key);
  free(other_key);
}

static const char *path_or_null(const char *name) {
  return name != NULL ? certificate_path(name) : NULL;
}

/* A client of the server's ports over one transport alone, without repeats. */
static qdrant_options options_for(const qdrant_mock *mock, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = "https://127.0.0.1";
  options.grpc_port = qdrant_mock_grpc_port(mock);
  options.rest_port = qdrant_mock_rest_port(mock);
  options.prefer_grpc = prefer_grpc;
  options.rest_fallback = QDRANT_OFF;
  options.max_connections = 1;
  options.close_timeout_ms = -1;
  return options;
}

static qdrant_client *open_client(const qdrant_options *options) {
  qdrant_client *client = NULL;
  qdrant_error error;
  if (qdrant_client_open(options, &client, &error) != QDRANT_OK)
    fail_msg("%s", error.message);
  return client;
}

/* Nothing permanent is tried again. But a server in clear may reset the connection before its answer is read, which
 * tells nothing yet. */
static int has_right_count(const qdrant_error *error) {
  return error->n_attempts == 1 || error->reason == QDRANT_REASON_TLS_PROTOCOL;
}

static void check_case(const tls_case *each, qdrant_toggle prefer_grpc) {
  const char *transport = prefer_grpc == QDRANT_ON ? "grpc" : "rest";
  qdrant_mock *mock = start_server(each->server_cert, each->client_ca);
  qdrant_options options = options_for(mock, prefer_grpc);
  options.url = each->is_plaintext ? "http://127.0.0.1" : "https://127.0.0.1";
  options.tls_ca_path = path_or_null(each->ca);
  options.tls_cert_path = path_or_null(each->cert);
  options.tls_key_path = path_or_null(each->cert != NULL ? "client.key" : NULL);
  options.tls_server_name = each->server_name;
  options.tls_verify = each->verify;
  options.max_retries = 10;
  qdrant_client *client = open_client(&options);
  qdrant_error error = {0};
  qdrant_status status = ask_health(client, CALL_MS, &error);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
  int is_expected = each->reason == QDRANT_REASON_NONE
                        ? status == QDRANT_OK
                        : status == QDRANT_UNAVAILABLE && error.reason == each->reason && error.is_permanent &&
                              !error.is_retryable && has_right_count(&error) && error.delivery != QDRANT_ANSWERED &&
                              strstr(error.message, each->fragment) != NULL;
  if (!is_expected)
    print_message("%s over %s: %s, reason %s, permanent %d, attempts %u, %s: %s\n", each->name, transport,
        qdrant_status_name(status), qdrant_reason_name((qdrant_reason)error.reason), error.is_permanent,
        error.n_attempts, qdrant_delivery_name(error.delivery), error.message);
  assert_true(is_expected);
}

static void test_call_in_each_case_ends_alike_on_both_transports(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int transport = 0; transport < N_TRANSPORTS; transport++)
      check_case(&cases[i], transports[transport]);
}

/* The files of these names as a client that opens finds them: refused with the option's name and the words. */
typedef struct file_case {
  const char *ca;
  const char *cert;
  const char *key;
  const char *option;
  const char *fragment;
} file_case;

static const file_case file_cases[] = {
    {"missing.pem", NULL, NULL, "tls_ca_path", "cannot be opened"},
    {"server.key", NULL, NULL, "tls_ca_path", "holds no certificate"},
    {"garbage.pem", NULL, NULL, "tls_ca_path", "damaged"},
    {"ca.pem", "missing.pem", "client.key", "tls_cert_path", "cannot be opened"},
    {"ca.pem", "client.pem", "missing.key", "tls_key_path", "cannot be opened"},
    {"ca.pem", "client.key", "client.key", "tls_cert_path", "holds no certificate"},
    {"ca.pem", "client.pem", "client.pem", "tls_key_path", "holds no private key"},
    {"ca.pem", "client.pem", "server.key", "tls_key_path", "is not the key of"},
    {"ca.pem", "client.pem", "locked.key", "tls_key_path", "passphrase"},
    {"ca.pem", "client.pem", NULL, "tls_cert_path", "without tls_key_path"},
    {"ca.pem", NULL, "client.key", "tls_key_path", "without tls_cert_path"},
};

static void check_file_case(const file_case *each, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_error error;
  options.url = "https://127.0.0.1:1";
  options.prefer_grpc = prefer_grpc;
  options.tls_ca_path = path_or_null(each->ca);
  options.tls_cert_path = path_or_null(each->cert);
  options.tls_key_path = path_or_null(each->key);
  assert_int_equal(qdrant_client_open(&options, &client, &error), QDRANT_CONFIG_INVALID);
  assert_null(client);
  if (strstr(error.message, each->option) == NULL || strstr(error.message, each->fragment) == NULL)
    fail_msg("%s / %s: %s", each->option, each->fragment, error.message);
}

static void test_open_useless_file_is_config_invalid_with_option_path_and_fault(void **state) {
  (void)state;
  certificate_write("garbage.pem", "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n");
  certificate_lock_key("client.key", "locked.key");
  for (size_t i = 0; i < sizeof file_cases / sizeof *file_cases; i++)
    for (int transport = 0; transport < N_TRANSPORTS; transport++)
      check_file_case(&file_cases[i], transports[transport]);
}

static void expect_contradiction(const qdrant_options *options, const char *fragment) {
  qdrant_client *client = NULL;
  qdrant_error error;
  assert_int_equal(qdrant_client_open(options, &client, &error), QDRANT_CONFIG_INVALID);
  if (strstr(error.message, fragment) == NULL)
    fail_msg("%s: %s", fragment, error.message);
}

static void test_open_tls_option_without_tls_is_config_invalid(void **state) {
  (void)state;
  const qdrant_options plain = {.size = sizeof plain, .url = "http://127.0.0.1:1"};
  qdrant_options options = plain;
  options.tls_verify = QDRANT_VERIFY_NONE;
  expect_contradiction(&options, "tls_verify is set, but url");
  options = plain;
  options.tls_reload_ms = 1;
  expect_contradiction(&options, "tls_reload_ms is set, but url");
  options = plain;
  options.tls_cert_path = "c.pem";
  expect_contradiction(&options, "tls_cert_path is set, but url");
  const qdrant_endpoint nodes[] = {{.url = "https://127.0.0.1:1"}, {.url = "http://127.0.0.1:2"}};
  options = (qdrant_options){.size = sizeof options, .endpoints = nodes, .n_endpoints = 2, .tls_ca_path = "c.pem"};
  expect_contradiction(&options, "http://127.0.0.1:2");
}

static void test_open_without_checks_is_told_to_the_log(void **state) {
  (void)state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = "https://127.0.0.1:1";
  options.tls_verify = QDRANT_VERIFY_NONE;
  logged[0] = '\0';
  qdrant_client_close(open_client(&options));
  assert_non_null(strstr(logged, "tls: tls_verify is NONE"));
  options.tls_verify = QDRANT_VERIFY_CHAIN_ONLY;
  logged[0] = '\0';
  qdrant_client_close(open_client(&options));
  assert_null(strstr(logged, "tls_verify"));
}

static void show(qdrant_mock *mock, const char *cert, const char *client_ca) {
  char *cert_pem = certificate_text(cert);
  char *key_pem = certificate_text("server.key");
  char *ca_pem = client_ca != NULL ? certificate_text(client_ca) : NULL;
  assert_int_equal(qdrant_mock_show_certificate(mock, cert_pem, key_pem, ca_pem, NULL), QDRANT_OK);
  free(cert_pem);
  free(key_pem);
  free(ca_pem);
}

static void copy_file(const char *from, const char *to) {
  char *text = certificate_text(from);
  certificate_write(to, text);
  free(text);
}

/* Asks until it ends as wanted: with OK, or with a permanent error. The first calls may still meet the connection that
 * was there before, or what was tried with the old files. */
static qdrant_status ask_until(qdrant_client *client, int is_ok_wanted, qdrant_error *err) {
  int64_t deadline_ns = qd_deadline_in_ms(CALL_MS);
  qdrant_status status = ask_health(client, CALL_MS, err);
  while ((is_ok_wanted ? status != QDRANT_OK : !err->is_permanent) && !qd_deadline_has_passed(deadline_ns)) {
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    status = ask_health(client, CALL_MS, err);
  }
  return status;
}

/* A server comes back with a certificate of another authority, and wants another client certificate. */
static void check_change(qdrant_toggle prefer_grpc) {
  qdrant_mock *mock = start_server("good.pem", "ca.pem");
  qdrant_options options = options_for(mock, prefer_grpc);
  qdrant_error error;
  copy_file("ca.pem", "roots.pem");
  copy_file("client.pem", "mine.pem");
  options.tls_ca_path = certificate_path("roots.pem");
  options.tls_cert_path = certificate_path("mine.pem");
  options.tls_key_path = certificate_path("client.key");
  options.tls_reload_ms = 1;
  qdrant_client *client = open_client(&options);
  assert_int_equal(ask_health(client, CALL_MS, &error), QDRANT_OK);
  show(mock, "other_good.pem", "other.pem");
  qdrant_mock_drop_connections(mock);
  assert_int_equal(ask_until(client, 0, &error), QDRANT_UNAVAILABLE);
  copy_file("other.pem", "roots.pem");
  copy_file("stranger.pem", "mine.pem");
  if (ask_until(client, 1, &error) != QDRANT_OK)
    fail_msg("%s", error.message);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_call_after_a_change_of_certificates_needs_no_new_client(void **state) {
  (void)state;
  logged[0] = '\0';
  for (int transport = 0; transport < N_TRANSPORTS; transport++)
    check_change(transports[transport]);
  assert_non_null(strstr(logged, "the certificate files have changed; new connections use them"));
}

/* A file that is useless, as one being written may be for a moment, takes nothing away. */
static void check_useless_change(qdrant_toggle prefer_grpc) {
  qdrant_mock *mock = start_server("good.pem", NULL);
  qdrant_options options = options_for(mock, prefer_grpc);
  qdrant_error error;
  copy_file("ca.pem", "roots.pem");
  options.tls_ca_path = certificate_path("roots.pem");
  options.tls_reload_ms = 1;
  qdrant_client *client = open_client(&options);
  assert_int_equal(ask_health(client, CALL_MS, &error), QDRANT_OK);
  certificate_write("roots.pem", "-----BEGIN CERTIFICATE-----\nMIIB");
  qdrant_mock_drop_connections(mock);
  assert_int_equal(ask_until(client, 1, &error), QDRANT_OK);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_call_after_a_file_became_useless_goes_on_with_the_former(void **state) {
  (void)state;
  logged[0] = '\0';
  for (int transport = 0; transport < N_TRANSPORTS; transport++)
    check_useless_change(transports[transport]);
  assert_non_null(strstr(logged, "what was read before stays in use"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_call_in_each_case_ends_alike_on_both_transports),
      cmocka_unit_test(test_mock_start_useless_certificates_are_invalid),
      cmocka_unit_test(test_open_useless_file_is_config_invalid_with_option_path_and_fault),
      cmocka_unit_test(test_open_tls_option_without_tls_is_config_invalid),
      cmocka_unit_test(test_open_without_checks_is_told_to_the_log),
      cmocka_unit_test(test_call_after_a_change_of_certificates_needs_no_new_client),
      cmocka_unit_test(test_call_after_a_file_became_useless_goes_on_with_the_former),
  };
  qdrant_log_set(QDRANT_LOG_DEBUG, keep_line, NULL);
  return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}

/* TLS end to end: a client and a server, over gRPC and over REST, which must not differ. */
#include "qdrant/calls.h"
#include "qdrant/log.h"
#include "qdrant/mock.h"
#include "tests/support/certificates.h"
#include "tests/support/ported_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  qdrant_client *client = open_client(&options);
  qdrant_error error = {0};
  qdrant_status status = ask_health(client, CALL_MS, &error);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
  int is_expected = each->reason == QDRANT_REASON_NONE
                        ? status == QDRANT_OK
                        : status == QDRANT_UNAVAILABLE && error.reason == each->reason && error.is_permanent &&
                              !error.is_retryable && error.n_attempts == 1 && error.delivery != QDRANT_ANSWERED &&
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_call_in_each_case_ends_alike_on_both_transports),
  };
  qdrant_log_set(QDRANT_LOG_DEBUG, keep_line, NULL);
  return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}

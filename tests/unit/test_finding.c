#include "core/error.h"
#include "tls/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct words_case {
  const char *text;
  qdrant_reason reason;
} words_case;

/* As OpenSSL, libcurl and gRPC core have been seen to say it. */
static const words_case cases[] = {
    {"tlsv13 alert certificate required", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0",
        QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"sslv3 alert certificate expired", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"SSL certificate problem: certificate has expired", QDRANT_REASON_TLS_EXPIRED},
    {"certificate is not yet valid", QDRANT_REASON_TLS_EXPIRED},
    {"SSL: no alternative certificate subject name matches target host name 'a'", QDRANT_REASON_TLS_NAME},
    {"Peer name a is not in peer certificate", QDRANT_REASON_TLS_NAME},
    {"hostname mismatch", QDRANT_REASON_TLS_NAME},
    {"IP address mismatch", QDRANT_REASON_TLS_NAME},
    {"unable to get local issuer certificate", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"self-signed certificate in certificate chain", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"Ssl handshake failed: SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version number",
        QDRANT_REASON_TLS_PROTOCOL},
    {"empty address list: ", QDRANT_REASON_TLS_FILE},
    {"Ssl handshake failed: SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify failed",
        QDRANT_REASON_TLS_OTHER},
    {"", QDRANT_REASON_TLS_OTHER},
};

static void test_qd_finding_reason_every_text_has_its_reason(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(qd_finding_reason(cases[i].text, strlen(cases[i].text)), cases[i].reason);
}

static void test_qd_finding_explain_is_permanent_unless_it_was_well_when_looked_at(void **state) {
  (void)state;
  qdrant_error error;
  qd_finding finding;
  qd_finding_set(&finding, QDRANT_REASON_TLS_NAME, "hostname mismatch");
  qd_error_clear(&error);
  qd_finding_explain(&finding, "a:1", &error);
  assert_int_equal(error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(error.reason, QDRANT_REASON_TLS_NAME);
  assert_true(error.is_permanent);
  assert_false(error.is_retryable);
  assert_non_null(strstr(error.message, "a:1: TLS: "));
  assert_non_null(strstr(error.message, "tls_server_name"));
  assert_non_null(strstr(error.message, "hostname mismatch"));
  finding.is_fine = 1;
  qd_error_clear(&error);
  qd_finding_explain(&finding, "a:1", &error);
  assert_false(error.is_permanent);
  assert_true(error.is_retryable);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_finding_reason_every_text_has_its_reason),
      cmocka_unit_test(test_qd_finding_explain_is_permanent_unless_it_was_well_when_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

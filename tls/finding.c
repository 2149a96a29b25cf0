#include "tls/finding.h"

#include "core/error.h"

#include <stdio.h>
#include <string.h>

typedef struct words_row {
  const char *fragment;
  qdrant_reason reason;
} words_row;

/* The first row that fits decides. An alert is what the server says of our certificate, the rest is what we found about
 * its. */
static const words_row rows[] = {
    {"alert certificate required", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert bad certificate", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert unsupported certificate", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert certificate revoked", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert certificate expired", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert certificate unknown", QDRANT_REASON_TLS_CLIENT_CERTIFICATE},
    {"alert unknown ca", QDRANT_REASON_TLS_CLIENT_CERTIFICATE}, {"certificate has expired", QDRANT_REASON_TLS_EXPIRED},
    {"certificate is not yet valid", QDRANT_REASON_TLS_EXPIRED}, {"ostname mismatch", QDRANT_REASON_TLS_NAME},
    {"IP address mismatch", QDRANT_REASON_TLS_NAME}, {"subject name", QDRANT_REASON_TLS_NAME},
    {"is not in peer certificate", QDRANT_REASON_TLS_NAME}, {"self-signed certificate", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"self signed certificate", QDRANT_REASON_TLS_UNKNOWN_CA}, /* before OpenSSL 3 */
    {"issuer certificate", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"unable to verify the first certificate", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"invalid CA certificate", QDRANT_REASON_TLS_UNKNOWN_CA}, {"certificate not trusted", QDRANT_REASON_TLS_UNKNOWN_CA},
    {"wrong version number", QDRANT_REASON_TLS_PROTOCOL}, {"packet length too long", QDRANT_REASON_TLS_PROTOCOL},
    {"empty address list", QDRANT_REASON_TLS_FILE}, /* gRPC core's words for roots that it cannot use */
};

qdrant_reason qd_finding_reason(const char *text, size_t n_text) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (memmem(text, n_text, rows[i].fragment, strlen(rows[i].fragment)) != NULL)
      return rows[i].reason;
  return QDRANT_REASON_TLS_OTHER;
}

void qd_finding_set(qd_finding *finding, qdrant_reason reason, const char *text) {
  finding->reason = reason;
  finding->is_fine = 0;
  snprintf(finding->text, sizeof finding->text, "%s", text);
}

void qd_finding_explain(const qd_finding *finding, const char *endpoint, qdrant_error *err) {
  qd_fail(err, QDRANT_UNAVAILABLE, "%s: TLS: %s: %s", endpoint, qdrant_reason_text(finding->reason), finding->text);
  err->reason = (uint16_t)finding->reason;
  err->is_permanent = !finding->is_fine;
  err->is_retryable = finding->is_fine != 0;
}

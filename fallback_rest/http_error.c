#include "fallback_rest/http_error.h"

#include "core/error.h"

#include <inttypes.h>
#include <string.h>

enum {
  PERMANENT = 1,   /* no other attempt can help */
  UNREACHABLE = 2, /* no server of this protocol is there */
  TLS = 4          /* the text tells more than the row (tls/finding.h) */
};

typedef struct failure_row {
  CURLcode result;
  const char *fragment; /* of libcurl's text; "" fits all */
  qdrant_status status;
  unsigned flags;
  const char *hint; /* what to do, put before the text; NULL: the text speaks for itself */
  qdrant_reason reason;
} failure_row;

static const char not_http[] =
    "the port does not speak HTTP: 6333 is Qdrant's REST port, 6334 its gRPC port; check url and rest_port";
static const char cut[] = "the connection was closed";

/* The first row that fits decides. */
static const failure_row failure_rows[] = {
    {CURLE_COULDNT_CONNECT, "", QDRANT_UNAVAILABLE, UNREACHABLE, NULL, QDRANT_REASON_UNREACHABLE},
    {CURLE_OPERATION_TIMEDOUT, "", QDRANT_UNAVAILABLE, UNREACHABLE, "no connection within connect_timeout_ms",
        QDRANT_REASON_UNREACHABLE},
    {CURLE_COULDNT_RESOLVE_HOST, "", QDRANT_UNAVAILABLE, 0, "the url's host name cannot be resolved",
        QDRANT_REASON_NAME_NOT_FOUND},
    {CURLE_COULDNT_RESOLVE_PROXY, "", QDRANT_UNAVAILABLE, 0, "the proxy's host name cannot be resolved",
        QDRANT_REASON_NAME_NOT_FOUND},
    {CURLE_UNSUPPORTED_PROTOCOL, "", QDRANT_UNAVAILABLE, PERMANENT | UNREACHABLE, not_http,
        QDRANT_REASON_WRONG_PROTOCOL},
    {CURLE_WEIRD_SERVER_REPLY, "", QDRANT_UNAVAILABLE, PERMANENT | UNREACHABLE, not_http, QDRANT_REASON_WRONG_PROTOCOL},
    {CURLE_PEER_FAILED_VERIFICATION, "", QDRANT_UNAVAILABLE, PERMANENT | TLS, NULL, QDRANT_REASON_TLS_OTHER},
    {CURLE_SSL_CONNECT_ERROR, "unexpected eof", QDRANT_UNAVAILABLE, 0, "TLS: the connection ended during the handshake",
        QDRANT_REASON_CONNECTION_LOST},
    {CURLE_SSL_CONNECT_ERROR, "SSL routines", QDRANT_UNAVAILABLE, PERMANENT | TLS, NULL, QDRANT_REASON_TLS_OTHER},
    {CURLE_SSL_CONNECT_ERROR, "", QDRANT_UNAVAILABLE, 0, "TLS: the connection ended during the handshake",
        QDRANT_REASON_CONNECTION_LOST},
    {CURLE_SSL_CACERT_BADFILE, "", QDRANT_UNAVAILABLE, PERMANENT,
        "TLS: the trusted roots cannot be used; check tls_ca_path or the system's roots", QDRANT_REASON_TLS_FILE},
    {CURLE_SSL_CERTPROBLEM, "", QDRANT_UNAVAILABLE, PERMANENT,
        "TLS: the client certificate cannot be used; check tls_cert_path and tls_key_path", QDRANT_REASON_TLS_FILE},
    /* In TLS 1.3 a client certificate is refused when the client has already sent its request. */
    {CURLE_RECV_ERROR, " alert ", QDRANT_UNAVAILABLE, PERMANENT | TLS, NULL, QDRANT_REASON_TLS_OTHER},
    {CURLE_SEND_ERROR, " alert ", QDRANT_UNAVAILABLE, PERMANENT | TLS, NULL, QDRANT_REASON_TLS_OTHER},
    {CURLE_ABORTED_BY_CALLBACK, "", QDRANT_UNAVAILABLE, 0, cut,
        QDRANT_REASON_CONNECTION_LOST}, /* begin_request's, whose text says nothing */
    {CURLE_GOT_NOTHING, "", QDRANT_UNAVAILABLE, 0, cut, QDRANT_REASON_CONNECTION_LOST},
    {CURLE_SEND_ERROR, "", QDRANT_UNAVAILABLE, 0, cut, QDRANT_REASON_CONNECTION_LOST},
    {CURLE_RECV_ERROR, "Too large response headers", QDRANT_RESOURCE_EXHAUSTED, PERMANENT,
        "the answer's headers are longer than the client takes", QDRANT_REASON_CLIENT_LIMIT},
    {CURLE_RECV_ERROR, "", QDRANT_UNAVAILABLE, 0, cut, QDRANT_REASON_CONNECTION_LOST},
    {CURLE_PARTIAL_FILE, "", QDRANT_UNAVAILABLE, 0, "the connection was closed in the middle of the answer",
        QDRANT_REASON_CONNECTION_LOST},
    {CURLE_HTTP2, "", QDRANT_UNAVAILABLE, 0, cut, QDRANT_REASON_CONNECTION_LOST},
    {CURLE_HTTP2_STREAM, "", QDRANT_UNAVAILABLE, 0, "the server dropped the request", QDRANT_REASON_CONNECTION_LOST},
    {CURLE_BAD_CONTENT_ENCODING, "", QDRANT_BAD_REPLY, 0, "the answer cannot be unpacked", QDRANT_REASON_NONE},
    {CURLE_WRITE_ERROR, "", QDRANT_BAD_REPLY, 0, "the answer cannot be unpacked", QDRANT_REASON_NONE},
    {CURLE_OUT_OF_MEMORY, "", QDRANT_NO_MEMORY, 0, "out of memory during an exchange", QDRANT_REASON_NONE},
};

static const failure_row other_failure = {CURLE_OK, "", QDRANT_UNKNOWN, 0, NULL, QDRANT_REASON_NONE};

static const failure_row *find_row(CURLcode result, const char *text) {
  for (size_t i = 0; i < sizeof failure_rows / sizeof failure_rows[0]; i++)
    if (failure_rows[i].result == result && strstr(text, failure_rows[i].fragment) != NULL)
      return &failure_rows[i];
  return &other_failure;
}

void qd_http_tell(const qd_http *http, const qd_finding *finding, qd_http_exchange *exchange) {
  qdrant_delivery delivery = exchange->error.delivery;
  qd_error_clear(&exchange->error);
  exchange->error.delivery = delivery;
  qd_finding_explain(finding, http->endpoint, &exchange->error);
  exchange->is_unreachable = finding->reason == QDRANT_REASON_TLS_PROTOCOL;
}

void qd_http_explain(const qd_http *http, CURLcode result, const char *text, int is_sent, qd_http_exchange *exchange) {
  const failure_row *row = find_row(result, text);
  qdrant_error *error = &exchange->error;
  const char *own = *text != '\0' ? text : curl_easy_strerror(result);
  error->delivery = is_sent ? QDRANT_MAYBE : QDRANT_NOT_SENT;
  if (row->flags & TLS) {
    qd_finding finding;
    qd_finding_set(&finding, qd_finding_reason(own, strlen(own)), own);
    qd_http_tell(http, &finding, exchange);
    return;
  }
  if (result == CURLE_ABORTED_BY_CALLBACK)
    qd_fail(error, row->status, "%s: %s without an answer", http->endpoint, row->hint);
  else if (row->hint != NULL)
    qd_fail(error, row->status, "%s: %s: %s", http->endpoint, row->hint, own);
  else
    qd_fail(error, row->status, "%s: %s", http->endpoint, own);
  error->is_permanent = (row->flags & PERMANENT) != 0;
  error->is_retryable = row->status == QDRANT_UNAVAILABLE && !error->is_permanent;
  error->reason = (uint16_t)row->reason;
  exchange->is_unreachable = (row->flags & UNREACHABLE) != 0;
}

static void write_text(const qd_http *http, qdrant_status status, int is_sent, qd_http_exchange *exchange) {
  qdrant_error *error = &exchange->error;
  if (status == QDRANT_CANCELLED)
    qd_fail(error, status, "the call was cancelled");
  else if (status == QDRANT_DEADLINE_EXCEEDED && is_sent)
    qd_fail(error, status, "%s: no answer before the deadline", http->endpoint);
  else if (status == QDRANT_DEADLINE_EXCEEDED)
    qd_fail(error, status, "%s: no connection was free before the deadline (max_connections is %" PRIu32 ")",
        http->endpoint, http->options.n_connections);
  else if (status == QDRANT_RESOURCE_EXHAUSTED)
    qd_fail(
        error, status, "%s: the reply is larger than max_reply_bytes (%zu)", http->endpoint, exchange->max_reply_bytes);
  else if (status == QDRANT_NO_MEMORY)
    qd_fail(error, status, "out of memory during an exchange");
  else
    qd_fail(error, status, "libcurl failed during an exchange");
}

void qd_http_fail(const qd_http *http, qdrant_status status, int is_sent, qd_http_exchange *exchange) {
  write_text(http, status, is_sent, exchange);
  exchange->error.delivery = is_sent ? QDRANT_MAYBE : QDRANT_NOT_SENT;
  exchange->error.is_permanent = status == QDRANT_RESOURCE_EXHAUSTED;
  if (status == QDRANT_RESOURCE_EXHAUSTED)
    exchange->error.reason = QDRANT_REASON_CLIENT_LIMIT;
}

#ifndef QD_HTTP_ERROR_H
#define QD_HTTP_ERROR_H

#include "fallback_rest/http_state.h"
#include "tls/finding.h"

/* Turns an exchange that libcurl could not bring to an answer into exchange->error and is_unreachable. text: libcurl's
 * own, "" when it has none. is_sent: a byte of the request may have left. */
void qd_http_explain(const qd_http *http, CURLcode result, const char *text, int is_sent, qd_http_exchange *exchange);

/* Replaces what exchange->error says by what was found out about the connection; the delivery stays. */
void qd_http_tell(const qd_http *http, const qd_finding *finding, qd_http_exchange *exchange);

/* Fills exchange->error for an end of our own making (CANCELLED, DEADLINE_EXCEEDED, ...). */
void qd_http_fail(const qd_http *http, qdrant_status status, int is_sent, qd_http_exchange *exchange);

#endif

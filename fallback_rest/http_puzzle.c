#include "fallback_rest/http_puzzle.h"

#include "fallback_rest/http_error.h"

#include <stdio.h>

int qd_http_puzzle_open(qd_http *http, const qd_http_options *options) {
  qd_diagnosis_plan plan = {
      .name = options->host, .timeout_ms = options->connect_timeout_ms, .told = qd_http_wake, .user = http};
  if (options->is_tls || options->use_env_proxy) /* whose address is not the server's */
    return 1;
  http->diagnosis = qd_diagnosis_open(&plan);
  return http->diagnosis != NULL;
}

static int is_puzzling(CURLcode result) {
  return result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR || result == CURLE_UNSUPPORTED_PROTOCOL ||
         result == CURLE_WEIRD_SERVER_REPLY;
}

/* A server that has ever answered does not want TLS. */
void qd_http_puzzle_note(const qd_http *http, qd_http_exchange *exchange, CURLcode result) {
  const char *address = NULL;
  long port = 0;
  if (http->diagnosis == NULL || http->has_answered || exchange->own.fault != QDRANT_OK || !is_puzzling(result))
    return;
  if (curl_easy_getinfo(exchange->own.easy, CURLINFO_PRIMARY_IP, &address) != CURLE_OK || address == NULL ||
      curl_easy_getinfo(exchange->own.easy, CURLINFO_PRIMARY_PORT, &port) != CURLE_OK)
    return;
  snprintf(exchange->own.puzzle_address, sizeof exchange->own.puzzle_address, "%s", address);
  exchange->own.puzzle_port = (uint16_t)port;
}

int qd_http_puzzle_is_open(qd_http *http, qd_http_exchange *exchange) {
  qd_finding finding = {.reason = QDRANT_REASON_NONE};
  if (exchange->own.puzzle_port == 0)
    return 0;
  qd_diagnosis_state state =
      qd_diagnosis_ask(http->diagnosis, exchange->own.puzzle_address, exchange->own.puzzle_port, &finding);
  if (state == QD_DIAGNOSIS_KNOWN && finding.reason != QDRANT_REASON_NONE)
    qd_http_tell(http, &finding, exchange);
  return state == QD_DIAGNOSIS_LOOKING;
}

#include "pool/puzzle.h"

#include "pool/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_told(void *owner) {
  qd_pool *pool = owner;
  atomic_store(&pool->is_told, 0);
  qd_attempts_told(pool);
}

/* On the diagnosis' thread. */
static void post_told(void *user) {
  qd_pool *pool = user;
  if (!atomic_exchange(&pool->is_told, 1))
    qd_poller_post(&pool->poller, &pool->told_work);
}

int qd_puzzle_open(qd_pool *pool, const qd_grpc_options *options) {
  const char *name = options->is_tls && options->tls.server_name != NULL ? options->tls.server_name : options->host;
  qd_diagnosis_plan plan = {.name = name,
      .is_http2 = 1,
      .verify = options->tls.verify,
      .timeout_ms = options->connect_timeout_ms,
      .files = pool->plan.files,
      .told = post_told,
      .user = pool};
  pool->told_work = (qd_work){.run = run_told, .owner = pool};
  if (options->use_env_proxy) /* whose address is not the server's */
    return 1;
  pool->diagnosis = qd_diagnosis_open(&plan);
  return pool->diagnosis != NULL;
}

/* Copies the text from *at up to the first of the ends, and moves *at behind that. */
static int take_until(const char **at, const char *end_mark, char *out, size_t n_out) {
  const char *end = strstr(*at, end_mark);
  size_t n_bytes = end != NULL ? (size_t)(end - *at) : n_out;
  if (n_bytes == 0 || n_bytes >= n_out)
    return 0;
  memcpy(out, *at, n_bytes);
  out[n_bytes] = '\0';
  *at = end + strlen(end_mark);
  return 1;
}

/* The address that core failed to connect to is in its text: "ipv4:127.0.0.1:6334: ..." or "ipv6:%5B::1%5D:6334: ...".
 */
static int find_address(const char *text, char *address, size_t n_address, uint16_t *port) {
  const char *at = strstr(text, "ipv4:");
  const char *at6 = strstr(text, "ipv6:%5B");
  char digits[8];
  if (at != NULL) {
    at += strlen("ipv4:");
    if (!take_until(&at, ":", address, n_address))
      return 0;
  } else if (at6 != NULL) {
    at = at6 + strlen("ipv6:%5B");
    if (!take_until(&at, "%5D:", address, n_address))
      return 0;
  }
  if (at == NULL || !take_until(&at, ":", digits, sizeof digits))
    return 0;
  *port = (uint16_t)strtoul(digits, NULL, 10);
  return *port != 0;
}

/* In clear there is only one question, whether the port wants TLS; a port that has ever been ready does not. */
static int may_ask(const qd_pool *pool) {
  return pool->diagnosis != NULL && (pool->plan.files != NULL || !pool->has_been_ready);
}

int qd_puzzle_is_open(qd_pool *pool, const qd_ending *ending, qd_finding *finding) {
  char text[512];
  char address[64];
  uint16_t port = 0;
  *finding = (qd_finding){.reason = QDRANT_REASON_NONE};
  if (!may_ask(pool) || !qd_ending_is_puzzling(ending))
    return 0;
  snprintf(text, sizeof text, "%.*s", (int)GRPC_SLICE_LENGTH(ending->text),
      (const char *)GRPC_SLICE_START_PTR(ending->text));
  return find_address(text, address, sizeof address, &port) &&
         qd_diagnosis_ask(pool->diagnosis, address, port, finding) == QD_DIAGNOSIS_LOOKING;
}

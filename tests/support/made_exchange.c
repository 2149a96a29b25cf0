#include "tests/support/made_exchange.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/thread.h"

#include <stdlib.h>
#include <string.h>

enum { HANG_MS = 30000, CLOSE_MS = 20000 };

qd_http_options http_options_for(uint16_t port, uint32_t n_connections) {
  return (qd_http_options){.host = "127.0.0.1",
      .port = port,
      .n_connections = n_connections,
      .connect_timeout_ms = HANG_MS, /* a busy machine may need seconds to read the system's roots */
      .keepalive_ms = 10000,
      .keepalive_timeout_ms = 5000};
}

qd_http *open_http(const qd_http_options *options) {
  qd_http *http = NULL;
  if (qd_http_open(options, &http, NULL) != QDRANT_OK)
    abort();
  return http;
}

void close_http(qd_http *http) {
  qd_http_close(http, qd_deadline_in_ms(CLOSE_MS), 0);
  if (qd_http_leaks() > 0)
    abort();
}

static void note_end(qd_http_exchange *exchange) {
  made_exchange *made = (made_exchange *)(void *)exchange;
  pthread_mutex_lock(&made->lock);
  made->n_done++;
  pthread_cond_broadcast(&made->changed);
  pthread_mutex_unlock(&made->lock);
}

made_exchange *new_exchange(const char *target, const char *body, int64_t timeout_ms) {
  made_exchange *made = calloc(1, sizeof *made);
  pthread_mutex_init(&made->lock, NULL);
  qd_cond_init(&made->changed);
  made->exchange.verb = body != NULL ? "POST" : "GET";
  made->exchange.target = target;
  made->exchange.body = body;
  made->exchange.n_body = body != NULL ? strlen(body) : 0;
  made->exchange.deadline_ns = qd_deadline_in_ms(timeout_ms);
  made->exchange.max_reply_bytes = 64u << 20;
  made->exchange.done = note_end;
  return made;
}

qdrant_status start_exchange(qd_http *http, made_exchange *made) {
  return qd_http_start(http, &made->exchange, NULL);
}

void await_exchange(made_exchange *made) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  int has_time = 1;
  pthread_mutex_lock(&made->lock);
  while (made->n_done == 0 && has_time)
    has_time = qd_cond_wait(&made->changed, &made->lock, deadline_ns);
  if (made->n_done == 0)
    abort();
  pthread_mutex_unlock(&made->lock);
}

int count_ends(made_exchange *made) {
  pthread_mutex_lock(&made->lock);
  int n_done = made->n_done;
  pthread_mutex_unlock(&made->lock);
  return n_done;
}

void free_exchange(made_exchange *made) {
  qd_free(made->exchange.reply);
  pthread_cond_destroy(&made->changed);
  pthread_mutex_destroy(&made->lock);
  free(made);
}

made_exchange *exchange_once(qd_http *http, const char *target, const char *body, int64_t timeout_ms) {
  made_exchange *made = new_exchange(target, body, timeout_ms);
  if (start_exchange(http, made) != QDRANT_OK)
    abort();
  await_exchange(made);
  return made;
}

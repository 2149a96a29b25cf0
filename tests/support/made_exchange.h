#ifndef TEST_MADE_EXCHANGE_H
#define TEST_MADE_EXCHANGE_H

#include "fallback_rest/http.h"

#include <pthread.h>

/* Exchanges with a peer on 127.0.0.1. */
typedef struct made_exchange {
  qd_http_exchange exchange; /* first: done gets it */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int n_done;
} made_exchange;

/* Options for 127.0.0.1 with short times. */
qd_http_options http_options_for(uint16_t port, uint32_t n_connections);
qd_http *open_http(const qd_http_options *options);
void close_http(qd_http *http); /* fails the process when something is left behind */

/* With a body (borrowed) it is a POST, else a GET. */
made_exchange *new_exchange(const char *target, const char *body, int64_t timeout_ms);
qdrant_status start_exchange(qd_http *http, made_exchange *made);

/* Fails the process when the end does not come. */
void await_exchange(made_exchange *made);
int count_ends(made_exchange *made);
void free_exchange(made_exchange *made);

/* Starts, waits; the exchange is the caller's to free. */
made_exchange *exchange_once(qd_http *http, const char *target, const char *body, int64_t timeout_ms);

#endif

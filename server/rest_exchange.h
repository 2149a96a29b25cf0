#ifndef QD_REST_EXCHANGE_H
#define QD_REST_EXCHANGE_H

#include "core/arena.h"
#include "server/headers.h"
#include "server/rest_server.h"
#include "server/workers.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* One call over HTTP. Only for rest_server.c and rest_exchange.c. */
typedef struct qd_rest_exchange qd_rest_exchange;

typedef struct qd_rest_connection {
  struct MHD_Connection *http;
  int is_used;
  struct qd_rest_connection *next;
} qd_rest_connection;

struct qd_rest_server {
  qd_rest_server_parts parts;
  struct MHD_Daemon *daemon;
  qd_workers *workers;
  uint16_t port;
  atomic_int is_stopping; /* set under the lock */
  pthread_mutex_t lock;   /* guards all below */
  pthread_cond_t changed;
  qd_rest_connection *connections;
  qd_rest_server_counts counts;
  qd_rest_exchange *waiting; /* handed to the workers, or stalled: libmicrohttpd has suspended their connections */
};

/* RECEIVING and ANSWERED belong to libmicrohttpd's thread, HANDED_OUT to a worker. */
typedef enum qd_rest_state { QD_REST_RECEIVING, QD_REST_HANDED_OUT, QD_REST_ANSWERED } qd_rest_state;

struct qd_rest_exchange {
  qd_task task; /* first, see qd_rest_exchange_run */
  qd_rest_server *server;
  struct MHD_Connection *http;
  _Atomic qd_rest_state state;
  int has_begun;
  /* The request. */
  char *target; /* path and query as they came */
  char *body;
  size_t n_body;
  size_t capacity;
  int is_too_large;
  int is_out_of_memory; /* while it was read: answered as such once the body has been read and dropped */
  const char *verb;
  const qd_rpc *rpc;
  qd_headers headers;
  qd_fault *fault;
  /* The answer. */
  qd_arena *arena; /* holds text, unless that is static */
  unsigned http_status;
  const char *content_type; /* NULL: no body */
  const char *text;
  size_t n_text;
  uint32_t retry_after_s;
  int is_dropped; /* the connection is closed without an answer */
  /* Under the server's lock. */
  qd_rest_exchange *previous;
  qd_rest_exchange *next;
};

/* NULL when out of memory. */
qd_rest_exchange *qd_rest_exchange_new(qd_rest_server *server, struct MHD_Connection *http, const char *target);
void qd_rest_exchange_free(qd_rest_exchange *exchange);

/* libmicrohttpd's thread: the call's headers are there; part of its body is; all of it is. */
enum MHD_Result qd_rest_exchange_begin(qd_rest_exchange *exchange, const char *verb);
enum MHD_Result qd_rest_exchange_keep(qd_rest_exchange *exchange, const char *bytes, size_t n_bytes);
enum MHD_Result qd_rest_exchange_finish(qd_rest_exchange *exchange);

/* libmicrohttpd's thread: sends the answer. */
enum MHD_Result qd_rest_exchange_send(qd_rest_exchange *exchange);

/* The workers' part. */
void qd_rest_exchange_run(qd_task *task);

/* rest_server.c: suspends the connection and queues the exchange for the workers; a stalled one just waits. 0: the
 * server stops, or too many wait. leave lets the connection go on, with the answer. */
int qd_rest_server_hand_out(qd_rest_server *server, qd_rest_exchange *exchange, int64_t due_ns);
void qd_rest_server_leave(qd_rest_server *server, qd_rest_exchange *exchange);

/* Whether no worker will ever answer it. */
int qd_rest_exchange_is_stalled(const qd_rest_exchange *exchange);

#endif

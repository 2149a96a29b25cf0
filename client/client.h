#ifndef QD_CLIENT_H
#define QD_CLIENT_H

#include "client/budget.h"
#include "client/credentials.h"
#include "client/gate.h"
#include "client/metrics.h"
#include "client/options.h"
#include "client/server_version.h"
#include "core/alarms.h"
#include "core/transport.h"

#include <stdatomic.h>

struct qd_operation;

/* Endpoints beyond this number share a budget with another. */
enum { QD_N_BUDGETS = 64 };

/* A client. Its locks and threads: docs/THREADS.md. */
struct qdrant_client {
  atomic_uint refs;  /* the user's; the last one closes */
  atomic_uint holds; /* of the memory: one while open and one for each operation */
  unsigned fork_generation;
  qd_options options;
  qd_transport transport;      /* used inside the gate only */
  qd_credentials *credentials; /* NULL: no provider of keys */
  qd_gate gate;
  qd_arena_pool *arenas;
  qd_body_pool *bodies;
  qd_alarms alarms;
  _Atomic uint64_t random;
  qd_budget budgets[QD_N_BUDGETS]; /* of retries, by endpoint */
  /* Figures for qdrant_client_stats. */
  atomic_uint_fast64_t n_calls;
  atomic_uint_fast64_t n_failed;
  atomic_uint_fast64_t n_retries;
  atomic_uint_fast64_t n_over_budget;
  atomic_uint_fast64_t request_bytes;
  atomic_uint_fast64_t reply_bytes;
  qd_metrics metrics;
  qd_server_version server_version;
  atomic_uint_fast64_t n_observed; /* calls that hooks have heard of */
  pthread_mutex_t lock;            /* guards everything below */
  pthread_cond_t admitted;         /* a place in flight is free, or an operation that waits for one is to end */
  pthread_cond_t ended;            /* no operation is left */
  int is_closed;
  uint32_t n_in_flight; /* admitted */
  size_t n_bytes_in_flight;
  struct qd_operation *operations; /* not yet ended, doubly linked */
};

/* A client without a transport; takes *options on success. NULL when out of memory. */
qdrant_client *qd_client_new(qd_options *options);

/* Gives up a client that was never handed out; its transport is closed if it has one. */
void qd_client_discard(qdrant_client *client);

qdrant_client *qd_client_hold(qdrant_client *client);
void qd_client_drop(qdrant_client *client);

/* FORKED in a child of the process that opened the client: nothing of it may be touched then. */
qdrant_status qd_client_check_process(const qdrant_client *client, qdrant_error *err);

/* The url of an endpoint as it is dialled; "" when there is none of that number. */
const char *qd_client_endpoint_at(const qdrant_client *client, uint32_t number);

/* In open.c, which alone knows the transports. */
uint64_t qd_transports_leaked_calls(void);

/* How many transports a close had to leave behind because a thread was still inside, process-wide. */
uint64_t qd_close_leaks(void);

#endif

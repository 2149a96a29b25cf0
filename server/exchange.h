#ifndef QD_EXCHANGE_H
#define QD_EXCHANGE_H

#include "core/rpc.h"
#include "server/answers.h"
#include "server/faults.h"
#include "server/headers.h"
#include "server/listener.h"
#include "server/record.h"
#include "server/workers.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>

/* One call as the server sees it: requested from gRPC, received, carried out by a worker, answered. Only for calls.c
 * and exchange.c. */
typedef struct qd_exchange qd_exchange;
typedef struct qd_calls qd_calls;

typedef enum qd_step { QD_STEP_ARRIVED, QD_STEP_RECEIVED, QD_STEP_SENT, QD_STEP_CLOSED } qd_step;

/* What gRPC hands back when a batch is done. */
typedef struct qd_exchange_tag {
  qd_exchange *exchange; /* NULL: the server's shutdown */
  qd_step step;
} qd_exchange_tag;

struct qd_calls {
  /* Set before the poller starts; borrowed. */
  qd_listener *listener;
  qd_faults *faults;
  qd_record *record;
  qd_answers *answers;
  const char *api_key; /* NULL: none is needed */
  qd_workers *workers;
  grpc_server *server;
  grpc_completion_queue *queue;
  pthread_t poller;
  int has_poller;
  qd_exchange_tag shutdown_tag;
  atomic_int is_stopping;    /* no new work; what is under way ends */
  atomic_uint n_handed_over; /* see qd_calls_hand_over */
  pthread_mutex_t lock;      /* guards all below */
  pthread_cond_t changed;
  size_t n_requesting; /* on their way to core, which the server's shutdown must not overtake */
  size_t n_requested;  /* exchanges waiting for a call */
  size_t n_exchanges;  /* all of them */
  int is_shut_down;
};

/* Called before core gets a tag, with its counterpart where the poller takes one back. Core orders the two by itself;
 * this says so to the thread sanitizer, which cannot see into core. */
void qd_calls_hand_over(qd_calls *calls);

struct qd_exchange {
  qd_task task; /* first, see qd_exchange_run */
  qd_calls *calls;
  atomic_int refs; /* one of the path to the answer, one of the CLOSED batch */
  grpc_call *call;
  grpc_call_details details;
  grpc_metadata_array metadata;
  qd_headers headers; /* point into metadata */
  grpc_byte_buffer *request;
  const qd_rpc *rpc; /* NULL: no such method */
  int is_health;     /* grpc.health.v1's Check, which load balancers ask */
  qd_connection *connection;
  qd_fault *fault;
  int64_t deadline_ns;
  int was_cancelled;
  atomic_int is_closed; /* the client is gone or has been answered */
  qd_exchange_tag tags[QD_STEP_CLOSED + 1];
};

/* NULL when out of memory. */
qd_exchange *qd_exchange_new(qd_calls *calls);
void qd_exchange_unref(qd_exchange *exchange);

/* Takes what gRPC says of a batch. The poller only. */
void qd_exchange_step(qd_exchange *exchange, qd_step step, int is_ok);

/* The workers' part. */
void qd_exchange_run(qd_task *task);

/* calls.c: keeps enough exchanges waiting for calls; takes one away. */
void qd_calls_request(qd_calls *calls);
void qd_calls_exchange_arrived(qd_calls *calls);
void qd_calls_exchange_ended(qd_calls *calls);

#endif

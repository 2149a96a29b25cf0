#ifndef QD_CLUSTER_H
#define QD_CLUSTER_H

#include "core/alarms.h"
#include "core/transport.h"
#include "endpoints/endpoints_transport.h"
#include "endpoints/health.h"
#include "endpoints/hedge.h"

struct qd_cluster;
struct qd_leg;

/* A question of the library's own to an endpoint: HealthCheck. */
typedef struct qd_check {
  qd_call call;    /* under way; first: done finds the endpoint by it */
  qd_arena *arena; /* the call's */
  /* The cluster's lock. */
  int is_under_way;
  int is_trial; /* it decides whether the endpoint is back */
  int64_t began_ns;
  int64_t due_ns; /* not before */
  int has_failed; /* the last one, and nothing was answered since */
} qd_check;

/* One endpoint: its transport, and what is known of it. */
typedef struct qd_endpoint {
  qd_check check; /* first */
  struct qd_cluster *cluster;
  const char *url; /* borrowed; lives as long as the client */
  uint32_t number;
  qd_transport transport;
  /* The cluster's lock. */
  qd_health health;
  qdrant_endpoint_state link; /* of its connections, as last looked at */
  int was_ready;
  qdrant_endpoint_state told; /* what was last told of it */
  qdrant_error trouble;       /* the last it had */
  uint32_t n_in_flight;
  size_t n_bytes_in_flight;
  uint64_t n_calls;
  uint64_t n_failed;
  uint64_t n_hedges;
  struct qd_leg *oldest; /* in flight, in the order of their beginning */
  struct qd_leg *newest;
} qd_endpoint;

/* The transport that is made of one transport an endpoint. Threads and locks: docs/THREADS.md. */
typedef struct qd_cluster {
  /* Set at open. */
  qd_transport_ops ops;
  qd_endpoint *endpoints;
  size_t n_endpoints;
  qd_arena_pool *arenas;
  int has_hedges;
  int64_t unit_ns;             /* of the times in watch.c */
  qd_endpoint_changed changed; /* NULL: nobody asks */
  void *owner;
  qd_alarms alarms;
  qd_alarm tick;
  pthread_mutex_t lock; /* the rest, and what is said elsewhere to be the cluster's lock's */
  int is_closing;
  int has_tick; /* it is set, or at work */
  size_t turn;  /* whose turn it is among equals */
  int64_t looked_ns;
  uint64_t random;
  qd_hedge hedge;
  struct qd_cluster *next_leaked;
} qd_cluster;

/* All under the lock. */

/* Makes the tick (watch.h) come in delay_ns. */
void qd_cluster_set_tick(qd_cluster *cluster, int64_t delay_ns);

/* Looks at the connections of all endpoints, if that was not done a moment ago; what has changed is soon told. */
void qd_cluster_look(qd_cluster *cluster, int64_t now_ns);

/* What users are told of an endpoint. */
qdrant_endpoint_state qd_endpoint_state_of(const qd_endpoint *endpoint);

/* Takes into account how a call or check ended that began at began_ns. */
void qd_endpoint_note_end(
    qd_endpoint *endpoint, qd_evidence evidence, const qdrant_error *error, int64_t began_ns, int64_t now_ns);

/* Whether somebody else has answered since. */
int qd_endpoint_is_silent_alone(const qd_endpoint *endpoint, int64_t since_ns);

/* Fills *error as the end of a call that waited for it: the client repeats it. */
void qd_endpoint_explain_silence(const qd_endpoint *endpoint, qdrant_error *error);

/* Connected, and not left out. */
int qd_endpoint_is_usable(const qd_endpoint *endpoint);

uint64_t qd_cluster_random(qd_cluster *cluster);

#endif

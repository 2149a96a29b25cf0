#ifndef QD_CHANNEL_H
#define QD_CHANNEL_H

#include "pool/grpc_transport.h"
#include "pool/poller.h"

#include <grpc/grpc.h>

/* Qdrant ends a connection on which more calls than this are reset at once. */
enum { QD_CANCEL_BURST = 20 };

struct qd_attempt;
struct qd_pool;

/* One gRPC channel, which is one TCP connection: it has a subchannel pool of its own. */
typedef struct qd_channel {
  grpc_channel *core;
  void *methods[QDRANT_N_RPCS]; /* registered once, so that a call does not look its path up */
  struct qd_pool *pool;
  qd_tag watch_tag;
  /* The pool's lock. */
  grpc_connectivity_state state;
  uint32_t n_calls; /* not yet reported */
  size_t n_bytes;   /* of requests that core may still be sending */
  uint64_t n_started;
  int64_t penalty_until_ns; /* it failed calls a moment ago */
  /* The poller's thread only: when it was last told to connect (watch.h), and paced cancellations (cancel.h). */
  int64_t connect_began_ns;
  qd_timer connect_timer;
  int64_t cancel_times_ns[QD_CANCEL_BURST]; /* of the last ones; a ring */
  uint32_t oldest_cancel;
  struct qd_attempt *first_waiting;
  struct qd_attempt *last_waiting;
  qd_timer cancel_timer;
} qd_channel;

/* What all channels of a pool are made from. */
typedef struct qd_channel_plan {
  char *target;                   /* in gRPC's notation */
  char *ca_pem;                   /* NULL: the system's roots, or no TLS */
  const qd_grpc_options *options; /* borrowed */
} qd_channel_plan;

/* Reads the CA file and writes the target. CONFIG_INVALID, NO_MEMORY: nothing to close. */
qdrant_status qd_channel_plan_open(qd_channel_plan *plan, const qd_grpc_options *options, qdrant_error *err);
void qd_channel_plan_close(qd_channel_plan *plan);

/* Makes n_channels channels, which begin to connect when they are watched (watch.h). */
void qd_channels_create(qd_channel *channels, size_t n_channels, const qd_channel_plan *plan);

/* "host:port" with brackets where an IPv6 address needs them. Owned by the caller (qd_free); NULL when out of memory.
 */
char *qd_endpoint_text(const char *host, uint16_t port);

#endif

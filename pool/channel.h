#ifndef QD_CHANNEL_H
#define QD_CHANNEL_H

#include "pool/line.h"
#include "pool/poller.h"

#include <grpc/grpc.h>

/* Qdrant ends a connection on which more calls than this are reset at once. */
enum { QD_CANCEL_BURST = 20 };

struct qd_attempt;
struct qd_pool;

/* A place in the pool: one gRPC channel, which is one TCP connection, since it has a subchannel pool of its own. When
 * certificates change, the place gets another line. */
typedef struct qd_channel {
  struct qd_pool *pool;
  qd_tag watch_tag;
  /* The pool's lock, and changed by the poller's thread only. */
  qd_line *line; /* NULL once closed */
  /* The pool's lock. */
  grpc_connectivity_state state;
  uint32_t n_calls; /* not yet reported */
  size_t n_bytes;   /* of requests that core may still be sending */
  uint64_t n_started;
  int64_t penalty_until_ns; /* it failed calls a moment ago */
  /* The poller's thread only: when it was last told to connect (watch.h), and paced cancellations (cancel.h). */
  int64_t connect_began_ns;
  qd_timer connect_timer;
  qd_timer renew_timer;
  int is_renewed;                           /* the watch that is armed is still the former line's */
  int64_t cancel_times_ns[QD_CANCEL_BURST]; /* of the last ones; a ring */
  uint32_t oldest_cancel;
  struct qd_attempt *first_waiting;
  struct qd_attempt *last_waiting;
  qd_timer cancel_timer;
} qd_channel;

#endif

#ifndef QD_BLOCKING_H
#define QD_BLOCKING_H

#include "core/transport.h"

/* The adapter that makes a whole transport of one blocking function: `start` queues for workers, `run` calls it in the
 * caller's thread. A queued call that is cancelled or late ends at once, with NOT_SENT, on a thread kept for that; one
 * that has begun is left to finish, and what it reports has delivery ANSWERED. */
typedef struct qd_blocking_ops {
  const char *name;
  /* Carries out one RPC. request: a message of rpc->request. On success *reply lies in arena. Fills err otherwise.
   * Thread-safe. */
  qdrant_status (*carry_out)(void *self, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
      qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err);
  void (*free)(void *self);
  /* As the transport's; both or none. Thread-safe. */
  qdrant_status (*save)(void *self, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err);
  qdrant_status (*load)(void *self, const char *path, const char *collection, qdrant_error *err);
} qd_blocking_ops;

/* n_threads workers are started on the first asynchronous call; at most max_queued calls wait for them (AGAIN beyond).
 * Takes self on success only. */
qdrant_status qd_blocking_open(const qd_blocking_ops *ops, void *self, size_t n_threads, size_t max_queued,
    qd_transport *transport, qdrant_error *err);

#endif

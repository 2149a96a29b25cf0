#ifndef QD_PARTS_H
#define QD_PARTS_H

#include "client/call.h"

/* A piece of work cut into calls of one RPC, several of them in flight; the caller's thread waits, encodes each request
 * just before it is sent and takes the answers. */
typedef struct qd_parts_ops {
  /* Makes the request of the next part and sets *part, a number of its own choice. *body stays NULL when there is none
   * left. Not OK: as a part that failed unsent; no further one is asked for. */
  qdrant_status (*next)(void *user, size_t *part, qd_body **body, qdrant_error *err);
  /* Takes the end of a part, in any order; reply (taken) is NULL when it failed. 0: begin no further part. */
  int (*take)(void *user, size_t part, qdrant_reply *reply, const qdrant_error *error);
} qd_parts_ops;

/* Runs until all parts have ended, or a second beyond the deadline: what a transport has not ended by then is taken as
 * DEADLINE_EXCEEDED, MAYBE. Not OK only when nothing was begun for lack of memory. */
qdrant_status qd_parts_run(qdrant_client *client, qdrant_rpc rpc, const qd_settings *settings, size_t max_in_flight,
    const qd_parts_ops *ops, void *user, qdrant_error *err);

#endif

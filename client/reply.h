#ifndef QD_CLIENT_REPLY_H
#define QD_CLIENT_REPLY_H

#include "core/transport.h"

/* The answer to one call. Lies in its own arena, which goes back to the pool when it is freed; the pool is referenced,
 * so that a reply outlives its client. */
struct qdrant_reply {
  const qd_rpc *rpc;
  qd_arena_pool *pool;
  qd_arena *arena;
  qd_reply_bytes bytes;
  const uint8_t *encoded; /* the bytes in one piece, once somebody wanted them; NULL before */
  size_t n_encoded;
  ProtobufCMessage *message; /* NULL: not decoded yet */
  uint32_t n_attempts;
};

/* An empty reply in an arena taken from the pool; NULL when out of memory. */
qdrant_reply *qd_reply_new(qd_arena_pool *pool, const qd_rpc *rpc);

/* The encoded bytes in one piece, living as long as the reply; a reply that came as a message is encoded. The message
 * can still be had afterwards. NO_MEMORY. */
qdrant_status qd_reply_encoded(qdrant_reply *reply, const uint8_t **bytes, size_t *n_bytes, qdrant_error *err);

void qd_reply_bytes_release(qd_reply_bytes *bytes);

#endif

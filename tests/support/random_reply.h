#ifndef QD_TEST_RANDOM_REPLY_H
#define QD_TEST_RANDOM_REPLY_H

#include "core/arena.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/random.h"

/* Replies as a server may send them, in arena. */
Qdrant__QueryBatchResponse *random_batch_reply(random_source *random, qd_arena *arena);
Qdrant__QueryResponse *random_reply(random_source *random, qd_arena *arena);

typedef struct packed {
  uint8_t *bytes;
  size_t n_bytes;
} packed;

packed pack_message(const ProtobufCMessage *message, qd_arena *arena);

/* The same message with its fields in another order, fields that nobody knows among them, and some fields twice, of
 * which the first is overruled. */
packed shuffle_fields(random_source *random, packed message, qd_arena *arena);

#endif

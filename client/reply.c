#include "client/reply.h"

#include "core/error.h"
#include "core/message.h"

#include <string.h>

qdrant_reply *qd_reply_new(qd_arena_pool *pool, const qd_rpc *rpc) {
  qd_arena *arena = qd_arena_pool_take(pool);
  qdrant_reply *reply = arena != NULL ? qd_arena_zalloc(arena, sizeof *reply) : NULL;
  if (reply == NULL) {
    qd_arena_pool_give(pool, arena);
    return NULL;
  }
  reply->rpc = rpc;
  reply->arena = arena;
  reply->pool = qd_arena_pool_ref(pool);
  return reply;
}

void qd_reply_bytes_release(qd_reply_bytes *bytes) {
  if (bytes->ops != NULL)
    bytes->ops->release(bytes->owner);
  *bytes = (qd_reply_bytes){0};
}

void qdrant_reply_free(qdrant_reply *reply) {
  if (reply == NULL)
    return;
  qd_arena_pool *pool = reply->pool;
  qd_reply_bytes_release(&reply->bytes);
  qd_arena_pool_give(pool, reply->arena); /* the reply itself lies in it */
  qd_arena_pool_unref(pool);
}

static qdrant_status fail_no_memory(size_t n_bytes, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a reply of %zu bytes was read", n_bytes);
}

static qdrant_status encode_message(qdrant_reply *reply, qdrant_error *err) {
  size_t n_bytes = protobuf_c_message_get_packed_size(reply->message);
  uint8_t *packed = qd_arena_alloc(reply->arena, n_bytes + 1);
  if (packed == NULL)
    return fail_no_memory(n_bytes, err);
  reply->n_encoded = protobuf_c_message_pack(reply->message, packed);
  reply->encoded = packed;
  return QDRANT_OK;
}

/* Bytes in several pieces are copied together, and the pieces go back to the transport. */
static qdrant_status join_bytes(qdrant_reply *reply, qdrant_error *err) {
  size_t n_bytes = reply->bytes.n_bytes;
  uint8_t *copy = qd_arena_alloc(reply->arena, n_bytes + 1);
  if (copy == NULL)
    return fail_no_memory(n_bytes, err);
  if (reply->bytes.ops != NULL)
    reply->bytes.ops->copy(reply->bytes.owner, copy);
  qd_reply_bytes_release(&reply->bytes);
  reply->encoded = copy;
  reply->n_encoded = n_bytes;
  return QDRANT_OK;
}

/* A reply in another spelling than protobuf's becomes a message first. */
static int is_foreign(const qdrant_reply *reply) {
  return reply->bytes.ops != NULL && reply->bytes.ops->decode != NULL;
}

static qdrant_status decode_foreign(qdrant_reply *reply, qdrant_error *err) {
  ProtobufCMessage *message = NULL;
  qdrant_status status = reply->bytes.ops->decode(reply->bytes.owner, reply->rpc, reply->arena, &message, err);
  if (status != QDRANT_OK)
    return status; /* what was read of the message stays unknown */
  reply->message = message;
  qd_reply_bytes_release(&reply->bytes);
  return QDRANT_OK;
}

static qdrant_status find_encoded(qdrant_reply *reply, qdrant_error *err) {
  qdrant_status status = is_foreign(reply) ? decode_foreign(reply, err) : QDRANT_OK;
  if (status != QDRANT_OK)
    return status;
  if (reply->bytes.ops == NULL && reply->message != NULL)
    return encode_message(reply, err);
  if (reply->bytes.ops != NULL)
    reply->encoded = reply->bytes.ops->borrow(reply->bytes.owner);
  if (reply->encoded == NULL)
    return join_bytes(reply, err);
  reply->n_encoded = reply->bytes.n_bytes;
  return QDRANT_OK;
}

qdrant_status qd_reply_encoded(qdrant_reply *reply, const uint8_t **bytes, size_t *n_bytes, qdrant_error *err) {
  qdrant_status status = reply->encoded != NULL ? QDRANT_OK : find_encoded(reply, err);
  *bytes = reply->encoded;
  *n_bytes = reply->n_encoded;
  return status;
}

const struct ProtobufCMessage *qdrant_reply_message(qdrant_reply *reply, qdrant_error *err) {
  const uint8_t *bytes = NULL;
  size_t n_bytes = 0;
  qd_error_clear(err);
  if (reply == NULL) {
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "reply is NULL");
    return NULL;
  }
  if (reply->message != NULL)
    return reply->message;
  if (reply->rpc->reply == NULL) {
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "the reply to %s has no message; qdrant_reply_text gives its text",
        reply->rpc->name);
    return NULL;
  }
  qdrant_status status;
  if (is_foreign(reply)) {
    status = decode_foreign(reply, err);
  } else {
    status = qd_reply_encoded(reply, &bytes, &n_bytes, err);
    if (status == QDRANT_OK)
      status = qd_message_decode(reply->rpc->reply, bytes, n_bytes, reply->arena, &reply->message, err);
  }
  if (status != QDRANT_OK)
    qd_error_prefix(err, "reply to %s: ", reply->rpc->name);
  return reply->message;
}

qdrant_rpc qdrant_reply_rpc(const qdrant_reply *reply) {
  return reply != NULL ? reply->rpc->id : QDRANT_N_RPCS;
}

uint32_t qdrant_reply_attempts(const qdrant_reply *reply) {
  return reply != NULL ? reply->n_attempts : 0;
}

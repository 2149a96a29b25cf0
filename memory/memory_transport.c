#include "memory/memory_transport.h"

#include "core/blocking.h"
#include "core/error.h"
#include "core/reason.h"
#include "memory/engine.h"

#include <string.h>

enum { MAX_QUEUED = 1024 };

/* The engine speaks a server's words, so its refusals have a server's reasons. */
static qdrant_reason find_reason(const qdrant_error *error) {
  qd_refusal refusal = {.status = error->status,
      .text = error->message,
      .n_text = strlen(error->message),
      .has_retry_after = error->retry_after_ms > 0};
  return qd_reason_find(&refusal);
}

static qdrant_status carry_out(void *self, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  qdrant_status status = qd_engine_call(self, rpc, request, deadline_ns, arena, reply, err);
  if (status != QDRANT_OK)
    err->reason = (uint16_t)find_reason(err);
  return status;
}

static qdrant_status save(
    void *self, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err) {
  return qd_engine_save(self, collection, path, deadline_ns, err);
}

static qdrant_status load(void *self, const char *path, const char *collection, qdrant_error *err) {
  return qd_engine_recover(self, path, collection, err);
}

static void free_engine(void *self) {
  qd_engine_free(self);
}

static const qd_blocking_ops engine_ops = {
    .name = "memory", .carry_out = carry_out, .free = free_engine, .save = save, .load = load};

qdrant_status qd_memory_open(
    size_t n_threads, const char *snapshot_directory, qd_transport *transport, qdrant_error *err) {
  qd_engine *engine = qd_engine_new();
  if (engine == NULL || (snapshot_directory != NULL && !qd_engine_set_snapshot_directory(engine, snapshot_directory))) {
    qd_engine_free(engine);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the embedded engine");
  }
  qdrant_status status = qd_blocking_open(&engine_ops, engine, n_threads, MAX_QUEUED, transport, err);
  if (status != QDRANT_OK)
    qd_engine_free(engine);
  return status;
}

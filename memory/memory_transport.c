#include "memory/memory_transport.h"

#include "core/blocking.h"
#include "core/error.h"
#include "memory/engine.h"

enum { MAX_QUEUED = 1024 };

static qdrant_status carry_out(void *self, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  return qd_engine_call(self, rpc, request, deadline_ns, arena, reply, err);
}

static void free_engine(void *self) {
  qd_engine_free(self);
}

qdrant_status qd_memory_open(size_t n_threads, qd_transport *transport, qdrant_error *err) {
  static const qd_blocking_ops ops = {.name = "memory", .carry_out = carry_out, .free = free_engine};
  qd_engine *engine = qd_engine_new();
  if (engine == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the embedded engine");
  qdrant_status status = qd_blocking_open(&ops, engine, n_threads, MAX_QUEUED, transport, err);
  if (status != QDRANT_OK)
    qd_engine_free(engine);
  return status;
}

#ifndef QDRANT_HOOKS_H
#define QDRANT_HOOKS_H

#include "qdrant/client.h"
#include "qdrant/rpc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Functions of the user's that hear of every call, for tracing and alarms. They run on whichever thread moves the call
 * on, also on the library's own: they must be short, must not block, and may not make blocking calls. */

/* What is known at that moment; borrowed until the hook returns. Members that do not apply yet are zero. */
typedef struct qdrant_call_event {
  size_t size;          /* sizeof(qdrant_call_event) */
  uint64_t call_number; /* of the client, from 1; the same in all events of a call */
  const char *rpc;      /* "Points/Upsert" */
  uint32_t attempt;     /* from 1; 0: none has begun */
  const char *endpoint; /* of an attempt that ended: "http://127.0.0.1:6334" */
  uint64_t request_bytes;
  uint64_t reply_bytes;
  int64_t elapsed_ns;        /* since the call, or of an attempt that ended the attempt, began */
  int64_t sleep_ns;          /* of an attempt that ended: planned until the next one; -1: none follows */
  const qdrant_error *error; /* NULL: it ended well */
} qdrant_call_event;

/* What call_start may add to the call. */
typedef struct qdrant_trace {
  void *span;           /* handed to the other hooks of the same call */
  char traceparent[64]; /* W3C Trace Context, sent with every attempt; "": none. A header of the call's own wins */
} qdrant_trace;

typedef struct qdrant_hooks {
  size_t size; /* sizeof(qdrant_hooks) */
  void *user;
  /* Each may be NULL. For a call that has got its place among those in flight: call_start once, attempt_end for each
   * attempt, call_end once, in this order and before the end is reported. Calls refused before (a bad argument, AGAIN,
   * CLOSED) are not heard of; those that the library makes for itself are, as the question for a server's version. */
  void (*call_start)(void *user, const qdrant_call_event *event, qdrant_trace *trace);
  void (*attempt_end)(void *user, void *span, const qdrant_call_event *event);
  void (*call_end)(void *user, void *span, const qdrant_call_event *event);
  /* An endpoint changed its state. reason: why, "" when it became ready. */
  void (*endpoint_change)(void *user, const char *endpoint, qdrant_endpoint_state state, const char *reason);
} qdrant_hooks;

#define QDRANT_HOOKS_INIT QDRANT_SIZED(qdrant_hooks)

#ifdef __cplusplus
}
#endif
#endif

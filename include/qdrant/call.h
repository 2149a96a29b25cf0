#ifndef QDRANT_CALL_H
#define QDRANT_CALL_H

#include "qdrant/client.h"
#include "qdrant/rpc.h"
#include "qdrant/sized.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A reply: the server's answer to one call with everything reached from it. Owned by whoever got it; one thread at a
 * time. */
typedef struct qdrant_reply qdrant_reply;

/* A switch that ends calls. Thread-safe, reference-counted, may serve several calls at once. */
typedef struct qdrant_cancel qdrant_cancel;

/* Completed calls waiting for an event loop. */
typedef struct qdrant_cq qdrant_cq;

struct ProtobufCMessage;

/* Options of one call. NULL or all zero means the client's. Borrowed until the function returns, except cancel
 * (referenced). */
typedef struct qdrant_call_options {
  size_t size;          /* sizeof(qdrant_call_options) */
  int64_t timeout_ms;   /* the whole call, from now; 0: the client's; -1: none but the limit of 24 hours */
  int32_t max_retries;  /* 0: the client's; -1: none */
  qdrant_toggle checks; /* ON by default; OFF: the request goes as it is, fields that the server may not know as well,
                         * so that the server says what is wrong */
  const qdrant_header *headers; /* added to the client's; a name of the client's is replaced */
  size_t n_headers;
  qdrant_cancel *cancel;      /* NULL: the call cannot be cancelled */
  int64_t attempt_timeout_ms; /* 0: the client's; -1: no limit but the call's own */
  qdrant_repeat repeat;       /* DEFAULT: the client's */
} qdrant_call_options;

#define QDRANT_CALL_OPTIONS_INIT QDRANT_SIZED(qdrant_call_options)

/* Runs once for a started call, on a thread of the library; must not block. reply is the callee's to free, still
 * encoded (the first accessor decodes it, in the thread that calls it), NULL when err->status is not QDRANT_OK. err is
 * borrowed until the function returns. */
typedef void (*qdrant_done)(void *user, qdrant_reply *reply, const qdrant_error *err);

/* Where a started call reports: to done, or to queue. Exactly one of the two is set. */
typedef struct qdrant_then {
  qdrant_done done;
  qdrant_cq *queue;
  void *user; /* handed back as it is */
} qdrant_then;

/* Makes any call and waits for its end; not inside a callback (FAILED_PRECONDITION). request: a message of the type
 * that rpc takes; borrowed. Checked before it is sent, unless options->checks is OFF: the collection's name, UTF-8,
 * UUIDs of points, finite floats. On success *reply is the caller's and is decoded already. The typed wrappers in
 * calls.h are this function with the types spelled out. Errors: err->delivery says whether the server may have carried
 * the call out. */
QDRANT_API qdrant_status qdrant_call(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

/* Starts any call and returns. request is encoded before the function returns and may then be freed. Not OK: the call
 * was not taken and `then` never hears of it. AGAIN: the client's limit of calls or bytes in flight is reached. */
QDRANT_API qdrant_status qdrant_call_start(qdrant_client *client, qdrant_rpc rpc,
    const struct ProtobufCMessage *request, const qdrant_call_options *options, const qdrant_then *then,
    qdrant_error *err);

/* The decoded reply message, owned by reply; NULL with *err filled when it cannot be decoded (BAD_REPLY, NO_MEMORY).
 * Later calls return the same. */
QDRANT_API const struct ProtobufCMessage *qdrant_reply_message(qdrant_reply *reply, qdrant_error *err);

/* Which RPC it answers; QDRANT_N_RPCS for a call of rest.h. */
QDRANT_API qdrant_rpc qdrant_reply_rpc(const qdrant_reply *reply);

/* How many attempts the call took, at least 1. */
QDRANT_API uint32_t qdrant_reply_attempts(const qdrant_reply *reply);

/* Frees a reply and all that was reached from it. NULL is fine. */
QDRANT_API void qdrant_reply_free(qdrant_reply *reply);

/* Makes a token. NULL when out of memory. */
QDRANT_API qdrant_cancel *qdrant_cancel_new(void);
QDRANT_API qdrant_cancel *qdrant_cancel_ref(qdrant_cancel *cancel);

/* Ends every call that carries the token, now and later: they report CANCELLED. Any thread, any number of times; not
 * from a signal handler. */
QDRANT_API void qdrant_cancel_fire(qdrant_cancel *cancel);

/* Gives a reference back; NULL is fine. Calls in flight keep theirs. */
QDRANT_API void qdrant_cancel_free(qdrant_cancel *cancel);

/* One completed call. reply is the popper's to free; NULL when error.status is not QDRANT_OK. */
typedef struct qdrant_completion {
  void *user;
  qdrant_reply *reply;
  qdrant_error error;
} qdrant_completion;

/* Makes a queue for calls of client. Any number of queues may exist. Freed with qdrant_cq_free before or after the
 * client is closed. */
QDRANT_API qdrant_status qdrant_cq_new(qdrant_client *client, qdrant_cq **queue, qdrant_error *err);

/* A descriptor that is readable while completions wait, for poll, epoll and their like. Closed by qdrant_cq_free; never
 * read it. */
QDRANT_API int qdrant_cq_fd(const qdrant_cq *queue);

/* Moves up to max completions to out without waiting and returns how many. Replies are decoded here. Any thread. */
QDRANT_API size_t qdrant_cq_pop(qdrant_cq *queue, qdrant_completion *out, size_t max);

/* As qdrant_cq_pop, but waits up to timeout_ms for the first one (-1: until one is there or nothing is in flight on
 * this queue). */
QDRANT_API size_t qdrant_cq_wait(qdrant_cq *queue, qdrant_completion *out, size_t max, int64_t timeout_ms);

/* Frees a queue and the completions in it. Calls still in flight go on; their replies are dropped. NULL is fine. */
QDRANT_API void qdrant_cq_free(qdrant_cq *queue);

#ifdef __cplusplus
}
#endif
#endif

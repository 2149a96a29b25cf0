#ifndef QD_ATTEMPT_H
#define QD_ATTEMPT_H

#include "pool/metadata.h"
#include "pool/pool.h"
#include "pool/reply_bytes.h"

#include <stdatomic.h>

/* One call on one channel. Two batches: send (headers, message, close) and receive (headers, message, status). In one
 * batch, a deadline or a cancel could not end a call whose peer has stopped reading, nor one queued behind it.
 *
 * Life: taken from the free list; published (call->transport_state points here); reported once (call->done) when the
 * receive batch has ended, or before by a cancel; given back when both batches have ended and no posted work refers to
 * it. A send batch may stay pending long after the report. */
typedef struct qd_attempt {
  qd_pool *pool;
  qd_channel *channel;
  qd_line *line; /* referenced until the call is created on it */
  grpc_call *core;
  qd_tag send_tag;
  qd_tag receive_tag;
  qd_work cancel_work;
  qd_timer hold_timer;
  qd_call_metadata metadata;
  qd_reply_holder *holder; /* for the reply; NULL once given away */
  size_t n_request_bytes;
  int64_t deadline_ns;
  atomic_int refs;

  /* The pool's lock. */
  qd_call *call; /* NULL before it is published and once it is reported */
  int is_cancel_posted;
  struct qd_attempt *previous; /* in flight */
  struct qd_attempt *next;     /* in flight or free */

  /* The poller's thread only; has_sent is also set by the starting thread, before it begins to receive. */
  int has_sent;
  int has_send_failed;
  int has_received;
  int is_reported;
  int is_cancelled;
  int is_puzzle;      /* held until it is known why there is no connection */
  qd_finding finding; /* about that */
  struct qd_attempt *next_waiting;

  /* Core's until the receive batch has ended. */
  grpc_metadata_array initial;
  grpc_metadata_array trailing;
  grpc_byte_buffer *reply;
  grpc_status_code code;
  grpc_slice text;
} qd_attempt;

/* Begins a call on the channel, or on the best one when it is NULL. As qd_transport_ops.start. */
qdrant_status qd_attempt_start(qd_pool *pool, qd_channel *channel, qd_call *call);

/* An attempt for a call, counted on its channel (which the call is told), with one reference. CLOSED, NO_MEMORY. */
qdrant_status qd_attempt_take(
    qd_pool *pool, qd_channel *channel, qd_call *call, int64_t now_ns, qd_attempt **taken, qdrant_error *err);

/* Undoes qd_attempt_take before anything was handed to core. */
void qd_attempt_drop(qd_attempt *attempt);

/* The line is not needed any more. */
void qd_attempt_drop_line(qd_attempt *attempt);

/* Takes and gives back references. The last one returns the attempt to the pool. */
void qd_attempt_ref(qd_attempt *attempt);
void qd_attempt_unref(qd_attempt *attempt);

/* Frees what is kept for later calls. Nothing of gRPC is touched in a forked child. */
void qd_attempts_free_kept(qd_pool *pool);

#endif

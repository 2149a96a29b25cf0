#include "pool/report.h"

#include "core/deadline.h"
#include "core/error.h"
#include "pool/close.h"
#include "pool/error_map.h"
#include "pool/picker.h"
#include "pool/puzzle.h"

#include <grpc/byte_buffer.h>

/* How long a failure waits for the send batch's own end, which tells NOT_SENT from MAYBE. Core ends the send batch
 * first as far as it was ever seen, so this is for the order nobody has seen. */
enum { MAX_HOLD_MS = 250 };

qd_call *qd_attempt_detach(qd_attempt *attempt) {
  qd_pool *pool = attempt->pool;
  qd_call *call = attempt->call;
  if (call == NULL)
    return NULL;
  attempt->call = NULL;
  call->transport_state = NULL;
  *(attempt->previous != NULL ? &attempt->previous->next : &pool->first_in_flight) = attempt->next;
  if (attempt->next != NULL)
    attempt->next->previous = attempt->previous;
  qd_channel_end_call(attempt->channel);
  pool->n_undone--;
  if (pool->is_closing)
    pthread_cond_broadcast(&pool->changed);
  return call;
}

/* Silence may be the connection's fault, too: a peer that went away without a word is noticed only by keepalive, and
 * the next attempt must not wait there as well. */
static int may_be_connections_fault(const qdrant_error *error) {
  return (error->status == QDRANT_UNAVAILABLE || error->status == QDRANT_DEADLINE_EXCEEDED) &&
         error->delivery != QDRANT_ANSWERED;
}

/* Puts outcome and reply into the call, which nobody else has any more then. NULL: there is none to report. */
static qd_call *settle(qd_attempt *attempt, const qdrant_error *error, qd_reply_bytes bytes, int is_unreachable) {
  qd_pool *pool = attempt->pool;
  attempt->is_reported = 1;
  pthread_mutex_lock(&pool->lock);
  if (may_be_connections_fault(error))
    qd_channel_penalise(attempt->channel, qd_now_ns());
  qd_call *call = qd_attempt_detach(attempt);
  pthread_mutex_unlock(&pool->lock);
  if (call == NULL) { /* start has taken it back: core refused a batch */
    if (bytes.ops != NULL)
      bytes.ops->release(bytes.owner);
    return NULL;
  }
  qd_error_copy(&call->error, error);
  call->bytes = bytes;
  call->is_unreachable = is_unreachable;
  return call;
}

static void report(qd_call *call) {
  if (call != NULL)
    call->done(call);
}

static qd_ending ending_of(const qd_attempt *attempt) {
  return (qd_ending){.code = attempt->code,
      .text = attempt->text,
      .initial = &attempt->initial,
      .trailing = &attempt->trailing,
      .has_message = attempt->reply != NULL,
      .is_cancel_asked = attempt->is_cancelled,
      .has_send_failed = attempt->has_send_failed,
      .endpoint = attempt->pool->endpoint,
      .max_reply_bytes = attempt->pool->max_reply_bytes,
      .finding = &attempt->finding};
}

static qd_call *settle_ending(qd_attempt *attempt) {
  qd_ending ending = ending_of(attempt);
  qdrant_error error;
  qd_reply_bytes bytes = {0};
  if (qd_ending_explain(&ending, &error) == QDRANT_OK) {
    bytes = qd_reply_holder_give(attempt->holder, attempt->pool->runtime, attempt->reply);
    attempt->holder = NULL;
    attempt->reply = NULL;
  }
  return settle(attempt, &error, bytes, qd_ending_is_unreachable(&ending));
}

/* Lets go of the attempt first, so that a call begun by the callback finds its memory and core's still warm. */
static void report_ending(qd_attempt *attempt) {
  qd_call *call = attempt->is_reported ? NULL : settle_ending(attempt);
  qd_attempt_unref(attempt);
  report(call);
}

void qd_attempt_report_cancelled(qd_attempt *attempt) {
  if (attempt->is_reported)
    return;
  qdrant_error error;
  qd_error_clear(&error);
  qd_fail(&error, QDRANT_CANCELLED, "the call was cancelled");
  error.delivery = attempt->has_send_failed ? QDRANT_NOT_SENT : QDRANT_MAYBE;
  report(settle(attempt, &error, (qd_reply_bytes){0}, 0));
}

static void end_wait(void *owner) {
  report_ending(owner);
}

/* Reports unless it is to be found out first what the ending means. */
static void conclude(qd_attempt *attempt) {
  qd_pool *pool = attempt->pool;
  qd_ending ending = ending_of(attempt);
  attempt->is_puzzle = !attempt->is_reported && qd_puzzle_is_open(pool, &ending, &attempt->finding);
  if (!attempt->is_puzzle) {
    report_ending(attempt);
    return;
  }
  attempt->hold_timer = (qd_timer){.run = end_wait, .owner = attempt};
  qd_poller_set_timer(&pool->poller, &attempt->hold_timer, attempt->deadline_ns);
}

static void conclude_puzzle(qd_attempt *attempt) {
  if (attempt->is_puzzle && attempt->hold_timer.is_set) {
    qd_poller_clear_timer(&attempt->pool->poller, &attempt->hold_timer);
    conclude(attempt);
  }
}

void qd_attempts_told(qd_pool *pool) {
  qd_pool_each_in_flight(pool, conclude_puzzle);
}

void qd_attempt_cancel_core(qd_attempt *attempt) {
  if (!attempt->has_received) {
    attempt->is_cancelled = 1;
    grpc_call_cancel(attempt->core, NULL);
  } else if (attempt->hold_timer.is_set) {
    qd_poller_clear_timer(&attempt->pool->poller, &attempt->hold_timer);
    report_ending(attempt);
  }
}

static void end_hold(void *owner) {
  conclude(owner);
}

/* "Connection refused" must come out as NOT_SENT: the status alone does not say so, the failed send batch does. */
static int must_hold(const qd_attempt *attempt) {
  qd_ending ending = ending_of(attempt);
  return !attempt->has_sent && attempt->code == GRPC_STATUS_UNAVAILABLE && !qd_ending_is_answered(&ending);
}

static int64_t hold_until_ns(const qd_attempt *attempt) {
  int64_t longest_ns = qd_deadline_in_ms(MAX_HOLD_MS);
  return attempt->deadline_ns < longest_ns ? attempt->deadline_ns : longest_ns;
}

void qd_attempt_on_received(void *owner, int is_ok) {
  (void)is_ok; /* a batch with a status to receive always succeeds */
  qd_attempt *attempt = owner;
  attempt->has_received = 1;
  if (!attempt->is_reported && must_hold(attempt)) {
    attempt->hold_timer = (qd_timer){.run = end_hold, .owner = attempt};
    qd_poller_set_timer(&attempt->pool->poller, &attempt->hold_timer, hold_until_ns(attempt));
    return;
  }
  conclude(attempt);
}

void qd_attempt_on_sent(void *owner, int is_ok) {
  qd_attempt *attempt = owner;
  qd_pool *pool = attempt->pool;
  attempt->has_sent = 1;
  if (!is_ok)
    attempt->has_send_failed = 1;
  pthread_mutex_lock(&pool->lock);
  qd_channel_end_send(attempt->channel, attempt->n_request_bytes);
  pthread_mutex_unlock(&pool->lock);
  if (attempt->hold_timer.is_set) {
    qd_poller_clear_timer(&pool->poller, &attempt->hold_timer);
    end_hold(attempt);
  }
  qd_attempt_unref(attempt);
}

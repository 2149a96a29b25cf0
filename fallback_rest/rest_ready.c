#include "fallback_rest/rest_ready.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

enum { FIRST_PAUSE_MS = 50, MAX_PAUSE_MS = 1000, MAX_ROOT_BYTES = 1 << 16 };

typedef struct probe {
  qd_http_exchange exchange; /* first: done gets it */
  pthread_mutex_t lock;      /* is_done */
  pthread_cond_t changed;
  int is_done;
} probe;

static void end_probe(qd_http_exchange *exchange) {
  probe *ended = (probe *)(void *)exchange;
  pthread_mutex_lock(&ended->lock);
  ended->is_done = 1;
  pthread_cond_signal(&ended->changed);
  pthread_mutex_unlock(&ended->lock);
}

/* One request for the root. OK when an answer came; err is the reason why not. */
static qdrant_status ask(qd_http *http, int64_t deadline_ns, probe *asked, qdrant_error *err) {
  asked->is_done = 0;
  asked->exchange = (qd_http_exchange){
      .verb = "GET", .target = "/", .deadline_ns = deadline_ns, .max_reply_bytes = MAX_ROOT_BYTES, .done = end_probe};
  qd_error_clear(err);
  qdrant_status status = qd_http_start(http, &asked->exchange, err);
  if (status != QDRANT_OK)
    return status;
  pthread_mutex_lock(&asked->lock);
  while (!asked->is_done)
    pthread_cond_wait(&asked->changed, &asked->lock); /* bounded by the exchange's own deadline */
  pthread_mutex_unlock(&asked->lock);
  qd_free(asked->exchange.reply);
  return qd_error_pass(err, &asked->exchange.error);
}

static void pause_for(probe *asked, int64_t pause_ms, int64_t deadline_ns) {
  int64_t until_ns = qd_deadline_in_ms(pause_ms);
  if (until_ns > deadline_ns)
    until_ns = deadline_ns;
  pthread_mutex_lock(&asked->lock);
  while (qd_cond_wait(&asked->changed, &asked->lock, until_ns)) {
  }
  pthread_mutex_unlock(&asked->lock);
}

/* A refusal by the deadline of this wait says less than the failure before it. */
static void keep_reason(const qdrant_error *latest, qdrant_error *reason) {
  if (latest->status != QDRANT_DEADLINE_EXCEEDED)
    qd_error_copy(reason, latest);
}

qdrant_status qd_rest_wait_ready(qd_http *http, int64_t deadline_ns, qdrant_error *err) {
  probe asked;
  qdrant_error latest;
  qdrant_error reason;
  int64_t pause_ms = FIRST_PAUSE_MS;
  pthread_mutex_init(&asked.lock, NULL);
  qd_cond_init(&asked.changed);
  qd_error_clear(&reason);
  qdrant_status status = QDRANT_UNAVAILABLE;
  do {
    status = ask(http, deadline_ns, &asked, &latest);
    if (status == QDRANT_OK)
      break;
    keep_reason(&latest, &reason);
    pause_for(&asked, latest.is_retryable ? pause_ms : 0, deadline_ns);
    pause_ms = pause_ms * 2 < MAX_PAUSE_MS ? pause_ms * 2 : MAX_PAUSE_MS;
  } while (latest.is_retryable && !qd_deadline_has_passed(deadline_ns));
  pthread_cond_destroy(&asked.changed);
  pthread_mutex_destroy(&asked.lock);
  if (status == QDRANT_OK || reason.status != QDRANT_OK)
    return status == QDRANT_OK ? QDRANT_OK : qd_error_pass(err, &reason);
  return qd_fail(err, QDRANT_UNAVAILABLE, "%s: no connection in time", qd_http_endpoint(http));
}

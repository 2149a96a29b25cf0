#include "client/checkpoint.h"
#include "client/uploader.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

/* A transport ends each attempt by its deadline; one that does not is given so long before the batch is given up. */
#define GRACE_NS QD_NS_PER_S

static int64_t find_overdue_ns(const qdrant_uploader *uploader) {
  int64_t overdue_ns = INT64_MAX;
  for (const qd_upload_batch *each = uploader->in_flight.first; each != NULL; each = each->next)
    if (each->deadline_ns < INT64_MAX - GRACE_NS && each->deadline_ns + GRACE_NS < overdue_ns)
      overdue_ns = each->deadline_ns + GRACE_NS;
  return overdue_ns;
}

static void give_up(qdrant_uploader *uploader, qd_upload_batch *batch) {
  qd_error_clear(&batch->error);
  qd_fail(&batch->error, QDRANT_DEADLINE_EXCEEDED, "the deadline passed and the transport did not end the call");
  batch->error.delivery = QDRANT_MAYBE;
  batch->error.n_attempts = 1;
  batch->is_given_up = 1;
  batch->call_ended_ns = qd_now_ns();
  qd_upload_queue_remove(&uploader->in_flight, batch);
  qd_upload_queue_push(&uploader->ended, batch);
}

/* The lock is let go in between. */
static void give_up_overdue(qdrant_uploader *uploader) {
  qd_upload_batch *next = NULL;
  for (qd_upload_batch *each = uploader->in_flight.first; each != NULL; each = next) {
    next = each->next;
    if (qd_deadline_has_passed(each->deadline_ns + GRACE_NS))
      give_up(uploader, each);
  }
  pthread_mutex_unlock(&uploader->lock);
  qd_uploader_drive(uploader);
  pthread_mutex_lock(&uploader->lock);
}

static int64_t earlier(int64_t one, int64_t other) {
  return one < other ? one : other;
}

/* One wait, or what has to be done in its place. */
static void wait_once(qdrant_uploader *uploader, int64_t deadline_ns) {
  int64_t overdue_ns = find_overdue_ns(uploader);
  int64_t checkpoint_ns = qd_checkpoint_due_ns(uploader);
  if (qd_deadline_has_passed(overdue_ns)) {
    give_up_overdue(uploader);
  } else if (qd_deadline_has_passed(checkpoint_ns)) {
    pthread_mutex_unlock(&uploader->lock);
    qd_checkpoint_keep(uploader, 0);
    pthread_mutex_lock(&uploader->lock);
  } else {
    qd_cond_wait(&uploader->changed, &uploader->lock, earlier(deadline_ns, earlier(overdue_ns, checkpoint_ns)));
  }
}

void qd_uploader_wake(qdrant_uploader *uploader) {
  if (uploader->awaited != NULL && uploader->awaited(uploader, uploader->awaited_bytes))
    pthread_cond_signal(&uploader->changed);
}

int qd_uploader_wait(qdrant_uploader *uploader, qd_uploader_test test, size_t n_bytes, int64_t deadline_ns) {
  pthread_mutex_lock(&uploader->lock);
  uploader->awaited = test;
  uploader->awaited_bytes = n_bytes;
  int is_met = test(uploader, n_bytes);
  while (!is_met && !qd_deadline_has_passed(deadline_ns)) {
    wait_once(uploader, deadline_ns);
    is_met = test(uploader, n_bytes);
  }
  uploader->awaited = NULL;
  pthread_mutex_unlock(&uploader->lock);
  return is_met;
}

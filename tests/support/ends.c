#include "tests/support/ends.h"

#include "core/deadline.h"
#include "core/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HANG_MS = 20000 };

void ends_init(ends *counted) {
  *counted = (ends){0};
  pthread_mutex_init(&counted->lock, NULL);
  qd_cond_init(&counted->changed);
}

void ends_count(void *user, qdrant_reply *reply, const qdrant_error *err) {
  ends *counted = user;
  pthread_mutex_lock(&counted->lock);
  counted->n++;
  counted->n_ok += reply != NULL;
  counted->last = *err;
  counted->last_attempts = reply != NULL ? qdrant_reply_attempts(reply) : err->n_attempts;
  pthread_cond_broadcast(&counted->changed);
  pthread_mutex_unlock(&counted->lock);
  qdrant_reply_free(reply);
}

void ends_wait(ends *counted, size_t n) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  int has_time = 1;
  pthread_mutex_lock(&counted->lock);
  while (counted->n < n && has_time)
    has_time = qd_cond_wait(&counted->changed, &counted->lock, deadline_ns);
  size_t n_ends = counted->n;
  pthread_mutex_unlock(&counted->lock);
  assert_int_equal(n_ends, n);
}

#ifndef QD_TEST_ENDS_H
#define QD_TEST_ENDS_H

#include "qdrant/call.h"

#include <pthread.h>

/* Counts the ends of asynchronous calls. Members are read when all calls have ended. */
typedef struct ends {
  pthread_mutex_t lock; /* guards the rest */
  pthread_cond_t changed;
  size_t n;
  size_t n_ok;
  qdrant_error last;
  uint32_t last_attempts;
} ends;

void ends_init(ends *counted);

/* A qdrant_done whose user is the ends; frees the reply. */
void ends_count(void *user, qdrant_reply *reply, const qdrant_error *err);

/* Waits until there are n; fails the test when they do not come, or more. */
void ends_wait(ends *counted, size_t n);

#endif

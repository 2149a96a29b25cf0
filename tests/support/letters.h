#ifndef QD_TEST_LETTERS_H
#define QD_TEST_LETTERS_H

#include "core/blocking.h"
#include "qdrant/pb/points.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>

/* An engine behind core/blocking.h that counts the letters of a collection's name. A name that begins with "wait" is
 * held back until the gate opens; "missing" does not exist. */
typedef struct letters_engine {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  /* The lock. */
  int is_open;
  int n_inside;
  int most_inside;
  int n_calls;
  int is_freed;
  atomic_int saw_unblocked_signals;
} letters_engine;

/* A call and what became of it. */
typedef struct letters_call {
  qd_call call; /* first: done gets it */
  letters_engine *owner;
  Qdrant__CountPoints request;
  char name[32];
  int n_done;
} letters_call;

extern const qd_blocking_ops letters_ops;

void letters_init(letters_engine *made);

/* A transport over the engine, which it initialises; and its end, without a deadline to speak of. */
qd_transport letters_open(letters_engine *engine, size_t n_threads, size_t max_queued);
void letters_close(qd_transport transport);

/* Opens the gate. */
void letters_let_go(letters_engine *engine);

/* Waits until a member of the engine, or n_done of one of its calls, is at least `wanted`. */
void letters_await(letters_engine *engine, const int *what, int wanted);

/* A call that counts the letters of name, as a message; use_bytes: as bytes, in a body of the pool that it answers. */
void letters_make(letters_call *made, letters_engine *owner, const char *name);
qd_body_pool *letters_use_bytes(letters_call *call);
void letters_drop(letters_call *call);

qdrant_status letters_start(qd_transport transport, letters_call *call);
qdrant_status letters_wait_done(letters_call *call);

/* What the reply says. */
uint64_t letters_counted(const letters_call *call);

#endif

#ifndef QD_POLLER_H
#define QD_POLLER_H

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* One completion queue and the thread that empties it. Nobody else polls, so this thread also moves the bytes of every
 * connection: what runs on it must be short. */

/* Work handed to the poller's thread from any other. The memory is the poster's and must stay until run is called. */
typedef struct qd_work {
  void (*run)(void *owner);
  void *owner;
  struct qd_work *next;
} qd_work;

/* What an operation on the queue carries as its tag. */
typedef struct qd_tag {
  void (*run)(void *owner, int is_ok); /* on the poller's thread */
  void *owner;
  atomic_int n_handed_over;
  qd_work late; /* when another thread caught it (below): its way to the poller */
  int is_late_ok;
} qd_tag;

/* Gives a tag, and all that the thread wrote before, to the poller; the operation is to be started right after it. Core
 * orders the two anyway, but the thread sanitizer cannot see into core. */
void *qd_tag_hand_over(qd_tag *tag);

/* Work at a given time. Only the poller's thread sets, clears and runs timers, so they need no lock. */
typedef struct qd_timer {
  void (*run)(void *owner);
  void *owner;
  int64_t at_ns;
  int is_set;
  struct qd_timer *previous;
  struct qd_timer *next;
} qd_timer;

typedef struct qd_poller {
  grpc_completion_queue *queue;
  pthread_t thread;
  /* A call that fails everything: an empty batch on it puts the wake tag on the queue, the only way to interrupt a
   * wait. */
  grpc_channel *lame_channel;
  grpc_call *lame_call;
  qd_tag wake_tag;
  /* lock: a leaf. Guards the posted work and the wake flag. */
  pthread_mutex_t lock;
  qd_work *first_work;
  qd_work *last_work;
  int is_wake_pending;
  /* The poller's thread only. */
  qd_timer *first_timer; /* soonest first */
  qd_timer *last_timer;
  int is_stopped;
} qd_poller;

/* Makes the queue and starts the thread. 0 when the thread cannot be made: nothing is left to free. */
int qd_poller_open(qd_poller *poller);

/* Has work->run(work->owner) called on the poller's thread, soon. Any thread. */
void qd_poller_post(qd_poller *poller, qd_work *work);

/* Between the two the first operation that ends on the calling thread is caught, not queued, so that a batch which ends
 * while it is started does not wake the poller. 1: `tag` was caught and ended well, and is the caller's to deal with.
 * Whatever else was caught goes to the poller. */
void qd_poller_catch(qd_poller *poller);
int qd_poller_has_caught(qd_poller *poller, const qd_tag *tag);

/* Sets or moves a timer, and takes it away. On the poller's thread. */
void qd_poller_set_timer(qd_poller *poller, qd_timer *timer, int64_t at_ns);
void qd_poller_clear_timer(qd_poller *poller, qd_timer *timer);

/* Ends when every operation on the queue has ended; the caller sees to it that all will. Frees the queue. */
void qd_poller_close(qd_poller *poller);

/* Ends the thread only. The queue stays for the operations that core still holds. */
void qd_poller_abandon(qd_poller *poller);

#endif

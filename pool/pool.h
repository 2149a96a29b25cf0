#ifndef QD_POOL_H
#define QD_POOL_H

#include "pool/channel.h"
#include "pool/metadata.h"
#include "pool/poller.h"
#include "pool/runtime.h"
#include "tls/diagnosis.h"

#include <pthread.h>

/* The gRPC transport's state: N channels, their poller, and the attempts on them. Which lock guards what is in
 * docs/THREADS.md. */
typedef struct qd_pool {
  /* Set at open, not changed until close. */
  qd_runtime *runtime;
  qd_metadata metadata;
  qd_line_plan plan;
  char *endpoint; /* for error texts */
  size_t max_reply_bytes;
  qd_channel *channels;
  size_t n_channels;
  qd_poller poller;
  qd_diagnosis *diagnosis; /* NULL: there is none (puzzle.h) */
  qd_work told_work;       /* is posted while is_told */
  atomic_int is_told;

  /* lock guards the rest but the last group, and the members of channels and attempts that say so. changed is signalled
   * when a channel's state changes, a probe ends, or one of the counters reaches zero during close. */
  pthread_mutex_t lock;
  pthread_cond_t changed; /* on CLOCK_MONOTONIC */
  int is_closing;
  size_t n_watches;                   /* channels whose watch is still armed */
  size_t n_undone;                    /* attempts whose call is not yet reported */
  size_t n_live;                      /* attempts that core may still know of */
  uint64_t n_failings;                /* times that a channel's attempt to connect failed */
  struct qd_attempt *first_in_flight; /* published, not yet reported */
  struct qd_attempt *first_free;
  size_t n_free;

  /* The poller's thread only. */
  int has_been_ready; /* a channel, ever */
  /* The poller's thread only, after close has posted its work. */
  qd_work close_work;
  qd_work destroy_work;
  qd_timer close_timer;
  int64_t close_deadline_ns;
  struct qd_pool *next_abandoned;
} qd_pool;

#endif

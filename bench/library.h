/* What the contenders that go through libqdrant share: a client, calls kept in flight, their latencies. */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#include "bench/contender.h"
#include "qdrant/call.h"

#include <semaphore.h>
#include <stdatomic.h>

typedef struct bench_library bench_library;

/* How one kind of request is made and its reply read as a user would. Functions run on any thread, at the same time
 * only with different states. */
typedef struct library_work {
  /* What a lane keeps from call to call; may be NULL when there is nothing to keep, then free_state is not called. */
  void *(*new_state)(void);
  void (*free_state)(void *state);

  qdrant_status (*start)(const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err);

  /* Takes *reply over or leaves it to be freed. */
  qdrant_status (*read)(const bench_library *library, qdrant_reply **reply, qdrant_error *err);

  /* Start, wait and read in one: what a user with one call in flight writes. */
  qdrant_status (*call)(const bench_library *library, void *state, qdrant_error *err);
} library_work;

/* One call at a time; there are as many lanes as calls in flight. */
typedef struct library_lane {
  bench_library *library;
  void *state;
  uint64_t call; /* position in the run */
  uint64_t started_ns;
} library_lane;

struct bench_library {
  const library_work *work;
  const bench_case *which;
  qdrant_client *client;
  float *vectors;
  uint64_t *ids;
  library_lane *lanes;
  uint64_t *latency_ns;
  uint64_t n_calls;
  atomic_uint_fast64_t n_taken; /* calls that a lane has begun or passed over */
  atomic_uint_fast64_t n_ended;
  sem_t all_ended;
  atomic_bool has_failed;
  bench_error error; /* written by whoever set has_failed, read after the run */
};

bool bench_library_open(
    const library_work *work, const bench_case *which, uint16_t port, void **state, bench_error *err);
bool bench_library_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);
void bench_library_close(void *state);

/* Reads of replies: that the call ended well is all an uploader asks; BAD_REPLY unless a search brought what the case
 * asks for. */
qdrant_status bench_library_read_nothing(const bench_library *library, qdrant_reply **reply, qdrant_error *err);
qdrant_status bench_library_expect_hits(const bench_library *library, size_t n_hits, qdrant_error *err);

/* The library's requests may carry a timeout field, a batch one in each query, and may leave out what is the default.
 */
enum { BENCH_LIBRARY_SIZE_DIFFERENCE = 256 };

#endif

#include "bench/library.h"

#include "bench/encode.h"
#include "bench/measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUN_TIMEOUT_S = 240, READY_TIMEOUT_MS = 10000 };

/* Only the first is kept; the run then passes over the calls that are left. */
static void note_failure(bench_library *self, const qdrant_error *err) {
  if (!atomic_exchange(&self->has_failed, true))
    bench_fail(&self->error, "%s: %s", qdrant_status_name(err->status), err->message);
}

/* The last thing a lane does: when all calls have ended, the next run may begin with the same lanes. */
static void end_calls(bench_library *self, uint64_t n_more) {
  if (n_more > 0 && atomic_fetch_add(&self->n_ended, n_more) + n_more == self->n_calls)
    sem_post(&self->all_ended);
}

static void finish_call(void *user, qdrant_reply *reply, const qdrant_error *err);

/* Begins the run's next call, if there is one; returns how many it had to give up instead. */
static uint64_t start_next(library_lane *lane) {
  bench_library *self = lane->library;
  const qdrant_then then = {.done = finish_call, .user = lane};
  uint64_t n_given_up = 0;
  while ((lane->call = atomic_fetch_add(&self->n_taken, 1)) < self->n_calls) {
    qdrant_error err;
    lane->started_ns = bench_now_ns();
    if (!atomic_load(&self->has_failed)) {
      if (self->work->start(self, lane->state, &then, &err) == QDRANT_OK)
        return n_given_up;
      note_failure(self, &err);
    }
    n_given_up++;
  }
  return n_given_up;
}

static void finish_call(void *user, qdrant_reply *reply, const qdrant_error *err) {
  library_lane *lane = user;
  bench_library *self = lane->library;
  qdrant_error read_error;
  if (!reply)
    note_failure(self, err);
  else if (self->work->read(self, &reply, &read_error) != QDRANT_OK)
    note_failure(self, &read_error);
  qdrant_reply_free(reply);
  self->latency_ns[lane->call] = bench_now_ns() - lane->started_ns;
  end_calls(self, 1 + start_next(lane));
}

static bool await_end(bench_library *self) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += RUN_TIMEOUT_S;
  int failure;
  do
    failure = sem_timedwait(&self->all_ended, &deadline);
  while (failure != 0 && errno == EINTR);
  return failure == 0;
}

static bool run_lanes(bench_library *self, bench_error *err) {
  uint64_t n_given_up = 0;
  atomic_store(&self->n_taken, 0);
  atomic_store(&self->n_ended, 0);
  for (uint32_t i = 0; i < self->which->in_flight; i++)
    n_given_up += start_next(&self->lanes[i]);
  end_calls(self, n_given_up);
  return await_end(self) || bench_fail(err, "calls did not end within %d s", RUN_TIMEOUT_S);
}

static void run_blocking(bench_library *self) {
  for (uint64_t i = 0; i < self->n_calls && !atomic_load(&self->has_failed); i++) {
    qdrant_error err;
    uint64_t started_ns = bench_now_ns();
    if (self->work->call(self, self->lanes[0].state, &err) != QDRANT_OK)
      note_failure(self, &err);
    self->latency_ns[i] = bench_now_ns() - started_ns;
  }
}

bool bench_library_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err) {
  bench_library *self = state;
  self->n_calls = n_calls;
  self->latency_ns = latency_ns;
  if (self->which->in_flight == 1)
    run_blocking(self);
  else if (!run_lanes(self, err))
    return false;
  if (atomic_load(&self->has_failed))
    *err = self->error;
  return !atomic_load(&self->has_failed);
}

static bool make_data(bench_library *self) {
  self->vectors = bench_vectors(self->which);
  self->ids = calloc(self->which->n_items, sizeof *self->ids);
  self->lanes = calloc(self->which->in_flight, sizeof *self->lanes);
  if (!self->vectors || !self->ids || !self->lanes)
    return false;
  for (uint32_t i = 0; i < self->which->n_items; i++)
    self->ids[i] = bench_point_id(i);
  for (uint32_t i = 0; i < self->which->in_flight; i++) {
    self->lanes[i].library = self;
    self->lanes[i].state = self->work->new_state ? self->work->new_state() : NULL;
    if (self->work->new_state && !self->lanes[i].state)
      return false;
  }
  return true;
}

static bool open_client(bench_library *self, uint16_t port, bench_error *err) {
  char url[64];
  qdrant_error failure;
  qdrant_options options = {.size = sizeof options};
  snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)port);
  options.url = url;
  options.max_connections = (int32_t)self->which->n_connections;
  if (qdrant_client_open(&options, &self->client, &failure) == QDRANT_OK &&
      qdrant_client_wait_ready(self->client, READY_TIMEOUT_MS, &failure) == QDRANT_OK)
    return true;
  return bench_fail(err, "%s: %s", qdrant_status_name(failure.status), failure.message);
}

bool bench_library_open(
    const library_work *work, const bench_case *which, uint16_t port, void **state, bench_error *err) {
  bench_library *self = calloc(1, sizeof *self);
  if (!self)
    return bench_fail(err, "out of memory");
  *state = self;
  self->work = work;
  self->which = which;
  sem_init(&self->all_ended, 0, 0);
  if (!make_data(self))
    return bench_fail(err, "out of memory");
  return open_client(self, port, err);
}

void bench_library_close(void *state) {
  bench_library *self = state;
  qdrant_client_close(self->client);
  for (uint32_t i = 0; self->lanes && i < self->which->in_flight; i++)
    if (self->lanes[i].state)
      self->work->free_state(self->lanes[i].state);
  sem_destroy(&self->all_ended);
  free(self->lanes);
  free(self->ids);
  free(self->vectors);
  free(self);
}

qdrant_status bench_library_read_nothing(const bench_library *library, qdrant_reply **reply, qdrant_error *err) {
  (void)library;
  (void)reply;
  (void)err;
  return QDRANT_OK;
}

qdrant_status bench_library_expect_hits(const bench_library *library, size_t n_hits, qdrant_error *err) {
  size_t n_expected = (size_t)library->which->n_items * library->which->limit;
  if (n_hits == n_expected)
    return QDRANT_OK;
  *err = (qdrant_error){.status = QDRANT_BAD_REPLY};
  snprintf(err->message, sizeof err->message, "%zu hits instead of %zu", n_hits, n_expected);
  return err->status;
}

/* No call outlives its deadline by more than a margin, whatever the fault: every fault of fault_kinds.def stays, many
 * calls with short deadlines are started and a few wait, and how late each of them ended is printed. The test fails on
 * a hang only; how long the margin is, is for the reader. Its argument is the transport. */
#include "core/deadline.h"
#include "core/thread.h"
#include "qdrant/calls.h"
#include "tests/faults/fault_calls.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N_STARTED = 48, N_BLOCKING = 4, N_A_FAULT = N_STARTED + N_BLOCKING, MAX_CALLS = N_FAULT_KINDS * N_A_FAULT };
enum { FIRST_MS = 20, STEP_MS = 5, BLOCKING_MS = 60, WARM_MS = 20000, HANG_MS = 5000 };

/* How late the calls ended, in the order of their ends. */
static struct {
  pthread_mutex_t lock; /* the rest */
  pthread_cond_t changed;
  size_t n_here; /* started under the present fault, and ended */
  size_t n;
  size_t n_by_deadline;
  int64_t late_ns[MAX_CALLS];
  int64_t worst_ns;
  const char *worst_kind;
} tally = {.lock = PTHREAD_MUTEX_INITIALIZER};

static fault_bed *bed;
static fault_transport transport;

static void note(int64_t late_ns, const qdrant_error *error) {
  pthread_mutex_lock(&tally.lock);
  tally.late_ns[tally.n++] = late_ns > 0 ? late_ns : 0;
  tally.n_by_deadline += error->status == QDRANT_DEADLINE_EXCEEDED;
  if (late_ns > tally.worst_ns) {
    tally.worst_ns = late_ns;
    tally.worst_kind = bed->kind->name;
  }
  pthread_mutex_unlock(&tally.lock);
}

static void note_end(void *user, qdrant_reply *reply, const qdrant_error *err) {
  const int64_t *deadline_ns = user;
  note(qd_now_ns() - *deadline_ns, err);
  qdrant_reply_free(reply);
  pthread_mutex_lock(&tally.lock);
  tally.n_here++;
  pthread_cond_signal(&tally.changed);
  pthread_mutex_unlock(&tally.lock);
}

static void start_one(qdrant_client *client, size_t number, int64_t *deadline_ns) {
  qdrant_then then = {.done = note_end, .user = deadline_ns};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  Qdrant__CountPoints read = QDRANT__COUNT_POINTS__INIT;
  qdrant_point_batch batch = bed->batch;
  read.collection_name = (char *)"c";
  batch.n_points = bed->kind->is_deaf && number == 1 ? BED_MANY_POINTS : BED_FEW_POINTS;
  options.timeout_ms = FIRST_MS + (int64_t)number * STEP_MS;
  *deadline_ns = qd_deadline_in_ms(options.timeout_ms);
  qdrant_error err = {0};
  qdrant_status status = number % 2 == 0 ? qdrant_points_count_start(client, &read, &options, &then, &err)
                                         : qdrant_upsert_start(client, "c", &batch, NULL, &options, &then, &err);
  /* On a busy machine its time may be over before it is begun: then it ends here, and `then` does not hear of it. */
  assert_true(status == QDRANT_OK || err.status == QDRANT_DEADLINE_EXCEEDED);
  if (status != QDRANT_OK)
    note_end(deadline_ns, NULL, &err);
}

static void await_ends(size_t n) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  int has_time = 1;
  pthread_mutex_lock(&tally.lock);
  while (tally.n_here < n && has_time)
    has_time = qd_cond_wait(&tally.changed, &tally.lock, deadline_ns);
  size_t n_here = tally.n_here;
  pthread_mutex_unlock(&tally.lock);
  assert_int_equal(n_here, n);
}

static qdrant_client *open_client(void) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  fault_bed_dial(bed, &options);
  options.max_connections = 2;
  options.close_timeout_ms = -1;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  return client;
}

static void make_calls(qdrant_client *client) {
  int64_t deadlines_ns[N_STARTED];
  tally.n_here = 0;
  for (size_t i = 0; i < N_STARTED; i++)
    start_one(client, i, &deadlines_ns[i]);
  for (size_t i = 0; i < N_BLOCKING; i++) {
    fault_operation operation = i % 2 == 0 ? READ_POINTS : UPSERT_POINTS;
    fault_outcome outcome = fault_call(bed, client, operation, BED_FEW_POINTS, BLOCKING_MS);
    note(outcome.late_ns, &outcome.error);
  }
  await_ends(N_STARTED);
}

static void run_fault(void **state) {
  const fault_kind *kind = *state;
  qdrant_client *client = NULL;
  fault_bed_open(bed, kind, transport);
  if (!fault_bed_is_of_connections(bed)) {
    client = open_client();
    assert_int_equal(fault_call(bed, client, READ_POINTS, 0, WARM_MS).error.status, QDRANT_OK);
  }
  fault_bed_begin(bed, 0);
  if (client == NULL)
    client = open_client();
  make_calls(client);
  fault_bed_heal(bed);
  qdrant_client_close(client);
  fault_bed_close(bed);
  assert_true(tally.worst_ns < HANG_MS * QD_NS_PER_MS);
}

static int compare(const void *a, const void *b) {
  int64_t first = *(const int64_t *)a;
  int64_t second = *(const int64_t *)b;
  return (first > second) - (first < second);
}

static double late_ms(size_t per_mille) {
  size_t at = tally.n * per_mille / 1000;
  return (double)tally.late_ns[at < tally.n ? at : tally.n - 1] / (double)QD_NS_PER_MS;
}

static void print_lateness(const char *name, size_t n_faults) {
  qsort(tally.late_ns, tally.n, sizeof tally.late_ns[0], compare);
  printf(
      "deadlines over %s: %zu calls under %zu faults, %zu ended by their deadline; late by p50 %.2f ms, p99 %.2f ms, "
      "p99.9 %.2f ms, worst %.2f ms (%s)\n",
      name, tally.n, n_faults, tally.n_by_deadline, late_ms(500), late_ms(990), late_ms(999),
      (double)tally.worst_ns / (double)QD_NS_PER_MS, tally.worst_kind != NULL ? tally.worst_kind : "none");
}

int main(int n_args, char **args) {
  static struct CMUnitTest tests[N_FAULT_KINDS];
  size_t n = 0;
  transport = fault_transport_of(n_args > 1 ? args[1] : "grpc");
  for (size_t i = 0; i < N_FAULT_KINDS; i++)
    if (fault_kind_is_for(&fault_kinds[i], transport))
      tests[n++] = (struct CMUnitTest){
          .name = fault_kinds[i].name, .test_func = run_fault, .initial_state = (void *)(uintptr_t)&fault_kinds[i]};
  qd_cond_init(&tally.changed);
  bed = fault_bed_new();
  int n_failed = _cmocka_run_group_tests("deadlines", tests, n, NULL, NULL);
  fault_bed_free(bed);
  if (tally.n > 0)
    print_lateness(fault_transport_names[transport], n);
  return n_failed;
}

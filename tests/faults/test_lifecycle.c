/* Clients that end while something is going on, over every transport, with servers that do not answer. */
#include "core/deadline.h"
#include "core/thread.h"
#include "qdrant/calls.h"
#include "tests/faults/fault_calls.h"
#include "tests/faults/leaks.h"
#include "tests/support/ends.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_CALLS = 100, LONG_MS = 60000, HANG_MS = 20000, CHILD_LIMIT_S = 60, STEP_US = 2000, N_KEPT = 12 };

static fault_bed *bed;
static size_t n_descriptors;

typedef struct fixture {
  qdrant_client *client;
  ends ends;
  qdrant_cq *queue;
} fixture;

static fault_transport transport_of(void **state) {
  return *(const fault_transport *)*state;
}

/* A server on which every request for points stalls. */
static void open_fixture(fixture *f, fault_transport transport) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  *f = (fixture){0};
  ends_init(&f->ends);
  fault_bed_open(bed, &fault_kinds[KIND_STALL_BEFORE], transport);
  fault_bed_dial(bed, &options);
  options.max_connections = 2;
  options.close_timeout_ms = -1;
  assert_int_equal(qdrant_client_open(&options, &f->client, NULL), QDRANT_OK);
  assert_int_equal(fault_call(bed, f->client, READ_POINTS, 0, LONG_MS).error.status, QDRANT_OK);
}

static void close_fixture(void) {
  fault_bed_heal(bed);
  fault_bed_close(bed);
  assert_string_equal(await_no_leaks(n_descriptors), "");
}

static void start_count(fixture *f, const qdrant_then *then) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  request.collection_name = (char *)"c";
  options.timeout_ms = LONG_MS;
  assert_int_equal(qdrant_points_count_start(f->client, &request, &options, then, NULL), QDRANT_OK);
}

static void count_end(void *user, qdrant_reply *reply, const qdrant_error *err) {
  fixture *f = user;
  ends_count(&f->ends, reply, err);
}

static void test_close_calls_in_flight_each_reports_once(void **state) {
  fixture f;
  open_fixture(&f, transport_of(state));
  qdrant_then then = {.done = count_end, .user = &f};
  fault_bed_begin(bed, 0);
  for (size_t i = 0; i < N_CALLS; i++)
    start_count(&f, &then);
  qdrant_client_close(f.client);
  assert_int_equal(f.ends.n, N_CALLS);
  assert_int_equal(f.ends.n_ok, 0);
  assert_int_equal(f.ends.last.status, QDRANT_CANCELLED);
  close_fixture();
}

static void *call_blocking(void *user) {
  fixture *f = user;
  fault_outcome outcome = fault_call(bed, f->client, UPSERT_POINTS, BED_FEW_POINTS, LONG_MS);
  ends_count(&f->ends, NULL, &outcome.error);
  qdrant_client_close(f->client);
  return NULL;
}

static void await_met(void) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  while (fault_bed_n_met(bed) == 0 && !qd_deadline_has_passed(deadline_ns))
    usleep(STEP_US);
  assert_true(fault_bed_n_met(bed) > 0);
}

/* The thread has a reference of its own: closing is the last one's, so that here it ends with the call. */
static void test_close_one_of_two_references_blocking_call_goes_on(void **state) {
  fixture f;
  pthread_t thread;
  open_fixture(&f, transport_of(state));
  qdrant_client_ref(f.client);
  fault_bed_begin(bed, 0);
  assert_int_equal(pthread_create(&thread, NULL, call_blocking, &f), 0);
  await_met();
  qdrant_client_close(f.client);
  fault_bed_heal(bed); /* the connection ends, and the next attempt is answered */
  pthread_join(thread, NULL);
  assert_int_equal(f.ends.n, 1);
  assert_int_equal(f.ends.last.status, QDRANT_OK);
  close_fixture();
}

static void close_inside(void *user, qdrant_reply *reply, const qdrant_error *err) {
  fixture *f = user;
  qdrant_client_close(f->client);
  ends_count(&f->ends, reply, err);
}

static void test_close_last_reference_in_a_callback_others_report_too(void **state) {
  fixture f;
  open_fixture(&f, transport_of(state));
  qdrant_then closing = {.done = close_inside, .user = &f};
  qdrant_then then = {.done = count_end, .user = &f};
  start_count(&f, &closing);
  ends_wait(&f.ends, 1);
  close_fixture();
  open_fixture(&f, transport_of(state));
  fault_bed_begin(bed, 1); /* the first call stalls, the second closes */
  start_count(&f, &then);
  await_met();
  start_count(&f, &closing);
  ends_wait(&f.ends, 2);
  close_fixture();
}

/* The loop of an application: pops, and closes with calls still on their way. */
static void test_close_by_a_popper_of_a_queue_all_come_out(void **state) {
  fixture f;
  size_t n_popped = 0;
  qdrant_completion completion;
  open_fixture(&f, transport_of(state));
  assert_int_equal(qdrant_cq_new(f.client, &f.queue, NULL), QDRANT_OK);
  qdrant_then then = {.queue = f.queue};
  start_count(&f, &then);
  assert_int_equal(qdrant_cq_wait(f.queue, &completion, 1, HANG_MS), 1);
  assert_int_equal(completion.error.status, QDRANT_OK);
  qdrant_reply_free(completion.reply);
  fault_bed_begin(bed, 0);
  for (size_t i = 0; i < N_CALLS; i++)
    start_count(&f, &then);
  qdrant_client_close(f.client);
  while (qdrant_cq_wait(f.queue, &completion, 1, -1) == 1) {
    n_popped++;
    assert_int_equal(completion.error.status, QDRANT_CANCELLED);
  }
  assert_int_equal(n_popped, N_CALLS);
  qdrant_cq_free(f.queue);
  close_fixture();
}

static void test_close_before_the_queue_is_freed_with_completions_inside(void **state) {
  fixture f;
  open_fixture(&f, transport_of(state));
  assert_int_equal(qdrant_cq_new(f.client, &f.queue, NULL), QDRANT_OK);
  qdrant_then then = {.queue = f.queue};
  fault_bed_begin(bed, 0);
  for (size_t i = 0; i < N_CALLS; i++)
    start_count(&f, &then);
  qdrant_cq_free(f.queue); /* the calls go on, and report to nobody */
  qdrant_client_close(f.client);
  close_fixture();
}

static int use_in_child(fixture *f) {
  alarm(CHILD_LIMIT_S);
  fault_outcome outcome = fault_call(bed, f->client, READ_POINTS, 0, LONG_MS);
  qdrant_client_close(f->client);
  return outcome.error.status == QDRANT_FORKED && outcome.error.delivery == QDRANT_NOT_SENT ? 0 : 1;
}

/* With a call in flight, too: it is the parent's, and the child does not hear of it. */
static void test_fork_after_open_child_is_refused_parent_goes_on(void **state) {
  fixture f;
  int status = -1;
  open_fixture(&f, transport_of(state));
  qdrant_then then = {.done = count_end, .user = &f};
  fault_bed_begin(bed, 1);
  start_count(&f, &then);
  await_met();
  pid_t child = fork();
  if (child == 0)
    _exit(use_in_child(&f));
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(fault_call(bed, f.client, READ_POINTS, 0, LONG_MS).error.status, QDRANT_OK);
  assert_int_equal(f.ends.n, 0);
  qdrant_client_close(f.client);
  assert_int_equal(f.ends.n, 1);
  close_fixture();
}

/* A child that was there before anything of gRPC was: it waits for the port, and is a user like any other. */
static int use_from_the_start(int from_parent, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  uint16_t ports[2];
  alarm(CHILD_LIMIT_S);
  if (read(from_parent, ports, sizeof ports) != sizeof ports)
    return 2;
  options.url = "http://127.0.0.1";
  options.grpc_port = ports[0];
  options.rest_port = ports[1];
  options.prefer_grpc = prefer_grpc;
  if (qdrant_client_open(&options, &client, NULL) != QDRANT_OK)
    return 3;
  qdrant_status status = fault_call(NULL, client, READ_POINTS, 0, LONG_MS).error.status;
  qdrant_client_close(client);
  return status == QDRANT_OK && count_library_threads() == 0 ? 0 : 4;
}

static pid_t fork_early(int *to_child, qdrant_toggle prefer_grpc) {
  int pipes[2];
  if (pipe(pipes) != 0)
    return -1;
  pid_t child = fork();
  if (child == 0) {
    close(pipes[1]);
    _exit(use_from_the_start(pipes[0], prefer_grpc));
  }
  close(pipes[0]);
  *to_child = pipes[1];
  return child;
}

static pid_t early_children[2];
static int to_children[2];

static void test_fork_before_open_child_is_a_user_of_its_own(void **state) {
  (void)state;
  uint16_t ports[2] = {qdrant_mock_grpc_port(bed->mock), qdrant_mock_rest_port(bed->mock)};
  for (size_t i = 0; i < 2; i++) {
    int status = -1;
    assert_int_equal(write(to_children[i], ports, sizeof ports), sizeof ports);
    assert_int_equal(waitpid(early_children[i], &status, 0), early_children[i]);
    assert_int_equal(status, 0);
    close(to_children[i]);
  }
}

static fault_transport grpc = OVER_GRPC;
static fault_transport rest = OVER_REST;
static fault_transport failover = OVER_FAILOVER;

#define OVER(test, transport)                                                                                          \
  { #test "_over_" #transport, test, NULL, NULL, &(transport) }
#define OVER_EACH(test) OVER(test, grpc), OVER(test, rest), OVER(test, failover)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fork_before_open_child_is_a_user_of_its_own),
      OVER_EACH(test_close_calls_in_flight_each_reports_once),
      OVER_EACH(test_close_one_of_two_references_blocking_call_goes_on),
      OVER_EACH(test_close_last_reference_in_a_callback_others_report_too),
      OVER_EACH(test_close_by_a_popper_of_a_queue_all_come_out),
      OVER_EACH(test_close_before_the_queue_is_freed_with_completions_inside),
      OVER_EACH(test_fork_after_open_child_is_refused_parent_goes_on),
  };
  early_children[0] = fork_early(&to_children[0], QDRANT_ON);
  early_children[1] = fork_early(&to_children[1], QDRANT_OFF);
  bed = fault_bed_new();
  n_descriptors = count_descriptors() + N_KEPT;
  int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
  fault_bed_free(bed);
  return n_failed;
}

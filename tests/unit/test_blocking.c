#include "core/alloc.h"
#include "core/blocking.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/message.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An engine that counts the letters of a collection's name. A name that begins with "wait" is held back until the gate
 * opens; "missing" does not exist. */
typedef struct engine {
  pthread_mutex_t mutex;
  pthread_cond_t has_changed;
  int is_open;
  int n_inside;
  int most_inside;
  int n_calls;
  int is_freed;
  atomic_int saw_unblocked_signals;
} engine;

static void change(engine *self, int *what, int by) {
  pthread_mutex_lock(&self->mutex);
  *what += by;
  if (self->n_inside > self->most_inside)
    self->most_inside = self->n_inside;
  pthread_cond_broadcast(&self->has_changed);
  pthread_mutex_unlock(&self->mutex);
}

static void await(engine *self, const int *what, int wanted) {
  pthread_mutex_lock(&self->mutex);
  while (*what < wanted)
    pthread_cond_wait(&self->has_changed, &self->mutex);
  pthread_mutex_unlock(&self->mutex);
}

static void note_signals(engine *self) {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGINT))
    atomic_store(&self->saw_unblocked_signals, 1);
}

static qdrant_status count_letters(void *user, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  engine *self = user;
  const Qdrant__CountPoints *count = (const Qdrant__CountPoints *)request;
  assert_ptr_equal(request->descriptor, rpc->request);
  assert_true(deadline_ns > 0);
  change(self, &self->n_calls, 1);
  change(self, &self->n_inside, 1);
  note_signals(self);
  if (strncmp(count->collection_name, "wait", 4) == 0)
    await(self, &self->is_open, 1);
  change(self, &self->n_inside, -1);
  if (strcmp(count->collection_name, "missing") == 0)
    return qd_fail(err, QDRANT_NOT_FOUND, "Collection `%s` doesn't exist!", count->collection_name);
  Qdrant__CountResponse *response = qd_arena_alloc(arena, sizeof *response);
  Qdrant__CountResult *result = qd_arena_alloc(arena, sizeof *result);
  if (response == NULL || result == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory");
  qdrant__count_response__init(response);
  qdrant__count_result__init(result);
  QDRANT_SET(result, count, strlen(count->collection_name));
  response->result = result;
  *reply = &response->base;
  return QDRANT_OK;
}

static void free_engine(void *user) {
  engine *self = user;
  change(self, &self->is_freed, 1);
}

static const qd_blocking_ops engine_ops = {.name = "letters", .carry_out = count_letters, .free = free_engine};

static void init_engine(engine *made) {
  memset(made, 0, sizeof *made);
  pthread_mutex_init(&made->mutex, NULL);
  pthread_cond_init(&made->has_changed, NULL);
}

static void open_gate(engine *self) {
  change(self, &self->is_open, 1);
}

/* A call and what became of it. */
typedef struct attempt {
  qd_call call; /* first: done gets it */
  engine *owner;
  Qdrant__CountPoints request;
  char name[32];
  int n_done;
} attempt;

static void note_done(qd_call *call) {
  attempt *self = (attempt *)(void *)call;
  change(self->owner, &self->n_done, 1);
}

static void make_attempt(attempt *made, engine *owner, const char *name) {
  *made = (attempt){.owner = owner};
  snprintf(made->name, sizeof made->name, "%s", name);
  qdrant__count_points__init(&made->request);
  made->request.collection_name = made->name;
  made->call.rpc = qd_rpc_row(QDRANT_RPC_POINTS_COUNT);
  made->call.request.kind = QD_REQUEST_MESSAGE;
  made->call.request.message = &made->request.base;
  made->call.deadline_ns = qd_deadline_in_ms(QD_MAX_TIMEOUT_MS);
  made->call.arena = qd_arena_new(0);
  made->call.done = note_done;
}

static void free_attempt(attempt *self) {
  qd_arena_free(self->call.arena);
}

static qdrant_status wait_done(attempt *self) {
  await(self->owner, &self->n_done, 1);
  return self->call.error.status;
}

static uint64_t counted(const attempt *self) {
  const Qdrant__CountResponse *response = (const Qdrant__CountResponse *)self->call.message;
  return response->result->count;
}

static qd_transport open_transport(engine *self, size_t n_threads, size_t max_queued) {
  qd_transport transport;
  qdrant_error err = {0};
  init_engine(self);
  assert_int_equal(qd_blocking_open(&engine_ops, self, n_threads, max_queued, &transport, &err), QDRANT_OK);
  return transport;
}

static qdrant_status start(qd_transport transport, attempt *self) {
  return transport.ops->start(transport.self, &self->call);
}

static void close_transport(qd_transport transport) {
  transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 0);
}

static qd_body_pool *use_bytes(attempt *self) {
  qd_body_pool *pool = qd_body_pool_new(0);
  qdrant_error err = {0};
  assert_int_equal(qd_message_encode(&self->request.base, pool, SIZE_MAX, &self->call.request.body, &err), QDRANT_OK);
  self->call.request.kind = QD_REQUEST_BYTES;
  self->call.request.message = NULL;
  return pool;
}

static void test_qd_blocking_open_says_its_name_and_what_it_takes(void **state) {
  (void)state;
  engine letters;
  qd_transport transport = open_transport(&letters, 1, 1);
  assert_string_equal(transport.ops->name, "letters");
  assert_int_equal(transport.ops->accepts, QD_REQUEST_MESSAGE | QD_REQUEST_BYTES);
  close_transport(transport);
  assert_int_equal(letters.is_freed, 1);
}

static void test_run_answers_a_message_in_the_callers_arena(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "cities");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  assert_int_equal(counted(&one), 6);
  assert_int_equal(one.n_done, 0);
  free_attempt(&one);
  close_transport(transport);
}

static void test_run_answers_encoded_bytes(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "cities");
  qd_body_pool *pool = use_bytes(&one);
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  assert_int_equal(counted(&one), 6);
  qd_body_unref(one.call.request.body);
  qd_body_pool_unref(pool);
  free_attempt(&one);
  close_transport(transport);
}

static void test_run_that_the_engine_refuses_was_answered(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "missing");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.status, QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.delivery, QDRANT_ANSWERED);
  assert_string_equal(one.call.error.message, "Collection `missing` doesn't exist!");
  free_attempt(&one);
  close_transport(transport);
}

static void test_run_past_its_deadline_was_not_sent(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "cities");
  one.call.deadline_ns = qd_now_ns();
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(one.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(letters.n_calls, 0);
  free_attempt(&one);
  close_transport(transport);
}

static void test_run_of_bytes_that_are_no_request_is_an_invalid_argument(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "cities");
  qd_body_pool *pool = use_bytes(&one);
  one.call.request.body->bytes[0] = 0x0F;
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(one.call.error.status, QDRANT_INVALID_ARGUMENT);
  assert_int_equal(one.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(letters.n_calls, 0);
  qd_body_unref(one.call.request.body);
  qd_body_pool_unref(pool);
  free_attempt(&one);
  close_transport(transport);
}

static void test_start_keeps_the_request_after_it_returned(void **state) {
  (void)state;
  engine letters;
  attempt first;
  attempt second;
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&first, &letters, "wait");
  make_attempt(&second, &letters, "cities");
  assert_int_equal(start(transport, &first), QDRANT_OK);
  assert_int_equal(start(transport, &second), QDRANT_OK);
  memset(&second.request, 0xFF, sizeof second.request);
  memset(second.name, 0xFF, sizeof second.name);
  open_gate(&letters);
  assert_int_equal(wait_done(&first), QDRANT_OK);
  assert_int_equal(wait_done(&second), QDRANT_OK);
  assert_int_equal(counted(&second), 6);
  assert_null(second.call.transport_state);
  close_transport(transport);
  assert_int_equal(first.n_done + second.n_done, 2);
  assert_false(letters.saw_unblocked_signals);
  free_attempt(&first);
  free_attempt(&second);
}

static void test_start_of_bytes_takes_a_reference(void **state) {
  (void)state;
  engine letters;
  attempt first;
  attempt second;
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&first, &letters, "wait");
  make_attempt(&second, &letters, "cities");
  qd_body_pool *pool = use_bytes(&second);
  assert_int_equal(start(transport, &first), QDRANT_OK);
  assert_int_equal(start(transport, &second), QDRANT_OK);
  qd_body_unref(second.call.request.body);
  second.call.request.body = NULL;
  qd_body_pool_unref(pool);
  open_gate(&letters);
  assert_int_equal(wait_done(&second), QDRANT_OK);
  assert_int_equal(counted(&second), 6);
  close_transport(transport);
  free_attempt(&first);
  free_attempt(&second);
}

static void test_start_that_the_engine_refuses_reports_the_error(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "missing");
  assert_int_equal(start(transport, &one), QDRANT_OK);
  assert_int_equal(wait_done(&one), QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.delivery, QDRANT_ANSWERED);
  close_transport(transport);
  free_attempt(&one);
}

static void test_start_of_text_that_is_no_utf8_is_not_taken(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 1);
  make_attempt(&one, &letters, "\xff");
  assert_int_equal(start(transport, &one), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(one.call.error.message, "collection_name must be UTF-8");
  close_transport(transport);
  assert_int_equal(one.n_done, 0);
  free_attempt(&one);
}

static void test_start_beyond_the_queue_answers_again(void **state) {
  (void)state;
  engine letters;
  attempt attempts[3];
  qd_transport transport = open_transport(&letters, 1, 1);
  for (int i = 0; i < 3; i++)
    make_attempt(&attempts[i], &letters, "wait");
  assert_int_equal(start(transport, &attempts[0]), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  assert_int_equal(start(transport, &attempts[1]), QDRANT_OK);
  assert_int_equal(start(transport, &attempts[2]), QDRANT_AGAIN);
  assert_int_equal(attempts[2].call.error.delivery, QDRANT_NOT_SENT);
  open_gate(&letters);
  wait_done(&attempts[1]);
  assert_int_equal(start(transport, &attempts[2]), QDRANT_OK);
  assert_int_equal(wait_done(&attempts[2]), QDRANT_OK);
  close_transport(transport);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(attempts[i].n_done, 1);
    free_attempt(&attempts[i]);
  }
}

static void test_start_uses_all_threads_and_no_more(void **state) {
  (void)state;
  enum { N = 8 };
  engine letters;
  attempt attempts[N];
  qd_transport transport = open_transport(&letters, 3, N);
  for (int i = 0; i < N; i++) {
    make_attempt(&attempts[i], &letters, "wait");
    assert_int_equal(start(transport, &attempts[i]), QDRANT_OK);
  }
  await(&letters, &letters.n_inside, 3);
  open_gate(&letters);
  for (int i = 0; i < N; i++)
    assert_int_equal(wait_done(&attempts[i]), QDRANT_OK);
  close_transport(transport);
  assert_int_equal(letters.most_inside, 3);
  for (int i = 0; i < N; i++)
    free_attempt(&attempts[i]);
}

static void test_cancel_of_a_queued_call_ends_it_while_the_worker_is_busy(void **state) {
  (void)state;
  engine letters;
  attempt busy;
  attempt queued;
  attempt last;
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&busy, &letters, "wait");
  make_attempt(&queued, &letters, "cities");
  make_attempt(&last, &letters, "words");
  assert_int_equal(start(transport, &busy), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  assert_int_equal(start(transport, &queued), QDRANT_OK);
  assert_int_equal(start(transport, &last), QDRANT_OK);
  transport.ops->cancel(transport.self, &queued.call);
  transport.ops->cancel(transport.self, &queued.call);
  assert_int_equal(wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(queued.call.error.delivery, QDRANT_NOT_SENT);
  transport.ops->cancel(transport.self, &queued.call);
  open_gate(&letters);
  assert_int_equal(wait_done(&busy), QDRANT_OK);
  assert_int_equal(wait_done(&last), QDRANT_OK);
  close_transport(transport);
  assert_int_equal(letters.n_calls, 2);
  assert_int_equal(queued.n_done, 1);
  free_attempt(&busy);
  free_attempt(&queued);
  free_attempt(&last);
}

static void test_cancel_of_a_running_call_lets_it_finish(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&one, &letters, "wait");
  assert_int_equal(start(transport, &one), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  transport.ops->cancel(transport.self, &one.call);
  open_gate(&letters);
  assert_int_equal(wait_done(&one), QDRANT_OK);
  transport.ops->cancel(transport.self, &one.call);
  close_transport(transport);
  assert_int_equal(one.n_done, 1);
  free_attempt(&one);
}

static void test_deadline_of_a_queued_call_ends_it_while_the_worker_is_busy(void **state) {
  (void)state;
  engine letters;
  attempt busy;
  attempt queued[2];
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&busy, &letters, "wait");
  assert_int_equal(start(transport, &busy), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  for (int i = 0; i < 2; i++) {
    make_attempt(&queued[i], &letters, "cities");
    queued[i].call.deadline_ns = qd_deadline_in_ms(20 - 15 * i); /* the second has less time than the first */
    assert_int_equal(start(transport, &queued[i]), QDRANT_OK);
  }
  for (int i = 0; i < 2; i++) {
    assert_int_equal(wait_done(&queued[i]), QDRANT_DEADLINE_EXCEEDED);
    assert_int_equal(queued[i].call.error.delivery, QDRANT_NOT_SENT);
    assert_true(qd_deadline_has_passed(queued[i].call.deadline_ns));
    free_attempt(&queued[i]);
  }
  open_gate(&letters);
  assert_int_equal(wait_done(&busy), QDRANT_OK);
  close_transport(transport);
  assert_int_equal(letters.n_calls, 1);
  free_attempt(&busy);
}

typedef struct closing {
  qd_transport transport;
  pthread_t thread;
} closing;

static void *close_in_thread(void *user) {
  close_transport(((closing *)user)->transport);
  return NULL;
}

static void test_close_cancels_what_waits_and_lets_finish_what_runs(void **state) {
  (void)state;
  engine letters;
  attempt busy;
  attempt queued;
  attempt late;
  closing closer = {.transport = open_transport(&letters, 1, 1000)};
  make_attempt(&busy, &letters, "wait");
  make_attempt(&queued, &letters, "cities");
  make_attempt(&late, &letters, "late");
  assert_int_equal(start(closer.transport, &busy), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  assert_int_equal(start(closer.transport, &queued), QDRANT_OK);
  assert_int_equal(pthread_create(&closer.thread, NULL, close_in_thread, &closer), 0);
  assert_int_equal(wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(queued.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(start(closer.transport, &late), QDRANT_CLOSED);
  assert_int_equal(closer.transport.ops->run(closer.transport.self, &late.call), QDRANT_CLOSED);
  assert_int_equal(letters.is_freed, 0);
  open_gate(&letters);
  pthread_join(closer.thread, NULL);
  assert_int_equal(letters.is_freed, 1);
  assert_int_equal(busy.n_done, 1);
  assert_int_equal(busy.call.error.status, QDRANT_OK);
  assert_int_equal(late.n_done, 0);
  free_attempt(&busy);
  free_attempt(&queued);
  free_attempt(&late);
}

static void test_close_at_its_deadline_leaves_the_rest_to_the_last_thread(void **state) {
  (void)state;
  engine letters;
  attempt busy;
  attempt queued;
  qd_transport transport = open_transport(&letters, 1, 10);
  make_attempt(&busy, &letters, "wait");
  make_attempt(&queued, &letters, "cities");
  assert_int_equal(start(transport, &busy), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  assert_int_equal(start(transport, &queued), QDRANT_OK);
  transport.ops->close(transport.self, qd_now_ns(), 0);
  assert_int_equal(wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(busy.n_done, 0);
  open_gate(&letters);
  assert_int_equal(wait_done(&busy), QDRANT_OK);
  await(&letters, &letters.is_freed, 1);
  free_attempt(&busy);
  free_attempt(&queued);
}

static int exit_code_of(pid_t child) {
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_close_in_a_forked_child_returns_without_joining(void **state) {
  (void)state;
  engine letters;
  attempt before;
  attempt during;
  qd_transport transport = open_transport(&letters, 2, 10);
  make_attempt(&before, &letters, "cities");
  make_attempt(&during, &letters, "wait");
  assert_int_equal(start(transport, &before), QDRANT_OK);
  assert_int_equal(wait_done(&before), QDRANT_OK);
  assert_int_equal(start(transport, &during), QDRANT_OK);
  await(&letters, &letters.n_inside, 1);
  pid_t child = fork();
  if (child == 0) {
    transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 1);
    _exit(letters.is_freed == 0 ? 23 : 1); /* a call was within the engine: it must not be touched */
  }
  assert_int_equal(exit_code_of(child), 23);
  open_gate(&letters);
  assert_int_equal(wait_done(&during), QDRANT_OK);
  close_transport(transport);
  free_attempt(&before);
  free_attempt(&during);
}

static void test_close_in_a_forked_child_at_rest_frees(void **state) {
  (void)state;
  engine letters;
  attempt one;
  qd_transport transport = open_transport(&letters, 2, 10);
  make_attempt(&one, &letters, "cities");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  pid_t child = fork();
  if (child == 0) {
    transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 1);
    _exit(letters.is_freed == 1 ? 23 : 1);
  }
  assert_int_equal(exit_code_of(child), 23);
  close_transport(transport);
  free_attempt(&one);
}

typedef struct caller {
  qd_transport transport;
  engine *owner;
  pthread_t thread;
  int n_wrong;
} caller;

static void *call_often(void *user) {
  caller *self = user;
  for (int i = 0; i < 200; i++) {
    attempt one;
    make_attempt(&one, self->owner, i % 3 == 0 ? "missing" : "cities");
    qdrant_status status =
        i % 2 == 0 ? start(self->transport, &one) : self->transport.ops->run(self->transport.self, &one.call);
    if (i % 2 == 0 && status == QDRANT_OK) {
      if (i % 5 == 0)
        self->transport.ops->cancel(self->transport.self, &one.call);
      status = wait_done(&one);
    }
    int is_right = status == (i % 3 == 0 ? QDRANT_NOT_FOUND : QDRANT_OK) || (i % 5 == 0 && status == QDRANT_CANCELLED);
    self->n_wrong += !is_right;
    free_attempt(&one);
  }
  return NULL;
}

static void test_calls_of_many_threads_each_report_once(void **state) {
  (void)state;
  engine letters;
  qd_transport transport = open_transport(&letters, 2, 100);
  caller callers[4];
  for (int i = 0; i < 4; i++) {
    callers[i] = (caller){.transport = transport, .owner = &letters};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(callers[i].thread, NULL);
    assert_int_equal(callers[i].n_wrong, 0);
  }
  close_transport(transport);
  assert_int_equal(letters.is_freed, 1);
}

static qdrant_status run_and_start(void *user) {
  engine *letters = user;
  attempt one;
  qd_transport transport = {NULL, NULL};
  qdrant_error err = {0};
  make_attempt(&one, letters, "cities");
  qdrant_status status = one.call.arena == NULL ? QDRANT_NO_MEMORY : QDRANT_OK;
  if (status == QDRANT_OK)
    status = qd_blocking_open(&engine_ops, letters, 1, 1, &transport, &err);
  if (status == QDRANT_OK)
    status = transport.ops->run(transport.self, &one.call);
  if (status == QDRANT_OK)
    status = start(transport, &one);
  if (status == QDRANT_OK)
    status = wait_done(&one);
  if (transport.ops != NULL)
    close_transport(transport);
  free_attempt(&one);
  return status;
}

static void test_qd_blocking_without_memory_says_so(void **state) {
  (void)state;
  engine letters;
  init_engine(&letters);
  torture(run_and_start, &letters);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_blocking_open_says_its_name_and_what_it_takes),
      cmocka_unit_test(test_run_answers_a_message_in_the_callers_arena),
      cmocka_unit_test(test_run_answers_encoded_bytes),
      cmocka_unit_test(test_run_that_the_engine_refuses_was_answered),
      cmocka_unit_test(test_run_past_its_deadline_was_not_sent),
      cmocka_unit_test(test_run_of_bytes_that_are_no_request_is_an_invalid_argument),
      cmocka_unit_test(test_start_keeps_the_request_after_it_returned),
      cmocka_unit_test(test_start_of_bytes_takes_a_reference),
      cmocka_unit_test(test_start_that_the_engine_refuses_reports_the_error),
      cmocka_unit_test(test_start_of_text_that_is_no_utf8_is_not_taken),
      cmocka_unit_test(test_start_beyond_the_queue_answers_again),
      cmocka_unit_test(test_start_uses_all_threads_and_no_more),
      cmocka_unit_test(test_cancel_of_a_queued_call_ends_it_while_the_worker_is_busy),
      cmocka_unit_test(test_cancel_of_a_running_call_lets_it_finish),
      cmocka_unit_test(test_deadline_of_a_queued_call_ends_it_while_the_worker_is_busy),
      cmocka_unit_test(test_close_cancels_what_waits_and_lets_finish_what_runs),
      cmocka_unit_test(test_close_at_its_deadline_leaves_the_rest_to_the_last_thread),
      cmocka_unit_test(test_close_in_a_forked_child_returns_without_joining),
      cmocka_unit_test(test_close_in_a_forked_child_at_rest_frees),
      cmocka_unit_test(test_calls_of_many_threads_each_report_once),
      cmocka_unit_test(test_qd_blocking_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

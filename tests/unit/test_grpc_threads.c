#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/raw_peer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_THREADS = 4, N_ROUNDS = 40, N_AT_ONCE = 16, HANG_MS = 30000, LONG_MS = 60000, CUT_STEP_US = 20000 };

typedef struct worker {
  pthread_t thread;
  qd_transport *transport;
  int n_wrong; /* calls that did not report exactly once, or in a way that nothing here can bring about */
} worker;

/* Some calls are never answered, and only a deadline or a cancel ends them. */
static void answer_some(void *user, const peer_request *request, peer_answer *answer) {
  (void)user;
  answer->n_reply_bytes = request->n_bytes;
  answer->is_withheld = request->n_bytes % 3 == 0;
}

static int is_possible(qdrant_status status) {
  return status == QDRANT_OK || status == QDRANT_CANCELLED || status == QDRANT_DEADLINE_EXCEEDED ||
         status == QDRANT_UNAVAILABLE;
}

static void *make_calls(void *arg) {
  worker *self = arg;
  made_call *calls[N_AT_ONCE];
  for (unsigned round = 0; round < N_ROUNDS; round++) {
    for (unsigned i = 0; i < N_AT_ONCE; i++) {
      calls[i] = new_call(QDRANT_RPC_POINTS_UPSERT, 1 + round * i, i % 2 ? LONG_MS : 20);
      self->n_wrong += start_call(self->transport, calls[i]) != QDRANT_OK;
    }
    for (unsigned i = 0; i < N_AT_ONCE; i++)
      if (i % 2)
        self->transport->ops->cancel(self->transport->self, &calls[i]->call);
    for (unsigned i = 0; i < N_AT_ONCE; i++) {
      self->n_wrong +=
          !wait_done(calls[i], HANG_MS) || count_done(calls[i]) != 1 || !is_possible(calls[i]->call.error.status);
      free_call(calls[i]);
    }
  }
  return NULL;
}

typedef struct cutter {
  pthread_t thread;
  raw_peer *relay;
  atomic_int is_over;
} cutter;

static void *cut_again_and_again(void *arg) {
  cutter *self = arg;
  while (!atomic_load(&self->is_over)) {
    raw_peer_cut(self->relay);
    usleep(CUT_STEP_US);
  }
  return NULL;
}

static void run_workers(qd_transport *transport) {
  worker workers[N_THREADS];
  for (size_t i = 0; i < N_THREADS; i++) {
    workers[i] = (worker){.transport = transport};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, make_calls, &workers[i]), 0);
  }
  for (size_t i = 0; i < N_THREADS; i++) {
    pthread_join(workers[i].thread, NULL);
    assert_int_equal(workers[i].n_wrong, 0);
  }
}

static void test_start_and_cancel_from_many_threads_each_reports_once(void **state) {
  (void)state;
  peer_options options = {.handler = answer_some};
  grpc_peer *peer = grpc_peer_start(&options);
  qd_grpc_options client = local_options(grpc_peer_port(peer), 3);
  qd_transport transport = open_local(&client);
  run_workers(&transport);
  close_local(&transport);
  assert_int_equal(qd_grpc_leaked_calls(), 0);
  grpc_peer_stop(peer);
}

static void test_start_while_connections_break_each_reports_once(void **state) {
  (void)state;
  peer_options options = {.handler = answer_some};
  grpc_peer *peer = grpc_peer_start(&options);
  raw_options raw = {.behaviour = RAW_RELAY, .relay_port = grpc_peer_port(peer)};
  raw_peer *relay = raw_peer_start(&raw);
  qd_grpc_options client = local_options(raw_peer_port(relay), 3);
  qd_transport transport = open_local(&client);
  cutter breaking = {.relay = relay};
  assert_int_equal(pthread_create(&breaking.thread, NULL, cut_again_and_again, &breaking), 0);
  run_workers(&transport);
  atomic_store(&breaking.is_over, 1);
  pthread_join(breaking.thread, NULL);
  close_local(&transport);
  assert_int_equal(qd_grpc_leaked_calls(), 0);
  raw_peer_stop(relay);
  grpc_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_and_cancel_from_many_threads_each_reports_once),
      cmocka_unit_test(test_start_while_connections_break_each_reports_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

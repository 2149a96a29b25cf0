#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALL_MS = 10000, CHILD_LIMIT_S = 30 };

/* The child's findings, one bit each; it must not touch cmocka or gRPC. */
enum {
  CALL_IS_FORKED = 1,
  CALL_IS_NOT_DONE = 2,
  WAIT_IS_FORKED = 4,
  OPEN_IS_FORKED = 8,
  STATS_ARE_EMPTY = 16,
  HAS_CLOSED = 32,
  ALL_FINDINGS = 63
};

static int examine_in_child(qd_transport *transport, const qd_grpc_options *options) {
  int findings = 0;
  qd_transport second = {0};
  qdrant_stats stats = {0};
  qdrant_error error = {0};
  alarm(CHILD_LIMIT_S);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 10, CALL_MS);
  findings |=
      start_call(transport, made) == QDRANT_FORKED && made->call.error.status == QDRANT_FORKED ? CALL_IS_FORKED : 0;
  transport->ops->cancel(transport->self, &made->call);
  findings |= count_done(made) == 0 ? CALL_IS_NOT_DONE : 0;
  int64_t deadline_ns = qd_deadline_in_ms(CALL_MS);
  findings |= transport->ops->wait_ready(transport->self, deadline_ns, &error) == QDRANT_FORKED ? WAIT_IS_FORKED : 0;
  findings |= qd_grpc_open(options, &second, NULL) == QDRANT_FORKED ? OPEN_IS_FORKED : 0;
  transport->ops->stats(transport->self, &stats);
  findings |= stats.n_connections == 0 ? STATS_ARE_EMPTY : 0;
  free_call(made);
  transport->ops->close(transport->self, deadline_ns, 1);
  return findings | HAS_CLOSED;
}

static void test_fork_child_gets_forked_and_parent_goes_on(void **state) {
  (void)state;
  grpc_peer *peer = grpc_peer_start(&(peer_options){0});
  qd_grpc_options options = local_options(grpc_peer_port(peer), 2);
  options.api_key = "key";
  qd_transport transport = open_local(&options);
  assert_false(qd_grpc_is_forked_child());
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  made_call *kept = new_call(QDRANT_RPC_POINTS_GET, 10, CALL_MS);
  assert_int_equal(start_call(&transport, kept), QDRANT_OK);
  assert_true(wait_done(kept, CALL_MS));
  pid_t child = fork();
  if (child == 0) {
    int findings = examine_in_child(&transport, &options);
    free_call(kept); /* a reply that was there before the fork can be let go of */
    _exit(findings);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), ALL_FINDINGS);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  free_call(kept);
  close_local(&transport);
  grpc_peer_stop(peer);
}

/* Before anything of gRPC has begun a fork changes nothing. Runs first. */
static void test_fork_before_open_leaves_the_child_free(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) {
    alarm(CHILD_LIMIT_S);
    grpc_peer *peer = grpc_peer_start(&(peer_options){0});
    qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
    qd_transport transport = open_local(&options);
    qdrant_status status = call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL);
    close_local(&transport);
    grpc_peer_stop(peer);
    _exit(status == QDRANT_OK ? 0 : 1);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fork_before_open_leaves_the_child_free),
      cmocka_unit_test(test_fork_child_gets_forked_and_parent_goes_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

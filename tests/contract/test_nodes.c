/* A client of three nodes, one of which goes, stalls or comes back. */
#include "core/deadline.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/hooks.h"
#include "qdrant/memory.h"
#include "qdrant/mock.h"
#include "tests/support/raw_peer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_NODES = 3, N_THREADS = 3, LONG_MS = 20000 };

typedef struct world {
  qdrant_mock *mocks[N_NODES];
  uint16_t ports[N_NODES];
  char urls[N_NODES][64];
  qdrant_endpoint endpoints[N_NODES];
  qdrant_options options;
  qdrant_client *client;
  atomic_int is_ending;
  atomic_size_t n_calls;
  atomic_size_t n_failed;
  qdrant_hooks hooks;
  atomic_int n_lost; /* node 1, as the hook was told */
  atomic_int n_back;
  pthread_t threads[N_THREADS];
} world;

static qdrant_toggle prefer_grpc; /* of the group of tests that runs */
static char seed_path[] = "/tmp/test_nodes.XXXXXX";

/* What each node begins with, as in a cluster that keeps copies of everything everywhere. */
static void save_seed(void) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  close(mkstemp(seed_path));
  options.url = ":memory:";
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  Qdrant__CreateCollection *request = qdrant_create_dense(arena, "stars", 2, QDRANT__DISTANCE__Dot);
  assert_int_equal(qdrant_collections_create(client, request, NULL, &reply, NULL), QDRANT_OK);
  assert_int_equal(qdrant_memory_save(client, NULL, seed_path, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  qdrant_client_close(client);
}

static int use_grpc(void **state) {
  (void)state;
  prefer_grpc = QDRANT_ON;
  save_seed();
  return 0;
}

static int use_rest(void **state) {
  (void)state;
  prefer_grpc = QDRANT_OFF;
  return 0;
}

static void start_node(world *w, size_t i) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_error err = {0};
  if (prefer_grpc == QDRANT_ON)
    options.grpc_port = w->ports[i];
  else
    options.rest_port = w->ports[i];
  options.load_path = seed_path;
  if (qdrant_mock_start(&options, &w->mocks[i], &err) != QDRANT_OK)
    fail_msg("node %zu: %s", i, err.message);
  w->ports[i] = prefer_grpc == QDRANT_ON ? qdrant_mock_grpc_port(w->mocks[i]) : qdrant_mock_rest_port(w->mocks[i]);
}

static void stop_node(world *w, size_t i) {
  qdrant_mock_stop(w->mocks[i]);
  w->mocks[i] = NULL;
}

static void point_to(world *w, size_t i, uint16_t port) {
  snprintf(w->urls[i], sizeof w->urls[i], "http://127.0.0.1:%u", (unsigned)port);
  w->endpoints[i].url = w->urls[i];
}

static void start_nodes(world *w) {
  *w = (world){.options = QDRANT_OPTIONS_INIT};
  for (size_t i = 0; i < N_NODES; i++) {
    start_node(w, i);
    point_to(w, i, w->ports[i]);
  }
  w->options.endpoints = w->endpoints;
  w->options.n_endpoints = N_NODES;
  w->options.prefer_grpc = prefer_grpc;
  w->options.max_connections = 2;
}

static void hear_of_change(void *user, const char *endpoint, qdrant_endpoint_state state, const char *reason) {
  world *w = user;
  (void)reason;
  if (strcmp(endpoint, w->urls[1]) != 0)
    return;
  atomic_fetch_add(&w->n_lost, state == QDRANT_ENDPOINT_UNREACHABLE);
  atomic_fetch_add(&w->n_back, state == QDRANT_ENDPOINT_READY && atomic_load(&w->n_lost) > 0);
}

static void listen_to_changes(world *w) {
  w->hooks = (qdrant_hooks)QDRANT_HOOKS_INIT;
  w->hooks.user = w;
  w->hooks.endpoint_change = hear_of_change;
  w->options.hooks = &w->hooks;
}

static void await_told(atomic_int *n) {
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  while (atomic_load(n) == 0) {
    assert_false(qd_deadline_has_passed(deadline_ns));
    usleep(1000);
  }
}

static void open_client(world *w) {
  qdrant_error err = {0};
  if (qdrant_client_open(&w->options, &w->client, &err) != QDRANT_OK ||
      qdrant_client_wait_ready(w->client, LONG_MS, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
}

static void close_world(world *w) {
  qdrant_client_close(w->client);
  for (size_t i = 0; i < N_NODES; i++)
    qdrant_mock_stop(w->mocks[i]);
}

static qdrant_endpoint_stats stats_at(world *w, size_t i) {
  qdrant_endpoint_stats stats = QDRANT_ENDPOINT_STATS_INIT;
  assert_int_equal(qdrant_client_endpoint_stats(w->client, i, &stats, NULL), QDRANT_OK);
  return stats;
}

static void await_state(world *w, size_t i, qdrant_endpoint_state wanted) {
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  while (stats_at(w, i).state != wanted) {
    assert_false(qd_deadline_has_passed(deadline_ns));
    usleep(2000);
  }
}

static qdrant_status read_once(qdrant_client *client, qdrant_error *err) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)"stars";
  qdrant_status status = qdrant_points_count(client, &request, NULL, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

static qdrant_status write_once(qdrant_client *client, uint64_t id, qdrant_error *err) {
  static const float vector[] = {1.0f, 2.0f};
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_reply *reply = NULL;
  Qdrant__PointStruct *point =
      qdrant_point(arena, qdrant_point_id_num(arena, id), qdrant_vectors_dense(arena, vector, 2));
  Qdrant__UpsertPoints request = QDRANT__UPSERT_POINTS__INIT;
  request.collection_name = (char *)"stars";
  request.points = &point;
  request.n_points = 1;
  qdrant_status status = qdrant_points_upsert(client, &request, NULL, &reply, err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

static void *read_and_write(void *user) {
  world *w = user;
  while (!atomic_load(&w->is_ending)) {
    size_t number = atomic_fetch_add(&w->n_calls, 1);
    qdrant_error err = {0};
    if ((number % 2 ? read_once(w->client, &err) : write_once(w->client, number, &err)) == QDRANT_OK)
      continue;
    print_message("call %zu: %s\n", number, err.message);
    atomic_fetch_add(&w->n_failed, 1);
  }
  return NULL;
}

static void start_load(world *w) {
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&w->threads[i], NULL, read_and_write, w), 0);
}

/* Until as many calls more have begun. */
static void await_calls(world *w, size_t n) {
  size_t wanted = atomic_load(&w->n_calls) + n;
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  while (atomic_load(&w->n_calls) < wanted) {
    assert_false(qd_deadline_has_passed(deadline_ns));
    usleep(1000);
  }
}

static void end_load(world *w) {
  atomic_store(&w->is_ending, 1);
  for (size_t i = 0; i < N_THREADS; i++)
    pthread_join(w->threads[i], NULL);
}

static void test_nodes_share_the_calls(void **state) {
  (void)state;
  world w;
  start_nodes(&w);
  open_client(&w);
  for (size_t i = 0; i < N_NODES; i++)
    await_state(&w, i, QDRANT_ENDPOINT_READY);
  start_load(&w);
  await_calls(&w, 300);
  end_load(&w);
  for (size_t i = 0; i < N_NODES; i++)
    assert_true(qdrant_mock_count_calls(w.mocks[i], "Points/Count") > 10);
  assert_int_equal(atomic_load(&w.n_failed), 0);
  close_world(&w);
}

static void test_nodes_killed_one_fails_no_call_and_is_used_again_when_back(void **state) {
  (void)state;
  world w;
  start_nodes(&w);
  w.options.max_retries = 5;
  listen_to_changes(&w);
  open_client(&w);
  start_load(&w);
  await_calls(&w, 100);
  stop_node(&w, 1);
  await_told(&w.n_lost);
  await_calls(&w, 300);
  start_node(&w, 1);
  await_told(&w.n_back);
  await_calls(&w, 300);
  end_load(&w);
  assert_int_equal(atomic_load(&w.n_failed), 0);
  assert_true(qdrant_mock_count_calls(w.mocks[1], "Points/Count") > 0);
  close_world(&w);
}

/* A stopped process keeps its connections and answers nothing: a relay that is paused does the same. */
static void stall_node(world *w, raw_peer **relay) {
  *relay = raw_peer_start(&(raw_options){.behaviour = RAW_RELAY, .relay_port = w->ports[1]});
  point_to(w, 1, raw_peer_port(*relay));
}

static void test_nodes_stalled_one_holds_no_read_up_beyond_an_attempt(void **state) {
  (void)state;
  world w;
  raw_peer *relay = NULL;
  start_nodes(&w);
  stall_node(&w, &relay);
  w.options.attempt_timeout_ms = 200;
  w.options.max_retries = 5;
  w.options.close_timeout_ms = -1;
  open_client(&w);
  for (size_t i = 0; i < N_NODES; i++)
    await_state(&w, i, QDRANT_ENDPOINT_READY);
  raw_peer_pause(relay);
  for (int i = 0; i < 60; i++) {
    qdrant_error err = {0};
    if (read_once(w.client, &err) != QDRANT_OK)
      fail_msg("read %d: %s", i, err.message);
  }
  assert_int_equal(stats_at(&w, 1).state, QDRANT_ENDPOINT_EJECTED);
  assert_in_range(stats_at(&w, 1).n_failed, 1, 20);
  close_world(&w);
  raw_peer_stop(relay);
}

static void test_nodes_stalled_one_is_hedged_and_counted(void **state) {
  (void)state;
  world w;
  raw_peer *relay = NULL;
  start_nodes(&w);
  stall_node(&w, &relay);
  w.options.hedge_reads = QDRANT_ON;
  w.options.hedge_delay_ms = 20;
  w.options.hedge_fraction = 1.0;
  w.options.close_timeout_ms = -1;
  open_client(&w);
  for (size_t i = 0; i < N_NODES; i++)
    await_state(&w, i, QDRANT_ENDPOINT_READY);
  raw_peer_pause(relay);
  qdrant_error err = {0};
  for (int i = 0; i < 9; i++) /* the stalled one's turn comes every third time, until calls have been lost there */
    assert_int_equal(read_once(w.client, &err), QDRANT_OK);
  uint64_t n_hedges = 0;
  for (size_t i = 0; i < N_NODES; i++)
    n_hedges += stats_at(&w, i).n_hedges;
  assert_in_range(n_hedges, 1, 9);
  assert_int_equal(stats_at(&w, 1).n_hedges, 0);
  close_world(&w);
  raw_peer_stop(relay);
}

/* One node has several connections: the second attempt takes another one. */
static void test_nodes_single_one_is_hedged_on_another_connection(void **state) {
  (void)state;
  world w;
  qdrant_mock_fault stall = QDRANT_MOCK_FAULT_INIT;
  qdrant_mock_stats seen = QDRANT_MOCK_STATS_INIT;
  stall.rpc = "Points/Count";
  stall.kind = QDRANT_FAULT_STALL;
  start_nodes(&w);
  assert_int_equal(qdrant_mock_add_fault(w.mocks[0], &stall, NULL), QDRANT_OK);
  w.options.n_endpoints = 1;
  w.options.hedge_reads = QDRANT_ON;
  w.options.hedge_delay_ms = 5;
  w.options.hedge_fraction = 1.0;
  w.options.close_timeout_ms = -1;
  open_client(&w);
  qdrant_error err = {0};
  assert_int_equal(read_once(w.client, &err), QDRANT_OK);
  assert_int_equal(stats_at(&w, 0).n_hedges, 1);
  qdrant_mock_get_stats(w.mocks[0], &seen);
  assert_int_equal(seen.n_connections_used, 2);
  close_world(&w);
}

/* The child has none of the threads, and no lock that one of them held. */
static void test_nodes_client_closed_in_a_forked_child_ends(void **state) {
  (void)state;
  world w;
  start_nodes(&w);
  w.options.hedge_reads = QDRANT_ON;
  open_client(&w);
  start_load(&w);
  await_calls(&w, 50);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    qdrant_client_close(w.client);
    _exit(0);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  end_load(&w);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_int_equal(atomic_load(&w.n_failed), 0);
  close_world(&w);
}

/* One node is slower than reads are patient: they are answered by another, as far as the budget goes. */
static void test_nodes_slow_one_is_hedged_within_the_fraction(void **state) {
  (void)state;
  world w;
  qdrant_mock_fault slow = QDRANT_MOCK_FAULT_INIT;
  slow.rpc = "Points/Count";
  slow.kind = QDRANT_FAULT_DELAY;
  slow.delay_ms = 20;
  slow.count = -1;
  start_nodes(&w);
  assert_int_equal(qdrant_mock_add_fault(w.mocks[1], &slow, NULL), QDRANT_OK);
  w.options.hedge_reads = QDRANT_ON;
  w.options.hedge_delay_ms = 5;
  w.options.hedge_fraction = 0.1;
  w.options.close_timeout_ms = -1;
  open_client(&w);
  start_load(&w);
  await_calls(&w, 600);
  end_load(&w);
  uint64_t n_hedges = 0;
  for (size_t i = 0; i < N_NODES; i++)
    n_hedges += stats_at(&w, i).n_hedges;
  assert_in_range(n_hedges, 1, atomic_load(&w.n_calls) / 2 / 10 + 1); /* every second call is a read */
  assert_int_equal(atomic_load(&w.n_failed), 0);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nodes_share_the_calls),
      cmocka_unit_test(test_nodes_killed_one_fails_no_call_and_is_used_again_when_back),
      cmocka_unit_test(test_nodes_stalled_one_holds_no_read_up_beyond_an_attempt),
      cmocka_unit_test(test_nodes_stalled_one_is_hedged_and_counted),
      cmocka_unit_test(test_nodes_single_one_is_hedged_on_another_connection),
      cmocka_unit_test(test_nodes_slow_one_is_hedged_within_the_fraction),
      cmocka_unit_test(test_nodes_client_closed_in_a_forked_child_ends),
  };
  int n_failed = cmocka_run_group_tests_name("nodes over gRPC", tests, use_grpc, NULL);
  n_failed += cmocka_run_group_tests_name("nodes over REST", tests, use_rest, NULL);
  unlink(seed_path);
  return n_failed;
}

#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CALL_MS = 10000, HANG_MS = 30000 };

/* What the peer saw of the last call, and how it is to answer. */
typedef struct scene {
  peer_answer answer;
  char method[64];
  char api_key[64];
  char extra[64];
  char user_agent[128];
  uint8_t bytes[64];
  size_t n_bytes;
} scene;

static void keep_header(const peer_request *request, const char *name, char *out, size_t n_out) {
  const char *value = peer_header(request, name);
  snprintf(out, n_out, "%s", value != NULL ? value : "(none)");
}

typedef struct stage {
  pthread_mutex_t lock; /* scene */
  scene scene;
  grpc_peer *peer;
  qd_transport transport;
} stage;

static void play(void *user, const peer_request *request, peer_answer *answer) {
  stage *set = user;
  scene *played = &set->scene;
  pthread_mutex_lock(&set->lock);
  snprintf(played->method, sizeof played->method, "%s", request->method);
  keep_header(request, "api-key", played->api_key, sizeof played->api_key);
  keep_header(request, "x-extra", played->extra, sizeof played->extra);
  keep_header(request, "user-agent", played->user_agent, sizeof played->user_agent);
  played->n_bytes = request->n_bytes;
  memcpy(
      played->bytes, request->bytes, request->n_bytes < sizeof played->bytes ? request->n_bytes : sizeof played->bytes);
  *answer = played->answer;
  pthread_mutex_unlock(&set->lock);
}

static void set_answer(stage *set, peer_answer answer) {
  pthread_mutex_lock(&set->lock);
  set->scene.answer = answer;
  pthread_mutex_unlock(&set->lock);
}

static scene look(stage *set) {
  pthread_mutex_lock(&set->lock);
  scene seen = set->scene;
  pthread_mutex_unlock(&set->lock);
  return seen;
}

static void open_stage(stage *set, int32_t n_connections) {
  peer_options options = {.handler = play, .user = set};
  memset(set, 0, sizeof *set);
  pthread_mutex_init(&set->lock, NULL);
  set->peer = grpc_peer_start(&options);
  qd_grpc_options client = local_options(grpc_peer_port(set->peer), n_connections);
  set->transport = open_local(&client);
}

static void close_stage(stage *set) {
  close_local(&set->transport);
  grpc_peer_stop(set->peer);
  pthread_mutex_destroy(&set->lock);
}

static void test_start_echo_gives_reply_bytes(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.n_reply_bytes = 3});
  made_call *made = new_call(QDRANT_RPC_POINTS_COUNT, 10, CALL_MS);
  assert_int_equal(start_call(&set.transport, made), QDRANT_OK);
  assert_true(wait_done(made, HANG_MS));
  assert_int_equal(made->call.error.status, QDRANT_OK);
  assert_int_equal(made->call.bytes.n_bytes, 3);
  assert_non_null(made->call.bytes.ops->borrow(made->call.bytes.owner));
  assert_null(made->call.transport_state);
  assert_string_equal(look(&set).method, "/qdrant.Points/Count");
  assert_int_equal(look(&set).n_bytes, 10);
  free_call(made);
  close_stage(&set);
}

static void test_start_large_reply_comes_in_pieces_and_outlives_the_pool(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.n_reply_bytes = 3u << 20});
  made_call *made = new_call(QDRANT_RPC_POINTS_QUERY, 10, CALL_MS);
  assert_int_equal(start_call(&set.transport, made), QDRANT_OK);
  assert_true(wait_done(made, HANG_MS));
  close_stage(&set);
  assert_int_equal(made->call.error.status, QDRANT_OK);
  assert_int_equal(made->call.bytes.n_bytes, 3u << 20);
  assert_null(made->call.bytes.ops->borrow(made->call.bytes.owner));
  uint8_t *copy = test_malloc(made->call.bytes.n_bytes);
  memset(copy, 1, made->call.bytes.n_bytes);
  made->call.bytes.ops->copy(made->call.bytes.owner, copy);
  assert_int_equal(copy[0], 0);
  assert_int_equal(copy[made->call.bytes.n_bytes - 1], 0);
  test_free(copy);
  free_call(made);
}

static void test_start_server_timeout_follows_the_body(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  made_call *made = new_call(QDRANT_RPC_POINTS_UPSERT, 4, CALL_MS);
  made->call.server_timeout_s = 300;
  assert_int_equal(start_call(&set.transport, made), QDRANT_OK);
  assert_true(wait_done(made, HANG_MS));
  assert_int_equal(made->call.error.status, QDRANT_OK);
  const uint8_t expected[] = {0, 0, 0, 0, 7 << 3, 0xac, 0x02};
  assert_int_equal(look(&set).n_bytes, sizeof expected);
  assert_memory_equal(look(&set).bytes, expected, sizeof expected);
  assert_int_equal(made->call.request.body->n_bytes, 4);
  free_call(made);
  close_stage(&set);
}

static void test_start_rpc_without_timeout_field_sends_none(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  made_call *made = new_call(QDRANT_RPC_HEALTH_CHECK, 0, CALL_MS);
  made->call.server_timeout_s = 300;
  assert_int_equal(start_call(&set.transport, made), QDRANT_OK);
  assert_true(wait_done(made, HANG_MS));
  assert_int_equal(made->call.error.status, QDRANT_OK);
  assert_int_equal(look(&set).n_bytes, 0);
  free_call(made);
  close_stage(&set);
}

static void test_start_every_rpc_reaches_its_own_method(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  for (int rpc = 0; rpc < QDRANT_N_RPCS; rpc++) {
    assert_int_equal(call_once(&set.transport, (qdrant_rpc)rpc, 1, CALL_MS, NULL), QDRANT_OK);
    assert_string_equal(look(&set).method, qd_rpc_row((qdrant_rpc)rpc)->path);
  }
  close_stage(&set);
}

static void open_with_headers(stage *set, const qdrant_header *headers, size_t n_headers) {
  open_stage(set, 1);
  close_local(&set->transport);
  qd_grpc_options options = local_options(grpc_peer_port(set->peer), 1);
  options.api_key = "s3cret";
  options.headers = headers;
  options.n_headers = n_headers;
  options.user_agent = "tester/1 libqdrant/0";
  set->transport = open_local(&options);
}

static void test_start_sends_api_key_headers_and_user_agent(void **state) {
  (void)state;
  stage set;
  const qdrant_header headers[] = {{"x-extra", "of the client"}};
  open_with_headers(&set, headers, 1);
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, NULL), QDRANT_OK);
  assert_string_equal(look(&set).api_key, "s3cret");
  assert_string_equal(look(&set).extra, "of the client");
  assert_non_null(strstr(look(&set).user_agent, "tester/1 libqdrant/0"));
  close_stage(&set);
}

static void test_start_header_of_the_call_replaces_the_clients(void **state) {
  (void)state;
  stage set;
  const qdrant_header headers[] = {{"x-extra", "of the client"}};
  const qdrant_header own[] = {{"x-extra", "of the call"}};
  open_with_headers(&set, headers, 1);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 1, CALL_MS);
  made->call.headers = own;
  made->call.n_headers = 1;
  assert_int_equal(start_call(&set.transport, made), QDRANT_OK);
  assert_true(wait_done(made, HANG_MS));
  assert_string_equal(look(&set).extra, "of the call");
  free_call(made);
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, NULL), QDRANT_OK);
  assert_string_equal(look(&set).extra, "of the client");
  close_stage(&set);
}

static void test_open_header_gRPC_would_refuse_is_config_invalid_without_value(void **state) {
  (void)state;
  const qdrant_header bad[] = {{"x-extra", "two\nlines"}};
  qd_grpc_options options = local_options(1, 1);
  options.headers = bad;
  options.n_headers = 1;
  qd_transport transport = {0};
  qdrant_error error = {0};
  assert_int_equal(qd_grpc_open(&options, &transport, &error), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(error.message, "x-extra"));
  assert_null(strstr(error.message, "two"));
}

static void test_start_server_error_is_answered_with_its_text(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.code = GRPC_STATUS_NOT_FOUND, .text = "Not found: Collection `x` doesn't exist!"});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_NOT_FOUND);
  assert_string_equal(error.message, look(&set).answer.text);
  assert_int_equal(error.delivery, QDRANT_ANSWERED);
  assert_int_equal(error.remote_code, 5);
  assert_false(error.is_retryable);
  close_stage(&set);
}

static void test_start_error_text_of_many_kilobytes_keeps_its_code(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  char *text = test_malloc(60001);
  memset(text, 'e', 60000);
  text[60000] = '\0';
  set_answer(&set, (peer_answer){.code = GRPC_STATUS_INVALID_ARGUMENT, .text = text});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(strlen(error.message), sizeof error.message - 1);
  close_stage(&set);
  test_free(text);
}

static void test_start_rate_limited_tells_when_to_come_back(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.code = GRPC_STATUS_RESOURCE_EXHAUSTED,
                       .text = "Rate limit exceeded",
                       .trailer_name = "retry-after",
                       .trailer_value = "7"});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_RESOURCE_EXHAUSTED);
  assert_int_equal(error.retry_after_ms, 7000);
  assert_int_equal(error.delivery, QDRANT_ANSWERED);
  assert_true(error.is_retryable);
  close_stage(&set);
}

static void test_start_servers_timeout_expired_is_deadline_exceeded(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.code = GRPC_STATUS_CANCELLED, .text = "Timeout expired"});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(error.delivery, QDRANT_ANSWERED);
  close_stage(&set);
}

static void test_start_reply_over_max_reply_bytes_names_the_option(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  close_local(&set.transport);
  qd_grpc_options options = local_options(grpc_peer_port(set.peer), 1);
  options.max_reply_bytes = 1000;
  set.transport = open_local(&options);
  set_answer(&set, (peer_answer){.n_reply_bytes = 1001});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_RESOURCE_EXHAUSTED);
  assert_non_null(strstr(error.message, "max_reply_bytes"));
  assert_non_null(strstr(error.message, "1000"));
  assert_true(error.is_permanent);
  assert_false(error.is_retryable);
  assert_int_equal(error.delivery, QDRANT_MAYBE);
  set_answer(&set, (peer_answer){.n_reply_bytes = 1000});
  assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error), QDRANT_OK);
  close_stage(&set);
}

static void test_start_ok_without_message_is_bad_reply(void **state) {
  (void)state;
  stage set;
  qdrant_error error;
  open_stage(&set, 1);
  set_answer(&set, (peer_answer){.has_no_message = 1});
  qdrant_status status = call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, &error);
  assert_int_equal(status, QDRANT_BAD_REPLY);
  assert_int_equal(error.delivery, QDRANT_ANSWERED);
  close_stage(&set);
}

static void test_start_deadline_in_the_past_is_not_taken(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 1);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 1, 0);
  assert_int_equal(start_call(&set.transport, made), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(made->call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(count_done(made), 0);
  free_call(made);
  close_stage(&set);
}

static void test_open_makes_n_tcp_connections_at_once(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 5);
  assert_true(wait_n_ready(&set.transport, 5));
  assert_int_equal(count_established(grpc_peer_port(set.peer)), 5);
  qdrant_stats stats = {0};
  set.transport.ops->stats(set.transport.self, &stats);
  assert_int_equal(stats.n_connections, 5);
  assert_int_equal(stats.n_used, 0);
  close_stage(&set);
}

static void test_start_withheld_calls_spread_over_all_connections(void **state) {
  (void)state;
  enum { N_CALLS = 12, N_CONNECTIONS = 4 };
  stage set;
  made_call *calls[N_CALLS];
  open_stage(&set, N_CONNECTIONS);
  set_answer(&set, (peer_answer){.is_withheld = 1});
  assert_true(wait_n_ready(&set.transport, N_CONNECTIONS));
  for (size_t i = 0; i < N_CALLS; i++) {
    calls[i] = new_call(QDRANT_RPC_POINTS_GET, 1, 1000);
    assert_int_equal(start_call(&set.transport, calls[i]), QDRANT_OK);
  }
  for (size_t i = 0; i < N_CALLS; i++) {
    assert_true(wait_done(calls[i], HANG_MS));
    assert_int_equal(calls[i]->call.error.status, QDRANT_DEADLINE_EXCEEDED);
    assert_int_equal(calls[i]->call.error.delivery, QDRANT_MAYBE);
    free_call(calls[i]);
  }
  assert_int_equal(grpc_peer_n_callers(set.peer), N_CONNECTIONS);
  qdrant_stats stats = {0};
  set.transport.ops->stats(set.transport.self, &stats);
  assert_int_equal(stats.n_used, N_CONNECTIONS);
  close_stage(&set);
}

static void test_start_one_call_at_a_time_stays_on_one_connection(void **state) {
  (void)state;
  stage set;
  open_stage(&set, 4);
  assert_true(wait_n_ready(&set.transport, 4));
  for (int i = 0; i < 20; i++)
    assert_int_equal(call_once(&set.transport, QDRANT_RPC_POINTS_GET, 1, CALL_MS, NULL), QDRANT_OK);
  assert_int_equal(grpc_peer_n_callers(set.peer), 1);
  close_stage(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_echo_gives_reply_bytes),
      cmocka_unit_test(test_start_large_reply_comes_in_pieces_and_outlives_the_pool),
      cmocka_unit_test(test_start_server_timeout_follows_the_body),
      cmocka_unit_test(test_start_rpc_without_timeout_field_sends_none),
      cmocka_unit_test(test_start_every_rpc_reaches_its_own_method),
      cmocka_unit_test(test_start_sends_api_key_headers_and_user_agent),
      cmocka_unit_test(test_start_header_of_the_call_replaces_the_clients),
      cmocka_unit_test(test_open_header_gRPC_would_refuse_is_config_invalid_without_value),
      cmocka_unit_test(test_start_server_error_is_answered_with_its_text),
      cmocka_unit_test(test_start_error_text_of_many_kilobytes_keeps_its_code),
      cmocka_unit_test(test_start_rate_limited_tells_when_to_come_back),
      cmocka_unit_test(test_start_servers_timeout_expired_is_deadline_exceeded),
      cmocka_unit_test(test_start_reply_over_max_reply_bytes_names_the_option),
      cmocka_unit_test(test_start_ok_without_message_is_bad_reply),
      cmocka_unit_test(test_start_deadline_in_the_past_is_not_taken),
      cmocka_unit_test(test_open_makes_n_tcp_connections_at_once),
      cmocka_unit_test(test_start_withheld_calls_spread_over_all_connections),
      cmocka_unit_test(test_start_one_call_at_a_time_stays_on_one_connection),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "qdrant/calls.h"
#include "qdrant/rest.h"
#include "tests/support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct world {
  http_peer *peer;
  qdrant_client *client;
  int code;          /* 0: 200 */
  const char *text;  /* of the answer */
  size_t n_failures; /* requests still to be answered 503 */
  char verb[16];
  char target[256];
  char body[256];
} world;

typedef qdrant_status (*fixed_call)(qdrant_client *, const qdrant_call_options *, qdrant_reply **, qdrant_error *);

typedef struct fixed_case {
  fixed_call call;
  const char *verb;
  const char *target;
} fixed_case;

static const fixed_case fixed_cases[] = {
    {qdrant_rest_metrics, "GET", "/metrics"},
    {qdrant_rest_readiness, "GET", "/readyz"},
    {qdrant_rest_liveness, "GET", "/livez"},
    {qdrant_rest_telemetry, "GET", "/telemetry"},
    {qdrant_rest_cluster, "GET", "/cluster"},
    {qdrant_rest_cluster_telemetry, "GET", "/cluster/telemetry"},
    {qdrant_rest_cluster_recover, "POST", "/cluster/recover"},
    {qdrant_rest_issues, "GET", "/issues"},
    {qdrant_rest_issues_clear, "DELETE", "/issues"},
    {qdrant_rest_quotas, "GET", "/quotas"},
};

static void handle(void *user, const http_request *request, http_answer *answer) {
  world *made = user;
  snprintf(made->verb, sizeof made->verb, "%s", request->verb);
  snprintf(made->target, sizeof made->target, "%s", request->target);
  snprintf(made->body, sizeof made->body, "%.*s", (int)request->n_body, (const char *)request->body);
  answer->code = made->code != 0 ? made->code : 200;
  answer->body = made->text;
  if (made->n_failures > 0) {
    made->n_failures--;
    answer->code = 503;
    answer->body = "{\"status\":{\"error\":\"busy\"},\"time\":0.0}";
  }
}

static int set_up(void **state) {
  static world made;
  char url[64];
  qdrant_options options = QDRANT_OPTIONS_INIT;
  made = (world){.text = "{\"result\":{\"peer_id\":18446744073709551615,\"x\":1.50},\"status\":\"ok\",\"time\":0.1}"};
  made.peer = http_peer_start(&(http_peer_options){.handler = handle, .user = &made});
  snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)http_peer_port(made.peer));
  options.url = url;
  options.rest_port = http_peer_port(made.peer);
  options.prefer_grpc = QDRANT_OFF;
  *state = &made;
  return qdrant_client_open(&options, &made.client, NULL) == QDRANT_OK ? 0 : -1;
}

static int tear_down(void **state) {
  world *made = *state;
  qdrant_client_close(made->client);
  http_peer_stop(made->peer);
  return 0;
}

static void test_fixed_calls_go_to_their_routes(void **state) {
  world *made = *state;
  for (size_t i = 0; i < sizeof fixed_cases / sizeof *fixed_cases; i++) {
    qdrant_reply *reply = NULL;
    assert_int_equal(fixed_cases[i].call(made->client, NULL, &reply, NULL), QDRANT_OK);
    assert_string_equal(made->verb, fixed_cases[i].verb);
    assert_string_equal(made->target, fixed_cases[i].target);
    assert_string_equal(made->body, "");
    assert_string_equal(qdrant_reply_text(reply, NULL, NULL), made->text);
    qdrant_reply_free(reply);
  }
}

static void test_calls_with_arguments_put_them_into_the_target_or_body(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  assert_int_equal(qdrant_rest_peer_remove(made->client, UINT64_MAX, 1, NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->verb, "DELETE");
  assert_string_equal(made->target, "/cluster/peer/18446744073709551615?force=true");
  qdrant_reply_free(reply);
  assert_int_equal(qdrant_rest_optimizations(made->client, "a/b", NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/collections/a%2Fb/optimizations");
  qdrant_reply_free(reply);
  assert_int_equal(qdrant_rest_quotas_set(made->client, "{\"a\":1} tail", 7, NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->body, "{\"a\":1}");
  qdrant_reply_free(reply);
}

static void test_result_is_exact_and_alone(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  size_t n_bytes = 0;
  assert_int_equal(qdrant_rest_cluster(made->client, NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(qdrant_reply_result(reply, &n_bytes, NULL), "{\"peer_id\":18446744073709551615,\"x\":1.50}");
  assert_int_equal(n_bytes, 41);
  qdrant_reply_free(reply);
}

static void test_result_of_plain_text_answers_bad_reply(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  made->text = "all shards are ready";
  assert_int_equal(qdrant_rest_readiness(made->client, NULL, &reply, NULL), QDRANT_OK);
  assert_null(qdrant_reply_result(reply, NULL, &err));
  assert_int_equal(err.status, QDRANT_BAD_REPLY);
  assert_null(qdrant_reply_message(reply, &err));
  assert_int_equal(err.status, QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_reply_rpc(reply), QDRANT_N_RPCS);
  qdrant_reply_free(reply);
}

static void test_any_call_can_be_made(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  qdrant_rest_request request = QDRANT_REST_REQUEST_INIT;
  request.verb = "POST";
  request.target = "/logger?x=1";
  request.body = "{\"log\":2}";
  request.n_body = 9;
  assert_int_equal(qdrant_rest_call(made->client, &request, NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/logger?x=1");
  assert_string_equal(made->body, "{\"log\":2}");
  qdrant_reply_free(reply);
}

static void test_only_repeatable_calls_are_repeated(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_rest_request request = QDRANT_REST_REQUEST_INIT;
  request.verb = "GET";
  request.target = "/telemetry";
  made->n_failures = 1;
  assert_int_equal(qdrant_rest_call(made->client, &request, NULL, &reply, &err), QDRANT_UNAVAILABLE);
  assert_null(reply);
  assert_int_equal(err.delivery, QDRANT_ANSWERED);
  assert_int_equal(err.remote_code, 503);
  made->n_failures = 1;
  request.is_repeatable = 1;
  assert_int_equal(qdrant_rest_call(made->client, &request, NULL, &reply, NULL), QDRANT_OK);
  assert_int_equal(qdrant_reply_attempts(reply), 2);
  qdrant_reply_free(reply);
}

static void check_refused(world *made, const qdrant_rest_request *request, const char *member) {
  qdrant_reply *reply = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_rest_call(made->client, request, NULL, &reply, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, member));
  assert_null(reply);
}

static void test_wrong_requests_are_refused_by_member(void **state) {
  world *made = *state;
  qdrant_rest_request request = QDRANT_REST_REQUEST_INIT;
  request.target = "/telemetry";
  check_refused(made, &request, "request.verb");
  request.verb = "TRACE";
  check_refused(made, &request, "request.verb");
  request.verb = "GET";
  request.target = "telemetry";
  check_refused(made, &request, "request.target");
  request.target = "/a b";
  check_refused(made, &request, "request.target");
  request.target = "/a\r\nx: y";
  check_refused(made, &request, "request.target");
  request.target = "/a";
  request.n_body = 3;
  check_refused(made, &request, "request.body");
}

static void test_text_of_a_reply_with_a_message_is_refused(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  made->text = "{\"result\":{\"collections\":[]},\"status\":\"ok\",\"time\":0.1}";
  assert_int_equal(qdrant_collections_list(made->client, &request, NULL, &reply, NULL), QDRANT_OK);
  assert_null(qdrant_reply_text(reply, NULL, &err));
  assert_int_equal(err.status, QDRANT_INVALID_ARGUMENT);
  qdrant_reply_free(reply);
}

static void test_the_embedded_engine_has_no_rest(void **state) {
  qdrant_client *client = NULL;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  (void)state;
  options.url = ":memory:";
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(qdrant_rest_telemetry(client, NULL, &reply, &err), QDRANT_UNSUPPORTED);
  assert_non_null(strstr(err.message, "GET /telemetry"));
  qdrant_client_close(client);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_WORLD(test_fixed_calls_go_to_their_routes),
      WITH_WORLD(test_calls_with_arguments_put_them_into_the_target_or_body),
      WITH_WORLD(test_result_is_exact_and_alone),
      WITH_WORLD(test_result_of_plain_text_answers_bad_reply),
      WITH_WORLD(test_any_call_can_be_made),
      WITH_WORLD(test_only_repeatable_calls_are_repeated),
      WITH_WORLD(test_wrong_requests_are_refused_by_member),
      WITH_WORLD(test_text_of_a_reply_with_a_message_is_refused),
      cmocka_unit_test(test_the_embedded_engine_has_no_rest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

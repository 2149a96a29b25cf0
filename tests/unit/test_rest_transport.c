#include "core/deadline.h"
#include "tests/support/ends.h"
#include "tests/support/http_peer.h"
#include "tests/support/ported_client.h"
#include "tests/support/raw_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALL_MS = 10000, SHORT_MS = 300, STEP_US = 5000, MANY = 64 };

/* Says what it is told, and keeps what it was asked. */
typedef struct world {
  http_answer answer;
  char verb[16];
  char target[256];
  char head[2048];
  size_t n_body;
  http_peer *peer;
  qdrant_client *client;
} world;

static void answer_told(void *user, const http_request *request, http_answer *answer) {
  world *w = user;
  snprintf(w->verb, sizeof w->verb, "%s", request->verb);
  snprintf(w->target, sizeof w->target, "%s", request->target);
  snprintf(w->head, sizeof w->head, "%s", request->head);
  w->n_body = request->n_body;
  *answer = w->answer;
}

static int set_up(void **state) {
  world *w = calloc(1, sizeof *w);
  w->answer = (http_answer){.code = 200, .body = rest_health};
  w->peer = http_peer_start(&(http_peer_options){.handler = answer_told, .user = w});
  w->client = open_on_ports(0, http_peer_port(w->peer), QDRANT_OFF);
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  world *w = *state;
  qdrant_client_close(w->client);
  http_peer_stop(w->peer);
  free(w);
  return 0;
}

static void test_call_over_rest_gives_the_message(void **state) {
  world *w = *state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  assert_int_equal(qdrant_health_check(w->client, &request, NULL, &reply, NULL), QDRANT_OK);
  const Qdrant__HealthCheckReply *health = qdrant_health_check_response(reply, NULL);
  assert_string_equal(health->version, "1.18.3");
  assert_string_equal(w->verb, "GET");
  assert_string_equal(w->target, "/");
  assert_string_equal(stats_of(w->client).transport, "rest");
  qdrant_client_close(w->client);
  assert_string_equal(health->version, "1.18.3"); /* a reply outlives its client */
  qdrant_reply_free(reply);
  w->client = NULL;
}

static void test_call_over_rest_passes_the_time_left_on(void **state) {
  world *w = *state;
  qdrant_error err = {0};
  w->answer.body = rest_deleted;
  assert_int_equal(delete_by_filter(w->client, 5500, &err), QDRANT_OK);
  assert_string_equal(w->verb, "POST");
  assert_string_equal(w->target, "/collections/c/points/delete?timeout=5");
}

typedef struct error_case {
  int code;
  const char *headers;
  const char *body;
  qdrant_status status;
  qdrant_delivery delivery;
  uint32_t retry_after_ms;
  const char *message; /* whole, or a part of it behind '~' */
} error_case;

static const error_case error_cases[] = {
    {400, NULL, "{\"status\":{\"error\":\"Wrong input: \\u00e4\"},\"time\":0.0}", QDRANT_INVALID_ARGUMENT,
        QDRANT_ANSWERED, 0, "Wrong input: \xc3\xa4"},
    {400, NULL, "{\"status\":{\"error\":\"Checksum mismatch: expected a, actual b\"},\"time\":0.0}", QDRANT_DATA_LOSS,
        QDRANT_ANSWERED, 0, "Checksum mismatch: expected a, actual b"},
    {401, NULL, "Invalid API key or JWT", QDRANT_UNAUTHENTICATED, QDRANT_ANSWERED, 0, "Invalid API key or JWT"},
    {403, NULL, "{\"status\":{\"error\":\"Forbidden: no\"}}", QDRANT_PERMISSION_DENIED, QDRANT_ANSWERED, 0,
        "Forbidden: no"},
    {404, NULL, "{\"status\":{\"error\":\"Not found: Collection `c` doesn't exist!\"}}", QDRANT_NOT_FOUND,
        QDRANT_ANSWERED, 0, "Not found: Collection `c` doesn't exist!"},
    {404, NULL, "", QDRANT_UNIMPLEMENTED, QDRANT_ANSWERED, 0, "~does not know this route"},
    {404, NULL, "<html>\n<head><title>404 Not Found</title></head></html>", QDRANT_UNIMPLEMENTED, QDRANT_ANSWERED, 0,
        "~<html> (404 Not Found)"},
    {405, NULL, "", QDRANT_UNIMPLEMENTED, QDRANT_ANSWERED, 0, "~HTTP 405"},
    {408, NULL, "{\"status\":{\"error\":\"Timeout: 2 seconds\"}}", QDRANT_DEADLINE_EXCEEDED, QDRANT_ANSWERED, 0,
        "Timeout: 2 seconds"},
    {408, NULL, "", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, "~no request in time"},
    {409, NULL, "{\"status\":{\"error\":\"Wrong input: there\"}}", QDRANT_ALREADY_EXISTS, QDRANT_ANSWERED, 0,
        "Wrong input: there"},
    {413, NULL, "<html><title>413 Too Large</title></html>", QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0,
        "~smaller batches"},
    {422, NULL, "{\"status\":{\"error\":\"Validation error\"}}", QDRANT_INVALID_ARGUMENT, QDRANT_ANSWERED, 0,
        "Validation error"},
    {429, "Retry-After: 20\r\n", "{\"status\":{\"error\":\"Rate limiting exceeded\"}}", QDRANT_RESOURCE_EXHAUSTED,
        QDRANT_ANSWERED, 20000, "Rate limiting exceeded"},
    {429, NULL, "{\"status\":{\"error\":\"larger than the limit\"}}", QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0,
        "larger than the limit"},
    {500, NULL, "{\"status\":{\"error\":\"Service internal error: x\"}}", QDRANT_INTERNAL, QDRANT_ANSWERED, 0,
        "Service internal error: x"},
    {502, NULL, "\n <html><h1>Bad Gateway</h1></html>\nmore", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0,
        "~HTTP 502: <html><h1>Bad Gateway</h1></html>"},
    {503, NULL, "{\"status\":{\"error\":\"Shard unavailable\"}}", QDRANT_UNAVAILABLE, QDRANT_ANSWERED, 0,
        "Shard unavailable"},
    {503, NULL, "no healthy upstream", QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, "~HTTP 503: no healthy upstream"},
    {507, NULL, "{\"status\":{\"error\":\"disk quota\"}}", QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0, "disk quota"},
    {301, "Location: https://elsewhere/x?key=1\r\n", "", QDRANT_UNAVAILABLE, QDRANT_ANSWERED, 0,
        "~check url: https://elsewhere/x"},
    {418, NULL, "short and stout", QDRANT_UNKNOWN, QDRANT_MAYBE, 0, "~HTTP 418: short and stout"},
    {200, NULL, "<html>log in first</html>", QDRANT_BAD_REPLY, QDRANT_MAYBE, 0, "~log in first"},
    {200, NULL, "", QDRANT_BAD_REPLY, QDRANT_MAYBE, 0, "~none of Qdrant's"},
    {200, NULL, "{\"result\":", QDRANT_BAD_REPLY, QDRANT_MAYBE, 0, "~"},
    {200, NULL, "{\"result\":5,\"status\":\"ok\"}", QDRANT_BAD_REPLY, QDRANT_MAYBE, 0, "~"},
};

static void test_call_over_rest_errors_are_mapped(void **state) {
  world *w = *state;
  for (size_t i = 0; i < sizeof error_cases / sizeof error_cases[0]; i++) {
    const error_case *each = &error_cases[i];
    qdrant_error err = {0};
    w->answer = (http_answer){.code = each->code, .headers = each->headers, .body = each->body};
    print_message("case %zu: %d %.60s\n", i, each->code, each->body);
    assert_string_equal(
        qdrant_status_name(delete_by_filter(w->client, CALL_MS, &err)), qdrant_status_name(each->status));
    assert_string_equal(qdrant_delivery_name(err.delivery), qdrant_delivery_name(each->delivery));
    assert_int_equal(err.retry_after_ms, each->retry_after_ms);
    if (each->code != 200)
      assert_int_equal(err.remote_code, each->code);
    if (each->message[0] != '~')
      assert_string_equal(err.message, each->message);
    else if (strstr(err.message, each->message + 1) == NULL)
      fail_msg("\"%s\" has no \"%s\"", err.message, each->message + 1);
    assert_null(strstr(err.message, "key=1"));
  }
}

static void test_call_over_rest_key_is_sent_and_never_told(void **state) {
  world *w = *state;
  char key[64];
  qdrant_error err = {0};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  options.url = "http://127.0.0.1/a/prefix/";
  options.rest_port = http_peer_port(w->peer);
  options.prefer_grpc = QDRANT_OFF;
  options.api_key = "hunter2";
  options.max_retries = -1;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  http_request request = {.head = w->head};
  http_header(&request, "api-key", key, sizeof key);
  assert_string_equal(key, "hunter2");
  assert_string_equal(w->target, "/a/prefix/");
  w->answer = (http_answer){.raw = "", .then = HTTP_CLOSE};
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_null(strstr(err.message, "hunter2"));
  qdrant_client_close(client);
}

/* The points are many and alike, so they get much smaller. */
static void test_call_over_rest_compressed_body_is_smaller(void **state) {
  world *w = *state;
  enum { N_IDS = 5000 };
  static Qdrant__PointId ids[N_IDS];
  static Qdrant__PointId *pointers[N_IDS];
  char encoding[16];
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  Qdrant__PointsIdsList list = QDRANT__POINTS_IDS_LIST__INIT;
  Qdrant__PointsSelector selector = QDRANT__POINTS_SELECTOR__INIT;
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  for (size_t i = 0; i < N_IDS; i++) {
    ids[i] = (Qdrant__PointId)QDRANT__POINT_ID__INIT;
    ids[i].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    ids[i].num = 1000000 + i;
    pointers[i] = &ids[i];
  }
  list.ids = pointers;
  list.n_ids = N_IDS;
  selector.points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
  selector.points = &list;
  request.collection_name = (char *)"c";
  request.points = &selector;
  w->answer.body = rest_deleted;
  options.url = "http://127.0.0.1";
  options.rest_port = http_peer_port(w->peer);
  options.prefer_grpc = QDRANT_OFF;
  size_t n_bytes[2];
  for (int i = 0; i < 2; i++) {
    qdrant_reply *reply = NULL;
    options.rest_compression = i == 0 ? QDRANT_OFF : QDRANT_ON;
    assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
    assert_int_equal(qdrant_points_delete(client, &request, NULL, &reply, NULL), QDRANT_OK);
    qdrant_reply_free(reply);
    qdrant_client_close(client);
    n_bytes[i] = w->n_body;
    http_request seen = {.head = w->head};
    http_header(&seen, "content-encoding", encoding, sizeof encoding);
    assert_string_equal(encoding, i == 0 ? "" : "gzip");
  }
  assert_true(n_bytes[1] * 2 < n_bytes[0]);
}

static void test_call_over_rest_body_above_the_servers_limit_is_refused_here(void **state) {
  world *w = *state;
  enum { N_BYTES = 33 << 20 };
  qdrant_error err = {0};
  qdrant_reply *reply = NULL;
  Qdrant__Value value = QDRANT__VALUE__INIT;
  Qdrant__SetPayloadPoints__PayloadEntry entry = QDRANT__SET_PAYLOAD_POINTS__PAYLOAD_ENTRY__INIT;
  Qdrant__SetPayloadPoints__PayloadEntry *entries[] = {&entry};
  Qdrant__SetPayloadPoints request = QDRANT__SET_PAYLOAD_POINTS__INIT;
  char *text = malloc(N_BYTES);
  memset(text, 'x', N_BYTES);
  value.kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
  value.string_value = (ProtobufCBinaryData){.data = (uint8_t *)text, .len = N_BYTES};
  entry.has_key = 1;
  entry.key = (ProtobufCBinaryData){.data = (uint8_t *)text, .len = 1};
  entry.value = &value;
  request.collection_name = (char *)"c";
  request.payload = entries;
  request.n_payload = 1;
  assert_int_equal(qdrant_points_set_payload(w->client, &request, NULL, &reply, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_non_null(strstr(err.message, "33554432"));
  assert_int_equal(http_peer_n_requests(w->peer), 0);
  free(text);
}

static void test_call_over_rest_refused_is_not_sent(void **state) {
  (void)state;
  qdrant_error err = {0};
  qdrant_client *client = open_on_ports(0, unused_port(), QDRANT_OFF);
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_true(err.is_retryable);
  assert_int_equal(qdrant_client_wait_ready(client, SHORT_MS, &err), QDRANT_UNAVAILABLE);
  qdrant_client_close(client);
}

static void test_call_over_rest_stalled_peer_ends_at_the_deadline(void **state) {
  (void)state;
  qdrant_error err = {0};
  raw_peer *peer = raw_peer_start(&(raw_options){.behaviour = RAW_SILENT});
  qdrant_client *client = open_on_ports(0, raw_peer_port(peer), QDRANT_OFF);
  assert_int_equal(delete_by_filter(client, SHORT_MS, &err), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(err.delivery, QDRANT_MAYBE);
  qdrant_client_close(client);
  raw_peer_stop(peer);
}

static void test_wait_ready_over_rest_is_content_with_any_answer(void **state) {
  world *w = *state;
  w->answer = (http_answer){.code = 401, .body = "Must provide an API key"};
  assert_int_equal(qdrant_client_wait_ready(w->client, CALL_MS, NULL), QDRANT_OK);
  assert_int_equal(stats_of(w->client).n_ready, 1);
}

static void test_call_start_over_rest_many_at_once_all_end(void **state) {
  world *w = *state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  ends counted;
  ends_init(&counted);
  qdrant_then then = {.done = ends_count, .user = &counted};
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(qdrant_health_check_start(w->client, &request, NULL, &then, NULL), QDRANT_OK);
  ends_wait(&counted, MANY);
  assert_int_equal(counted.n_ok, MANY);
  assert_true(http_peer_n_connections(w->peer) < MANY / 2);
}

static void test_cancel_over_rest_ends_the_call(void **state) {
  world *w = *state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  ends counted;
  ends_init(&counted);
  w->answer = (http_answer){.raw = "", .then = HTTP_STALL};
  options.cancel = qdrant_cancel_new();
  qdrant_then then = {.done = ends_count, .user = &counted};
  assert_int_equal(qdrant_health_check_start(w->client, &request, &options, &then, NULL), QDRANT_OK);
  while (http_peer_n_requests(w->peer) == 0)
    usleep(STEP_US);
  qdrant_cancel_fire(options.cancel);
  ends_wait(&counted, 1);
  assert_int_equal(counted.last.status, QDRANT_CANCELLED);
  assert_int_equal(counted.last.delivery, QDRANT_MAYBE);
  qdrant_cancel_free(options.cancel);
}

#define REST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      REST_TEST(test_call_over_rest_gives_the_message),
      REST_TEST(test_call_over_rest_passes_the_time_left_on),
      REST_TEST(test_call_over_rest_errors_are_mapped),
      REST_TEST(test_call_over_rest_key_is_sent_and_never_told),
      REST_TEST(test_call_over_rest_compressed_body_is_smaller),
      REST_TEST(test_call_over_rest_body_above_the_servers_limit_is_refused_here),
      cmocka_unit_test(test_call_over_rest_refused_is_not_sent),
      cmocka_unit_test(test_call_over_rest_stalled_peer_ends_at_the_deadline),
      REST_TEST(test_wait_ready_over_rest_is_content_with_any_answer),
      REST_TEST(test_call_start_over_rest_many_at_once_all_end),
      REST_TEST(test_cancel_over_rest_ends_the_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

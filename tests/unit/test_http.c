#include "core/deadline.h"
#include "fallback_rest/gzip.h"
#include "tests/support/full_listener.h"
#include "tests/support/http_peer.h"
#include "tests/support/made_exchange.h"
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

enum { CALL_MS = 10000, SHORT_MS = 200, STEP_US = 5000, MANY = 40 };

/* What the peer saw of the last request. */
typedef struct seen {
  char verb[16];
  char target[512];
  char head[4096];
  char body[256];
  http_answer answer; /* what it says, unless empty */
} seen;

static void note_request(void *user, const http_request *request, http_answer *answer) {
  seen *saw = user;
  snprintf(saw->verb, sizeof saw->verb, "%s", request->verb);
  snprintf(saw->target, sizeof saw->target, "%s", request->target);
  snprintf(saw->head, sizeof saw->head, "%s", request->head);
  snprintf(saw->body, sizeof saw->body, "%.*s", (int)request->n_body, (const char *)request->body);
  if (saw->answer.code != 0 || saw->answer.raw != NULL)
    *answer = saw->answer;
}

static http_peer *start_noting(seen *saw) {
  memset(saw, 0, sizeof *saw);
  return http_peer_start(&(http_peer_options){.handler = note_request, .user = saw});
}

/* One exchange with a peer that gives this answer. */
static made_exchange *ask_for(const http_answer *answer, const char *body, int64_t timeout_ms) {
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = *answer;
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", body, timeout_ms);
  close_http(http);
  http_peer_stop(peer);
  return made;
}

static void assert_failed(
    const made_exchange *made, qdrant_status status, qdrant_delivery delivery, const char *fragment) {
  assert_string_equal(qdrant_status_name(made->exchange.error.status), qdrant_status_name(status));
  assert_string_equal(qdrant_delivery_name(made->exchange.error.delivery), qdrant_delivery_name(delivery));
  if (strstr(made->exchange.error.message, fragment) == NULL)
    fail_msg("\"%s\" has no \"%s\"", made->exchange.error.message, fragment);
}

static void test_start_get_sends_target_as_it_is_and_takes_answer(void **state) {
  (void)state;
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.code = 200, .body = "{\"a\":1}"};
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  options.path_prefix = "/prefix";
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/a/../%2e%2e/./b?x=%20", NULL, CALL_MS);
  assert_int_equal(made->exchange.error.status, QDRANT_OK);
  assert_int_equal(made->exchange.code, 200);
  assert_string_equal(made->exchange.reply, "{\"a\":1}");
  assert_int_equal(made->exchange.n_reply, 7);
  assert_string_equal(saw.verb, "GET");
  assert_string_equal(saw.target, "/prefix/a/../%2e%2e/./b?x=%20");
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_post_sends_body_and_headers(void **state) {
  (void)state;
  const qdrant_header headers[] = {{"x-one", "1"}, {"x-two", "2"}};
  const qdrant_header own[] = {{"x-two", "zwei"}, {"x-empty", ""}};
  seen saw;
  http_peer *peer = start_noting(&saw);
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  options.api_key = "secret";
  options.headers = headers;
  options.n_headers = 2;
  options.user_agent = "tester/1";
  qd_http *http = open_http(&options);
  made_exchange *made = new_exchange("/p", "{\"b\":2}", CALL_MS);
  made->exchange.headers = own;
  made->exchange.n_headers = 2;
  assert_int_equal(start_exchange(http, made), QDRANT_OK);
  await_exchange(made);
  assert_string_equal(saw.verb, "POST");
  assert_string_equal(saw.body, "{\"b\":2}");
  http_request request = {.head = saw.head};
  static const char *const expected[][2] = {{"api-key", "secret"}, {"x-one", "1"}, {"x-two", "zwei"}, {"x-empty", ""},
      {"user-agent", "tester/1"}, {"content-type", "application/json"}, {"expect", ""}};
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    char value[64];
    http_header(&request, expected[i][0], value, sizeof value);
    assert_string_equal(value, expected[i][1]);
  }
  assert_non_null(strstr(saw.head, "x-empty:"));
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_put_without_body_has_length_zero(void **state) {
  (void)state;
  seen saw;
  char length[16];
  http_peer *peer = start_noting(&saw);
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = new_exchange("/p", NULL, CALL_MS);
  made->exchange.verb = "PUT";
  start_exchange(http, made);
  await_exchange(made);
  http_request request = {.head = saw.head};
  http_header(&request, "content-length", length, sizeof length);
  assert_string_equal(saw.verb, "PUT");
  assert_string_equal(length, "0");
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_large_body_arrives_whole_without_expect(void **state) {
  (void)state;
  enum { N_BYTES = 3 << 20 };
  seen saw;
  char length[16];
  char *body = malloc(N_BYTES + 1);
  memset(body, 'x', N_BYTES);
  body[N_BYTES] = '\0';
  http_peer *peer = start_noting(&saw);
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/p", body, CALL_MS);
  http_request request = {.head = saw.head};
  http_header(&request, "content-length", length, sizeof length);
  assert_int_equal(made->exchange.code, 200);
  assert_int_equal(strtoul(length, NULL, 10), N_BYTES);
  assert_null(strstr(saw.head, "100-continue"));
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
  free(body);
}

static void test_start_answer_with_error_code_is_an_answer(void **state) {
  (void)state;
  made_exchange *made =
      ask_for(&(http_answer){.code = 429, .body = "slow", .headers = "Retry-After: 7\r\n"}, NULL, CALL_MS);
  assert_int_equal(made->exchange.error.status, QDRANT_OK);
  assert_int_equal(made->exchange.code, 429);
  assert_int_equal(made->exchange.retry_after_ms, 7000);
  free_exchange(made);
}

static void test_start_redirect_is_told_and_not_followed(void **state) {
  (void)state;
  made_exchange *made = ask_for(
      &(http_answer){.code = 301, .body = "", .headers = "Location: http://127.0.0.2/x?secret=1\r\n"}, NULL, CALL_MS);
  assert_int_equal(made->exchange.code, 301);
  assert_string_equal(made->exchange.location, "http://127.0.0.2/x");
  free_exchange(made);
}

static void test_start_refused_is_not_sent_and_unreachable(void **state) {
  (void)state;
  qd_http_options options = http_options_for(unused_port(), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, "127.0.0.1:");
  assert_true(made->exchange.is_unreachable);
  assert_true(made->exchange.error.is_retryable);
  free_exchange(made);
  close_http(http);
}

static void test_start_connection_that_takes_too_long_is_not_sent(void **state) {
  (void)state;
  full_listener listener = full_listener_open();
  qd_http_options options = http_options_for(listener.port, 1);
  options.connect_timeout_ms = SHORT_MS;
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, "connect_timeout_ms");
  assert_true(made->exchange.is_unreachable);
  free_exchange(made);
  made = exchange_once(http, "/", "{}", SHORT_MS / 2);
  assert_failed(made, QDRANT_DEADLINE_EXCEEDED, QDRANT_NOT_SENT, "deadline");
  free_exchange(made);
  close_http(http);
  full_listener_close(&listener);
}

static void test_start_http2_only_port_is_permanent(void **state) {
  (void)state;
  made_exchange *made = ask_for(&(http_answer){.raw = "PRI * not HTTP/1 at all", .then = HTTP_CLOSE}, "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "6334");
  assert_true(made->exchange.error.is_permanent);
  assert_true(made->exchange.is_unreachable);
  free_exchange(made);
}

static void test_start_reset_before_an_answer_is_maybe(void **state) {
  (void)state;
  made_exchange *made = ask_for(&(http_answer){.raw = "", .then = HTTP_RESET}, "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "closed");
  assert_false(made->exchange.error.is_permanent);
  assert_false(made->exchange.is_unreachable);
  free_exchange(made);
}

static void test_start_reset_in_the_middle_of_the_body_is_maybe(void **state) {
  (void)state;
  made_exchange *made = ask_for(
      &(http_answer){.code = 200, .body = "{\"result\":1}", .n_withheld = 6, .then = HTTP_CLOSE}, "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "in the middle");
  free_exchange(made);
}

static void test_start_stalled_answer_ends_at_the_deadline_as_maybe(void **state) {
  (void)state;
  made_exchange *made = ask_for(&(http_answer){.raw = "", .then = HTTP_STALL}, "{}", SHORT_MS);
  assert_failed(made, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, "no answer before the deadline");
  free_exchange(made);
}

static void test_start_stall_in_the_middle_of_the_body_ends_at_the_deadline(void **state) {
  (void)state;
  made_exchange *made = ask_for(
      &(http_answer){.code = 200, .body = "{\"result\":1}", .n_withheld = 6, .then = HTTP_STALL}, "{}", SHORT_MS);
  assert_failed(made, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, "deadline");
  free_exchange(made);
}

static void test_start_peer_that_stops_reading_ends_at_the_deadline(void **state) {
  (void)state;
  enum { N_BYTES = 8 << 20 };
  char *body = malloc(N_BYTES + 1);
  memset(body, 'x', N_BYTES);
  body[N_BYTES] = '\0';
  http_peer *peer = http_peer_start(&(http_peer_options){.stops_reading = 1});
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", body, SHORT_MS);
  assert_failed(made, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, "deadline");
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
  free(body);
}

static void refuse_large(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  (void)request;
  *answer = (http_answer){.code = 413, .body = "too large"};
}

static void test_start_answer_before_the_body_is_sent_is_taken(void **state) {
  (void)state;
  enum { N_BYTES = 16 << 20 };
  char *body = malloc(N_BYTES + 1);
  memset(body, 'x', N_BYTES);
  body[N_BYTES] = '\0';
  http_peer *peer = http_peer_start(&(http_peer_options){.handler = refuse_large, .answers_early = 1});
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", body, CALL_MS);
  assert_string_equal(made->exchange.error.message, "");
  assert_int_equal(made->exchange.code, 413);
  assert_string_equal(made->exchange.reply, "too large");
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
  free(body);
}

static void test_start_chunked_answer_is_joined_and_its_end_awaited(void **state) {
  (void)state;
  static const char whole[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                              "5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n";
  static const char cut_off[] = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n";
  made_exchange *made = ask_for(&(http_answer){.raw = whole}, "{}", CALL_MS);
  assert_string_equal(made->exchange.error.message, "");
  assert_string_equal(made->exchange.reply, "{\"a\":1}");
  free_exchange(made);
  made = ask_for(&(http_answer){.raw = cut_off, .then = HTTP_CLOSE}, "{}", CALL_MS);
  assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "closed");
  free_exchange(made);
}

static void test_start_reply_above_the_limit_is_refused_for_good(void **state) {
  (void)state;
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.code = 200, .body = "0123456789"};
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  for (size_t limit = 9; limit <= 10; limit++) {
    made_exchange *made = new_exchange("/", NULL, CALL_MS);
    made->exchange.max_reply_bytes = limit;
    start_exchange(http, made);
    await_exchange(made);
    if (limit == 10) {
      assert_string_equal(made->exchange.reply, "0123456789");
    } else {
      assert_failed(made, QDRANT_RESOURCE_EXHAUSTED, QDRANT_MAYBE, "max_reply_bytes (9)");
      assert_true(made->exchange.error.is_permanent);
    }
    free_exchange(made);
  }
  close_http(http);
  http_peer_stop(peer);
}

/* The peer takes one request a connection and says nothing of closing it: every second request finds a dead one. */
static void test_start_dead_kept_connection_is_never_answered_twice(void **state) {
  (void)state;
  http_peer *peer = http_peer_start(&(http_peer_options){.max_requests = 1});
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  size_t n_ok = 0;
  for (size_t i = 0; i < MANY; i++) {
    made_exchange *made = exchange_once(http, "/", "{}", CALL_MS);
    if (made->exchange.error.status == QDRANT_OK)
      n_ok++;
    else
      assert_failed(made, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "closed");
    free_exchange(made);
  }
  assert_int_equal(http_peer_n_requests(peer), n_ok);
  close_http(http);
  http_peer_stop(peer);
}

/* The peer reads the second request on a connection and closes without a word: whether it acted cannot be known. */
static void drop_second(void *user, const http_request *request, http_answer *answer) {
  size_t *n_on_first = user;
  if (request->connection == 1 && ++*n_on_first == 2)
    *answer = (http_answer){.raw = "", .then = HTTP_CLOSE};
}

static void test_start_request_lost_on_a_kept_connection_is_not_repeated(void **state) {
  (void)state;
  size_t n_on_first = 0;
  http_peer *peer = http_peer_start(&(http_peer_options){.handler = drop_second, .user = &n_on_first});
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *first = exchange_once(http, "/", "{}", CALL_MS);
  made_exchange *second = exchange_once(http, "/", "{}", CALL_MS);
  made_exchange *third = exchange_once(http, "/", "{}", CALL_MS);
  assert_int_equal(first->exchange.error.status, QDRANT_OK);
  assert_failed(second, QDRANT_UNAVAILABLE, QDRANT_MAYBE, "closed");
  assert_true(second->exchange.error.is_retryable);
  assert_int_equal(third->exchange.error.status, QDRANT_OK);
  assert_int_equal(http_peer_n_requests(peer), 3);
  free_exchange(first);
  free_exchange(second);
  free_exchange(third);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_connection_is_reused(void **state) {
  (void)state;
  http_peer *peer = http_peer_start(&(http_peer_options){0});
  qd_http_options options = http_options_for(http_peer_port(peer), 4);
  qd_http *http = open_http(&options);
  for (size_t i = 0; i < MANY; i++)
    free_exchange(exchange_once(http, "/", "{}", CALL_MS));
  assert_int_equal(http_peer_n_requests(peer), MANY);
  assert_true(http_peer_n_connections(peer) < MANY / 2); /* one, unless this machine pauses for seconds */
  qdrant_stats stats = {0};
  qd_http_stats(http, &stats);
  assert_int_equal(stats.n_connections, 4);
  assert_int_equal(stats.n_ready, 1);
  assert_int_equal(stats.n_used, 1);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_many_at_once_use_no_more_connections_than_allowed(void **state) {
  (void)state;
  made_exchange *made[MANY];
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.code = 200, .body = "{}", .delay_ms = 5};
  qd_http_options options = http_options_for(http_peer_port(peer), 3);
  qd_http *http = open_http(&options);
  for (size_t i = 0; i < MANY; i++) {
    made[i] = new_exchange("/", "{}", CALL_MS);
    assert_int_equal(start_exchange(http, made[i]), QDRANT_OK);
  }
  for (size_t i = 0; i < MANY; i++) {
    await_exchange(made[i]);
    assert_int_equal(made[i]->exchange.error.status, QDRANT_OK);
    assert_int_equal(count_ends(made[i]), 1);
    free_exchange(made[i]);
  }
  assert_int_equal(http_peer_n_connections(peer), 3);
  close_http(http);
  http_peer_stop(peer);
}

static void test_start_without_a_free_connection_is_not_sent_at_the_deadline(void **state) {
  (void)state;
  raw_peer *peer = raw_peer_start(&(raw_options){.behaviour = RAW_SILENT});
  qd_http_options options = http_options_for(raw_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *first = new_exchange("/", "{}", CALL_MS);
  start_exchange(http, first);
  made_exchange *second = exchange_once(http, "/", "{}", SHORT_MS);
  assert_failed(second, QDRANT_DEADLINE_EXCEEDED, QDRANT_NOT_SENT, "max_connections is 1");
  qd_http_cancel(http, &first->exchange);
  await_exchange(first);
  assert_int_equal(first->exchange.error.status, QDRANT_CANCELLED);
  free_exchange(first);
  free_exchange(second);
  close_http(http);
  raw_peer_stop(peer);
}

static void test_cancel_waiting_exchange_is_not_sent(void **state) {
  (void)state;
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.raw = "", .then = HTTP_STALL};
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  made_exchange *first = new_exchange("/", "{}", CALL_MS);
  made_exchange *second = new_exchange("/", "{}", CALL_MS);
  start_exchange(http, first);
  start_exchange(http, second);
  while (http_peer_n_requests(peer) == 0)
    usleep(STEP_US);
  qd_http_cancel(http, &second->exchange);
  qd_http_cancel(http, &second->exchange);
  await_exchange(second);
  assert_failed(second, QDRANT_CANCELLED, QDRANT_NOT_SENT, "cancelled");
  assert_int_equal(count_ends(first), 0);
  close_http(http);
  assert_int_equal(count_ends(first), 1);
  assert_failed(first, QDRANT_CANCELLED, QDRANT_MAYBE, "cancelled");
  free_exchange(first);
  free_exchange(second);
  http_peer_stop(peer);
}

/* As Qdrant does after five seconds, only sooner: no request may meet the closing. */
static void test_start_after_the_peer_closed_an_idle_connection_succeeds(void **state) {
  (void)state;
  enum { IDLE_MS = 100, WAIT_US = 300 * 1000 };
  http_peer *peer = http_peer_start(&(http_peer_options){.idle_ms = IDLE_MS});
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  qd_http *http = open_http(&options);
  for (size_t i = 0; i < 4; i++) {
    made_exchange *made = exchange_once(http, "/", "{}", CALL_MS);
    assert_int_equal(made->exchange.error.status, QDRANT_OK);
    free_exchange(made);
    usleep(WAIT_US);
  }
  close_http(http);
  http_peer_stop(peer);
}

static void test_idle_connections_are_closed_before_the_server_does(void **state) {
  (void)state;
  http_peer *peer = http_peer_start(&(http_peer_options){0});
  qd_http_options options = http_options_for(http_peer_port(peer), 2);
  qd_http *http = open_http(&options);
  free_exchange(exchange_once(http, "/", "{}", CALL_MS));
  assert_int_equal(http_peer_n_open(peer), 1);
  int64_t deadline_ns = qd_deadline_in_ms(20000);
  while (http_peer_n_open(peer) > 0 && !qd_deadline_has_passed(deadline_ns))
    usleep(STEP_US);
  assert_int_equal(http_peer_n_open(peer), 0);
  free_exchange(exchange_once(http, "/", "{}", CALL_MS));
  assert_int_equal(http_peer_n_connections(peer), 2);
  close_http(http);
  http_peer_stop(peer);
}

/* A reply that is small on the wire and large unpacked. */
static void test_start_answer_in_gzip_is_unpacked_and_limited(void **state) {
  (void)state;
  enum { N_BYTES = 100000 };
  seen saw;
  char *plain = calloc(1, N_BYTES + 1);
  qd_arena *arena = qd_arena_new(1024);
  memset(plain, 'a', N_BYTES);
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.code = 200, .headers = "content-encoding: gzip\r\n"};
  assert_int_equal(qd_gzip(plain, N_BYTES, arena, &saw.answer.body, &saw.answer.n_body, NULL), QDRANT_OK);
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  options.accepts_gzip = 1;
  qd_http *http = open_http(&options);
  for (size_t limit = N_BYTES / 2; limit <= N_BYTES; limit += N_BYTES / 2) {
    made_exchange *made = new_exchange("/", NULL, CALL_MS);
    made->exchange.max_reply_bytes = limit;
    start_exchange(http, made);
    await_exchange(made);
    assert_non_null(strstr(saw.head, "gzip"));
    if (limit == N_BYTES)
      assert_string_equal(made->exchange.reply, plain);
    else
      assert_failed(made, QDRANT_RESOURCE_EXHAUSTED, QDRANT_MAYBE, "max_reply_bytes");
    free_exchange(made);
  }
  close_http(http);
  http_peer_stop(peer);
  qd_arena_free(arena);
  free(plain);
}

static void test_start_answer_that_is_no_gzip_is_a_bad_reply(void **state) {
  (void)state;
  seen saw;
  http_peer *peer = start_noting(&saw);
  saw.answer = (http_answer){.code = 200, .body = "{\"a\":1}", .headers = "content-encoding: gzip\r\n"};
  qd_http_options options = http_options_for(http_peer_port(peer), 1);
  options.accepts_gzip = 1;
  qd_http *http = open_http(&options);
  made_exchange *made = exchange_once(http, "/", NULL, CALL_MS);
  assert_failed(made, QDRANT_BAD_REPLY, QDRANT_MAYBE, "unpacked");
  free_exchange(made);
  close_http(http);
  http_peer_stop(peer);
}

static void test_open_ignores_the_proxy_of_the_environment_unless_asked(void **state) {
  (void)state;
  seen proxy_saw;
  seen saw;
  char proxy_url[64];
  http_peer *proxy = start_noting(&proxy_saw);
  http_peer *peer = start_noting(&saw);
  snprintf(proxy_url, sizeof proxy_url, "http://127.0.0.1:%u", (unsigned)http_peer_port(proxy));
  setenv("http_proxy", proxy_url, 1);
  for (int uses_proxy = 0; uses_proxy < 2; uses_proxy++) {
    qd_http_options options = http_options_for(http_peer_port(peer), 1);
    options.use_env_proxy = uses_proxy;
    qd_http *http = open_http(&options);
    free_exchange(exchange_once(http, "/", NULL, CALL_MS));
    close_http(http);
    assert_int_equal(http_peer_n_requests(proxy), uses_proxy);
    assert_int_equal(http_peer_n_requests(peer), 1);
  }
  unsetenv("http_proxy");
  http_peer_stop(proxy);
  http_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_get_sends_target_as_it_is_and_takes_answer),
      cmocka_unit_test(test_start_post_sends_body_and_headers),
      cmocka_unit_test(test_start_put_without_body_has_length_zero),
      cmocka_unit_test(test_start_large_body_arrives_whole_without_expect),
      cmocka_unit_test(test_start_answer_with_error_code_is_an_answer),
      cmocka_unit_test(test_start_redirect_is_told_and_not_followed),
      cmocka_unit_test(test_start_refused_is_not_sent_and_unreachable),
      cmocka_unit_test(test_start_connection_that_takes_too_long_is_not_sent),
      cmocka_unit_test(test_start_http2_only_port_is_permanent),
      cmocka_unit_test(test_start_reset_before_an_answer_is_maybe),
      cmocka_unit_test(test_start_reset_in_the_middle_of_the_body_is_maybe),
      cmocka_unit_test(test_start_stalled_answer_ends_at_the_deadline_as_maybe),
      cmocka_unit_test(test_start_stall_in_the_middle_of_the_body_ends_at_the_deadline),
      cmocka_unit_test(test_start_peer_that_stops_reading_ends_at_the_deadline),
      cmocka_unit_test(test_start_answer_before_the_body_is_sent_is_taken),
      cmocka_unit_test(test_start_chunked_answer_is_joined_and_its_end_awaited),
      cmocka_unit_test(test_start_reply_above_the_limit_is_refused_for_good),
      cmocka_unit_test(test_start_dead_kept_connection_is_never_answered_twice),
      cmocka_unit_test(test_start_request_lost_on_a_kept_connection_is_not_repeated),
      cmocka_unit_test(test_start_connection_is_reused),
      cmocka_unit_test(test_start_many_at_once_use_no_more_connections_than_allowed),
      cmocka_unit_test(test_start_without_a_free_connection_is_not_sent_at_the_deadline),
      cmocka_unit_test(test_cancel_waiting_exchange_is_not_sent),
      cmocka_unit_test(test_start_after_the_peer_closed_an_idle_connection_succeeds),
      cmocka_unit_test(test_idle_connections_are_closed_before_the_server_does),
      cmocka_unit_test(test_start_answer_in_gzip_is_unpacked_and_limited),
      cmocka_unit_test(test_start_answer_that_is_no_gzip_is_a_bad_reply),
      cmocka_unit_test(test_open_ignores_the_proxy_of_the_environment_unless_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

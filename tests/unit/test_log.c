#include "core/log.h"
#include "core/redact.h"
#include "qdrant/mock.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { N_THREADS = 3, N_SWITCHES = 200 };

/* What a sink heard. */
typedef struct heard {
  atomic_int n;
  atomic_int is_over; /* the sink is not in use any more */
  atomic_int n_late;
  qdrant_log_level level;
  char subject[32];
  char text[2048];
} heard;

static void hear(void *user, qdrant_log_level level, const char *subject, const char *text) {
  heard *to = user;
  if (atomic_load(&to->is_over))
    atomic_fetch_add(&to->n_late, 1);
  to->level = level;
  snprintf(to->subject, sizeof to->subject, "%s", subject);
  snprintf(to->text, sizeof to->text, "%s", text);
  atomic_fetch_add(&to->n, 1);
}

static int back_to_default(void **state) {
  (void)state;
  qdrant_log_take_grpc(QDRANT_OFF);
  qdrant_log_set(QDRANT_LOG_WARN, NULL, NULL);
  return 0;
}

static void test_log_of_a_level_that_is_not_wanted_is_not_heard(void **state) {
  (void)state;
  heard to = {0};
  qdrant_log_set(QDRANT_LOG_WARN, hear, &to);
  assert_false(qd_log_has(QDRANT_LOG_INFO));
  qd_log(QDRANT_LOG_INFO, "test", "not wanted");
  assert_int_equal(atomic_load(&to.n), 0);
  qd_log(QDRANT_LOG_WARN, "test", "wanted %d", 7);
  assert_int_equal(atomic_load(&to.n), 1);
  assert_int_equal(to.level, QDRANT_LOG_WARN);
  assert_string_equal(to.subject, "test");
  assert_string_equal(to.text, "wanted 7");
  qdrant_log_set(QDRANT_LOG_OFF, hear, &to);
  qd_log(QDRANT_LOG_ERROR, "test", "not wanted either");
  assert_int_equal(atomic_load(&to.n), 1);
}

static void test_log_once_is_heard_once_a_flag(void **state) {
  (void)state;
  heard to = {0};
  atomic_int first = 0, second = 0;
  qdrant_log_set(QDRANT_LOG_INFO, hear, &to);
  qd_log_once(&first, QDRANT_LOG_DEBUG, "test", "not wanted, so not told either");
  qd_log_once(&first, QDRANT_LOG_WARN, "test", "told");
  qd_log_once(&first, QDRANT_LOG_WARN, "test", "told before");
  qd_log_once(&second, QDRANT_LOG_WARN, "test", "told of another");
  assert_int_equal(atomic_load(&to.n), 2);
  assert_string_equal(to.text, "told of another");
}

static void test_log_of_a_long_line_is_cut(void **state) {
  (void)state;
  heard to = {0};
  char text[4096];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  qdrant_log_set(QDRANT_LOG_WARN, hear, &to);
  qd_log(QDRANT_LOG_WARN, "test", "%s", text);
  assert_in_range(strlen(to.text), 1000, 1024);
}

static void *talk(void *user) {
  atomic_int *is_over = user;
  while (!atomic_load(is_over))
    qd_log(QDRANT_LOG_WARN, "test", "line");
  return NULL;
}

static void test_log_set_lets_go_of_the_former_sink(void **state) {
  (void)state;
  static heard sinks[2];
  pthread_t threads[N_THREADS];
  atomic_int is_over = 0;
  memset(sinks, 0, sizeof sinks);
  qdrant_log_set(QDRANT_LOG_WARN, hear, &sinks[0]);
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, talk, &is_over), 0);
  for (size_t i = 1; i < N_SWITCHES; i++) {
    atomic_store(&sinks[i % 2].is_over, 0);
    qdrant_log_set(QDRANT_LOG_WARN, hear, &sinks[i % 2]);
    atomic_store(&sinks[(i - 1) % 2].is_over, 1);
  }
  atomic_store(&is_over, 1);
  for (size_t i = 0; i < N_THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&sinks[0].n_late) + atomic_load(&sinks[1].n_late), 0);
}

static void test_level_name_of_each_level_is_its_own(void **state) {
  (void)state;
  assert_string_equal(qdrant_log_level_name(QDRANT_LOG_OFF), "OFF");
  assert_string_equal(qdrant_log_level_name(QDRANT_LOG_DEBUG), "DEBUG");
  assert_string_equal(qdrant_log_level_name((qdrant_log_level)-1), "UNKNOWN_LEVEL");
  assert_string_equal(qdrant_log_level_name((qdrant_log_level)5), "UNKNOWN_LEVEL");
}

static void test_redact_blanks_out_what_follows_a_secret(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"nothing to hide", "nothing to hide"},
      {"", ""},
      {"api-key: tops3cret", "api-key***"},
      {"API-Key=tops3cret and more", "API-Key***"},
      {"key=61 70 69 'api-key' value=74 6f 'tops3cret', deadline=1", "key=61 70 69 'api-key***"},
      {"HDR: authorization: Bearer tops3cret\nHDR: te: trailers", "HDR: authorization***\nHDR: te: trailers"},
      {"first\napi_key=tops3cret\r\nauthorization: x tops3cret", "first\napi_key***\r\nauthorization***"},
      {"Illegal header value raw_bytes: tops3cret", "Illegal header value raw_bytes***"},
      {"WRITE DATA: 74 6f 'tops3cret'", "WRITE DATA:***"},
      {"READ 0x5581: 74 6f 'tops3cret'", "READ 0x***"},
      {"TCP:0x5581 READ (peer=ipv4:127.0.0.1:6334) error=OK", "TCP:0x5581 READ (peer=ipv4:127.0.0.1:6334) error=OK"},
      {"ends in api-key", "ends in api-key"},
      {"api-key:x", "api-key**"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[128];
    snprintf(text, sizeof text, "%s", cases[i][0]);
    qd_redact(text);
    assert_string_equal(text, cases[i][1]);
  }
}

static void test_take_grpc_brings_lines_of_core_without_keys(void **state) {
  (void)state;
  heard to = {0};
  qdrant_log_set(QDRANT_LOG_INFO, hear, &to);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR); /* core does so when it is first used */
  qdrant_log_take_grpc(QDRANT_ON);
  gpr_log(GPR_ERROR, "metadata: api-key: %s", "tops3cret");
  assert_int_equal(atomic_load(&to.n), 1);
  assert_int_equal(to.level, QDRANT_LOG_ERROR);
  assert_string_equal(to.subject, "grpc");
  assert_string_equal(to.text, "metadata: api-key***");
  qdrant_log_set(QDRANT_LOG_OFF, hear, &to);
  gpr_log(GPR_ERROR, "not wanted");
  qdrant_log_set(QDRANT_LOG_INFO, hear, &to);
  qdrant_log_take_grpc(QDRANT_OFF);
  gpr_log(GPR_ERROR, "a line of test_log that belongs on standard error");
  assert_int_equal(atomic_load(&to.n), 1);
}

/* How often one thing was said. */
typedef struct wanted {
  const char *subject;
  const char *part;
  atomic_int n;
} wanted;

static void look_for(void *user, qdrant_log_level level, const char *subject, const char *text) {
  wanted *line = user;
  (void)level;
  atomic_fetch_add(&line->n, strcmp(subject, line->subject) == 0 && strstr(text, line->part) != NULL);
}

static void test_client_tells_of_paths_and_of_failover(void **state) {
  (void)state;
  static wanted path = {.subject = "client", .part = "\"/prefix\""};
  static wanted moved = {.subject = "failover", .part = "calls go over REST"};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  qdrant_client *client = NULL;
  assert_int_equal(qdrant_mock_start(NULL, &mock, NULL), QDRANT_OK);
  options.url = "http://127.0.0.1:1/prefix";
  options.rest_port = qdrant_mock_rest_port(mock);
  qdrant_log_set(QDRANT_LOG_INFO, look_for, &path);
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(path.n, 1);
  qdrant_client_close(client);
  options.url = "http://127.0.0.1:1";
  qdrant_log_set(QDRANT_LOG_INFO, look_for, &moved);
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  for (int i = 0; i < 3; i++)
    assert_int_equal(qdrant_client_ping(client, 0, NULL, NULL), QDRANT_OK);
  assert_int_equal(moved.n, 1);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(test_log_of_a_level_that_is_not_wanted_is_not_heard, back_to_default),
      cmocka_unit_test_teardown(test_log_once_is_heard_once_a_flag, back_to_default),
      cmocka_unit_test_teardown(test_log_of_a_long_line_is_cut, back_to_default),
      cmocka_unit_test_teardown(test_log_set_lets_go_of_the_former_sink, back_to_default),
      cmocka_unit_test(test_level_name_of_each_level_is_its_own),
      cmocka_unit_test(test_redact_blanks_out_what_follows_a_secret),
      cmocka_unit_test_teardown(test_client_tells_of_paths_and_of_failover, back_to_default),
      cmocka_unit_test_teardown(test_take_grpc_brings_lines_of_core_without_keys, back_to_default),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

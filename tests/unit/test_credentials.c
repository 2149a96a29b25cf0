/* Keys that a provider gives: when it is asked, what is sent, and that no key is ever told. */
#include "client/credentials.h"
#include "client/options_key.h"
#include "core/deadline.h"
#include "qdrant/calls.h"
#include "qdrant/log.h"
#include "qdrant/mock.h"
#include "tests/support/ported_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { CALL_MS = 10000, N_CALLERS = 8 };

static const char good_key[] = "hunter2-good";
static const char old_key[] = "hunter2-old";

/* A provider that gives these keys in turn, the last for ever. */
typedef struct giver {
  const char *keys[3];
  size_t n_keys;
  int64_t valid_ms;
  qdrant_status status; /* not OK: it fails */
  atomic_uint n_asked;
  atomic_int n_inside;
  atomic_int was_crowded; /* two were inside at once */
} giver;

static qdrant_status give_key(void *user, char *key, size_t n_key, int64_t *valid_ms, qdrant_error *err) {
  giver *asked = user;
  if (atomic_fetch_add(&asked->n_inside, 1) > 0)
    atomic_store(&asked->was_crowded, 1);
  size_t number = atomic_fetch_add(&asked->n_asked, 1);
  if (asked->status != QDRANT_OK)
    snprintf(err->message, sizeof err->message, "the vault is closed");
  else
    snprintf(key, n_key, "%s\n", asked->keys[number < asked->n_keys ? number : asked->n_keys - 1]);
  *valid_ms = asked->valid_ms;
  atomic_fetch_sub(&asked->n_inside, 1);
  return asked->status;
}

static char logged[65536];

static void keep_line(void *user, qdrant_log_level level, const char *subject, const char *text) {
  (void)user, (void)level;
  size_t n_bytes = strlen(logged);
  snprintf(logged + n_bytes, sizeof logged - n_bytes, "%s: %s\n", subject, text);
}

typedef struct fixture {
  qdrant_mock *mock;
  qdrant_client *client;
  giver giver;
} fixture;

static qdrant_options options_for(fixture *made, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = "http://127.0.0.1";
  options.grpc_port = qdrant_mock_grpc_port(made->mock);
  options.rest_port = qdrant_mock_rest_port(made->mock);
  options.prefer_grpc = prefer_grpc;
  options.rest_fallback = QDRANT_OFF;
  options.max_connections = 1;
  options.close_timeout_ms = -1;
  options.api_key_provider = give_key;
  options.api_key_user = &made->giver;
  return options;
}

static void set_up(fixture *made, qdrant_toggle prefer_grpc) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.api_key = good_key;
  assert_int_equal(qdrant_mock_start(&options, &made->mock, NULL), QDRANT_OK);
  qdrant_options client_options = options_for(made, prefer_grpc);
  assert_int_equal(qdrant_client_open(&client_options, &made->client, NULL), QDRANT_OK);
}

static void tear_down(fixture *made) {
  qdrant_client_close(made->client);
  qdrant_mock_stop(made->mock);
}

static qdrant_status list(qdrant_client *client, qdrant_error *err) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  qdrant_reply *reply = NULL;
  options.timeout_ms = CALL_MS;
  qdrant_status status = qdrant_collections_list(client, &request, &options, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

static void expect_key_asked_once_and_kept(qdrant_toggle prefer_grpc) {
  fixture made = {.giver = {.keys = {good_key}, .n_keys = 1}};
  set_up(&made, prefer_grpc);
  for (int i = 0; i < 3; i++)
    assert_int_equal(list(made.client, NULL), QDRANT_OK);
  assert_int_equal(atomic_load(&made.giver.n_asked), 1);
  tear_down(&made);
}

static void test_call_key_without_end_is_asked_for_once(void **state) {
  (void)state;
  expect_key_asked_once_and_kept(QDRANT_ON);
  expect_key_asked_once_and_kept(QDRANT_OFF);
}

static void expect_refused_key_renewed(qdrant_toggle prefer_grpc) {
  fixture made = {.giver = {.keys = {old_key, good_key}, .n_keys = 2}};
  set_up(&made, prefer_grpc);
  qdrant_error error;
  assert_int_equal(delete_by_filter(made.client, CALL_MS, &error), QDRANT_NOT_FOUND); /* not a word of the key */
  assert_int_equal(error.n_attempts, 2);
  assert_int_equal(list(made.client, NULL), QDRANT_OK);
  assert_int_equal(atomic_load(&made.giver.n_asked), 2);
  tear_down(&made);
}

static void test_call_refused_key_is_renewed_and_even_a_write_by_filter_repeated(void **state) {
  (void)state;
  expect_refused_key_renewed(QDRANT_ON);
  expect_refused_key_renewed(QDRANT_OFF);
}

static void expect_two_refusals_final(qdrant_toggle prefer_grpc) {
  fixture made = {.giver = {.keys = {old_key}, .n_keys = 1}};
  set_up(&made, prefer_grpc);
  qdrant_error error;
  assert_int_equal(list(made.client, &error), QDRANT_UNAUTHENTICATED);
  assert_int_equal(error.n_attempts, 2);
  assert_int_equal(error.delivery, QDRANT_ANSWERED);
  assert_int_equal(atomic_load(&made.giver.n_asked), 2);
  assert_null(strstr(error.message, "hunter2"));
  tear_down(&made);
}

static void test_call_key_refused_twice_is_final(void **state) {
  (void)state;
  expect_two_refusals_final(QDRANT_ON);
  expect_two_refusals_final(QDRANT_OFF);
}

static void test_call_provider_that_fails_is_unauthenticated_with_its_words(void **state) {
  (void)state;
  fixture made = {.giver = {.status = QDRANT_UNAVAILABLE}};
  set_up(&made, QDRANT_ON);
  qdrant_error error;
  assert_int_equal(list(made.client, &error), QDRANT_UNAUTHENTICATED);
  assert_non_null(strstr(error.message, "the vault is closed"));
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(atomic_load(&made.giver.n_asked), 1);
  tear_down(&made);
}

static void test_call_empty_or_unprintable_key_is_unauthenticated_without_it(void **state) {
  (void)state;
  static const char *const keys[] = {" ", "hunter2\thunter2\x01"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    fixture made = {.giver = {.keys = {keys[i]}, .n_keys = 1}};
    set_up(&made, QDRANT_ON);
    qdrant_error error;
    assert_int_equal(list(made.client, &error), QDRANT_UNAUTHENTICATED);
    assert_non_null(strstr(error.message, "api_key_provider"));
    assert_null(strstr(error.message, "hunter2"));
    tear_down(&made);
  }
}

typedef struct ending {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int n_ended;
  qdrant_status status;
  qdrant_client *client; /* NULL: done starts no further call */
} ending;

static void end_call(void *user, qdrant_reply *reply, const qdrant_error *error);

static void start_list(qdrant_client *client, ending *end) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  qdrant_then then = {.done = end_call, .user = end};
  options.timeout_ms = CALL_MS;
  assert_int_equal(qdrant_collections_list_start(client, &request, &options, &then, NULL), QDRANT_OK);
}

/* The first end starts another call inside the callback, where nobody may block. */
static void end_call(void *user, qdrant_reply *reply, const qdrant_error *error) {
  ending *end = user;
  qdrant_reply_free(reply);
  qdrant_client *client = end->client;
  end->client = NULL;
  if (client != NULL)
    start_list(client, end);
  pthread_mutex_lock(&end->lock);
  end->n_ended++;
  end->status = error->status;
  pthread_cond_signal(&end->changed);
  pthread_mutex_unlock(&end->lock);
}

static qdrant_status wait_for_ends(ending *end, int n_ends) {
  pthread_mutex_lock(&end->lock);
  while (end->n_ended < n_ends)
    pthread_cond_wait(&end->changed, &end->lock);
  qdrant_status status = end->status;
  pthread_mutex_unlock(&end->lock);
  return status;
}

static void test_start_refused_key_is_renewed_on_a_thread_of_the_library(void **state) {
  (void)state;
  fixture made = {.giver = {.keys = {old_key, good_key}, .n_keys = 2}};
  set_up(&made, QDRANT_ON);
  ending end = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
  start_list(made.client, &end);
  assert_int_equal(wait_for_ends(&end, 1), QDRANT_OK);
  assert_int_equal(atomic_load(&made.giver.n_asked), 2);
  tear_down(&made);
}

static void test_start_inside_a_callback_with_a_key_that_is_over_ends_well(void **state) {
  (void)state;
  fixture made = {.giver = {.keys = {good_key}, .n_keys = 1, .valid_ms = 1}};
  set_up(&made, QDRANT_ON);
  ending end = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .client = made.client};
  start_list(made.client, &end);
  assert_int_equal(wait_for_ends(&end, 2), QDRANT_OK);
  tear_down(&made);
}

static void *call_list(void *user) {
  fixture *made = user;
  return list(made->client, NULL) == QDRANT_OK ? NULL : made;
}

static void test_call_many_threads_ask_one_at_a_time(void **state) {
  (void)state;
  fixture made = {.giver = {.keys = {good_key}, .n_keys = 1}};
  pthread_t threads[N_CALLERS];
  set_up(&made, QDRANT_ON);
  for (int i = 0; i < N_CALLERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, call_list, &made), 0);
  for (int i = 0; i < N_CALLERS; i++) {
    void *failed = NULL;
    pthread_join(threads[i], &failed);
    assert_null(failed);
  }
  assert_int_equal(atomic_load(&made.giver.n_asked), 1);
  assert_false(atomic_load(&made.giver.was_crowded));
  tear_down(&made);
}

/* A provider that lets nobody go on until it is told to. */
typedef struct slow_giver {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int is_inside;
  int may_go;
} slow_giver;

static qdrant_status give_slowly(void *user, char *key, size_t n_key, int64_t *valid_ms, qdrant_error *err) {
  slow_giver *asked = user;
  (void)valid_ms, (void)err;
  pthread_mutex_lock(&asked->lock);
  asked->is_inside = 1;
  pthread_cond_broadcast(&asked->changed);
  while (!asked->may_go)
    pthread_cond_wait(&asked->changed, &asked->lock);
  pthread_mutex_unlock(&asked->lock);
  snprintf(key, n_key, "%s", good_key);
  return QDRANT_OK;
}

static void *take_first(void *user) {
  qd_key *key = NULL;
  if (qd_credentials_take(user, 1, qd_deadline_in_ms(CALL_MS), &key, NULL) != QDRANT_OK)
    return user;
  qd_key_unref(key);
  return NULL;
}

static void test_take_while_another_asks_waits_until_its_deadline(void **state) {
  (void)state;
  slow_giver slow = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
  qd_credentials *credentials = qd_credentials_new(give_slowly, &slow);
  pthread_t first;
  qd_key *key = NULL;
  qdrant_error error = {0};
  void *failed = NULL;
  assert_int_equal(pthread_create(&first, NULL, take_first, credentials), 0);
  pthread_mutex_lock(&slow.lock);
  while (!slow.is_inside)
    pthread_cond_wait(&slow.changed, &slow.lock);
  pthread_mutex_unlock(&slow.lock);
  assert_int_equal(qd_credentials_take(credentials, 1, qd_deadline_in_ms(1), &key, &error), QDRANT_DEADLINE_EXCEEDED);
  assert_null(key);
  pthread_mutex_lock(&slow.lock);
  slow.may_go = 1;
  pthread_cond_broadcast(&slow.changed);
  pthread_mutex_unlock(&slow.lock);
  pthread_join(first, &failed);
  assert_null(failed);
  assert_int_equal(qd_credentials_take(credentials, 0, 0, &key, &error), QDRANT_OK);
  assert_string_equal(key->text, good_key);
  qd_key_unref(key);
  qd_credentials_free(credentials);
}

static void test_open_key_and_provider_together_is_config_invalid(void **state) {
  (void)state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_error error;
  options.api_key = good_key;
  options.api_key_provider = give_key;
  assert_int_equal(qdrant_client_open(&options, &client, &error), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(error.message, "api_key_provider"));
  assert_null(strstr(error.message, "hunter2"));
}

static size_t count_lines(const char *fragment) {
  size_t n_found = 0;
  for (const char *at = logged; (at = strstr(at, fragment)) != NULL; at++)
    n_found++;
  return n_found;
}

static void open_and_close(const char *url, const char *key) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  options.url = url;
  options.api_key = key;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  qdrant_client_close(client);
}

static void test_open_key_in_clear_is_warned_about_once_but_not_on_this_machine(void **state) {
  (void)state;
  logged[0] = '\0';
  open_and_close("http://127.0.0.1:1", good_key);
  open_and_close("http://localhost:1", good_key);
  open_and_close("http://[::1]:1", good_key);
  open_and_close("https://192.0.2.1:1", good_key);
  open_and_close("http://192.0.2.1:1", NULL);
  open_and_close(":memory:", good_key);
  assert_int_equal(count_lines("in clear"), 0);
  open_and_close("http://192.0.2.1:1", good_key);
  assert_int_equal(count_lines("tls: the api key goes to http://192.0.2.1:1 in clear"), 1);
}

static void test_wipe_overwrites_key_and_headers_of_the_options(void **state) {
  (void)state;
  const qdrant_header headers[] = {{"authorization", "Bearer hunter2"}};
  qdrant_options given = QDRANT_OPTIONS_INIT;
  qd_options options;
  given.api_key = good_key;
  given.headers = headers;
  given.n_headers = 1;
  assert_int_equal(qd_options_resolve(&given, &options, NULL), QDRANT_OK);
  const char *key = options.api_key;
  const char *header = options.headers[0].value;
  assert_string_equal(key, good_key);
  qd_options_wipe(&options);
  for (size_t i = 0; i < sizeof good_key; i++)
    assert_int_equal(key[i], 0);
  for (size_t i = 0; i < sizeof "Bearer hunter2"; i++)
    assert_int_equal(header[i], 0);
  qd_options_free(&options);
}

static void test_call_key_that_is_over_is_asked_for_again(void **state) {
  (void)state;
  fixture made = {.giver = {.keys = {good_key}, .n_keys = 1, .valid_ms = 1}};
  set_up(&made, QDRANT_ON);
  assert_int_equal(list(made.client, NULL), QDRANT_OK);
  nanosleep(&(struct timespec){.tv_nsec = 2 * 1000 * 1000}, NULL);
  assert_int_equal(list(made.client, NULL), QDRANT_OK);
  assert_int_equal(atomic_load(&made.giver.n_asked), 2);
  tear_down(&made);
}

/* After all tests: nothing that was logged had a key in it. */
static int look_for_keys(void **state) {
  (void)state;
  return strstr(logged, "hunter2") != NULL;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_call_key_without_end_is_asked_for_once),
      cmocka_unit_test(test_call_refused_key_is_renewed_and_even_a_write_by_filter_repeated),
      cmocka_unit_test(test_call_key_refused_twice_is_final),
      cmocka_unit_test(test_call_provider_that_fails_is_unauthenticated_with_its_words),
      cmocka_unit_test(test_call_empty_or_unprintable_key_is_unauthenticated_without_it),
      cmocka_unit_test(test_start_refused_key_is_renewed_on_a_thread_of_the_library),
      cmocka_unit_test(test_start_inside_a_callback_with_a_key_that_is_over_ends_well),
      cmocka_unit_test(test_call_many_threads_ask_one_at_a_time),
      cmocka_unit_test(test_take_while_another_asks_waits_until_its_deadline),
      cmocka_unit_test(test_open_key_and_provider_together_is_config_invalid),
      cmocka_unit_test(test_wipe_overwrites_key_and_headers_of_the_options),
      cmocka_unit_test(test_call_key_that_is_over_is_asked_for_again),
      cmocka_unit_test(test_open_key_in_clear_is_warned_about_once_but_not_on_this_machine),
  };
  qdrant_log_set(QDRANT_LOG_DEBUG, keep_line, NULL);
  return cmocka_run_group_tests(tests, NULL, look_for_keys);
}

#include "client/metrics.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "qdrant/calls.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum { N_THREADS = 4, N_EACH = 2000 };

/* What a walk met. */
typedef struct walked {
  size_t n;
  size_t max;
  qdrant_metric metrics[16];
} walked;

static int take(void *user, uint32_t endpoint, qdrant_metric *metric) {
  walked *to = user;
  to->metrics[to->n] = *metric;
  to->metrics[to->n].endpoint = endpoint == 0 ? "first" : endpoint == 1 ? "second" : "none";
  return ++to->n < to->max;
}

static walked walk(const qd_metrics *metrics, size_t max) {
  walked to = {.max = max};
  qd_metrics_walk(metrics, take, &to);
  return to;
}

static void test_bounds_double_and_the_last_has_none(void **state) {
  (void)state;
  assert_int_equal(qdrant_bucket_bound_ns(0), 100000);
  for (size_t i = 1; i < QDRANT_N_BUCKETS - 1; i++)
    assert_int_equal(qdrant_bucket_bound_ns(i), 2 * qdrant_bucket_bound_ns(i - 1));
  assert_true(qdrant_bucket_bound_ns(QDRANT_N_BUCKETS - 1) == UINT64_MAX);
  assert_true(qdrant_bucket_bound_ns(1000) == UINT64_MAX);
}

static void test_count_puts_durations_into_their_buckets(void **state) {
  (void)state;
  static const struct {
    int64_t duration_ns;
    size_t bucket;
  } cases[] = {{-5, 0}, {0, 0}, {100000, 0}, {100001, 1}, {200000, 1}, {200001, 2}, {26214400000, 18},
      {26214400001, 19}, {INT64_MAX, 19}};
  for (size_t i = 0; i < N(cases); i++) {
    qd_metrics metrics = {0};
    assert_true(qd_metrics_init(&metrics, 1));
    qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 0, QDRANT_OK, cases[i].duration_ns);
    walked found = walk(&metrics, 16);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.metrics[0].n, 1);
    assert_int_equal(found.metrics[0].buckets[cases[i].bucket], 1);
    assert_int_equal(found.metrics[0].sum_ns, cases[i].duration_ns > 0 ? (uint64_t)cases[i].duration_ns : 0);
    qd_metrics_destroy(&metrics);
  }
}

static void test_walk_goes_by_rpc_endpoint_and_outcome(void **state) {
  (void)state;
  qd_metrics metrics = {0};
  assert_true(qd_metrics_init(&metrics, 2));
  qd_metrics_count(&metrics, QDRANT_N_RPCS, 0, QDRANT_OK, 1);
  qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, UINT32_MAX, QDRANT_UNAVAILABLE, 1);
  qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 1, QDRANT_IO_ERROR, 1);
  qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 1, QDRANT_OK, 1);
  qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 0, (qdrant_status)77, 1);
  walked found = walk(&metrics, 16);
  static const struct {
    const char *rpc;
    const char *endpoint;
    qdrant_status outcome;
  } wanted[] = {{"Points/Count", "first", QDRANT_UNKNOWN}, {"Points/Count", "second", QDRANT_OK},
      {"Points/Count", "second", QDRANT_IO_ERROR}, {"Points/Count", "none", QDRANT_UNAVAILABLE},
      {"REST", "first", QDRANT_OK}};
  assert_int_equal(found.n, N(wanted));
  for (size_t i = 0; i < N(wanted); i++) {
    assert_string_equal(found.metrics[i].rpc, wanted[i].rpc);
    assert_string_equal(found.metrics[i].endpoint, wanted[i].endpoint);
    assert_int_equal(found.metrics[i].outcome, wanted[i].outcome);
  }
  assert_int_equal(walk(&metrics, 2).n, 2); /* the visitor ends it */
  qd_metrics_destroy(&metrics);
}

static void test_count_without_memory_loses_the_sample_and_counts_that(void **state) {
  (void)state;
  qd_metrics metrics = {0};
  assert_true(qd_metrics_init(&metrics, 1));
  for (size_t n_allowed = 0; n_allowed < 2; n_allowed++) {
    torture_start(n_allowed, SIZE_MAX);
    qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 0, QDRANT_OK, 1);
    torture_stop();
  }
  assert_int_equal(atomic_load(&metrics.n_lost), 2);
  assert_int_equal(walk(&metrics, 16).n, 0);
  qd_metrics_count(&metrics, QDRANT_RPC_POINTS_COUNT, 0, QDRANT_OK, 1);
  assert_int_equal(walk(&metrics, 16).n, 1);
  qd_metrics_destroy(&metrics);
}

static void *count_many(void *user) {
  for (int i = 0; i < N_EACH; i++)
    qd_metrics_count(user, (qdrant_rpc)(i % 8), 0, i % 16 < 8 ? QDRANT_OK : QDRANT_UNAVAILABLE, i);
  return NULL;
}

static void test_count_from_many_threads_loses_nothing(void **state) {
  (void)state;
  qd_metrics metrics = {0};
  pthread_t threads[N_THREADS];
  uint64_t n = 0;
  assert_true(qd_metrics_init(&metrics, 1));
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, count_many, &metrics), 0);
  for (size_t i = 0; i < N_THREADS; i++)
    pthread_join(threads[i], NULL);
  walked found = walk(&metrics, 16);
  assert_int_equal(found.n, 16);
  for (size_t i = 0; i < found.n; i++)
    n += found.metrics[i].n;
  assert_int_equal(n, N_THREADS * N_EACH);
  qd_metrics_destroy(&metrics);
}

static void check_health(qdrant_client *client) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  assert_int_equal(qdrant_health_check(client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
}

static int keep_metric(void *user, const qdrant_metric *metric) {
  walked *to = user;
  to->metrics[to->n++] = *metric;
  return 1;
}

static void test_client_metrics_has_each_attempt_by_its_outcome(void **state) {
  (void)state;
  const fake_step script[] = {{.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT, .retry_after_ms = 1}};
  fake_transport *fake = fake_new();
  qdrant_client *client = fake_client(fake, NULL, 0);
  walked found = {0};
  fake_script(fake, script, N(script));
  check_health(client);
  check_health(client);
  assert_int_equal(qdrant_client_metrics(client, keep_metric, &found, NULL), QDRANT_OK);
  assert_int_equal(found.n, 2);
  assert_string_equal(found.metrics[0].rpc, "Qdrant/HealthCheck");
  assert_string_equal(found.metrics[0].endpoint, qdrant_client_endpoint(client));
  assert_int_equal(found.metrics[0].outcome, QDRANT_OK);
  assert_int_equal(found.metrics[0].n, 2);
  assert_int_equal(found.metrics[1].outcome, QDRANT_UNAVAILABLE);
  assert_int_equal(found.metrics[1].n, 1);
  qdrant_client_close(client);
  fake_free(fake);
}

static void test_client_metrics_without_arguments_names_them(void **state) {
  (void)state;
  qdrant_error err = {0};
  char *text = NULL;
  fake_transport *fake = fake_new();
  qdrant_client *client = fake_client(fake, NULL, 0);
  assert_int_equal(qdrant_client_metrics(NULL, keep_metric, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "client is NULL");
  assert_int_equal(qdrant_client_metrics(client, NULL, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "visit is NULL");
  assert_int_equal(qdrant_client_metrics_text(NULL, NULL, &text, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_client_metrics_text(client, NULL, NULL, NULL, &err), QDRANT_INVALID_ARGUMENT);
  qdrant_client_close(client);
  fake_free(fake);
}

static void test_metrics_text_with_bad_labels_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"job", "job=", "job=x", "=\"x\"", "9job=\"x\"", "job=\"x", "job=\"x\",",
      "job=\"x\"}", "job=\"x\\", "job=\"a\nb\"", "a=\"b\" c=\"d\""};
  static const char *const good[] = {"", "job=\"x\"", "a_1=\"\",b=\"\\\"quoted\\\"\""};
  fake_transport *fake = fake_new();
  qdrant_client *client = fake_client(fake, NULL, 0);
  char *text = NULL;
  for (size_t i = 0; i < N(bad); i++)
    assert_int_equal(qdrant_client_metrics_text(client, bad[i], &text, NULL, NULL), QDRANT_INVALID_ARGUMENT);
  for (size_t i = 0; i < N(good); i++) {
    assert_int_equal(qdrant_client_metrics_text(client, good[i], &text, NULL, NULL), QDRANT_OK);
    qdrant_metrics_free(text);
  }
  qdrant_client_close(client);
  fake_free(fake);
}

static qdrant_status write_text(void *user) {
  char *text = NULL;
  size_t n_bytes = 0;
  qdrant_status status = qdrant_client_metrics_text(user, "job=\"x\"", &text, &n_bytes, NULL);
  assert_true(status == QDRANT_OK ? strlen(text) == n_bytes : text == NULL);
  qdrant_metrics_free(text);
  return status;
}

static void test_metrics_text_out_of_memory_is_a_status(void **state) {
  (void)state;
  fake_transport *fake = fake_new();
  qdrant_client *client = fake_client(fake, NULL, 0);
  check_health(client);
  torture(write_text, client);
  qdrant_client_close(client);
  fake_free(fake);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bounds_double_and_the_last_has_none),
      cmocka_unit_test(test_count_puts_durations_into_their_buckets),
      cmocka_unit_test(test_walk_goes_by_rpc_endpoint_and_outcome),
      cmocka_unit_test(test_count_without_memory_loses_the_sample_and_counts_that),
      cmocka_unit_test(test_count_from_many_threads_loses_nothing),
      cmocka_unit_test(test_client_metrics_has_each_attempt_by_its_outcome),
      cmocka_unit_test(test_client_metrics_without_arguments_names_them),
      cmocka_unit_test(test_metrics_text_with_bad_labels_is_refused),
      cmocka_unit_test(test_metrics_text_out_of_memory_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

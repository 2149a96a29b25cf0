#include "core/deadline.h"
#include "qdrant/mock.h"
#include "tests/support/points.h"
#include "tests/support/torture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

enum { WAIT_MS = 30000, N_ROUNDS = 100, N_LARGE = 20000 };

typedef struct fixture {
  qdrant_mock *mock;
  raw_client *client;
} fixture;

static void set_up(fixture *made, const char *api_key) {
  qdrant_error err = {0};
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.api_key = api_key;
  qdrant_status status = qdrant_mock_start(&options, &made->mock, &err);
  if (status != QDRANT_OK)
    print_error("%s\n", err.message);
  assert_int_equal(status, QDRANT_OK);
  made->client = raw_client_open(qdrant_mock_grpc_port(made->mock));
}

static int set_up_open(void **state) {
  static fixture made;
  set_up(&made, NULL);
  *state = &made;
  return 0;
}

static int set_up_with_key(void **state) {
  static fixture made;
  set_up(&made, "secret");
  *state = &made;
  return 0;
}

static int tear_down(void **state) {
  fixture *made = *state;
  raw_client_close(made->client);
  qdrant_mock_stop(made->mock);
  return 0;
}

static qdrant_mock_stats stats_of(fixture *made) {
  qdrant_mock_stats stats = {.size = sizeof stats};
  qdrant_mock_get_stats(made->mock, &stats);
  return stats;
}

static void nap(void) {
  nanosleep(&(struct timespec){.tv_nsec = 5 * QD_NS_PER_MS}, NULL);
}

static size_t count_entries(const char *folder) {
  size_t n = 0;
  DIR *entries = opendir(folder);
  assert_non_null(entries);
  while (readdir(entries) != NULL)
    n++;
  closedir(entries);
  return n;
}

static size_t count_fds(void) {
  return count_entries("/proc/self/fd");
}

/* gRPC begins and ends threads as it has work for them. */
static int is_grpcs_own(const char *thread) {
  static const char *const beginnings[] = {
      "event_engine", "timer_manager", "grpc_", "default-executo", "resolver-execut"};
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
    if (strncmp(thread, beginnings[i], strlen(beginnings[i])) == 0)
      return 1;
  return 0;
}

/* One that has ended meanwhile has no name. */
static void read_thread_name(const char *id, char *name, int n_bytes) {
  char path[300];
  snprintf(path, sizeof path, "/proc/self/task/%s/comm", id);
  FILE *file = fopen(path, "re");
  if (file == NULL || fgets(name, n_bytes, file) == NULL)
    *name = '\0';
  if (file != NULL)
    fclose(file);
}

static size_t count_threads(void) {
  size_t n = 0;
  char name[32];
  DIR *entries = opendir("/proc/self/task");
  assert_non_null(entries);
  for (const struct dirent *entry = NULL; (entry = readdir(entries)) != NULL;) {
    if (entry->d_name[0] == '.')
      continue;
    read_thread_name(entry->d_name, name, sizeof name);
    n += *name != '\0' && !is_grpcs_own(name);
  }
  closedir(entries);
  return n;
}

/* Threads and closed sockets go away a little later. */
static int falls_to(size_t (*count)(void), size_t n_wanted) {
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (count() > n_wanted) {
    if (qd_deadline_has_passed(limit_ns))
      return 0;
    nap();
  }
  return 1;
}

static void test_start_without_options_serves_on_a_free_port(void **state) {
  (void)state;
  char url[64];
  qdrant_mock *mock = NULL;
  assert_int_equal(qdrant_mock_start(NULL, &mock, NULL), QDRANT_OK);
  assert_int_not_equal(qdrant_mock_grpc_port(mock), 0);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)qdrant_mock_grpc_port(mock));
  assert_string_equal(qdrant_mock_url(mock), url);
  raw_client *client = raw_client_open(qdrant_mock_grpc_port(mock));
  assert_int_equal(points_health(client), 0);
  raw_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_start_on_a_taken_port_answers_unavailable(void **state) {
  fixture *made = *state;
  qdrant_error err = {0};
  qdrant_mock *second = NULL;
  char port[8];
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.grpc_port = qdrant_mock_grpc_port(made->mock);
  assert_int_equal(qdrant_mock_start(&options, &second, &err), QDRANT_UNAVAILABLE);
  assert_null(second);
  snprintf(port, sizeof port, "%u", (unsigned)options.grpc_port);
  assert_non_null(strstr(err.message, port));
}

static void test_start_with_wrong_options_names_the_option(void **state) {
  (void)state;
  qdrant_error err = {0};
  qdrant_mock *mock = NULL;
  qdrant_mock_options options = {0};
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "qdrant_mock_options.size"));
  options.size = sizeof options;
  options.n_threads = 100000;
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "options.n_threads"));
  options.n_threads = 0;
  options.api_key = "";
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "options.api_key"));
  assert_int_equal(qdrant_mock_start(NULL, NULL, &err), QDRANT_INVALID_ARGUMENT);
}

static void test_start_two_servers_keeps_their_data_apart(void **state) {
  fixture *first = *state;
  fixture second;
  set_up(&second, NULL);
  points_create(first->client);
  points_create(second.client);
  assert_int_equal(points_upsert(first->client, 1, 3), 0);
  assert_int_equal(points_count(first->client), 3);
  assert_int_equal(points_count(second.client), 0);
  raw_client_close(second.client);
  qdrant_mock_stop(second.mock);
  assert_int_equal(points_count(first->client), 3);
}

static void test_stop_a_hundred_times_leaves_no_descriptor_and_no_thread(void **state) {
  (void)state;
  fixture made;
  grpc_init();
  set_up(&made, NULL);
  assert_int_equal(points_health(made.client), 0);
  tear_down(&(void *){&made});
  size_t n_fds = count_fds();
  size_t n_threads = count_threads();
  for (int i = 0; i < N_ROUNDS; i++) {
    set_up(&made, NULL);
    assert_int_equal(points_health(made.client), 0);
    tear_down(&(void *){&made});
  }
  assert_true(falls_to(count_fds, n_fds));
  assert_true(falls_to(count_threads, n_threads));
  grpc_shutdown();
}

static void test_stop_with_a_call_that_stalls_ends_the_call(void **state) {
  (void)state;
  fixture made;
  set_up(&made, NULL);
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.kind = QDRANT_FAULT_STALL;
  assert_int_equal(qdrant_mock_add_fault(made.mock, &fault, NULL), QDRANT_OK);
  raw_call *call = raw_call_start(made.client, &(raw_request){.path = "/qdrant.Qdrant/HealthCheck", .bytes = ""});
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (stats_of(&made).n_faults == 0 && !qd_deadline_has_passed(limit_ns))
    nap();
  assert_int_equal(stats_of(&made).n_faults, 1);
  qdrant_mock_stop(made.mock);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  raw_call_free(call);
  raw_client_close(made.client);
}

static void test_stop_of_null_does_nothing(void **state) {
  (void)state;
  qdrant_mock_stop(NULL);
}

static qdrant_status start_and_stop(void *user) {
  (void)user;
  qdrant_mock *mock = NULL;
  qdrant_status status = qdrant_mock_start(NULL, &mock, NULL);
  qdrant_mock_stop(mock);
  return status;
}

static void test_start_out_of_memory_answers_no_memory(void **state) {
  (void)state;
  grpc_init();
  /* A server with fewer calls requested at first is a server. */
  torture_lenient(start_and_stop, NULL);
  grpc_shutdown();
}

static void test_call_of_an_unknown_method_answers_unimplemented(void **state) {
  fixture *made = *state;
  raw_call *call = raw_call_start(made->client, &(raw_request){.path = "/qdrant.Points/NoSuchCall", .bytes = ""});
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNIMPLEMENTED);
  assert_string_equal(raw_call_text(call), "");
  assert_non_null(raw_call_trailer(call, "date"));
  raw_call_free(call);
}

static void test_call_with_bytes_that_are_no_message_answers_internal(void **state) {
  fixture *made = *state;
  raw_call *call = raw_call_start(
      made->client, &(raw_request){.path = "/qdrant.Points/Query", .bytes = "\xff\xff\xff", .n_bytes = 3});
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_INTERNAL);
  assert_non_null(strstr(raw_call_text(call), "failed to decode Protobuf message"));
  raw_call_free(call);
}

static void test_call_that_the_engine_refuses_answers_its_status_with_a_date(void **state) {
  fixture *made = *state;
  raw_call *call = points_start_upsert(made->client, 1, 1);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_NOT_FOUND);
  assert_non_null(strstr(raw_call_text(call), "`stars`"));
  const char *date = raw_call_trailer(call, "date");
  assert_non_null(date);
  assert_string_equal(date + strlen(date) - 4, " GMT");
  assert_null(raw_call_trailer(call, "retry-after"));
  raw_call_free(call);
}

static void test_call_of_many_slices_is_carried_out_whole(void **state) {
  fixture *made = *state;
  points_create(made->client);
  assert_int_equal(points_upsert(made->client, 0, N_LARGE), 0);
  assert_int_equal(points_count(made->client), N_LARGE);
  assert_int_equal(stats_of(made).n_points, N_LARGE);
}

/* Status of Collections/List with this header; "": without. */
static int list_with(fixture *made, const char *name, const char *value, const char *text) {
  qdrant_header header = {name, value};
  raw_request request = {
      .path = "/qdrant.Collections/List", .bytes = "", .headers = &header, .n_headers = name[0] != '\0'};
  raw_call *call = raw_call_start(made->client, &request);
  int status = raw_call_wait(call);
  assert_string_equal(raw_call_text(call), text);
  raw_call_free(call);
  return status;
}

static void test_call_without_the_right_key_is_refused_in_the_servers_words(void **state) {
  fixture *made = *state;
  const char *missing = "Must provide an API key or an Authorization bearer token";
  const char *wrong = "Invalid API key or JWT";
  assert_int_equal(list_with(made, "", "", missing), GRPC_STATUS_UNAUTHENTICATED);
  assert_int_equal(list_with(made, "authorization", "secret", missing), GRPC_STATUS_UNAUTHENTICATED);
  assert_int_equal(list_with(made, "api-key", "secre", wrong), GRPC_STATUS_UNAUTHENTICATED);
  assert_int_equal(list_with(made, "api-key", "secret2", wrong), GRPC_STATUS_UNAUTHENTICATED);
  assert_int_equal(list_with(made, "authorization", "Bearer nope", wrong), GRPC_STATUS_UNAUTHENTICATED);
}

static void test_call_with_the_right_key_is_carried_out(void **state) {
  fixture *made = *state;
  assert_int_equal(list_with(made, "api-key", "secret", ""), GRPC_STATUS_OK);
  assert_int_equal(list_with(made, "authorization", "Bearer secret", ""), GRPC_STATUS_OK);
}

static void test_health_check_without_a_key_is_answered(void **state) {
  fixture *made = *state;
  assert_int_equal(points_health(made->client), 0);
}

static void test_the_health_check_of_load_balancers_answers_serving(void **state) {
  fixture *made = *state;
  raw_call *call = raw_call_start(made->client, &(raw_request){.path = "/grpc.health.v1.Health/Check", .bytes = ""});
  assert_int_equal(raw_call_wait(call), 0);
  raw_call_free(call);
}

static void test_get_stats_counts_calls_points_and_connections(void **state) {
  fixture *made = *state;
  points_create(made->client);
  assert_int_equal(points_upsert(made->client, 1, 5), 0);
  assert_int_equal(points_upsert(made->client, 1, 2), 0);
  qdrant_mock_stats stats = stats_of(made);
  assert_int_equal(stats.n_calls, 3);
  assert_int_equal(stats.n_points, 7);
  assert_int_equal(stats.n_faults, 0);
  assert_int_equal(stats.n_connections, 1);
  assert_int_equal(stats.n_open, 1);
  assert_int_equal(stats.n_connections_used, 1);
  assert_int_equal(qdrant_mock_count_calls(made->mock, "Points/Upsert"), 2);
  assert_int_equal(qdrant_mock_count_calls(made->mock, "Points/Count"), 0);
  assert_int_equal(qdrant_mock_count_calls(made->mock, "Points/Nothing"), 0);
}

static void test_get_stats_of_a_smaller_size_leaves_what_follows(void **state) {
  fixture *made = *state;
  qdrant_mock_stats stats;
  memset(&stats, 0x5a, sizeof stats);
  assert_int_equal(points_health(made->client), 0);
  stats.size = offsetof(qdrant_mock_stats, n_connections);
  qdrant_mock_get_stats(made->mock, &stats);
  assert_int_equal(stats.n_calls, 1);
  assert_int_equal(stats.size, offsetof(qdrant_mock_stats, n_connections));
  assert_int_equal(stats.n_connections, 0x5a5a5a5a5a5a5a5a);
}

static int wait_for_open(fixture *made, uint64_t n_wanted) {
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (stats_of(made).n_open != n_wanted && !qd_deadline_has_passed(limit_ns))
    nap();
  return stats_of(made).n_open == n_wanted;
}

static void test_close_by_the_peer_is_counted_and_frees_the_descriptors(void **state) {
  fixture *made = *state;
  assert_int_equal(points_health(made->client), 0);
  size_t n_fds = count_fds();
  raw_client *other = raw_client_open(qdrant_mock_grpc_port(made->mock));
  assert_int_equal(points_health(other), 0);
  assert_int_equal(stats_of(made).n_open, 2);
  raw_client_close(other);
  assert_true(wait_for_open(made, 1));
  assert_int_equal(stats_of(made).n_connections, 2);
  assert_int_equal(stats_of(made).n_connections_used, 2);
  assert_true(falls_to(count_fds, n_fds));
}

static void test_drop_connections_ends_calls_and_takes_new_ones(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.kind = QDRANT_FAULT_STALL;
  assert_int_equal(qdrant_mock_add_fault(made->mock, &fault, NULL), QDRANT_OK);
  raw_call *call = raw_call_start(made->client, &(raw_request){.path = "/qdrant.Qdrant/HealthCheck", .bytes = ""});
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (stats_of(made).n_faults == 0 && !qd_deadline_has_passed(limit_ns))
    nap();
  qdrant_mock_drop_connections(made->mock);
  assert_int_equal(stats_of(made).n_open, 0);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  raw_call_free(call);
  assert_int_equal(points_health(made->client), 0);
  assert_int_equal(stats_of(made).n_connections, 2);
}

static void test_last_header_gives_what_the_call_brought(void **state) {
  fixture *made = *state;
  char text[32] = "";
  qdrant_header headers[] = {{"api-key", "secret"}, {"x-request-id", "a-7"}};
  raw_request request = {
      .path = "/qdrant.Collections/List", .bytes = "", .timeout_ms = 50000, .headers = headers, .n_headers = 2};
  raw_call_free(raw_call_start(made->client, &request));
  assert_int_equal(qdrant_mock_last_header(made->mock, "Collections/List", "x-request-id", text, sizeof text), 3);
  assert_string_equal(text, "a-7");
  assert_int_equal(qdrant_mock_last_header(made->mock, "Collections/List", "api-key", text, 4), 6);
  assert_string_equal(text, "sec");
  assert_int_equal(qdrant_mock_last_header(made->mock, "Collections/List", "x-other", text, sizeof text), -1);
  assert_int_equal(qdrant_mock_last_header(made->mock, "Points/Count", "api-key", text, sizeof text), -1);
  assert_int_equal(qdrant_mock_last_header(made->mock, "Points/Count", "grpc-timeout-ms", text, sizeof text), -1);
  assert_true(qdrant_mock_last_header(made->mock, "Collections/List", "grpc-timeout-ms", text, sizeof text) > 0);
  /* gRPC writes few digits and rounds up: 50 s may read 50.1. */
  assert_in_range(strtol(text, NULL, 10), 1, 50100);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up_open, tear_down)
#define WITH_KEY(test) cmocka_unit_test_setup_teardown(test, set_up_with_key, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_without_options_serves_on_a_free_port),
      WITH_SERVER(test_start_on_a_taken_port_answers_unavailable),
      cmocka_unit_test(test_start_with_wrong_options_names_the_option),
      WITH_SERVER(test_start_two_servers_keeps_their_data_apart),
      cmocka_unit_test(test_stop_a_hundred_times_leaves_no_descriptor_and_no_thread),
      cmocka_unit_test(test_stop_with_a_call_that_stalls_ends_the_call),
      cmocka_unit_test(test_stop_of_null_does_nothing),
      cmocka_unit_test(test_start_out_of_memory_answers_no_memory),
      WITH_SERVER(test_call_of_an_unknown_method_answers_unimplemented),
      WITH_SERVER(test_call_with_bytes_that_are_no_message_answers_internal),
      WITH_SERVER(test_call_that_the_engine_refuses_answers_its_status_with_a_date),
      WITH_SERVER(test_call_of_many_slices_is_carried_out_whole),
      WITH_KEY(test_call_without_the_right_key_is_refused_in_the_servers_words),
      WITH_KEY(test_call_with_the_right_key_is_carried_out),
      WITH_KEY(test_health_check_without_a_key_is_answered),
      WITH_KEY(test_the_health_check_of_load_balancers_answers_serving),
      WITH_SERVER(test_get_stats_counts_calls_points_and_connections),
      WITH_SERVER(test_get_stats_of_a_smaller_size_leaves_what_follows),
      WITH_SERVER(test_close_by_the_peer_is_counted_and_frees_the_descriptors),
      WITH_SERVER(test_drop_connections_ends_calls_and_takes_new_ones),
      WITH_KEY(test_last_header_gives_what_the_call_brought),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

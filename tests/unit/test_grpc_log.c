/* What gRPC core says of a connection when it is asked to say everything. In a process of its own: core reads the
 * environment once. */
#include "qdrant/calls.h"
#include "qdrant/log.h"
#include "qdrant/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY "tops3cret"
#define KEY_IN_HEX "74 6f 70 73 33 63 72 65 74"

/* How often core spoke, how often something was blanked out, and how often the key could be read. */
typedef struct heard {
  atomic_int n_lines;
  atomic_int n_blanks;
  atomic_int n_keys;
} heard;

static void listen_to(void *user, qdrant_log_level level, const char *subject, const char *text) {
  heard *to = user;
  (void)level;
  atomic_fetch_add(&to->n_lines, strcmp(subject, "grpc") == 0);
  atomic_fetch_add(&to->n_blanks, strstr(text, "***") != NULL);
  atomic_fetch_add(&to->n_keys, strstr(text, KEY) != NULL || strcasestr(text, KEY_IN_HEX) != NULL);
}

static void call_with_key(void) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_mock_options served = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  qdrant_client *client = NULL;
  qdrant_reply *reply = NULL;
  served.api_key = KEY;
  assert_int_equal(qdrant_mock_start(&served, &mock, NULL), QDRANT_OK);
  options.url = qdrant_mock_url(mock);
  options.api_key = KEY;
  options.max_connections = 1;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(qdrant_collections_list(client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
}

static void test_core_that_says_everything_shows_no_key(void **state) {
  (void)state;
  static heard to;
  qdrant_log_set(QDRANT_LOG_DEBUG, listen_to, &to);
  qdrant_log_take_grpc(QDRANT_ON);
  call_with_key();
  qdrant_log_take_grpc(QDRANT_OFF);
  qdrant_log_set(QDRANT_LOG_OFF, NULL, NULL);
  assert_true(atomic_load(&to.n_lines) > 100);
  assert_true(atomic_load(&to.n_blanks) > 0);
  assert_int_equal(atomic_load(&to.n_keys), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_core_that_says_everything_shows_no_key)};
  setenv("GRPC_VERBOSITY", "DEBUG", 1);
  setenv("GRPC_TRACE", "api,http,tcp,channel", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A server that begins with what a file holds, and writes down what it has done. */
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/memory.h"
#include "qdrant/mock.h"
#include "qdrant/upsert.h"
#include "tests/support/made_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 2, N_POINTS = 3 };

static qdrant_client *open_client(const char *url, qdrant_toggle prefer_grpc, uint16_t rest_port) {
  qdrant_client *client = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = url;
  options.prefer_grpc = prefer_grpc;
  options.rest_port = rest_port;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  return client;
}

static void create(qdrant_client *client) {
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *request = qdrant_create_dense(arena, "stars", DIM, QDRANT__DISTANCE__Dot);
  assert_int_equal(qdrant_collections_create(client, request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
}

static void upsert(qdrant_client *client, uint64_t first_id, size_t n_points, qdrant_status expected) {
  uint64_t ids[N_POINTS] = {first_id, first_id + 1, first_id + 2};
  float values[N_POINTS * DIM] = {1, 2, 3, 4, 5, 6};
  qdrant_vector_column column = {.dim = DIM, .values = values};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.n_points = n_points;
  batch.ids = ids;
  batch.vectors = &column;
  batch.n_vectors = 1;
  assert_int_equal(qdrant_upsert(client, "stars", &batch, NULL, NULL, NULL, NULL), expected);
}

static void save_empty_collection(const char *path) {
  qdrant_client *engine = open_client(":memory:", QDRANT_DEFAULT, 0);
  create(engine);
  assert_int_equal(qdrant_memory_save(engine, NULL, path, NULL), QDRANT_OK);
  qdrant_client_close(engine);
}

static void test_start_with_files_begins_with_one_and_records_in_the_other(void **state) {
  (void)state;
  char load_path[] = "/tmp/qd-load-XXXXXX";
  close(mkstemp(load_path));
  made_file applied = made_file_of("", 0);
  qdrant_mock *mock = NULL;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  uint64_t seen[8] = {0};
  save_empty_collection(load_path);
  options.load_path = load_path;
  options.applied_path = applied.path;
  assert_int_equal(qdrant_mock_start(&options, &mock, NULL), QDRANT_OK);
  qdrant_client *grpc = open_client(qdrant_mock_url(mock), QDRANT_ON, 0);
  qdrant_client *rest = open_client(qdrant_mock_url(mock), QDRANT_OFF, qdrant_mock_rest_port(mock));

  upsert(grpc, 10, N_POINTS, QDRANT_OK);
  upsert(rest, 20, 1, QDRANT_OK);
  FILE *file = fopen(applied.path, "rb");
  assert_int_equal(fread(seen, sizeof seen[0], 8, file), N_POINTS + 1);
  fclose(file);
  assert_int_equal(seen[0] + seen[1] + seen[2], 33);
  assert_int_equal(seen[3], 20);

  qdrant_client_close(grpc);
  qdrant_client_close(rest);
  qdrant_mock_stop(mock);
  made_file_drop(&applied);
  unlink(load_path);
}

static void test_start_with_a_wrong_file_says_which(void **state) {
  (void)state;
  qdrant_mock *mock = NULL;
  qdrant_error err = {0};
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  made_file damaged = made_file_of("no snapshot", 11);
  options.load_path = "/nowhere/at/all";
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_NOT_FOUND);
  assert_non_null(strstr(err.message, "/nowhere/at/all"));
  options.load_path = damaged.path;
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_INVALID_ARGUMENT);
  options.load_path = NULL;
  options.applied_path = "/nowhere/at/all";
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_INTERNAL);
  assert_non_null(strstr(err.message, "applied_path"));
  assert_null(mock);
  made_file_drop(&damaged);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_with_files_begins_with_one_and_records_in_the_other),
      cmocka_unit_test(test_start_with_a_wrong_file_says_which),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "qdrant/calls.h"
#include "qdrant/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* An embedded client with a collection "c" of one point, and a folder. */
typedef struct world {
  qdrant_client *client;
  char folder[64];
  char path[96];
} world;

static qdrant_client *open_memory(const char *snapshot_directory) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client;
  options.url = ":memory:";
  options.memory_snapshot_directory = snapshot_directory;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  return client;
}

static void create_collection(qdrant_client *client) {
  Qdrant__VectorParams params = QDRANT__VECTOR_PARAMS__INIT;
  Qdrant__VectorsConfig vectors = QDRANT__VECTORS_CONFIG__INIT;
  Qdrant__CreateCollection request = QDRANT__CREATE_COLLECTION__INIT;
  qdrant_reply *reply;
  params.has_size = params.has_distance = 1;
  params.size = 2;
  params.distance = QDRANT__DISTANCE__Dot;
  vectors.config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
  vectors.params = &params;
  request.collection_name = (char *)"c";
  request.vectors_config = &vectors;
  assert_int_equal(qdrant_collections_create(client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
}

static int setup(void **state) {
  world *made = calloc(1, sizeof *made);
  assert_non_null(made);
  strcpy(made->folder, "/tmp/qdrant-test-XXXXXX");
  assert_non_null(mkdtemp(made->folder));
  snprintf(made->path, sizeof made->path, "%s/saved", made->folder);
  made->client = open_memory(NULL);
  create_collection(made->client);
  *state = made;
  return 0;
}

static int teardown(void **state) {
  world *made = *state;
  qdrant_client_close(made->client);
  unlink(made->path);
  assert_int_equal(rmdir(made->folder), 0);
  free(made);
  return 0;
}

static int has_collection(qdrant_client *client, const char *name) {
  Qdrant__CollectionExistsRequest request = QDRANT__COLLECTION_EXISTS_REQUEST__INIT;
  qdrant_reply *reply;
  request.collection_name = (char *)name;
  assert_int_equal(qdrant_collections_exists(client, &request, NULL, &reply, NULL), QDRANT_OK);
  int exists = qdrant_collections_exists_response(reply, NULL)->result->exists;
  qdrant_reply_free(reply);
  return exists;
}

static void test_memory_load_of_what_was_saved_is_there(void **state) {
  world *made = *state;
  qdrant_client *other = open_memory(NULL);
  assert_int_equal(qdrant_memory_save(made->client, NULL, made->path, NULL), QDRANT_OK);
  assert_int_equal(qdrant_memory_load(other, made->path, NULL, NULL), QDRANT_OK);
  assert_true(has_collection(other, "c"));
  assert_int_equal(qdrant_memory_load(other, made->path, "d", NULL), QDRANT_OK);
  assert_true(has_collection(other, "d"));
  qdrant_client_close(other);
}

static void test_memory_save_or_load_bad_argument_is_named(void **state) {
  world *made = *state;
  qdrant_error err;
  assert_int_equal(qdrant_memory_save(NULL, "c", made->path, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "client is NULL");
  assert_int_equal(qdrant_memory_save(made->client, "c", NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "path is NULL; name a file");
  assert_int_equal(qdrant_memory_load(made->client, "", NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "path is empty; name a file");
  assert_int_equal(qdrant_memory_save(made->client, "", made->path, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_memory_save(made->client, "x", made->path, &err), QDRANT_NOT_FOUND);
  assert_int_equal(qdrant_memory_load(made->client, made->path, NULL, &err), QDRANT_NOT_FOUND);
  assert_int_equal(access(made->path, F_OK), -1);
}

static void test_memory_save_where_no_file_can_be_internal_names_it(void **state) {
  world *made = *state;
  qdrant_error err;
  assert_int_equal(qdrant_memory_save(made->client, "c", "/nowhere/at/all", &err), QDRANT_INTERNAL);
  assert_non_null(strstr(err.message, "/nowhere/at/all"));
}

static void test_memory_save_of_a_servers_client_unsupported(void **state) {
  world *made = *state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *remote;
  qdrant_error err;
  options.url = "http://127.0.0.1:1";
  assert_int_equal(qdrant_client_open(&options, &remote, NULL), QDRANT_OK);
  assert_int_equal(qdrant_memory_save(remote, "c", made->path, &err), QDRANT_UNSUPPORTED);
  assert_int_equal(qdrant_memory_load(remote, made->path, NULL, &err), QDRANT_UNSUPPORTED);
  qdrant_client_close(remote);
}

static void test_snapshot_directory_gets_the_snapshots_and_keeps_them(void **state) {
  world *made = *state;
  Qdrant__CreateSnapshotRequest request = QDRANT__CREATE_SNAPSHOT_REQUEST__INIT;
  qdrant_client *client = open_memory(made->folder);
  qdrant_reply *reply;
  char path[512];
  create_collection(client);
  request.collection_name = (char *)"c";
  assert_int_equal(qdrant_snapshots_create(client, &request, NULL, &reply, NULL), QDRANT_OK);
  const char *name = qdrant_snapshots_create_response(reply, NULL)->snapshot_description->name;
  snprintf(path, sizeof path, "%s/c-c/%s", made->folder, name);
  qdrant_reply_free(reply);
  qdrant_client_close(client);
  assert_int_equal(qdrant_memory_load(made->client, path, "again", NULL), QDRANT_OK);
  assert_true(has_collection(made->client, "again"));
  assert_int_equal(unlink(path), 0);
  strcat(path, ".checksum");
  assert_int_equal(unlink(path), 0);
  snprintf(path, sizeof path, "%s/c-c", made->folder);
  assert_int_equal(rmdir(path), 0);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_memory_load_of_what_was_saved_is_there),
      QD_TEST(test_memory_save_or_load_bad_argument_is_named),
      QD_TEST(test_memory_save_where_no_file_can_be_internal_names_it),
      QD_TEST(test_memory_save_of_a_servers_client_unsupported),
      QD_TEST(test_snapshot_directory_gets_the_snapshots_and_keeps_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

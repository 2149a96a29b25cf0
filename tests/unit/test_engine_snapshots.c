#include "memory/snapshot.h"

#include "core/sha256.h"
#include "qdrant/pb/snapshots.pb-c.h"
#include "tests/support/asked_engine.h"
#include "tests/support/torture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* An engine with a collection of every kind of vector, points with and without them, an index, an alias; and a
 * directory for its snapshots. */
typedef struct kept {
  asked_engine *engine;
  char directory[64];
} kept;

static void fill(asked_engine *engine) {
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'d': {'size': 3, 'distance': 'Cosine'},"
      "'h': {'size': 3, 'distance': 'Cosine', 'datatype': 'Float16'},"
      "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}}, 'sparse_vectors_config': {'map': {'s':"
      "{'modifier': 'Idf'}}}, 'metadata': {'a': [1]}}");
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 18446744073709551615, 'payload': {'n': 1, 'deep': {'x': [null, "
      "1.5]}},"
      "'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [0.1, 0.7, 3]}}, 'h': {'dense': {'data': [1, 2, "
      "5]}},"
      "'m': {'multi_dense': {'vectors': [{'data': [1, 2]}, {'data': [3, 4]}]}},"
      "'s': {'sparse': {'indices': [4294967295, 3], 'values': [1, -2]}}}}}},"
      "{'id': '550e8400-e29b-41d4-a716-446655440000', 'vectors': {'vectors': {}}}]}");
  ask_ok(engine, "Points/SetPayload",
      "{'collection_name': 'c', 'payload': {'later': true}, 'points_selector': {'points': {'ids':"
      "[18446744073709551615]}}}");
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'n', 'field_type': 'FieldTypeInteger'}");
  ask_ok(engine, "Collections/Create",
      "{'collection_name': '..', 'vectors_config': {'params': {'size': 1, 'distance': 'Dot'}}}");
  ask_ok(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}}]}");
}

static int setup(void **state) {
  kept *made = calloc(1, sizeof *made);
  assert_non_null(made);
  assert_int_equal(asked_engine_setup((void **)&made->engine), 0);
  strcpy(made->directory, "/tmp/qdrant-test-XXXXXX");
  assert_non_null(mkdtemp(made->directory));
  assert_true(qd_engine_set_snapshot_directory(made->engine->engine, made->directory));
  fill(made->engine);
  *state = made;
  return 0;
}

/* Takes a folder away with all in it. */
static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char below[1024];
    snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(below) != 0)
      remove_folder(below);
  }
  closedir(folder);
  assert_int_equal(rmdir(path), 0);
}

static int teardown(void **state) {
  kept *made = *state;
  void *engine = made->engine;
  asked_engine_teardown(&engine);
  remove_folder(made->directory);
  free(made);
  return 0;
}

/* What a call answers, as the bytes of a message without its time. */
typedef struct packed {
  uint8_t bytes[4096];
  size_t n_bytes;
} packed;

static packed pack_answer(asked_engine *engine, const char *rpc, const char *request) {
  packed made = {.n_bytes = 0};
  ask_ok(engine, rpc, request);
  const ProtobufCFieldDescriptor *time =
      protobuf_c_message_descriptor_get_field_by_name(engine->reply->descriptor, "time");
  *(protobuf_c_boolean *)((uint8_t *)engine->reply + time->quantifier_offset) = 0;
  assert_true(protobuf_c_message_get_packed_size(engine->reply) <= sizeof made.bytes);
  made.n_bytes = protobuf_c_message_pack(engine->reply, made.bytes);
  return made;
}

static void assert_same_answer(asked_engine *one, asked_engine *other, const char *rpc, const char *request) {
  packed first = pack_answer(one, rpc, request);
  packed second = pack_answer(other, rpc, request);
  assert_int_equal(first.n_bytes, second.n_bytes);
  assert_memory_equal(first.bytes, second.bytes, first.n_bytes);
}

#define QD_SCROLL "{'collection_name': 'c', 'with_vectors': {'enable': true}, 'with_payload': {'enable': true}}"
#define QD_QUERY                                                                                                       \
  "{'collection_name': 'c', 'using': 's', 'query': {'nearest': {'sparse': {'indices': [3], 'values': [1]}}}}"

/* Creates a snapshot and tells where it is. */
static void create(kept *of, const char *rpc, const char *request, const char *folder, char path[512]) {
  ask_ok(of->engine, rpc, request);
  const Qdrant__SnapshotDescription *made =
      ((const Qdrant__CreateSnapshotResponse *)of->engine->reply)->snapshot_description;
  snprintf(path, 512, "%s/%s/%s", of->directory, folder, made->name);
}

static void test_recover_of_a_snapshot_brings_all_back_bit_by_bit(void **state) {
  kept *of = *state;
  void *other = NULL;
  char path[512];
  create(of, "Snapshots/Create", "{'collection_name': 'a'}", "c-c", path);
  assert_int_equal(asked_engine_setup(&other), 0);
  asked_engine *second = other;
  assert_int_equal(qd_engine_recover(second->engine, path, NULL, NULL), QDRANT_OK);
  assert_same_answer(of->engine, second, "Points/Scroll", QD_SCROLL);
  assert_same_answer(of->engine, second, "Points/Query", QD_QUERY);
  assert_same_answer(of->engine, second, "Collections/Get", "{'collection_name': 'c'}");
  assert_answer(second, "Points/Delete", "{'collection_name': 'c', 'points': {'filter': {}}}",
      "{'result': {'operation_id': 5, 'status': 'Acknowledged'}}");
  asked_engine_teardown(&other);
}

static void test_recover_replaces_and_renames(void **state) {
  kept *of = *state;
  qdrant_error err = {0};
  char path[512];
  create(of, "Snapshots/Create", "{'collection_name': 'c'}", "c-c", path);
  ask_ok(of->engine, "Points/Delete", "{'collection_name': 'c', 'points': {'filter': {}}}");
  assert_int_equal(qd_engine_recover(of->engine->engine, path, NULL, &err), QDRANT_OK);
  assert_int_equal(count_matching(of->engine, "a", "{}"), 2);
  assert_int_equal(qd_engine_recover(of->engine->engine, path, "copy", &err), QDRANT_OK);
  assert_int_equal(count_matching(of->engine, "copy", "{}"), 2);
  assert_int_equal(count_matching(of->engine, "c", "{}"), 2);
}

static void test_recover_of_a_full_snapshot_brings_aliases(void **state) {
  kept *of = *state;
  void *other = NULL;
  qdrant_error err = {0};
  char path[512];
  create(of, "Snapshots/CreateFull", "{}", "full", path);
  assert_int_equal(asked_engine_setup(&other), 0);
  asked_engine *second = other;
  assert_int_equal(qd_engine_recover(second->engine, path, "x", &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qd_engine_recover(second->engine, path, NULL, NULL), QDRANT_OK);
  assert_same_answer(of->engine, second, "Collections/List", "{}");
  assert_same_answer(of->engine, second, "Collections/ListAliases", "{}");
  assert_int_equal(count_matching(second, "a", "{}"), 2);
  asked_engine_teardown(&other);
}

/* Cut anywhere, or with any one byte changed, a file is read whole or refused, and nothing is left behind. */
static void test_recover_of_a_damaged_file_is_refused(void **state) {
  kept *of = *state;
  char path[512];
  char damaged[600];
  static uint8_t bytes[8192];
  create(of, "Snapshots/Create", "{'collection_name': 'c'}", "c-c", path);
  FILE *file = fopen(path, "rb");
  size_t n = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  assert_in_range(n, 100, sizeof bytes - 1);
  snprintf(damaged, sizeof damaged, "%s/damaged", of->directory);
  for (size_t i = 0; i < n; i++) {
    qd_snapshot read;
    file = fopen(damaged, "wb");
    assert_int_equal(fwrite(bytes, 1, i, file), i);
    fclose(file);
    assert_int_equal(qd_snapshot_read(damaged, NULL, &read, NULL), QDRANT_INVALID_ARGUMENT);
    assert_int_equal(read.n, 0);
    bytes[i] ^= 0x41;
    file = fopen(damaged, "wb");
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
    bytes[i] ^= 0x41;
    if (qd_snapshot_read(damaged, NULL, &read, NULL) == QDRANT_OK)
      qd_snapshot_free(&read);
  }
  unlink(damaged);
  assert_int_equal(qd_engine_recover(of->engine->engine, damaged, NULL, &of->engine->err), QDRANT_NOT_FOUND);
}

static qdrant_status read_and_free(void *user) {
  qd_snapshot read;
  qdrant_status status = qd_snapshot_read(user, NULL, &read, NULL);
  if (status == QDRANT_OK)
    qd_snapshot_free(&read);
  return status;
}

static void test_read_out_of_memory_leaves_nothing_behind(void **state) {
  kept *of = *state;
  char path[512];
  create(of, "Snapshots/CreateFull", "{}", "full", path);
  torture(read_and_free, path);
}

static void test_create_describes_a_file_with_its_checksum(void **state) {
  kept *of = *state;
  char path[512];
  char checksum[QD_SHA256_TEXT_BYTES];
  struct stat found;
  create(of, "Snapshots/Create", "{'collection_name': 'c'}", "c-c", path);
  const Qdrant__SnapshotDescription *made =
      ((const Qdrant__CreateSnapshotResponse *)of->engine->reply)->snapshot_description;
  assert_int_equal(stat(path, &found), 0);
  assert_int_equal(made->size, found.st_size);
  assert_int_equal(made->creation_time->seconds, found.st_mtime);
  assert_int_equal(qd_sha256_file(path, checksum, NULL), QDRANT_OK);
  assert_string_equal(made->checksum, checksum);
  assert_memory_equal(made->name, "c-1-20", 6);
}

static void test_create_twice_makes_two_files_that_are_listed_and_deleted(void **state) {
  kept *of = *state;
  char request[600];
  char name[256];
  ask_ok(of->engine, "Snapshots/Create", "{'collection_name': '..'}");
  ask_ok(of->engine, "Snapshots/Create", "{'collection_name': '..'}");
  ask_ok(of->engine, "Snapshots/List", "{'collection_name': '..'}");
  const Qdrant__ListSnapshotsResponse *list = (const Qdrant__ListSnapshotsResponse *)of->engine->reply;
  assert_int_equal(list->n_snapshot_descriptions, 2);
  assert_string_not_equal(list->snapshot_descriptions[0]->name, list->snapshot_descriptions[1]->name);
  assert_int_equal(strlen(list->snapshot_descriptions[1]->checksum), 64);
  snprintf(name, sizeof name, "%s", list->snapshot_descriptions[0]->name);
  snprintf(request, sizeof request, "{'collection_name': '..', 'snapshot_name': '%s'}", name);
  ask_ok(of->engine, "Snapshots/Delete", request);
  char message[400];
  snprintf(message, sizeof message, "Not found: Snapshot %s not found", name);
  assert_refusal(of->engine, "Snapshots/Delete", request, QDRANT_NOT_FOUND, message);
  ask_ok(of->engine, "Snapshots/List", "{'collection_name': '..'}");
  assert_int_equal(((const Qdrant__ListSnapshotsResponse *)of->engine->reply)->n_snapshot_descriptions, 1);
  assert_answer(of->engine, "Snapshots/List", "{'collection_name': 'c'}", "{}");
  assert_answer(of->engine, "Snapshots/ListFull", "{}", "{}");
}

static void test_delete_of_a_path_not_found(void **state) {
  kept *of = *state;
  char path[512];
  create(of, "Snapshots/Create", "{'collection_name': 'c'}", "c-c", path);
  assert_refusal(of->engine, "Snapshots/Delete", "{'collection_name': '..', 'snapshot_name': '../c-c/x.snapshot'}",
      QDRANT_NOT_FOUND, "Not found: Snapshot ../c-c/x.snapshot not found");
  assert_refusal(of->engine, "Snapshots/DeleteFull", "{'snapshot_name': '../x'}", QDRANT_NOT_FOUND,
      "Not found: Snapshot ../x not found");
  assert_int_equal(access(path, R_OK), 0);
}

static void test_snapshots_of_missing_collection_not_found(void **state) {
  kept *of = *state;
  static const char message[] = "Not found: Collection `x` doesn't exist!";
  assert_refusal(of->engine, "Snapshots/Create", "{'collection_name': 'x'}", QDRANT_NOT_FOUND, message);
  assert_refusal(of->engine, "Snapshots/List", "{'collection_name': 'x'}", QDRANT_NOT_FOUND, message);
  assert_refusal(
      of->engine, "Snapshots/Delete", "{'collection_name': 'x', 'snapshot_name': 's'}", QDRANT_NOT_FOUND, message);
}

static void test_create_where_nothing_can_be_written_internal_names_the_file(void **state) {
  kept *of = *state;
  char folder[128];
  snprintf(folder, sizeof folder, "%s/c-c", of->directory);
  FILE *file = fopen(folder, "wb");
  assert_non_null(file);
  fclose(file);
  assert_int_equal(ask(of->engine, "Snapshots/Create", "{'collection_name': 'c'}"), QDRANT_INTERNAL);
  assert_non_null(strstr(of->engine->err.message, folder));
}

/* The directory an engine makes by itself goes with it. */
static void test_temporary_directory_is_gone_with_the_engine(void **state) {
  char directory[] = "/tmp/qdrant-test-XXXXXX";
  void *engine = NULL;
  (void)state;
  assert_non_null(mkdtemp(directory));
  char *before = getenv("TMPDIR");
  before = before != NULL ? strdup(before) : NULL;
  assert_int_equal(setenv("TMPDIR", directory, 1), 0);
  assert_int_equal(asked_engine_setup(&engine), 0);
  ask_ok(engine, "Collections/Create", "{'collection_name': 'c', 'vectors_config': {'params_map': {}}}");
  ask_ok(engine, "Snapshots/Create", "{'collection_name': 'c'}");
  ask_ok(engine, "Snapshots/CreateFull", "{}");
  assert_int_not_equal(rmdir(directory), 0);
  asked_engine_teardown(&engine);
  assert_int_equal(rmdir(directory), 0);
  assert_int_equal(before != NULL ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR"), 0);
  free(before);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_recover_of_a_snapshot_brings_all_back_bit_by_bit),
      QD_TEST(test_recover_replaces_and_renames),
      QD_TEST(test_recover_of_a_full_snapshot_brings_aliases),
      QD_TEST(test_recover_of_a_damaged_file_is_refused),
      QD_TEST(test_read_out_of_memory_leaves_nothing_behind),
      QD_TEST(test_create_describes_a_file_with_its_checksum),
      QD_TEST(test_create_twice_makes_two_files_that_are_listed_and_deleted),
      QD_TEST(test_delete_of_a_path_not_found),
      QD_TEST(test_snapshots_of_missing_collection_not_found),
      QD_TEST(test_create_where_nothing_can_be_written_internal_names_the_file),
      cmocka_unit_test(test_temporary_directory_is_gone_with_the_engine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

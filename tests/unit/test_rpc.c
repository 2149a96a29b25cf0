#include "core/rpc.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The tests run in the repository's root. */
#define SERVICE_FILES "proto/*_service.proto"

typedef struct method {
  char path[160]; /* "/qdrant.Points/Upsert" */
  char request[96];
  char reply[96];
} method;

enum { MAX_METHODS = 200 };

typedef struct methods {
  method all[MAX_METHODS];
  size_t n;
} methods;

static void read_methods(const char *file_name, methods *found) {
  char line[512];
  char service[64] = "";
  FILE *file = fopen(file_name, "r");
  if (file == NULL)
    fail_msg("cannot open %s", file_name);
  while (fgets(line, sizeof line, file) != NULL) {
    char name[64];
    char request[96];
    char reply[96];
    sscanf(line, "service %63s {", service);
    if (sscanf(line, " rpc %63[A-Za-z](%95[A-Za-z]) returns (%95[A-Za-z])", name, request, reply) != 3)
      continue;
    assert_true(found->n < MAX_METHODS && service[0] != '\0');
    method *each = &found->all[found->n++];
    snprintf(each->path, sizeof each->path, "/qdrant.%s/%s", service, name);
    memcpy(each->request, request, sizeof request);
    memcpy(each->reply, reply, sizeof reply);
  }
  fclose(file);
}

static int read_all_methods(void **state) {
  static methods found;
  glob_t files;
  assert_int_equal(glob(SERVICE_FILES, 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++)
    read_methods(files.gl_pathv[i], &found);
  globfree(&files);
  *state = &found;
  return 0;
}

static void test_qd_rpc_row_is_there_once_for_every_method_of_every_service(void **state) {
  const methods *found = *state;
  assert_int_equal(found->n, 51);
  assert_int_equal(QDRANT_N_RPCS, 51);
  for (size_t i = 0; i < found->n; i++) {
    size_t n_rows = 0;
    for (int id = 0; id < QDRANT_N_RPCS; id++)
      n_rows += strcmp(qd_rpc_row((qdrant_rpc)id)->path, found->all[i].path) == 0;
    if (n_rows != 1)
      fail_msg("%s has %zu rows", found->all[i].path, n_rows);
  }
}

static void test_qd_rpc_row_has_the_types_of_its_method(void **state) {
  const methods *found = *state;
  for (size_t i = 0; i < found->n; i++) {
    const method *each = &found->all[i];
    const qd_rpc *row = qd_rpc_find_path(each->path, strlen(each->path));
    assert_non_null(row);
    assert_string_equal(row->request->short_name, each->request);
    assert_string_equal(row->reply->short_name, each->reply);
  }
}

static void test_qd_rpc_row_names_the_number_of_the_timeout_field(void **state) {
  (void)state;
  for (int id = 0; id < QDRANT_N_RPCS; id++) {
    const qd_rpc *row = qd_rpc_row((qdrant_rpc)id);
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(row->request, "timeout");
    assert_int_equal(row->timeout_field, field == NULL ? 0 : field->id);
    if (field != NULL)
      assert_int_equal(field->type, PROTOBUF_C_TYPE_UINT64);
  }
}

static void test_qd_rpc_row_agrees_with_its_number_name_and_path(void **state) {
  (void)state;
  for (int id = 0; id < QDRANT_N_RPCS; id++) {
    const qd_rpc *row = qd_rpc_row((qdrant_rpc)id);
    qdrant_rpc by_name = QDRANT_N_RPCS;
    assert_int_equal(row->id, id);
    assert_memory_equal(row->path, "/qdrant.", 8);
    assert_string_equal(row->path + 8, row->name);
    assert_string_equal(qdrant_rpc_name((qdrant_rpc)id), row->name);
    assert_int_equal(qdrant_rpc_find(row->name, &by_name), 1);
    assert_int_equal(by_name, id);
    assert_ptr_equal(qd_rpc_find_path(row->path, strlen(row->path)), row);
  }
}

static void test_qd_rpc_of_an_unknown_number_name_or_path_is_none(void **state) {
  (void)state;
  qdrant_rpc rpc = QDRANT_RPC_POINTS_GET;
  assert_null(qd_rpc_row(QDRANT_N_RPCS));
  assert_null(qd_rpc_row((qdrant_rpc)-1));
  assert_null(qdrant_rpc_name(QDRANT_N_RPCS));
  assert_int_equal(qdrant_rpc_find("Points/Nothing", &rpc), 0);
  assert_int_equal(qdrant_rpc_find("", &rpc), 0);
  assert_int_equal(qdrant_rpc_find(NULL, &rpc), 0);
  assert_int_equal(rpc, QDRANT_RPC_POINTS_GET);
  assert_int_equal(qdrant_rpc_find("Points/Get", NULL), 0);
  assert_null(qd_rpc_find_path("/qdrant.Points/Get", 17));
  assert_null(qd_rpc_find_path("/qdrant.Points/Get\0", 19));
  assert_null(qd_rpc_find_path("/qdrant.Points/Search/", 22));
  assert_null(qd_rpc_find_path("", 0));
}

static void test_qd_rpc_row_of_a_write_is_never_repeatable_as_a_read(void **state) {
  (void)state;
  static const qdrant_rpc writes[] = {QDRANT_RPC_COLLECTIONS_CREATE, QDRANT_RPC_COLLECTIONS_UPDATE,
      QDRANT_RPC_COLLECTIONS_DELETE, QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES, QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP,
      QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY, QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY, QDRANT_RPC_POINTS_UPSERT,
      QDRANT_RPC_POINTS_DELETE, QDRANT_RPC_POINTS_UPDATE_VECTORS, QDRANT_RPC_POINTS_DELETE_VECTORS,
      QDRANT_RPC_POINTS_SET_PAYLOAD, QDRANT_RPC_POINTS_OVERWRITE_PAYLOAD, QDRANT_RPC_POINTS_DELETE_PAYLOAD,
      QDRANT_RPC_POINTS_CLEAR_PAYLOAD, QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, QDRANT_RPC_POINTS_DELETE_FIELD_INDEX,
      QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, QDRANT_RPC_POINTS_DELETE_VECTOR_NAME, QDRANT_RPC_POINTS_UPDATE_BATCH,
      QDRANT_RPC_SNAPSHOTS_CREATE, QDRANT_RPC_SNAPSHOTS_DELETE, QDRANT_RPC_SNAPSHOTS_CREATE_FULL,
      QDRANT_RPC_SNAPSHOTS_DELETE_FULL};
  size_t n_not_reads = 0;
  for (int id = 0; id < QDRANT_N_RPCS; id++)
    n_not_reads += qd_rpc_row((qdrant_rpc)id)->retry_class != QD_RETRY_READ;
  for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++)
    assert_int_not_equal(qd_rpc_row(writes[i])->retry_class, QD_RETRY_READ);
  assert_int_equal(n_not_reads, sizeof writes / sizeof writes[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_rpc_row_is_there_once_for_every_method_of_every_service),
      cmocka_unit_test(test_qd_rpc_row_has_the_types_of_its_method),
      cmocka_unit_test(test_qd_rpc_row_names_the_number_of_the_timeout_field),
      cmocka_unit_test(test_qd_rpc_row_agrees_with_its_number_name_and_path),
      cmocka_unit_test(test_qd_rpc_of_an_unknown_number_name_or_path_is_none),
      cmocka_unit_test(test_qd_rpc_row_of_a_write_is_never_repeatable_as_a_read),
  };
  return cmocka_run_group_tests(tests, read_all_methods, NULL);
}

#include "client/hits.h"
#include "client/reply.h"
#include "qdrant/build.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Replies as messages, the way the embedded engine gives them. */
typedef struct fixture {
  qd_arena_pool *pool;
  qdrant_reply *reply;
  qdrant_hits *hits;
  qdrant_error err;
} fixture;

static Qdrant__ScoredPoint *add_hit(qdrant_reply *reply, Qdrant__QueryResponse *response, Qdrant__PointId *id) {
  Qdrant__ScoredPoint *point = QDRANT_NEW(reply->arena, scored_point);
  point->id = id;
  QDRANT_SET(point, score, 0.5f);
  QDRANT_APPEND(reply->arena, response, result, point);
  return point;
}

static Qdrant__QueryResponse *begin(fixture *f) {
  *f = (fixture){.pool = qd_arena_pool_new(4, 1 << 20)};
  f->reply = qd_reply_new(f->pool, qd_rpc_row(QDRANT_RPC_POINTS_QUERY));
  Qdrant__QueryResponse *response = QDRANT_NEW(f->reply->arena, query_response);
  f->reply->message = &response->base;
  return response;
}

static void take(fixture *f) {
  assert_int_equal(qdrant_hits_take(&f->reply, &f->hits, &f->err), QDRANT_OK);
  assert_null(f->reply);
}

static void end(fixture *f) {
  qdrant_hits_free(f->hits);
  qd_arena_pool_unref(f->pool);
}

static const float floats[] = {1, 2, 3, 4};

static Qdrant__VectorOutput *make_output(qd_arena *arena, size_t n) {
  Qdrant__VectorOutput *output = QDRANT_NEW(arena, vector_output);
  output->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_DENSE;
  output->dense = qdrant_vector_dense(arena, floats, n)->dense;
  return output;
}

static void test_hits_take_uuid_ids_no_numbers_column(void **state) {
  (void)state;
  fixture f;
  qdrant_point_id id;
  char text[37];
  Qdrant__QueryResponse *response = begin(&f);
  add_hit(f.reply, response, qdrant_point_id_num(f.reply->arena, UINT64_MAX));
  add_hit(f.reply, response, qdrant_point_id_uuid(f.reply->arena, "550e8400-e29b-41d4-a716-446655440000"));
  take(&f);
  assert_null(qdrant_hits_nums(f.hits));
  assert_int_equal(qdrant_hits_id(f.hits, 0, &id, NULL), QDRANT_OK);
  assert_false(id.is_uuid);
  assert_true(id.num == UINT64_MAX);
  assert_int_equal(qdrant_hits_id(f.hits, 1, &id, NULL), QDRANT_OK);
  assert_true(id.is_uuid);
  qdrant_uuid_format(&id.uuid, text);
  assert_string_equal(text, "550e8400-e29b-41d4-a716-446655440000");
  end(&f);
}

static void test_hits_vector_unnamed_read(void **state) {
  (void)state;
  fixture f;
  const float *values = NULL;
  size_t n = 0;
  Qdrant__QueryResponse *response = begin(&f);
  Qdrant__ScoredPoint *point = add_hit(f.reply, response, qdrant_point_id_num(f.reply->arena, 1));
  point->vectors = QDRANT_NEW(f.reply->arena, vectors_output);
  point->vectors->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR;
  point->vectors->vector = make_output(f.reply->arena, 3);
  take(&f);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, NULL, &values, &n, &f.err), QDRANT_OK);
  assert_int_equal(n, 3);
  assert_memory_equal(values, floats, 3 * sizeof(float));
  assert_int_equal(qdrant_hits_vector(f.hits, 0, "other", &values, &n, &f.err), QDRANT_NOT_FOUND);
  assert_non_null(strstr(f.err.message, "no vector \"other\""));
  end(&f);
}

static void test_hits_vector_of_an_old_server_read(void **state) {
  (void)state;
  fixture f;
  const float *values = NULL;
  size_t n = 0;
  float data[] = {7, 8};
  Qdrant__QueryResponse *response = begin(&f);
  Qdrant__ScoredPoint *point = add_hit(f.reply, response, qdrant_point_id_num(f.reply->arena, 1));
  point->vectors = QDRANT_NEW(f.reply->arena, vectors_output);
  point->vectors->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR;
  point->vectors->vector = QDRANT_NEW(f.reply->arena, vector_output);
  point->vectors->vector->data = data;
  point->vectors->vector->n_data = 2;
  take(&f);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, "", &values, &n, &f.err), QDRANT_OK);
  assert_int_equal(n, 2);
  assert_memory_equal(values, data, sizeof data);
  end(&f);
}

static void add_named(
    qd_arena *arena, Qdrant__NamedVectorsOutput *named, const char *name, Qdrant__VectorOutput *output) {
  Qdrant__NamedVectorsOutput__VectorsEntry *entry = QDRANT_NEW(arena, named_vectors_output__vectors_entry);
  entry->key = qdrant_arena_strdup(arena, name);
  entry->value = output;
  QDRANT_APPEND(arena, named, vectors, entry);
}

static void test_hits_vector_named_found_by_name_only_dense(void **state) {
  (void)state;
  fixture f;
  const float *values = NULL;
  size_t n = 0;
  uint32_t indices[] = {3};
  Qdrant__QueryResponse *response = begin(&f);
  qd_arena *arena = f.reply->arena;
  Qdrant__ScoredPoint *point = add_hit(f.reply, response, qdrant_point_id_num(arena, 1));
  point->vectors = QDRANT_NEW(arena, vectors_output);
  point->vectors->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTORS;
  point->vectors->vectors = QDRANT_NEW(arena, named_vectors_output);
  Qdrant__VectorOutput *sparse = QDRANT_NEW(arena, vector_output);
  sparse->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_SPARSE;
  sparse->sparse = qdrant_vector_sparse(arena, indices, floats, 1)->sparse;
  add_named(arena, point->vectors->vectors, "text", sparse);
  add_named(arena, point->vectors->vectors, "image", make_output(arena, 4));
  take(&f);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, "image", &values, &n, &f.err), QDRANT_OK);
  assert_int_equal(n, 4);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, "text", &values, &n, &f.err), QDRANT_NOT_FOUND);
  assert_non_null(strstr(f.err.message, "not dense"));
  assert_int_equal(qdrant_hits_vector(f.hits, 0, NULL, &values, &n, &f.err), QDRANT_NOT_FOUND);
  end(&f);
}

static void test_hits_point_and_payload_read_twice_the_same(void **state) {
  (void)state;
  fixture f;
  const Qdrant__ScoredPoint *point = NULL, *again = NULL;
  const char *json = NULL, *json_again = NULL;
  size_t n_bytes = 0;
  Qdrant__QueryResponse *response = begin(&f);
  add_hit(f.reply, response, qdrant_point_id_num(f.reply->arena, 42));
  take(&f);
  assert_int_equal(qdrant_hits_point(f.hits, 0, &point, &f.err), QDRANT_OK);
  assert_int_equal(point->id->num, 42);
  assert_int_equal(qdrant_hits_point(f.hits, 0, &again, &f.err), QDRANT_OK);
  assert_ptr_equal(point, again);
  assert_int_equal(qdrant_hits_payload_json(f.hits, 0, &json, &n_bytes, &f.err), QDRANT_OK);
  assert_string_equal(json, "{}");
  assert_int_equal(n_bytes, 2);
  assert_int_equal(qdrant_hits_payload_json(f.hits, 0, &json_again, NULL, &f.err), QDRANT_OK);
  assert_ptr_equal(json, json_again);
  end(&f);
}

static void test_hits_positions_beyond_the_end_refused(void **state) {
  (void)state;
  fixture f;
  size_t first = 0, n = 0;
  qdrant_point_id id;
  const char *json = NULL;
  const float *values = NULL;
  const Qdrant__ScoredPoint *point = NULL;
  begin(&f);
  take(&f);
  assert_int_equal(qdrant_hits_n_queries(f.hits), 1);
  assert_int_equal(qdrant_hits_count(f.hits), 0);
  assert_int_equal(qdrant_hits_query(f.hits, 0, &first, &n, NULL), QDRANT_OK);
  assert_int_equal(n, 0);
  assert_int_equal(qdrant_hits_query(f.hits, 1, &first, &n, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "query 1 does not exist; there are 1");
  assert_int_equal(qdrant_hits_id(f.hits, 0, &id, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "hit 0 does not exist; there are 0");
  assert_int_equal(qdrant_hits_payload_json(f.hits, 0, &json, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, NULL, &values, &n, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_hits_point(f.hits, 0, &point, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_hits_id(NULL, 0, &id, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_hits_vector(f.hits, 0, NULL, NULL, &n, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_hits_n_queries(NULL) + qdrant_hits_count(NULL), 0);
  assert_null(qdrant_hits_scores(NULL));
  assert_null(qdrant_hits_nums(NULL));
  qdrant_hits_free(NULL);
  end(&f);
}

static void test_hits_take_reply_of_another_rpc_refused_and_freed(void **state) {
  (void)state;
  fixture f = {.pool = qd_arena_pool_new(4, 1 << 20)};
  f.reply = qd_reply_new(f.pool, qd_rpc_row(QDRANT_RPC_POINTS_COUNT));
  assert_int_equal(qdrant_hits_take(&f.reply, &f.hits, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(f.err.message, "the reply answers Points/Count"));
  assert_null(f.reply);
  f.reply = qd_reply_new(f.pool, qd_rpc_row(QDRANT_RPC_POINTS_QUERY));
  assert_int_equal(qdrant_hits_take(&f.reply, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_null(f.reply);
  end(&f);
}

static qdrant_status take_and_read(void *user) {
  fixture f = {.pool = qd_arena_pool_new(4, 1 << 20)};
  const char *json = NULL;
  const Qdrant__ScoredPoint *point = NULL;
  qdrant_status status = QDRANT_NO_MEMORY;
  (void)user;
  f.reply = f.pool != NULL ? qd_reply_new(f.pool, qd_rpc_row(QDRANT_RPC_POINTS_QUERY)) : NULL;
  static const uint8_t one_hit[] = {0x0a, 0x09, 0x0a, 0x02, 0x08, 0x07, 0x1d, 0, 0, 0, 0x3f};
  if (f.reply != NULL) {
    f.reply->encoded = one_hit;
    f.reply->n_encoded = sizeof one_hit;
    status = qdrant_hits_take(&f.reply, &f.hits, NULL);
  }
  if (status == QDRANT_OK)
    status = qdrant_hits_payload_json(f.hits, 0, &json, NULL, NULL);
  if (status == QDRANT_OK)
    status = qdrant_hits_point(f.hits, 0, &point, NULL);
  end(&f);
  return status;
}

static void test_hits_allocations_fail_no_memory(void **state) {
  (void)state;
  torture(take_and_read, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hits_take_uuid_ids_no_numbers_column),
      cmocka_unit_test(test_hits_vector_unnamed_read),
      cmocka_unit_test(test_hits_vector_of_an_old_server_read),
      cmocka_unit_test(test_hits_vector_named_found_by_name_only_dense),
      cmocka_unit_test(test_hits_point_and_payload_read_twice_the_same),
      cmocka_unit_test(test_hits_positions_beyond_the_end_refused),
      cmocka_unit_test(test_hits_take_reply_of_another_rpc_refused_and_freed),
      cmocka_unit_test(test_hits_allocations_fail_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

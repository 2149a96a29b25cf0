#include "qdrant/build.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int open_arena(void **state) {
  *state = qdrant_arena_new();
  return *state == NULL;
}

static int close_arena(void **state) {
  qdrant_arena_free(*state);
  return 0;
}

static const float floats[] = {1, 2, 3, 4, 5, 6};
static const uint32_t indices[] = {7, 9};

static void test_message_new_fields_at_defaults(void **state) {
  Qdrant__QueryPoints *query = QDRANT_NEW(*state, query_points);
  assert_ptr_equal(query->base.descriptor, &qdrant__query_points__descriptor);
  assert_string_equal(query->collection_name, "");
  assert_false(query->has_limit);
  QDRANT_SET(query, limit, 5);
  assert_true(query->has_limit);
  assert_int_equal(query->limit, 5);
  assert_null(qdrant_message_new(NULL, &qdrant__query_points__descriptor));
  assert_null(qdrant_message_new(*state, NULL));
}

static void test_list_append_many_all_in_order(void **state) {
  Qdrant__GetPoints *get = QDRANT_NEW(*state, get_points);
  for (uint64_t i = 0; i < 1000; i++)
    assert_true(QDRANT_APPEND(*state, get, ids, qdrant_point_id_num(*state, i)));
  assert_int_equal(get->n_ids, 1000);
  for (uint64_t i = 0; i < 1000; i++)
    assert_int_equal(get->ids[i]->num, i);
}

/* An array that the arena did not grow itself has no room that could be written to. */
static void test_list_append_to_array_of_the_users_copied(void **state) {
  Qdrant__GetPoints *get = QDRANT_NEW(*state, get_points);
  Qdrant__PointId *own[3];
  for (size_t i = 0; i < N(own); i++)
    own[i] = qdrant_point_id_num(*state, i);
  get->ids = own;
  get->n_ids = N(own);
  assert_true(QDRANT_APPEND(*state, get, ids, qdrant_point_id_num(*state, 3)));
  assert_ptr_not_equal(get->ids, own);
  for (uint64_t i = 0; i < 4; i++)
    assert_int_equal(get->ids[i]->num, i);
}

static void test_list_append_to_shared_array_each_keeps_its_own(void **state) {
  Qdrant__GetPoints *a = QDRANT_NEW(*state, get_points);
  QDRANT_APPEND(*state, a, ids, qdrant_point_id_num(*state, 1));
  Qdrant__GetPoints b = *a;
  assert_true(QDRANT_APPEND(*state, a, ids, qdrant_point_id_num(*state, 2)));
  assert_true(QDRANT_APPEND(*state, &b, ids, qdrant_point_id_num(*state, 3)));
  assert_int_equal(a->ids[1]->num, 2);
  assert_int_equal(b.ids[1]->num, 3);
}

static void test_list_append_null_refused(void **state) {
  Qdrant__GetPoints *get = QDRANT_NEW(*state, get_points);
  assert_false(QDRANT_APPEND(*state, get, ids, NULL));
  assert_false(QDRANT_APPEND(NULL, get, ids, qdrant_point_id_num(*state, 1)));
  assert_int_equal(get->n_ids, 0);
}

static void test_arena_reset_lists_begin_anew(void **state) {
  Qdrant__GetPoints get = QDRANT__GET_POINTS__INIT;
  for (int round = 0; round < 3; round++) {
    qdrant_arena_reset(*state);
    get.ids = NULL;
    get.n_ids = 0;
    for (uint64_t i = 0; i < 10; i++)
      assert_true(QDRANT_APPEND(*state, &get, ids, qdrant_point_id_num(*state, i)));
    for (uint64_t i = 0; i < 10; i++)
      assert_int_equal(get.ids[i]->num, i);
  }
}

static void test_point_id_message_numbers_and_uuids(void **state) {
  qdrant_point_id id = {.num = UINT64_MAX};
  assert_true(qdrant_point_id_message(*state, &id)->num == UINT64_MAX);
  assert_true(qdrant_uuid_parse("{550E8400-E29B-41D4-A716-446655440000}", &id.uuid));
  id.is_uuid = 1;
  const Qdrant__PointId *message = qdrant_point_id_message(*state, &id);
  assert_int_equal(message->point_id_options_case, QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID);
  assert_string_equal(message->uuid, "550e8400-e29b-41d4-a716-446655440000");
  assert_null(qdrant_point_id_message(*state, NULL));
  assert_null(qdrant_point_id_uuid(*state, NULL));
  assert_false(qdrant_uuid_parse("not one", &id.uuid));
  assert_false(qdrant_uuid_parse(NULL, &id.uuid));
}

static void assert_json(qdrant_arena *arena, const Qdrant__Value *value, const char *expected) {
  const char *json = NULL;
  size_t n_bytes = 0;
  assert_int_equal(qdrant_value_to_json(arena, value, &json, &n_bytes, NULL), QDRANT_OK);
  assert_string_equal(json, expected);
  assert_int_equal(n_bytes, strlen(expected));
}

static void test_value_kinds_written_as_json(void **state) {
  assert_json(*state, qdrant_value_text(*state, "a\"b\n", 4), "\"a\\\"b\\n\"");
  assert_json(*state, qdrant_value_integer(*state, INT64_MIN), "-9223372036854775808");
  assert_json(*state, qdrant_value_double(*state, 2), "2.0");
  assert_json(*state, qdrant_value_bool(*state, 7), "true");
  assert_json(*state, qdrant_value_bool(*state, 0), "false");
  assert_null(qdrant_value_text(*state, NULL, 0));
}

static void test_value_from_json_round_trip(void **state) {
  const char *texts[] = {"null", "[]", "{}", "-1", "0.25", "\"\\u00e4\"", "{\"a\":[1,{\"b\":null}],\"c\":true}"};
  const char *back[] = {"null", "[]", "{}", "-1", "0.25", "\"\xc3\xa4\"", "{\"a\":[1,{\"b\":null}],\"c\":true}"};
  for (size_t i = 0; i < N(texts); i++) {
    Qdrant__Value *value = NULL;
    assert_int_equal(qdrant_value_from_json(*state, texts[i], strlen(texts[i]), &value, NULL), QDRANT_OK);
    assert_json(*state, value, back[i]);
  }
}

static void test_value_from_json_bad_text_refused(void **state) {
  Qdrant__Value *value = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_value_from_json(*state, "{\"a\":}", 6, &value, &err), QDRANT_INVALID_ARGUMENT);
  assert_null(value);
  assert_true(err.message[0] != '\0');
  assert_int_equal(qdrant_value_from_json(*state, NULL, 0, &value, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_value_from_json(NULL, "1", 1, &value, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "arena is NULL");
}

static void test_point_payload_json_then_add_both_there(void **state) {
  Qdrant__PointStruct *point =
      qdrant_point(*state, qdrant_point_id_num(*state, 1), qdrant_vectors_dense(*state, floats, 3));
  const char *json = "{\"city\":\"Berlin\",\"n\":3}";
  assert_int_equal(qdrant_point_payload_json(*state, point, json, strlen(json), NULL), QDRANT_OK);
  assert_int_equal(point->n_payload, 2);
  assert_true(qdrant_point_payload_add(*state, point, "x", qdrant_value_double(*state, 0.5)));
  assert_int_equal(point->n_payload, 3);
  assert_int_equal(point->payload[2]->key.len, 1);
  assert_memory_equal(point->payload[0]->key.data, "city", 4);
  assert_int_equal(point->payload[1]->value->integer_value, 3);
  assert_false(qdrant_point_payload_add(*state, point, "y", NULL));
  qdrant_error err;
  assert_int_equal(qdrant_point_payload_json(*state, point, "[1]", 3, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "JSON object"));
}

static void test_vectors_kinds_built(void **state) {
  Qdrant__Vectors *vectors = qdrant_vectors_named(*state);
  assert_true(qdrant_vectors_add(*state, vectors, "d", qdrant_vector_dense(*state, floats, 2)));
  assert_true(qdrant_vectors_add(*state, vectors, "s", qdrant_vector_sparse(*state, indices, floats, 2)));
  assert_true(qdrant_vectors_add(*state, vectors, "m", qdrant_vector_multi(*state, floats, 3, 2)));
  assert_false(qdrant_vectors_add(*state, vectors, "x", NULL));
  assert_false(qdrant_vectors_add(*state, vectors, NULL, qdrant_vector_dense(*state, floats, 2)));
  assert_false(
      qdrant_vectors_add(*state, qdrant_vectors_dense(*state, floats, 2), "x", qdrant_vector_dense(*state, floats, 2)));
  assert_int_equal(vectors->vectors->n_vectors, 3);
  assert_ptr_equal(vectors->vectors->vectors[0]->value->dense->data, floats);
  assert_int_equal(vectors->vectors->vectors[1]->value->sparse->indices[1], 9);
  const Qdrant__MultiDenseVector *multi = vectors->vectors->vectors[2]->value->multi_dense;
  assert_int_equal(multi->n_vectors, 3);
  assert_ptr_equal(multi->vectors[2]->data, floats + 4);
}

static void test_queries_built(void **state) {
  assert_ptr_equal(qdrant_query_dense(*state, floats, 4)->nearest->dense->data, floats);
  assert_int_equal(qdrant_query_sparse(*state, indices, floats, 2)->nearest->sparse->n_values, 2);
  assert_int_equal(qdrant_query_id(*state, qdrant_point_id_num(*state, 8))->nearest->id->num, 8);
  assert_null(qdrant_query_id(*state, NULL));
  assert_null(qdrant_query_dense(*state, NULL, 4));
  assert_null(qdrant_query_sparse(*state, NULL, floats, 2));
}

static void test_conditions_built(void **state) {
  const double low = -1.5, high = 2;
  const int64_t numbers[] = {4, 5};
  const char *words[] = {"a", "b"};
  const qdrant_point_id ids[] = {{.num = 3}};
  Qdrant__Filter *filter = QDRANT_NEW(*state, filter);
  assert_true(QDRANT_APPEND(*state, filter, must, qdrant_match_keyword(*state, "k", "v")));
  assert_true(QDRANT_APPEND(*state, filter, must, qdrant_match_integer(*state, "k", -3)));
  assert_true(QDRANT_APPEND(*state, filter, must, qdrant_match_bool(*state, "k", 1)));
  assert_true(QDRANT_APPEND(*state, filter, must, qdrant_match_text(*state, "k", "words")));
  assert_true(QDRANT_APPEND(*state, filter, should, qdrant_match_any_keyword(*state, "k", words, 2)));
  assert_true(QDRANT_APPEND(*state, filter, should, qdrant_match_any_integer(*state, "k", numbers, 2)));
  assert_true(QDRANT_APPEND(*state, filter, should, qdrant_range(*state, "k", &low, NULL, NULL, &high)));
  assert_true(QDRANT_APPEND(*state, filter, must_not, qdrant_has_id(*state, ids, 1)));
  assert_true(QDRANT_APPEND(*state, filter, must_not, qdrant_is_empty(*state, "k")));
  assert_true(QDRANT_APPEND(*state, filter, must_not, qdrant_is_null(*state, "k")));
  assert_string_equal(filter->must[0]->field->match->keyword, "v");
  assert_int_equal(filter->must[1]->field->match->integer, -3);
  assert_true(filter->must[2]->field->match->boolean);
  assert_string_equal(filter->must[3]->field->match->text, "words");
  assert_string_equal(filter->should[0]->field->match->keywords->strings[1], "b");
  assert_int_equal(filter->should[1]->field->match->integers->integers[1], 5);
  const Qdrant__Range *range = filter->should[2]->field->range;
  assert_true(range->has_gt && range->gt == low && !range->has_gte && !range->has_lt && range->has_lte);
  assert_int_equal(filter->must_not[0]->has_id->has_id[0]->num, 3);
  assert_string_equal(filter->must_not[1]->is_empty->key, "k");
  assert_string_equal(filter->must_not[2]->is_null->key, "k");
  Qdrant__Condition *nested = qdrant_nested_filter(*state, filter);
  assert_ptr_equal(nested->filter, filter);
  assert_true(protobuf_c_message_get_packed_size(&nested->base) > 0);
}

static void test_conditions_of_null_are_null(void **state) {
  const char *words[] = {"a", NULL};
  assert_null(qdrant_match_keyword(*state, NULL, "v"));
  assert_null(qdrant_match_keyword(*state, "k", NULL));
  assert_null(qdrant_match_text(*state, "k", NULL));
  assert_null(qdrant_match_any_keyword(*state, "k", words, 2));
  assert_null(qdrant_match_any_keyword(*state, "k", NULL, 1));
  assert_null(qdrant_match_any_integer(*state, "k", NULL, 1));
  assert_null(qdrant_has_id(*state, NULL, 1));
  assert_null(qdrant_is_empty(*state, NULL));
  assert_null(qdrant_is_null(*state, NULL));
  assert_null(qdrant_nested_filter(*state, NULL));
  assert_null(qdrant_match_integer(NULL, "k", 1));
}

static void test_selectors_and_collection_built(void **state) {
  const qdrant_point_id ids[] = {{.num = 3}, {.num = 4}};
  Qdrant__Filter *filter = QDRANT_NEW(*state, filter);
  assert_int_equal(qdrant_select_ids(*state, ids, 2)->points->ids[1]->num, 4);
  assert_ptr_equal(qdrant_select_filter(*state, filter)->filter, filter);
  assert_null(qdrant_select_filter(*state, NULL));
  Qdrant__CreateCollection *create = qdrant_create_dense(*state, "c", 8, QDRANT__DISTANCE__Cosine);
  assert_string_equal(create->collection_name, "c");
  assert_int_equal(create->vectors_config->params->size, 8);
  assert_true(create->vectors_config->params->has_distance);
  assert_null(qdrant_create_dense(*state, NULL, 8, QDRANT__DISTANCE__Cosine));
}

static qdrant_status build_all(void *user) {
  (void)user;
  qdrant_arena *arena = qdrant_arena_new();
  const char *json = "{\"a\":[1,2,\"three\"]}";
  const char *words[] = {"a", "b"};
  Qdrant__UpsertPoints *request = QDRANT_NEW(arena, upsert_points);
  Qdrant__Vectors *vectors = qdrant_vectors_named(arena);
  int is_ok = qdrant_vectors_add(arena, vectors, "d", qdrant_vector_multi(arena, floats, 3, 2));
  Qdrant__PointStruct *point = qdrant_point(arena, qdrant_point_id_num(arena, 1), vectors);
  qdrant_status status = point != NULL ? qdrant_point_payload_json(arena, point, json, strlen(json), NULL) : QDRANT_OK;
  if (request != NULL)
    is_ok = is_ok && QDRANT_APPEND(arena, request, points, point);
  is_ok = is_ok && request != NULL && qdrant_match_any_keyword(arena, "k", words, 2) != NULL;
  qdrant_arena_free(arena);
  return status != QDRANT_OK ? status : is_ok ? QDRANT_OK : QDRANT_NO_MEMORY;
}

static void test_build_allocations_fail_null(void **state) {
  (void)state;
  torture(build_all, NULL);
}

#define IN_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_ARENA(test_message_new_fields_at_defaults),
      IN_ARENA(test_list_append_many_all_in_order),
      IN_ARENA(test_list_append_to_array_of_the_users_copied),
      IN_ARENA(test_list_append_to_shared_array_each_keeps_its_own),
      IN_ARENA(test_list_append_null_refused),
      IN_ARENA(test_arena_reset_lists_begin_anew),
      IN_ARENA(test_point_id_message_numbers_and_uuids),
      IN_ARENA(test_value_kinds_written_as_json),
      IN_ARENA(test_value_from_json_round_trip),
      IN_ARENA(test_value_from_json_bad_text_refused),
      IN_ARENA(test_point_payload_json_then_add_both_there),
      IN_ARENA(test_vectors_kinds_built),
      IN_ARENA(test_queries_built),
      IN_ARENA(test_conditions_built),
      IN_ARENA(test_conditions_of_null_are_null),
      IN_ARENA(test_selectors_and_collection_built),
      cmocka_unit_test(test_build_allocations_fail_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

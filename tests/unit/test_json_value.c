#include "core/json_value.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const Qdrant__Value *value_of(qd_arena *arena, const char *json) {
  const qd_json_node *node = NULL;
  qdrant_error err = {0};
  Qdrant__Value *value = qd_arena_alloc(arena, sizeof *value);
  assert_int_equal(qd_json_tree_parse(json, strlen(json), arena, &node, &err), QDRANT_OK);
  assert_int_equal(qd_json_to_value(node, arena, value, &err), QDRANT_OK);
  return value;
}

static const char *json_of(qd_arena *arena, const Qdrant__Value *value) {
  qd_text text;
  qd_text_init(&text, arena, 1 << 20);
  qd_value_write_json(&text, value);
  return qd_text_end(&text);
}

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

static void test_qd_json_to_value_of_integers_keeps_those_that_fit_int64(void **state) {
  static const struct {
    const char *json;
    int64_t value;
  } examples[] = {{"0", 0}, {"-1", -1}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN}};
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    const Qdrant__Value *value = value_of(*state, examples[i].json);
    assert_int_equal(value->kind_case, QDRANT__VALUE__KIND_INTEGER_VALUE);
    assert_true(value->integer_value == examples[i].value);
  }
}

static void test_qd_json_to_value_of_other_numbers_is_double(void **state) {
  static const struct {
    const char *json;
    double value;
  } examples[] = {{"1.0", 1.0}, {"-2.5e3", -2500.0}, {"1e2", 100.0}, {"9223372036854775808", 9223372036854775808.0},
      {"18446744073709551615", 18446744073709551615.0}, {"1e-400", 0.0}};
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    const Qdrant__Value *value = value_of(*state, examples[i].json);
    assert_int_equal(value->kind_case, QDRANT__VALUE__KIND_DOUBLE_VALUE);
    assert_true(value->double_value == examples[i].value);
  }
}

static void test_qd_json_to_value_of_text_keeps_nul_and_utf8(void **state) {
  const Qdrant__Value *value = value_of(*state, "\"a\\u0000\\u00e9\"");
  assert_int_equal(value->kind_case, QDRANT__VALUE__KIND_STRING_VALUE);
  assert_int_equal(value->string_value.len, 4);
  assert_memory_equal(value->string_value.data, "a\0\xc3\xa9", 5);
}

static void test_qd_json_to_value_of_null_and_bool_sets_their_kind(void **state) {
  assert_int_equal(value_of(*state, "null")->kind_case, QDRANT__VALUE__KIND_NULL_VALUE);
  const Qdrant__Value *value = value_of(*state, "true");
  assert_int_equal(value->kind_case, QDRANT__VALUE__KIND_BOOL_VALUE);
  assert_true(value->bool_value);
  assert_false(value_of(*state, "false")->bool_value);
}

static void test_qd_json_to_value_of_nested_keeps_order_and_keys(void **state) {
  const Qdrant__Value *value = value_of(*state, "{\"z\":[1,{\"\":null}],\"a\":{}}");
  assert_int_equal(value->kind_case, QDRANT__VALUE__KIND_STRUCT_VALUE);
  const Qdrant__Struct *map = value->struct_value;
  assert_int_equal(map->n_fields, 2);
  assert_true(map->fields[0]->has_key);
  assert_memory_equal(map->fields[0]->key.data, "z", 1);
  const Qdrant__ListValue *list = map->fields[0]->value->list_value;
  assert_int_equal(list->n_values, 2);
  assert_int_equal(list->values[0]->integer_value, 1);
  assert_int_equal(list->values[1]->struct_value->fields[0]->key.len, 0);
  assert_int_equal(map->fields[1]->value->struct_value->n_fields, 0);
}

static void test_qd_json_to_value_packs_and_unpacks_as_the_same(void **state) {
  static char json[] = "{\"a\":[1,2.5,null,true,\"x\"],\"b\":{\"c\":{}},\"d\":[]}";
  uint8_t bytes[512];
  const Qdrant__Value *value = value_of(*state, json);
  size_t n_bytes = protobuf_c_message_pack(&value->base, bytes);
  const Qdrant__Value *read = (const Qdrant__Value *)protobuf_c_message_unpack(
      &qdrant__value__descriptor, qd_arena_allocator(*state), n_bytes, bytes);
  assert_non_null(read);
  assert_string_equal(json_of(*state, read), json);
}

static void test_qd_value_write_json_gives_back_what_was_parsed(void **state) {
  static const char *const texts[] = {"null", "true", "false", "0", "-9223372036854775808", "1.0", "0.1", "1e+300",
      "\"\"", "\"\\u0000\\n\\\"\xc3\xa9\"", "[]", "{}", "[[],[{}]]",
      "{\"a\":1,\"b\":{\"c\":[1,2.0,\"x\",null]},\"\":false}"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    assert_string_equal(json_of(*state, value_of(*state, texts[i])), texts[i]);
}

static void test_qd_value_write_json_of_what_is_missing_is_null(void **state) {
  Qdrant__Value unset = QDRANT__VALUE__INIT;
  assert_string_equal(json_of(*state, NULL), "null");
  assert_string_equal(json_of(*state, &unset), "null");
  Qdrant__Struct__FieldsEntry entry = QDRANT__STRUCT__FIELDS_ENTRY__INIT;
  Qdrant__Struct__FieldsEntry *entries[] = {&entry};
  Qdrant__Struct map = QDRANT__STRUCT__INIT;
  map.n_fields = 1;
  map.fields = entries;
  Qdrant__Value value = QDRANT__VALUE__INIT;
  value.kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
  value.struct_value = &map;
  assert_string_equal(json_of(*state, &value), "{\"\":null}");
  value.struct_value = NULL;
  assert_string_equal(json_of(*state, &value), "{}");
  value.kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  value.list_value = NULL;
  assert_string_equal(json_of(*state, &value), "[]");
  value.kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
  value.double_value = (double)NAN;
  assert_string_equal(json_of(*state, &value), "null");
}

static void test_qd_value_write_json_of_a_loop_fails(void **state) {
  Qdrant__Value value = QDRANT__VALUE__INIT;
  Qdrant__Value *items[] = {&value};
  Qdrant__ListValue list = QDRANT__LIST_VALUE__INIT;
  list.n_values = 1;
  list.values = items;
  value.kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  value.list_value = &list;
  assert_null(json_of(*state, &value));
}

static qdrant_status convert_there_and_back(void *json) {
  qd_arena *arena = qd_arena_new(16);
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  Qdrant__Value value;
  qdrant_error err = {0};
  qdrant_status status = qd_json_text_to_value(json, strlen(json), arena, &value, &err);
  assert_int_equal(err.status, status);
  if (status == QDRANT_OK && json_of(arena, &value) == NULL)
    status = QDRANT_NO_MEMORY;
  qd_arena_free(arena);
  return status;
}

static void test_qd_json_value_without_memory_says_so(void **state) {
  (void)state;
  static char json[] = "{\"a\":[1,2.5,null,true,\"text\"],\"b\":{\"c\":{}},\"d\":[[],[{\"e\":\"f\"}]]}";
  torture(convert_there_and_back, json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_json_to_value_of_integers_keeps_those_that_fit_int64),
      cmocka_unit_test(test_qd_json_to_value_of_other_numbers_is_double),
      cmocka_unit_test(test_qd_json_to_value_of_text_keeps_nul_and_utf8),
      cmocka_unit_test(test_qd_json_to_value_of_null_and_bool_sets_their_kind),
      cmocka_unit_test(test_qd_json_to_value_of_nested_keeps_order_and_keys),
      cmocka_unit_test(test_qd_json_to_value_packs_and_unpacks_as_the_same),
      cmocka_unit_test(test_qd_value_write_json_gives_back_what_was_parsed),
      cmocka_unit_test(test_qd_value_write_json_of_what_is_missing_is_null),
      cmocka_unit_test(test_qd_value_write_json_of_a_loop_fails),
      cmocka_unit_test(test_qd_json_value_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, make_arena, free_arena);
}

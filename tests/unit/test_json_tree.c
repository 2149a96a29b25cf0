#include "core/json_tree.h"
#include "tests/support/json_c.h"
#include "tests/support/random.h"
#include "tests/support/torture.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const qd_json_node *parse(qd_arena *arena, const char *text, size_t n_bytes) {
  const qd_json_node *node = NULL;
  qdrant_error err = {0};
  if (qd_json_tree_parse(text, n_bytes, arena, &node, &err) != QDRANT_OK)
    fail_msg("%.*s: %s", (int)n_bytes, text, err.message);
  return node;
}

static const qd_json_node *parse_text(qd_arena *arena, const char *text) {
  return parse(arena, text, strlen(text));
}

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

static void test_qd_json_tree_parse_of_numbers_keeps_them_exactly(void **state) {
  static const struct {
    const char *text;
    qd_json_kind kind;
    uint64_t bits;
  } rows[] = {{"0", QD_JSON_INT, 0}, {"-1", QD_JSON_INT, UINT64_MAX}, {"9223372036854775807", QD_JSON_INT, INT64_MAX},
      {"-9223372036854775808", QD_JSON_INT, UINT64_C(1) << 63},
      {"9223372036854775808", QD_JSON_UINT, UINT64_C(1) << 63}, {"18446744073709551615", QD_JSON_UINT, UINT64_MAX},
      {"-0", QD_JSON_DOUBLE, UINT64_C(1) << 63}, {"1.0", QD_JSON_DOUBLE, UINT64_C(0x3FF0000000000000)},
      {"0.1", QD_JSON_DOUBLE, UINT64_C(0x3FB999999999999A)}, {"1e2", QD_JSON_DOUBLE, UINT64_C(0x4059000000000000)},
      {"-2.5E-1", QD_JSON_DOUBLE, UINT64_C(0xBFD0000000000000)},
      {"1.7976931348623157e308", QD_JSON_DOUBLE, UINT64_C(0x7FEFFFFFFFFFFFFF)}, {"5e-324", QD_JSON_DOUBLE, UINT64_C(1)},
      {"1e-400", QD_JSON_DOUBLE, 0}, {"9007199254740993.0", QD_JSON_DOUBLE, UINT64_C(0x4340000000000000)},
      {"0.000000000000000000000000000000000000000000000000000000000000000000000000001e75", QD_JSON_DOUBLE,
          UINT64_C(0x3FF0000000000000)}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const qd_json_node *node = parse_text(*state, rows[i].text);
    assert_int_equal(node->kind, rows[i].kind);
    assert_true(node->unsigned_integer == rows[i].bits);
  }
}

static void test_qd_json_tree_parse_of_random_doubles_agrees_with_strtod(void **state) {
  random_source random = random_begin(__func__);
  for (int i = 0; i < 50000; i++) {
    char text[64];
    double value = random_double(&random);
    snprintf(text, sizeof text, "%.*e", (int)random_below(&random, 20), value);
    double expected = strtod(text, NULL);
    const qd_json_node *node = parse_text(*state, text);
    assert_memory_equal(&node->real, &expected, sizeof expected);
    qd_arena_reset(*state);
  }
}

static void test_qd_json_tree_parse_of_strings_takes_every_escape(void **state) {
  static const char json[] = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC\\ud83d\\uDE00\xc3\xa9x\"";
  static const char expected[] = "\"\\/\b\f\n\r\t\0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9x";
  const qd_json_node *node = parse(*state, json, sizeof json - 1);
  assert_int_equal(node->kind, QD_JSON_TEXT);
  assert_int_equal(node->n, sizeof expected - 1);
  assert_memory_equal(node->text, expected, sizeof expected);
}

static void test_qd_json_tree_parse_of_keys_keeps_nul_and_the_last_of_equal_ones(void **state) {
  const qd_json_node *node = parse_text(*state, " { \"a\\u0000b\" : 1 , \"a\" : 2 , \"a\\u0000b\" : [ ] } ");
  assert_int_equal(node->kind, QD_JSON_OBJECT);
  assert_int_equal(node->n, 2);
  assert_memory_equal(qd_json_key(node, 0)->text, "a\0b", 4);
  assert_int_equal(qd_json_member(node, 0)->kind, QD_JSON_ARRAY);
  assert_true(qd_json_get(node, "a")->integer == 2);
  assert_null(qd_json_get(node, "b"));
}

static void test_qd_json_tree_parse_of_many_equal_keys_keeps_each_once(void **state) {
  enum { N = 3000, N_DISTINCT = 700 };
  static char json[N * 16];
  size_t n_bytes = (size_t)sprintf(json, "{");
  for (int i = 0; i < N; i++)
    n_bytes += (size_t)sprintf(json + n_bytes, "%s\"k%d\":%d", i == 0 ? "" : ",", i % N_DISTINCT, i);
  json[n_bytes++] = '}';
  const qd_json_node *node = parse(*state, json, n_bytes);
  assert_int_equal(node->n, N_DISTINCT);
  for (int i = 0; i < N_DISTINCT; i++) {
    char key[16];
    sprintf(key, "k%d", i);
    int last = i + (N - 1 - i) / N_DISTINCT * N_DISTINCT;
    assert_true(qd_json_text_is(qd_json_key(node, (size_t)i), key));
    assert_true(qd_json_member(node, (size_t)i)->integer == last);
  }
}

static void test_qd_json_tree_parse_of_bad_json_is_refused(void **state) {
  static const char *const texts[] = {"", " ", "[1,]", "{\"a\":}", "{\"a\"}", "nul", "01", "1.", ".5", "+1", "\"\\x\"",
      "\"\\ud800\"", "\"\xff\"", "[1] 2", "1e400", "-1e999", "18446744073709551616", "-9223372036854775809", "NaN",
      "'a'", "[", "\"a"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    const qd_json_node *node;
    qdrant_error err = {0};
    if (qd_json_tree_parse(texts[i], strlen(texts[i]), *state, &node, &err) != QDRANT_INVALID_ARGUMENT)
      fail_msg("%s was taken", texts[i]);
    assert_true(err.message[0] != '\0');
  }
}

/* Both parsers of ours see the same value. */
static void require_equal(const qd_json_node *node, struct json_object *object) {
  switch (json_object_get_type(object)) {
  case json_type_null: assert_int_equal(node->kind, QD_JSON_NULL); break;
  case json_type_boolean:
    assert_int_equal(node->kind, json_object_get_boolean(object) ? QD_JSON_TRUE : QD_JSON_FALSE);
    break;
  case json_type_int:
  case json_type_double: assert_true(qd_json_real(node) == json_object_get_double(object)); break;
  case json_type_string:
    assert_int_equal(node->n, json_object_get_string_len(object));
    assert_memory_equal(node->text, json_object_get_string(object), node->n + 1);
    break;
  case json_type_array:
    assert_int_equal(node->n, json_object_array_length(object));
    for (size_t i = 0; i < node->n; i++)
      require_equal(&node->items[i], json_object_array_get_idx(object, i));
    break;
  case json_type_object:
    assert_int_equal(node->n, json_object_object_length(object));
    for (size_t i = 0; i < node->n; i++)
      require_equal(qd_json_member(node, i), json_object_object_get(object, qd_json_key(node, i)->text));
  }
}

/* A text of JSON's own characters is now and then JSON. */
static void test_qd_json_tree_parse_of_damaged_text_agrees_with_json_c(void **state) {
  static const char json[] =
      "{\"a\":[1,2.5e3,-0.0,\"t\\u00e9\\n\",null,true],\"b\":{\"c\":{},\"a\":[[],[{}]]},\"d\":1e5}";
  static const char letters[] = "{}[],:\"\\0123456789.eE+-truefalsn \xc3\xa9";
  random_source random = random_begin(__func__);
  size_t n_fine = 0;
  for (int i = 0; i < 30000; i++) {
    char text[sizeof json];
    memcpy(text, json, sizeof json);
    for (size_t n = random_below(&random, 3); n > 0; n--)
      text[random_below(&random, sizeof json - 1)] = letters[random_below(&random, sizeof letters - 1)];
    struct json_object *object = NULL;
    const qd_json_node *node;
    qdrant_error err = {0};
    qdrant_status status = qd_json_tree_parse(text, sizeof json - 1, *state, &node, &err);
    if (status == QDRANT_OK) {
      assert_true(json_c_parse(text, sizeof json - 1, &object));
      require_equal(node, object);
      json_object_put(object);
      n_fine++;
    } else if (status != QDRANT_INVALID_ARGUMENT) {
      fail_msg("%s: %s", text, err.message);
    }
    qd_arena_reset(*state);
  }
  assert_true(n_fine > 1000);
}

static qdrant_status parse_again(void *json) {
  qd_arena *arena = qd_arena_new(64);
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  const qd_json_node *node;
  qdrant_error err = {0};
  qdrant_status status = qd_json_tree_parse(json, strlen(json), arena, &node, &err);
  assert_int_equal(err.status, status);
  qd_arena_free(arena);
  return status;
}

static void test_qd_json_tree_parse_without_memory_says_so(void **state) {
  (void)state;
  static char json[1200];
  size_t n = (size_t)sprintf(json, "{\"long\":0.%0100d,\"a\":[{\"b\":\"\\n\"}]", 1);
  for (int i = 0; i < 40; i++)
    n += (size_t)sprintf(json + n, ",\"%d\":[]", i);
  sprintf(json + n, "}");
  torture(parse_again, json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_qd_json_tree_parse_of_numbers_keeps_them_exactly),
      TEST(test_qd_json_tree_parse_of_random_doubles_agrees_with_strtod),
      TEST(test_qd_json_tree_parse_of_strings_takes_every_escape),
      TEST(test_qd_json_tree_parse_of_keys_keeps_nul_and_the_last_of_equal_ones),
      TEST(test_qd_json_tree_parse_of_many_equal_keys_keeps_each_once),
      TEST(test_qd_json_tree_parse_of_bad_json_is_refused),
      TEST(test_qd_json_tree_parse_of_damaged_text_agrees_with_json_c),
      TEST(test_qd_json_tree_parse_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

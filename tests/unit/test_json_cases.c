/* Our parser of JSON on the edge cases of json_cases.def, with json-c for a second opinion. */
#include "core/json_tree.h"
#include "tests/support/json_c.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef enum verdict { ACCEPT, REFUSE, TREE } verdict;

static const struct {
  verdict verdict;
  const char *text;
  size_t n_bytes;
} cases[] = {
#define QD_JSON_CASE(verdict, text) {verdict, text, sizeof(text) - 1},
#include "tests/unit/json_cases.def"
#undef QD_JSON_CASE
};

enum { N_CASES = sizeof cases / sizeof cases[0], LEVELS = 64 };

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

static void assert_same(const qd_json_node *node, struct json_object *object);

static void assert_same_integer(const qd_json_node *node, struct json_object *object) {
  if (json_object_get_uint64(object) > INT64_MAX) {
    assert_int_equal(node->kind, QD_JSON_UINT);
    assert_true(node->unsigned_integer == json_object_get_uint64(object));
  } else {
    assert_int_equal(node->kind, QD_JSON_INT);
    assert_true(node->integer == json_object_get_int64(object));
  }
}

static void assert_same_object(const qd_json_node *node, struct json_object *object) {
  assert_int_equal(node->kind, QD_JSON_OBJECT);
  assert_int_equal(node->n, json_object_object_length(object));
  for (size_t i = 0; i < node->n; i++) {
    struct json_object *member = NULL;
    assert_true(json_object_object_get_ex(object, qd_json_key(node, i)->text, &member));
    assert_same(qd_json_member(node, i), member);
  }
}

static void assert_same_array(const qd_json_node *node, struct json_object *object) {
  assert_int_equal(node->kind, QD_JSON_ARRAY);
  assert_int_equal(node->n, json_object_array_length(object));
  for (size_t i = 0; i < node->n; i++)
    assert_same(&node->items[i], json_object_array_get_idx(object, i));
}

static void assert_same(const qd_json_node *node, struct json_object *object) {
  switch (json_object_get_type(object)) {
  case json_type_null: assert_int_equal(node->kind, QD_JSON_NULL); break;
  case json_type_boolean:
    assert_int_equal(node->kind, json_object_get_boolean(object) ? QD_JSON_TRUE : QD_JSON_FALSE);
    break;
  case json_type_int:
    if (node->kind == QD_JSON_DOUBLE) /* json-c makes -0 an integer */
      assert_true(node->real == 0 && json_object_get_int64(object) == 0);
    else
      assert_same_integer(node, object);
    break;
  case json_type_double:
    assert_int_equal(node->kind, QD_JSON_DOUBLE);
    assert_true(node->real == json_object_get_double(object));
    break;
  case json_type_string:
    assert_int_equal(node->kind, QD_JSON_TEXT);
    assert_int_equal(node->n, json_object_get_string_len(object));
    assert_memory_equal(node->text, json_object_get_string(object), node->n + 1);
    break;
  case json_type_array: assert_same_array(node, object); break;
  case json_type_object: assert_same_object(node, object); break;
  }
}

static void test_qd_json_tree_parse_of_json_says_the_same_as_json_c(void **state) {
  for (size_t i = 0; i < N_CASES; i++) {
    const qd_json_node *root = NULL;
    struct json_object *object = NULL;
    qdrant_error err = {0};
    if (cases[i].verdict != ACCEPT)
      continue;
    if (qd_json_tree_parse(cases[i].text, cases[i].n_bytes, *state, &root, &err) != QDRANT_OK)
      fail_msg("%s: %s", cases[i].text, err.message);
    assert_true(json_c_parse(cases[i].text, cases[i].n_bytes, &object));
    assert_same(root, object);
    json_object_put(object);
  }
}

static void test_qd_json_tree_parse_of_other_text_refuses_it(void **state) {
  for (size_t i = 0; i < N_CASES; i++) {
    const qd_json_node *root = NULL;
    qdrant_error err = {0};
    if (cases[i].verdict != REFUSE)
      continue;
    if (qd_json_tree_parse(cases[i].text, cases[i].n_bytes, *state, &root, &err) != QDRANT_INVALID_ARGUMENT)
      fail_msg("%s is accepted", cases[i].text);
    assert_null(root);
    assert_true(err.message[0] != '\0');
  }
}

static void test_qd_json_tree_parse_of_nul_in_keys_keeps_it(void **state) {
  size_t n_seen = 0;
  for (size_t i = 0; i < N_CASES; i++) {
    const qd_json_node *root = NULL;
    if (cases[i].verdict != TREE)
      continue;
    assert_int_equal(qd_json_tree_parse(cases[i].text, cases[i].n_bytes, *state, &root, NULL), QDRANT_OK);
    assert_int_equal(qd_json_key(root, 0)->n, 3);
    assert_memory_equal(qd_json_key(root, 0)->text, "a\0b", 4);
    n_seen++;
  }
  assert_int_equal(n_seen, 2);
}

/* Arrays within each other, or objects. */
static size_t write_levels(char *text, const char *open, const char *close, size_t n) {
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    memcpy(text + at, open, strlen(open));
    at += strlen(open);
  }
  text[at++] = '1';
  for (size_t i = 0; i < n; i++)
    text[at++] = *close;
  return at;
}

static void test_qd_json_tree_parse_of_64_levels_takes_them_and_refuses_one_more(void **state) {
  static const char *const opens[] = {"[", "{\"a\":"};
  static const char *const closes[] = {"]", "}"};
  for (size_t i = 0; i < 2; i++) {
    for (size_t n = LEVELS; n <= LEVELS + 1; n++) {
      char text[1024];
      const qd_json_node *root = NULL;
      qdrant_status expected = n == LEVELS ? QDRANT_OK : QDRANT_INVALID_ARGUMENT;
      size_t n_bytes = write_levels(text, opens[i], closes[i], n);
      assert_int_equal(qd_json_tree_parse(text, n_bytes, *state, &root, NULL), expected);
    }
  }
}

/* Brackets without an end must not end the stack either. */
static void test_qd_json_tree_parse_of_a_hundred_thousand_brackets_refuses_them(void **state) {
  static char text[100000];
  const qd_json_node *root = NULL;
  memset(text, '[', sizeof text);
  assert_int_equal(qd_json_tree_parse(text, sizeof text, *state, &root, NULL), QDRANT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_json_tree_parse_of_json_says_the_same_as_json_c),
      cmocka_unit_test(test_qd_json_tree_parse_of_other_text_refuses_it),
      cmocka_unit_test(test_qd_json_tree_parse_of_nul_in_keys_keeps_it),
      cmocka_unit_test(test_qd_json_tree_parse_of_64_levels_takes_them_and_refuses_one_more),
      cmocka_unit_test(test_qd_json_tree_parse_of_a_hundred_thousand_brackets_refuses_them),
  };
  return cmocka_run_group_tests(tests, make_arena, free_arena);
}

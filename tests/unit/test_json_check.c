#include "core/json_tree.h"
#include "core/json_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

typedef struct example {
  const char *text;
  size_t n_bytes;
  const char *expected; /* what is written of it, or what the error says */
} example;

#define ROW(text, expected)                                                                                            \
  { text, sizeof(text) - 1, expected }

static void test_qd_json_tree_parse_takes_rfc_8259(void **state) {
  static const example examples[] = {
      ROW("null", "null"),
      ROW(" \t\r\n true ", "true"),
      ROW("false", "false"),
      ROW("0", "0"),
      ROW("-0", "-0.0"),
      ROW("7", "7"),
      ROW("[1,-2,1.5,1e5,1E+5,2e-3,-0.0]", "[1,-2,1.5,100000.0,100000.0,0.002,-0.0]"),
      ROW("9223372036854775807", "9223372036854775807"),
      ROW("-9223372036854775808", "-9223372036854775808"),
      ROW("18446744073709551615", "1.8446744073709552e+19"),
      ROW("1e-999", "0.0"),
      ROW("1e308", "1e+308"),
      ROW("\"\"", "\"\""),
      ROW("\"a\\u0000b\"", "\"a\\u0000b\""),
      ROW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""),
      ROW("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""),
      ROW("\"\\u00e9\xc3\xa9\x7f\"", "\"\xc3\xa9\xc3\xa9\x7f\""),
      ROW("{}", "{}"),
      ROW("[]", "[]"),
      ROW("{ \"a\" : [ { } , [ ] ] , \"\" : null }", "{\"a\":[{},[]],\"\":null}"),
      ROW("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"),
      ROW("{\"a\\u0000b\":1}", "{\"a\\u0000b\":1}"),
  };
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    qdrant_error err = {0};
    Qdrant__Value value;
    qd_text text;
    if (qd_json_text_to_value(examples[i].text, examples[i].n_bytes, *state, &value, &err) != QDRANT_OK)
      fail_msg("%s: %s", examples[i].text, err.message);
    qd_text_init(&text, *state, 1000);
    qd_value_write_json(&text, &value);
    assert_string_equal(qd_text_end(&text), examples[i].expected);
  }
}

static void assert_refused(qd_arena *arena, const char *text, size_t n_bytes, const char *why) {
  const qd_json_node *root;
  qdrant_error err = {0};
  assert_int_equal(qd_json_tree_parse(text, n_bytes, arena, &root, &err), QDRANT_INVALID_ARGUMENT);
  assert_null(root);
  assert_string_equal(err.message, why);
}

static void test_qd_json_tree_parse_of_anything_else_says_where_and_why(void **state) {
  static const example examples[] = {
      ROW("", "byte 0: the text ends where a value should be"),
      ROW("   ", "byte 3: the text ends where a value should be"),
      ROW("1 2", "byte 2: something follows the value"),
      ROW("{}x", "byte 2: something follows the value"),
      ROW("1\0", "byte 1: something follows the value"),
      ROW("nul", "byte 0: expected a JSON value"),
      ROW("nullx", "byte 4: something follows the value"),
      ROW("True", "byte 0: expected a JSON value"),
      ROW("NaN", "byte 0: expected a JSON value"),
      ROW("[Infinity]", "byte 1: expected a JSON value"),
      ROW("-Infinity", "byte 1: expected a digit"),
      ROW("'a'", "byte 0: expected a JSON value"),
      ROW("{'a':1}", "byte 1: expected a key in double quotes"),
      ROW("{1:1}", "byte 1: expected a key in double quotes"),
      ROW("{\"a\" 1}", "byte 5: expected ':'"),
      ROW("{\"a\":}", "byte 5: expected a JSON value"),
      ROW("{\"a\":1,}", "byte 7: expected a key in double quotes"),
      ROW("{\"a\":1", "byte 6: expected ',' or '}'"),
      ROW("[1,]", "byte 3: expected a JSON value"),
      ROW("[1,,2]", "byte 3: expected a JSON value"),
      ROW("[1 2]", "byte 3: expected ',' or ']'"),
      ROW("[1", "byte 2: expected ',' or ']'"),
      ROW("[", "byte 1: the text ends where a value should be"),
      ROW("/*c*/1", "byte 0: expected a JSON value"),
      ROW("01", "byte 0: a number must not begin with 0"),
      ROW("[-01]", "byte 2: a number must not begin with 0"),
      ROW("-", "byte 1: expected a digit"),
      ROW("+1", "byte 0: expected a JSON value"),
      ROW(".5", "byte 0: expected a JSON value"),
      ROW("1.", "byte 2: expected a digit"),
      ROW("1.e5", "byte 2: expected a digit"),
      ROW("1e", "byte 2: expected a digit"),
      ROW("1e+", "byte 3: expected a digit"),
      ROW("0x10", "byte 1: something follows the value"),
      ROW("\"abc", "byte 4: the text ends within a string"),
      ROW("\"a\\", "byte 3: no escape of JSON"),
      ROW("\"\\x\"", "byte 2: no escape of JSON"),
      ROW("\"\\\0\"", "byte 2: no escape of JSON"),
      ROW("\"\\u12\"", "byte 5: expected four hex digits"),
      ROW("\"\\ud800\"", "byte 7: the first half of a surrogate pair without the second"),
      ROW("\"\\ud800\\u0041\"", "byte 13: the first half of a surrogate pair without the second"),
      ROW("\"\\udc00\"", "byte 7: the second half of a surrogate pair without the first"),
      ROW("\"a\0b\"", "byte 2: a control character within a string must be escaped"),
      ROW("\"a\tb\"", "byte 2: a control character within a string must be escaped"),
      ROW("[\"a\x1f\"]", "byte 3: a control character within a string must be escaped"),
      ROW("\"\xff\"", "byte 1: not UTF-8"),
      ROW("\"ab\xed\xa0\x80\"", "byte 3: not UTF-8"),
      ROW("\"\xc0\x80\"", "byte 1: not UTF-8"),
      ROW("\"\xe2\x82\"", "byte 1: not UTF-8"),
      ROW("{\"\xff\":1}", "byte 2: not UTF-8"),
      ROW("\xef\xbb\xbf[1]", "byte 0: expected a JSON value"),
      ROW("[\v1]", "byte 1: expected a JSON value"),
  };
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    char why[128] = "JSON is wrong at ";
    strcat(why, examples[i].expected);
    assert_refused(*state, examples[i].text, examples[i].n_bytes, why);
  }
}

static void test_qd_json_tree_parse_of_several_lines_counts_them(void **state) {
  assert_refused(*state, "{\n  \"a\": 1,\n  \"b\" 2\n}", 22, "JSON is wrong at byte 18 (line 3): expected ':'");
}

static void test_qd_json_tree_parse_of_integers_beyond_64_bits_refuses(void **state) {
#define TOO_LARGE "an integer must fit into 64 bits; write it with a point or an exponent to have it rounded"
  assert_refused(*state, "18446744073709551616", 20, "JSON is wrong at byte 0: " TOO_LARGE);
  assert_refused(*state, "[-9223372036854775809]", 22, "JSON is wrong at byte 1: " TOO_LARGE);
  assert_refused(*state, "99999999999999999999999999", 26, "JSON is wrong at byte 0: " TOO_LARGE);
#undef TOO_LARGE
}

static void test_qd_json_tree_parse_of_numbers_beyond_a_double_refuses(void **state) {
  static const char *const texts[] = {"1e999", "[-1e309]", "{\"a\":[{\"b\":2e308}]}", "1.0e0400", "[1,[],{},1e400]"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    assert_refused(*state, texts[i], strlen(texts[i]), "JSON has a number beyond what a double holds (about 1.8e308)");
  char digits[402];
  memset(digits, '9', 400);
  memcpy(digits + 400, ".0", 2);
  assert_refused(*state, digits, 402, "JSON has a number beyond what a double holds (about 1.8e308)");
}

static void test_qd_json_tree_parse_takes_64_levels_and_no_more(void **state) {
  char text[200];
  const qd_json_node *root;
  qdrant_error err = {0};
  memset(text, '[', 64);
  text[64] = '1';
  memset(text + 65, ']', 64);
  assert_int_equal(qd_json_tree_parse(text, 129, *state, &root, &err), QDRANT_OK);
  memset(text, '[', 65);
  assert_refused(*state, text, 65, "JSON is wrong at byte 64: more than 64 arrays and objects within each other");
  for (size_t i = 0; i < 200; i++)
    text[i] = "{\"\":["[i % 5];
  assert_refused(*state, text, 200, "JSON is wrong at byte 160: more than 64 arrays and objects within each other");
}

static void test_qd_json_tree_parse_of_a_part_of_a_text_reads_no_further(void **state) {
  const qd_json_node *root;
  qdrant_error err = {0};
  const char text[4] = {'1', '2', '3', '4'};
  assert_int_equal(qd_json_tree_parse(text, 3, *state, &root, &err), QDRANT_OK);
  assert_int_equal(root->integer, 123);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_qd_json_tree_parse_takes_rfc_8259),
      TEST(test_qd_json_tree_parse_of_anything_else_says_where_and_why),
      TEST(test_qd_json_tree_parse_of_several_lines_counts_them),
      TEST(test_qd_json_tree_parse_of_integers_beyond_64_bits_refuses),
      TEST(test_qd_json_tree_parse_of_numbers_beyond_a_double_refuses),
      TEST(test_qd_json_tree_parse_takes_64_levels_and_no_more),
      TEST(test_qd_json_tree_parse_of_a_part_of_a_text_reads_no_further),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/text.h"
#include "tests/support/random.h"
#include "tests/support/torture.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static void assert_double_text(qd_arena *arena, double value, const char *expected) {
  qd_text text;
  qd_text_init(&text, arena, 100);
  qd_text_add_double(&text, value);
  assert_string_equal(qd_text_end(&text), expected);
}

static void assert_usual_numbers(qd_arena *arena) {
  assert_double_text(arena, 0.0, "0.0");
  assert_double_text(arena, -0.0, "-0.0");
  assert_double_text(arena, 1.0, "1.0");
  assert_double_text(arena, 0.1, "0.1");
  assert_double_text(arena, 0.1 + 0.2, "0.30000000000000004");
  assert_double_text(arena, -2.5, "-2.5");
  assert_double_text(arena, 1e15, "1e+15");
  assert_double_text(arena, 123456789012345.0, "123456789012345.0");
  assert_double_text(arena, 9007199254740993.0, "9007199254740992.0");
  assert_double_text(arena, 1e300, "1e+300");
  assert_double_text(arena, DBL_MAX, "1.7976931348623157e+308");
  assert_double_text(arena, 5e-324, "4.94065645841247e-324");
  assert_double_text(arena, (double)NAN, "null");
  assert_double_text(arena, (double)INFINITY, "null");
}

static void test_qd_text_add_double_is_short_and_shows_that_it_is_no_integer(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  assert_usual_numbers(arena);
  qd_arena_free(arena);
}

static void test_qd_text_add_double_has_a_point_whatever_the_locale(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
  const char *set = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && set == NULL; i++)
    set = setlocale(LC_NUMERIC, names[i]);
  if (set == NULL) {
    print_message("skipped: no locale with a decimal comma is installed\n");
    skip();
  }
  assert_string_equal(localeconv()->decimal_point, ",");
  qd_arena *arena = qd_arena_new(0);
  assert_usual_numbers(arena);
  setlocale(LC_NUMERIC, "C");
  qd_arena_free(arena);
}

static void test_qd_text_add_double_reads_back_as_the_same_value(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  uint64_t bits = 1;
  for (int i = 0; i < 20000; i++) {
    bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
      continue;
    qd_text text;
    qd_text_init(&text, arena, 100);
    qd_text_add_double(&text, value);
    assert_true(strtod(qd_text_end(&text), NULL) == value);
    qd_arena_reset(arena);
  }
  qd_arena_free(arena);
}

/* What printf says with the fewest of 15 to 17 digits, with ".0" where nothing tells that it is no integer. */
static void expect_double(double value, char out[40]) {
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(out, 32, "%.*g", precision, value);
    if (strtod(out, NULL) == value)
      break;
  }
  if (strpbrk(out, ".e") == NULL)
    strcat(out, ".0");
}

static void test_qd_text_add_double_of_few_decimals_is_as_printf_has_it(void **state) {
  random_source random = random_begin(__func__);
  for (int i = 0; i < 30000; i++) {
    char expected[40];
    double value = (double)(random_sized(&random) % 10000000000000000) / pow(10, (double)random_below(&random, 9));
    if (random_is(&random, 2))
      value = -value;
    expect_double(value, expected);
    assert_double_text(*state, value, expected);
    qd_arena_reset(*state);
  }
}

static void test_qd_text_add_unsigned_and_signed_of_any_size_is_as_printf_has_it(void **state) {
  random_source random = random_begin(__func__);
  for (int i = 0; i < 10000; i++) {
    char expected[80];
    qd_text text;
    uint64_t value = i == 0 ? 0 : i == 1 ? UINT64_MAX : i == 2 ? UINT64_C(1) << 63 : random_sized(&random);
    snprintf(expected, sizeof expected, "%" PRIu64 "%" PRId64 "%" PRId64, value, (int64_t)value, (int64_t)(0 - value));
    qd_text_init(&text, *state, 100);
    qd_text_add_unsigned(&text, value);
    qd_text_add_signed(&text, (int64_t)value);
    qd_text_add_signed(&text, (int64_t)(0 - value));
    assert_string_equal(qd_text_end(&text), expected);
    qd_arena_reset(*state);
  }
}

static void test_qd_text_add_json_string_escapes(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  qd_text text;
  qd_text_init(&text, arena, 1000);
  qd_text_add_json_string(&text, "", 0);
  qd_text_add_json_string(&text, "a\"b\\c/\b\f\n\r\t\0\x1f\x7f\xc3\xa9", 16);
  qd_text_add_json_string(&text, "x\xff\xe2\x82y", 5);
  assert_string_equal(
      qd_text_end(&text), "\"\"\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\xc3\xa9\"\"x\\ufffd\\ufffd\\ufffdy\"");
  qd_arena_free(arena);
}

static void test_qd_text_grows_and_ends_with_nul(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  qd_text text;
  qd_text_init(&text, arena, 1 << 20);
  for (int i = 0; i < 10000; i++)
    qd_text_add(&text, "0123456789", 10);
  const char *whole = qd_text_end(&text);
  assert_int_equal(strlen(whole), 100000);
  assert_int_equal(text.n_bytes, 100000);
  for (size_t i = 0; i < 100000; i++)
    assert_int_equal(whole[i], '0' + (int)(i % 10));
  qd_arena_free(arena);
}

static void test_qd_text_beyond_its_limit_has_failed_for_good(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  qd_text text;
  qd_text_init(&text, arena, 10);
  qd_text_add(&text, "0123456789", 10);
  assert_string_equal(qd_text_end(&text), "0123456789");
  qd_text_add(&text, "x", 1);
  assert_true(text.has_failed);
  assert_null(qd_text_end(&text));
  qd_text_add(&text, "", 0);
  assert_null(qd_text_end(&text));
  qd_arena_free(arena);
}

static void test_qd_text_of_nothing_is_empty(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  qd_text text;
  qd_text_init(&text, arena, 0);
  assert_string_equal(qd_text_end(&text), "");
  qd_arena_free(arena);
}

static qdrant_status write_much(void *user) {
  (void)user;
  qd_arena *arena = qd_arena_new(16);
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  qd_text text;
  qd_text_init(&text, arena, 1 << 20);
  for (int i = 0; i < 300; i++) {
    qd_text_add_double(&text, i + 0.25);
    qd_text_add_json_string(&text, "\"quoted\"", 8);
  }
  qdrant_status status = qd_text_end(&text) == NULL ? QDRANT_NO_MEMORY : QDRANT_OK;
  qd_arena_free(arena);
  return status;
}

static void test_qd_text_without_memory_has_failed(void **state) {
  (void)state;
  torture(write_much, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_text_add_double_is_short_and_shows_that_it_is_no_integer),
      cmocka_unit_test(test_qd_text_add_double_has_a_point_whatever_the_locale),
      cmocka_unit_test(test_qd_text_add_double_reads_back_as_the_same_value),
      cmocka_unit_test_setup_teardown(
          test_qd_text_add_double_of_few_decimals_is_as_printf_has_it, make_arena, free_arena),
      cmocka_unit_test_setup_teardown(
          test_qd_text_add_unsigned_and_signed_of_any_size_is_as_printf_has_it, make_arena, free_arena),
      cmocka_unit_test(test_qd_text_add_json_string_escapes),
      cmocka_unit_test(test_qd_text_grows_and_ends_with_nul),
      cmocka_unit_test(test_qd_text_beyond_its_limit_has_failed_for_good),
      cmocka_unit_test(test_qd_text_of_nothing_is_empty),
      cmocka_unit_test(test_qd_text_without_memory_has_failed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli/fail.h"
#include "cli/ids.h"
#include "cli/text.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_text_float_reads_back_and_is_short(void **state) {
  (void)state;
  char text[QD_NUMBER_TEXT];
  assert_string_equal(qd_text_float(0.1f, text), "0.1");
  assert_string_equal(qd_text_float(1.0f, text), "1");
  assert_string_equal(qd_text_float(-2.5e-10f, text), "-2.5e-10");
  uint32_t bits = 1;
  for (int i = 0; i < 20000; i++) {
    bits = bits * 1664525u + 1013904223u;
    float value, back;
    memcpy(&value, &(uint32_t){bits & 0xff7fffffu}, sizeof value);
    back = strtof(qd_text_float(value, text), NULL);
    assert_memory_equal(&back, &value, sizeof value);
  }
}

static void test_qd_text_double_reads_back(void **state) {
  (void)state;
  char text[QD_NUMBER_TEXT];
  assert_string_equal(qd_text_double(0.1, text), "0.1");
  const double values[] = {1.0 / 3, DBL_MAX, DBL_MIN, 5e-324, -123456789.123456789};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    double back = strtod(qd_text_double(values[i], text), NULL);
    assert_memory_equal(&back, &values[i], sizeof back);
  }
}

static void test_qd_text_count_groups_by_three(void **state) {
  (void)state;
  char text[QD_NUMBER_TEXT];
  assert_string_equal(qd_text_count(0, text), "0");
  assert_string_equal(qd_text_count(999, text), "999");
  assert_string_equal(qd_text_count(1000, text), "1,000");
  assert_string_equal(qd_text_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void test_qd_text_distance_counts_changes(void **state) {
  (void)state;
  assert_int_equal(qd_text_distance("limit", "limit"), 0);
  assert_int_equal(qd_text_distance("limt", "limit"), 1);
  assert_int_equal(qd_text_distance("", "abc"), 3);
  assert_int_equal(qd_text_distance("abc", ""), 3);
  assert_int_equal(qd_text_distance("kitten", "sitting"), 3);
}

static void test_qd_cli_fail_of_a_long_text_is_cut_at_a_character(void **state) {
  (void)state;
  qdrant_error err;
  char text[600];
  for (size_t lead = 0; lead < 3; lead++) {
    memset(text, 'a', lead);
    for (size_t i = lead; i + 3 < sizeof text; i += 3)
      memcpy(text + i, "\xe2\x82\xac", 4); /* a euro sign */
    qd_cli_fail(&err, QDRANT_INTERNAL, "%s", text);
    size_t n = strlen(err.message);
    assert_int_equal((n - lead) % 3, 0);
    assert_true(n > sizeof err.message - 5);
  }
}

static void test_qd_cli_suffix_of_a_long_message_keeps_the_suffix(void **state) {
  (void)state;
  qdrant_error err;
  char text[600] = "";
  memset(text, 'a', sizeof text - 1);
  qd_cli_fail(&err, QDRANT_INTERNAL, "%s", text);
  qd_cli_suffix(&err, "; stored %d points", 3000);
  assert_string_equal(err.message + strlen(err.message) - 20, "; stored 3000 points");
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
  qd_cli_prefix(&err, "line %d: ", 7);
  assert_memory_equal(err.message, "line 7: aaa", 11);
}

static void test_qd_cli_print_error_is_one_line(void **state) {
  (void)state;
  char line[256] = "";
  FILE *out = fmemopen(line, sizeof line, "w");
  qdrant_error err;
  qd_cli_fail(&err, QDRANT_UNAVAILABLE, "first\nsecond\x1b[2J");
  err.delivery = QDRANT_MAYBE;
  qd_cli_print_error(out, &err);
  fclose(out);
  assert_string_equal(line, "error: UNAVAILABLE: first second [2J (the server may have applied it)\n");
}

static void test_qd_ids_parse_of_numbers_and_uuids_reads_them(void **state) {
  (void)state;
  qdrant_error err;
  qdrant_point_id *ids = NULL;
  size_t n = 0;
  assert_int_equal(
      qd_ids_parse("0,18446744073709551615,F47AC10B-58CC-4372-A567-0E02B2C3D479", &ids, &n, &err), QDRANT_OK);
  assert_int_equal(n, 3);
  assert_true(ids[1].num == UINT64_MAX && !ids[1].is_uuid);
  char text[QD_ID_TEXT];
  assert_string_equal(qd_id_format(&ids[2], text), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
  free(ids);
}

static void test_qd_ids_parse_of_bad_ids_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {"", ",", "1,", "-1", "+1", " 1", "1.0", "18446744073709551616",
      "99999999999999999999", "f47ac10b-58cc-4372-a567-0e02b2c3d47",
      "1234567890123456789012345678901234567890123456789012345678901234567890"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    qdrant_error err;
    qdrant_point_id *ids = NULL;
    size_t n = 0;
    assert_int_equal(qd_ids_parse(texts[i], &ids, &n, &err), QDRANT_INVALID_ARGUMENT);
    free(ids);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_text_float_reads_back_and_is_short),
      cmocka_unit_test(test_qd_text_double_reads_back),
      cmocka_unit_test(test_qd_text_count_groups_by_three),
      cmocka_unit_test(test_qd_text_distance_counts_changes),
      cmocka_unit_test(test_qd_cli_fail_of_a_long_text_is_cut_at_a_character),
      cmocka_unit_test(test_qd_cli_suffix_of_a_long_message_keeps_the_suffix),
      cmocka_unit_test(test_qd_cli_print_error_is_one_line),
      cmocka_unit_test(test_qd_ids_parse_of_numbers_and_uuids_reads_them),
      cmocka_unit_test(test_qd_ids_parse_of_bad_ids_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

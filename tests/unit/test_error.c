#include "core/error.h"
#include "core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qdrant_error_is_512_bytes(void **state) {
  (void)state;
  assert_int_equal(sizeof(qdrant_error), 512);
}

static void test_qd_fail_fills_and_returns_the_status(void **state) {
  (void)state;
  qdrant_error err = {0};
  assert_int_equal(qd_fail(&err, QDRANT_NOT_FOUND, "collection \"%s\" at %d", "words", 7), QDRANT_NOT_FOUND);
  assert_int_equal(err.status, QDRANT_NOT_FOUND);
  assert_string_equal(err.message, "collection \"words\" at 7");
}

static void test_qd_fail_twice_keeps_the_first(void **state) {
  (void)state;
  qdrant_error err = {0};
  qd_fail(&err, QDRANT_NOT_FOUND, "first");
  assert_int_equal(qd_fail(&err, QDRANT_INTERNAL, "second"), QDRANT_INTERNAL);
  assert_int_equal(err.status, QDRANT_NOT_FOUND);
  assert_string_equal(err.message, "first");
}

static void test_qd_error_null_is_fine_everywhere(void **state) {
  (void)state;
  const qdrant_error from = {.status = QDRANT_ABORTED};
  qd_error_clear(NULL);
  qd_error_prefix(NULL, "x");
  assert_int_equal(qd_fail(NULL, QDRANT_ABORTED, "x"), QDRANT_ABORTED);
  assert_int_equal(qd_error_pass(NULL, &from), QDRANT_ABORTED);
}

static void test_qd_error_clear_empties_every_field(void **state) {
  (void)state;
  qdrant_error err;
  memset(&err, 0xFF, sizeof err);
  qd_error_clear(&err);
  const qdrant_error empty = {0};
  assert_memory_equal(&err, &empty, offsetof(qdrant_error, message));
  assert_string_equal(err.message, "");
}

static void test_qd_error_copy_of_any_length_equals_the_original(void **state) {
  (void)state;
  qdrant_error from = {.status = QDRANT_ABORTED, .delivery = QDRANT_ANSWERED, .n_attempts = 3};
  const size_t lengths[] = {0, 1, sizeof from.message - 1};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    qdrant_error to;
    memset(from.message, 'a', lengths[i]);
    from.message[lengths[i]] = '\0';
    memset(&to, 0xFF, sizeof to);
    qd_error_copy(&to, &from);
    assert_memory_equal(&to, &from, offsetof(qdrant_error, message) + lengths[i] + 1);
  }
}

/* Text of n_bytes whose last character has three bytes and begins at n_bytes - 3. */
static void fill_text(char *text, size_t n_bytes) {
  memset(text, 'a', n_bytes);
  memcpy(text + n_bytes - 3, "\xe2\x82\xac", 3);
  text[n_bytes] = '\0';
}

static void test_qd_fail_too_long_is_cut_at_a_character(void **state) {
  (void)state;
  char text[600];
  for (size_t n_bytes = 471; n_bytes <= 476; n_bytes++) {
    qdrant_error err = {0};
    fill_text(text, n_bytes);
    qd_fail(&err, QDRANT_INTERNAL, "%s", text);
    size_t expected = n_bytes == 471 ? 471 : n_bytes - 3 < 471 ? n_bytes - 3 : 471;
    assert_int_equal(strlen(err.message), expected);
    assert_memory_equal(err.message, text, expected);
  }
}

static void test_qd_fail_with_bytes_that_are_no_utf8_shows_question_marks(void **state) {
  (void)state;
  qdrant_error err = {0};
  qd_fail(&err, QDRANT_INVALID_ARGUMENT, "key \"%s\"",
      "a\xff\xc3"
      "b\xe2\x82\xac\xed\xa0\x80");
  assert_string_equal(err.message, "key \"a??b\xe2\x82\xac???\"");
  assert_true(qd_is_utf8(err.message, strlen(err.message)));
}

static void test_qd_fail_ending_in_part_of_a_character_shows_question_marks(void **state) {
  (void)state;
  qdrant_error err = {0};
  qd_fail(&err, QDRANT_INVALID_ARGUMENT, "%s", "ab\xe2\x82");
  assert_string_equal(err.message, "ab??");
}

static void test_qd_error_prefix_puts_text_before(void **state) {
  (void)state;
  qdrant_error err = {0};
  qd_error_prefix(&err, "nothing failed: ");
  assert_string_equal(err.message, "");
  qd_fail(&err, QDRANT_INVALID_ARGUMENT, "limit must be > 0");
  qd_error_prefix(&err, "query %d: ", 3);
  assert_string_equal(err.message, "query 3: limit must be > 0");
  assert_int_equal(err.status, QDRANT_INVALID_ARGUMENT);
}

static void test_qd_error_prefix_of_a_long_message_cuts_its_end(void **state) {
  (void)state;
  char text[500];
  for (size_t n_bytes = 460; n_bytes <= 471; n_bytes++) {
    qdrant_error err = {0};
    fill_text(text, n_bytes);
    qd_fail(&err, QDRANT_INTERNAL, "%s", text);
    qd_error_prefix(&err, "point 7: ");
    size_t n_whole = 9 + n_bytes;
    size_t expected = n_whole <= 471 ? n_whole : n_whole - 3 < 471 ? n_whole - 3 : 471;
    assert_int_equal(strlen(err.message), expected);
    assert_memory_equal(err.message, "point 7: aaa", 12);
    assert_memory_equal(err.message + 9, text, expected - 9);
  }
}

static void test_qd_error_pass_copies_all_unless_an_earlier_failure_is_there(void **state) {
  (void)state;
  qdrant_error from = {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE, .remote_code = 14, .retry_after_ms = 5};
  strcpy(from.message, "gone");
  qdrant_error err = {0};
  assert_int_equal(qd_error_pass(&err, &from), QDRANT_UNAVAILABLE);
  assert_memory_equal(&err, &from, sizeof err);
  const qdrant_error later = {.status = QDRANT_INTERNAL};
  assert_int_equal(qd_error_pass(&err, &later), QDRANT_INTERNAL);
  assert_memory_equal(&err, &from, sizeof err);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qdrant_error_is_512_bytes),
      cmocka_unit_test(test_qd_fail_fills_and_returns_the_status),
      cmocka_unit_test(test_qd_fail_twice_keeps_the_first),
      cmocka_unit_test(test_qd_error_null_is_fine_everywhere),
      cmocka_unit_test(test_qd_error_clear_empties_every_field),
      cmocka_unit_test(test_qd_error_copy_of_any_length_equals_the_original),
      cmocka_unit_test(test_qd_fail_too_long_is_cut_at_a_character),
      cmocka_unit_test(test_qd_fail_with_bytes_that_are_no_utf8_shows_question_marks),
      cmocka_unit_test(test_qd_fail_ending_in_part_of_a_character_shows_question_marks),
      cmocka_unit_test(test_qd_error_prefix_puts_text_before),
      cmocka_unit_test(test_qd_error_prefix_of_a_long_message_cuts_its_end),
      cmocka_unit_test(test_qd_error_pass_copies_all_unless_an_earlier_failure_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

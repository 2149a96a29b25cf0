#include "core/decimal.h"
#include "tests/support/random.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { n_random = 200000 };

/* Whatever is answered is what the C library answers. 1 when it was answered. */
static int check_float(const char *text) {
  qd_decimal number;
  float value, want = strtof(text, NULL);
  assert_ptr_equal(qd_decimal_read(text, text + strlen(text), &number), text + strlen(text));
  if (!qd_decimal_float(&number, &value))
    return 0;
  if (memcmp(&value, &want, sizeof value) != 0)
    fail_msg("%s is %.9g, not %.9g", text, (double)want, (double)value);
  return 1;
}

static void test_qd_decimal_float_of_random_numbers_is_the_nearest(void **state) {
  (void)state;
  random_source random = random_begin("test_decimal");
  size_t n_answered = 0;
  for (int i = 0; i < n_random; i++) {
    char text[64];
    snprintf(text, sizeof text, "%s%" PRIu64 "e%d", random_is(&random, 2) ? "-" : "", random_sized(&random),
        (int)random_below(&random, 60) - 40);
    n_answered += (size_t)check_float(text);
    snprintf(text, sizeof text, "%.*g", 1 + (int)random_below(&random, 17), (double)random_float(&random));
    n_answered += (size_t)check_float(text);
    snprintf(text, sizeof text, "%d.%06d", (int)random_below(&random, 2000), (int)random_below(&random, 1000000));
    n_answered += (size_t)check_float(text);
  }
  assert_true(n_answered > n_random); /* what is usual goes the fast way */
}

/* Doubles in the middle of two floats, and decimals just beside them that are rounded to there. */
static void test_qd_decimal_float_near_a_middle_is_the_nearest_or_none(void **state) {
  (void)state;
  static const char *const texts[] = {"16777217", "16777217.0000000001", "16777216.9999999999", "33554434.0",
      "1.00000005960464477539", "0.1", "-0.0", "0", "1e-45", "1.4e-45", "1.17549435e-38", "1.17549428e-38",
      "3.4028235e38", "3.4028236e38", "3.5e38", "1e22", "9007199254740993"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    (void)check_float(texts[i]);
  qd_decimal number;
  float value;
  const char middle[] = "16777217";
  (void)qd_decimal_read(middle, middle + strlen(middle), &number);
  assert_false(qd_decimal_float(&number, &value));
}

static void test_qd_decimal_read_ends_where_the_number_does(void **state) {
  (void)state;
  static const char text[] = "-12.50e+3,";
  qd_decimal number;
  assert_ptr_equal(qd_decimal_read(text, text + sizeof text - 1, &number), text + 9);
  assert_true(number.is_negative && !number.is_integer && number.digits == 1250 && number.exponent == 1);
  assert_ptr_equal(qd_decimal_read(text, text + 3, &number), text + 3);
  assert_true(number.is_integer && number.digits == 12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_decimal_float_of_random_numbers_is_the_nearest),
      cmocka_unit_test(test_qd_decimal_float_near_a_middle_is_the_nearest_or_none),
      cmocka_unit_test(test_qd_decimal_read_ends_where_the_number_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/float_text.h"
#include "tests/support/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_ended(char out[QD_FLOAT_TEXT_MAX_BYTES + 1], float value) {
  size_t n = qd_float_write(out, value);
  assert_true(n <= QD_FLOAT_TEXT_MAX_BYTES);
  out[n] = '\0';
}

static void test_qd_float_write_of_examples_is_as_expected(void **state) {
  (void)state;
  static const struct {
    float value;
    const char *text;
  } rows[] = {{0.0F, "0.0"}, {-0.0F, "-0.0"}, {1.0F, "1.0"}, {-1.5F, "-1.5"}, {0.1F, "0.1"}, {0.3F, "0.3"},
      {100.0F, "100.0"}, {16777216.0F, "16777216.0"}, {33554432.0F, "33554432.0"}, {123456789.0F, "123456790.0"},
      {1e9F, "1000000000.0"}, {1e10F, "1e10"}, {1.5e10F, "1.5e10"}, {0.0001F, "0.0001"}, {0.00001F, "0.00001"},
      {0.000001F, "1e-6"}, {-1.2345678e-5F, "-0.000012345678"}, {3.4028235e38F, "3.4028235e38"},
      {1.17549435e-38F, "1.1754944e-38"}, {1.40129846e-45F, "1e-45"}, {INFINITY, "null"}, {-INFINITY, "null"},
      {NAN, "null"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[QD_FLOAT_TEXT_MAX_BYTES + 1];
    write_ended(text, rows[i].value);
    assert_string_equal(text, rows[i].text);
  }
}

static size_t significant_digits(const char *text) {
  size_t n = 0;
  size_t n_zeros = 0;
  for (; *text != '\0' && *text != 'e'; text++)
    if (*text == '0' && n > 0)
      n_zeros++;
    else if (*text >= '1' && *text <= '9') {
      n += n_zeros + 1;
      n_zeros = 0;
    }
  return n;
}

/* As printf says it with the fewest digits that read back the same. */
static size_t fewest_digits(float value) {
  char text[32];
  for (int precision = 0; precision < 9; precision++) {
    snprintf(text, sizeof text, "%.*e", precision, (double)value);
    if (strtof(text, NULL) == value)
      return significant_digits(text);
  }
  fail_msg("nine digits are not enough for %a", (double)value);
  return 0;
}

static void require_shortest(float value) {
  char text[QD_FLOAT_TEXT_MAX_BYTES + 1];
  write_ended(text, value);
  float back = strtof(text, NULL);
  if (memcmp(&back, &value, sizeof value) != 0)
    fail_msg("%a became %s", (double)value, text);
  if (strpbrk(text, ".e") == NULL)
    fail_msg("%s has neither point nor exponent", text);
  if (significant_digits(text) > fewest_digits(value))
    fail_msg("%s is longer than need be", text);
}

static void test_qd_float_write_of_random_floats_reads_back_the_same(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  for (int i = 0; i < 200000; i++)
    require_shortest(random_float(&random));
}

/* Where the distance to the next float changes. */
static void test_qd_float_write_of_powers_of_two_and_neighbours_reads_back_the_same(void **state) {
  (void)state;
  for (int exponent = -149; exponent <= 127; exponent++) {
    float power = ldexpf(1.0F, exponent);
    require_shortest(power);
    require_shortest(nextafterf(power, 0.0F));
    require_shortest(nextafterf(power, 1e38F));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_float_write_of_examples_is_as_expected),
      cmocka_unit_test(test_qd_float_write_of_random_floats_reads_back_the_same),
      cmocka_unit_test(test_qd_float_write_of_powers_of_two_and_neighbours_reads_back_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/plain_number.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check_numbers(void) {
  float small;
  double large;
  assert_true(qd_plain_float("0.25,", &small) && small == 0.25f);
  assert_true(qd_plain_float("1e39", &small) && small > 3.4e38f);
  assert_true(qd_plain_double("-1234.5e-1]", &large) && large == -123.45);
}

static void test_qd_plain_float_reads_up_to_what_is_no_number(void **state) {
  (void)state;
  check_numbers();
}

/* Where a locale with a decimal comma is installed, it makes no difference. */
static void test_qd_plain_float_does_not_heed_the_locale(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  const char *set = NULL;
  for (size_t i = 0; set == NULL && i < sizeof names / sizeof names[0]; i++)
    set = setlocale(LC_NUMERIC, names[i]);
  if (set == NULL)
    print_message("no locale with a decimal comma is installed: read in the C locale alone\n");
  check_numbers();
  setlocale(LC_NUMERIC, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_plain_float_reads_up_to_what_is_no_number),
      cmocka_unit_test(test_qd_plain_float_does_not_heed_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

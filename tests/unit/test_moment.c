#include "core/moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_parse_forms_of_the_server_are_read(void **state) {
  static const struct {
    const char *text;
    int64_t seconds;
    int32_t nanos;
  } cases[] = {
      {"1970-01-01T00:00:00Z", 0, 0},
      {"1969-12-31T23:59:59.5Z", -1, 500000000},
      {"2024-02-29T12:30:00.5Z", 1709209800, 500000000},
      {"2024-06-15T08:00:00+02:00", 1718431200, 0},
      {"2024-06-15T04:00:00-0200", 1718431200, 0},
      {"2024-06-15T08:00:00+02", 1718431200, 0},
      {"2024-06-15 06:00:00", 1718431200, 0},
      {"2024-06-15T06:00", 1718431200, 0},
      {"2024-06-15 06:00", 1718431200, 0},
      {"2024-06-15", 1718409600, 0},
      {"2024-06-15t06:00:00z", 1718431200, 0},
      {"2023-12-31T23:59:59.999999Z", 1704067199, 999999000},
      {"2024-01-01T00:00:00.1234567899Z", 1704067200, 123456789},
      {"0001-01-01T00:00:00Z", -62135596800, 0},
      {"9999-12-31T23:59:59Z", 253402300799, 0},
      {"2000-02-29", 951782400, 0},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    qd_moment moment;
    if (!qd_moment_parse(cases[i].text, strlen(cases[i].text), &moment))
      fail_msg("%s is not read", cases[i].text);
    assert_int_equal(moment.seconds, cases[i].seconds);
    assert_int_equal(moment.nanos, cases[i].nanos);
  }
}

static void test_parse_other_text_is_refused(void **state) {
  static const char *const cases[] = {"", "2024", "2024-13-01", "2024-02-30", "1900-02-29", "2024-06-15T",
      "2024-06-15T24:00:00Z", "2024-06-15T06:60", "2024-06-15T06:00:00.Z", "2024-06-15T06:00:00X", "2024-06-15T06:00Z",
      "2024-06-15T06:00:00+2", "2024-06-15T06:00:00Z ", "15.06.2024", "2024-6-15"};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    qd_moment moment;
    if (qd_moment_parse(cases[i], strlen(cases[i]), &moment))
      fail_msg("\"%s\" is read", cases[i]);
  }
}

static void test_compare_looks_at_seconds_then_nanos(void **state) {
  (void)state;
  qd_moment a = {1, 5};
  qd_moment b = {1, 6};
  qd_moment c = {2, 0};
  assert_int_equal(qd_moment_compare(&a, &b), -1);
  assert_int_equal(qd_moment_compare(&c, &b), 1);
  assert_int_equal(qd_moment_compare(&a, &a), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse_forms_of_the_server_are_read),
      cmocka_unit_test(test_parse_other_text_is_refused),
      cmocka_unit_test(test_compare_looks_at_seconds_then_nanos),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/retry_after.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */
#define DAY_MS 86400000U

typedef struct after_case {
  const char *text;
  int is_read;
  uint32_t wait_ms;
} after_case;

static const after_case cases[] = {
    {"0", 1, 0},
    {"1", 1, 1000},
    {" 12\t", 1, 12000},
    {"007", 1, 7000},
    {"86400", 1, DAY_MS},
    {"86401", 1, DAY_MS},
    {"99999999999999999999999999999999", 1, DAY_MS},
    {"", 0, 0},
    {"  ", 0, 0},
    {"-1", 0, 0},
    {"1.5", 0, 0},
    {"1 2", 0, 0},
    {"soon", 0, 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 1, 0},
    {"Sun, 06 Nov 1994 08:49:36 GMT", 1, 0},
    {"Sun, 06 Nov 1994 08:50:40 GMT", 1, 63000},
    {"Mon, 07 Nov 1994 08:49:37 GMT", 1, DAY_MS},
    {"Mon, 07 Nov 2094 08:49:37 GMT", 1, DAY_MS},
    {"Sunday, 06-Nov-94 08:50:37 GMT", 1, 60000},
    {"Sunday, 06-Nov-45 08:50:37 GMT", 1, 0}, /* 1945: 2045 is more than fifty years ahead */
    {"Sunday, 06-Nov-44 08:50:37 GMT", 1, DAY_MS},
    {"Sun Nov  6 08:49:47 1994", 1, 10000},
    {"Wed Nov 16 08:49:47 1994", 1, DAY_MS},
    {"Sun, 06 Nov 1994 08:49:37", 0, 0},
    {"Sun, 06 Nov 1994 08:49:37 CET", 0, 0},
    {"Sun, 06 Nov 1994 24:49:37 GMT", 0, 0},
    {"Sun, 00 Nov 1994 08:49:37 GMT", 0, 0},
    {"Sun, 06 Nuv 1994 08:49:37 GMT", 0, 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT ago", 0, 0},
    {"Sun, 06 No", 0, 0},
};

static void test_retry_after_parse_table_of_cases_read(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint32_t wait_ms = 77;
    int is_read = qd_retry_after_parse(cases[i].text, strlen(cases[i].text), NOW_S, &wait_ms);
    if (is_read != cases[i].is_read || wait_ms != cases[i].wait_ms)
      fail_msg("\"%s\": %d, %u ms", cases[i].text, is_read, (unsigned)wait_ms);
  }
}

static void test_retry_after_parse_text_without_nul_not_left(void **state) {
  (void)state;
  const char text[] = {'3', '4'};
  uint32_t wait_ms = 0;
  assert_true(qd_retry_after_parse(text, 1, NOW_S, &wait_ms));
  assert_int_equal(wait_ms, 3000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_after_parse_table_of_cases_read),
      cmocka_unit_test(test_retry_after_parse_text_without_nul_not_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

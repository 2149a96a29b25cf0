#include "qdrant/client.h"
#include "qdrant/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qdrant_status_name_of_each_row_is_its_constant(void **state) {
  (void)state;
  size_t n_rows = 0;
#define QDRANT_STATUS_ROW(name, number, text)                                                                          \
  assert_int_equal(QDRANT_##name, number);                                                                             \
  assert_string_equal(qdrant_status_name(QDRANT_##name), #name);                                                       \
  assert_string_equal(qdrant_status_text(QDRANT_##name), text);                                                        \
  n_rows++;
#include "qdrant/status.def"
#undef QDRANT_STATUS_ROW
  assert_true(n_rows >= 25);
}

static void test_qdrant_status_numbers_up_to_16_are_grpcs(void **state) {
  (void)state;
  static const char *const names[] = {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
      "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};
  for (int i = 0; i <= 16; i++)
    assert_string_equal(qdrant_status_name((qdrant_status)i), names[i]);
}

static void test_qdrant_status_without_a_row_has_a_name_and_a_text(void **state) {
  (void)state;
  static const unsigned numbers[] = {17, 99, 1000, 0x7fffffff};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    assert_string_equal(qdrant_status_name((qdrant_status)numbers[i]), "UNKNOWN_STATUS");
    assert_true(strlen(qdrant_status_text((qdrant_status)numbers[i])) > 0);
  }
}

static void test_qdrant_delivery_name_of_each_is_its_constant(void **state) {
  (void)state;
  assert_string_equal(qdrant_delivery_name(QDRANT_NOT_SENT), "NOT_SENT");
  assert_string_equal(qdrant_delivery_name(QDRANT_MAYBE), "MAYBE");
  assert_string_equal(qdrant_delivery_name(QDRANT_ANSWERED), "ANSWERED");
}

static void test_qdrant_version_is_three_numbers(void **state) {
  (void)state;
  const char *version = qdrant_version();
  size_t n_dots = 0;
  for (const char *at = version; *at != '\0'; at++) {
    assert_true(*at == '.' || (*at >= '0' && *at <= '9'));
    n_dots += *at == '.';
  }
  assert_int_equal(n_dots, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qdrant_status_name_of_each_row_is_its_constant),
      cmocka_unit_test(test_qdrant_status_numbers_up_to_16_are_grpcs),
      cmocka_unit_test(test_qdrant_status_without_a_row_has_a_name_and_a_text),
      cmocka_unit_test(test_qdrant_delivery_name_of_each_is_its_constant),
      cmocka_unit_test(test_qdrant_version_is_three_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/rpc.h"
#include "core/since.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_rows_name_fields_that_exist(void **state) {
  (void)state;
  for (size_t i = 0; i < qd_n_since_rows; i++) {
    const qd_since *row = &qd_since_rows[i];
    if (protobuf_c_message_descriptor_get_field_by_name(row->type, row->field) == NULL)
      fail_msg("%s has no field %s", row->type->name, row->field);
    for (size_t k = 0; k < i; k++)
      if (qd_since_rows[k].type == row->type && strcmp(qd_since_rows[k].field, row->field) == 0)
        fail_msg("%s.%s is there twice", row->type->name, row->field);
    assert_true(i == 0 || qd_since_rows[i - 1].version <= row->version);
  }
}

static void test_version_parse_orders_versions(void **state) {
  (void)state;
  static const char *const rising[] = {"0.9.1", "1.0.0", "1.9.7", "1.10.0", "1.10.1", "1.18.3", "1.19.0-dev", "2.0.0"};
  for (size_t i = 1; i < sizeof rising / sizeof rising[0]; i++)
    assert_true(qd_version_parse(rising[i - 1]) < qd_version_parse(rising[i]));
  assert_int_equal(qd_version_parse("1.16.0"), qd_version_parse("1.16.0+build"));
  assert_true(qd_since_newest() >= qd_version_parse("1.20.0"));
}

static void test_version_parse_of_other_texts_is_zero(void **state) {
  (void)state;
  static const char *const bad[] = {
      "", "dev", "1", "1.", "1.2", "1..2", "v1.2.3", "1.2000.0", "99999999999.1.1", "-1.2.3"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(qd_version_parse(bad[i]), 0);
}

static void test_version_format_gives_major_and_minor(void **state) {
  (void)state;
  char text[QD_VERSION_TEXT_BYTES];
  qd_version_format(qd_version_parse("1.18.3"), text);
  assert_string_equal(text, "1.18");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_name_fields_that_exist),
      cmocka_unit_test(test_version_parse_orders_versions),
      cmocka_unit_test(test_version_parse_of_other_texts_is_zero),
      cmocka_unit_test(test_version_format_gives_major_and_minor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

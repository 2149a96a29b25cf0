#include "core/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char hyphenated[] = "550e8400-e29b-41d4-a716-4466554400ff";

static void test_parse_each_form_of_the_server_gives_the_same(void **state) {
  static const char *const forms[] = {hyphenated, "550e8400e29b41d4a7164466554400ff",
      "{550e8400-e29b-41d4-a716-4466554400ff}", "urn:uuid:550e8400-e29b-41d4-a716-4466554400ff",
      "550E8400-E29B-41D4-A716-4466554400FF"};
  (void)state;
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    uint8_t bytes[16];
    char text[37];
    if (!qd_uuid_parse(forms[i], bytes))
      fail_msg("%s is not read", forms[i]);
    qd_uuid_format(bytes, text);
    assert_string_equal(text, hyphenated);
  }
}

static void test_parse_other_text_is_refused(void **state) {
  static const char *const others[] = {"", "-", "{", "{}", "urn:uuid:", "550e8400-e29b-41d4-a716-4466554400f",
      "550e8400-e29b-41d4-a716-4466554400fff", "550e8400-e29b-41d4-a716-4466554400fg",
      "550e8400e29b-41d4-a716-4466554400ff", "{550e8400-e29b-41d4-a716-4466554400ff",
      "{550e8400-e29b-41d4-a716-4466554400ff}}", "{550e8400e29b41d4a7164466554400ff}",
      "URN:UUID:550e8400-e29b-41d4-a716-4466554400ff", " 550e8400-e29b-41d4-a716-4466554400ff"};
  (void)state;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    uint8_t bytes[16];
    if (qd_uuid_parse(others[i], bytes))
      fail_msg("\"%s\" is read", others[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse_each_form_of_the_server_gives_the_same),
      cmocka_unit_test(test_parse_other_text_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

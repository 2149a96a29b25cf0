#include "core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct example {
  const char *text;
  size_t n_bytes;
  size_t n_valid;
} example;

#define TEXT(text, n_valid)                                                                                            \
  { text, sizeof(text) - 1, n_valid }

static void test_qd_utf8_valid_bytes_stops_at_the_first_bad_character(void **state) {
  (void)state;
  static const example examples[] = {
      TEXT("", 0),
      TEXT("plain ASCII, longer than eight", 30),
      TEXT("a\0b", 3),
      TEXT("\x7f", 1),
      TEXT("\xc2\x80", 2),
      TEXT("\xdf\xbf", 2),
      TEXT("\xe0\xa0\x80", 3),
      TEXT("\xed\x9f\xbf", 3),
      TEXT("\xee\x80\x80", 3),
      TEXT("\xef\xbf\xbf", 3),
      TEXT("\xf0\x90\x80\x80", 4),
      TEXT("\xf4\x8f\xbf\xbf", 4),
      TEXT("12345678\xf0\x9f\x98\x80tail....", 20),
      TEXT("\x80", 0), /* continuation alone */
      TEXT("ab\xbf", 2),
      TEXT("\xc0\x80", 0),         /* overlong NUL */
      TEXT("\xc1\xbf", 0),         /* overlong, two bytes */
      TEXT("\xe0\x9f\xbf", 0),     /* overlong, three bytes */
      TEXT("\xf0\x8f\xbf\xbf", 0), /* overlong, four bytes */
      TEXT("\xed\xa0\x80", 0),     /* first surrogate */
      TEXT("\xed\xbf\xbf", 0),     /* last surrogate */
      TEXT("\xf4\x90\x80\x80", 0), /* U+110000 */
      TEXT("\xf5\x80\x80\x80", 0),
      TEXT("\xff", 0),
      TEXT("\xc3", 0), /* cut */
      TEXT("x\xe2\x82", 1),
      TEXT("x\xf0\x9f\x98", 1),
      TEXT("\xc3(", 0), /* no continuation */
      TEXT("\xe2\x28\xa1", 0),
      TEXT("\xe2\x82(", 0),
      TEXT("\xf0\x9f\x98(", 0),
      TEXT("12345678\xff", 8),
      TEXT("1234567\xff"
           "90",
          7),
  };
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    const example *each = &examples[i];
    if (qd_utf8_valid_bytes(each->text, each->n_bytes) != each->n_valid)
      fail_msg("example %zu", i);
    assert_int_equal(qd_is_utf8(each->text, each->n_bytes), each->n_valid == each->n_bytes);
  }
}

static void test_qd_is_utf8_takes_every_character_and_no_surrogate(void **state) {
  (void)state;
  for (unsigned code = 0x800; code <= 0xFFFF; code++) {
    const char text[] = {(char)(0xE0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3F)), (char)(0x80 | (code & 0x3F))};
    int is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (qd_is_utf8(text, 3) == is_surrogate)
      fail_msg("U+%04X", code);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_utf8_valid_bytes_stops_at_the_first_bad_character),
      cmocka_unit_test(test_qd_is_utf8_takes_every_character_and_no_surrogate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "memory/value_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { N_KEYS = 5000 };

static qd_key text_key(const char *text) {
  return (qd_key){.kind = QD_KEY_TEXT, .text = (const uint8_t *)text, .n_bytes = strlen(text)};
}

static void test_add_numbers_keys_in_the_order_they_come(void **state) {
  (void)state;
  static char texts[N_KEYS][16];
  qd_value_map map;
  qd_value_map_init(&map);
  for (size_t round = 0; round < 2; round++)
    for (size_t i = 0; i < N_KEYS; i++) {
      snprintf(texts[i], sizeof texts[i], "key %zu", i);
      qd_key text = text_key(texts[i]);
      qd_key integer = {.kind = QD_KEY_INTEGER, .integer = (int64_t)i};
      assert_int_equal(qd_value_map_add(&map, &text), 2 * i);
      assert_int_equal(qd_value_map_add(&map, &integer), 2 * i + 1);
    }
  assert_int_equal(map.n, 2 * N_KEYS);
  qd_value_map_free(&map);
}

static void test_compare_orders_values_of_a_kind(void **state) {
  (void)state;
  qd_key a = text_key("a");
  qd_key ab = text_key("ab");
  qd_key none = text_key("");
  qd_key small = {.kind = QD_KEY_INTEGER, .integer = INT64_MIN};
  qd_key large = {.kind = QD_KEY_INTEGER, .integer = INT64_MAX};
  qd_key one = {.kind = QD_KEY_UUID, .uuid = {1}};
  qd_key two = {.kind = QD_KEY_UUID, .uuid = {2}};
  assert_true(qd_key_compare(&a, &ab) < 0 && qd_key_compare(&none, &a) < 0 && qd_key_compare(&a, &a) == 0);
  assert_true(qd_key_compare(&small, &large) < 0 && qd_key_compare(&large, &small) > 0);
  assert_true(qd_key_compare(&one, &two) < 0);
}

/* From the paper that describes SipHash: key 00 01 … 0f, message 00 01 … 0e. */
static void test_siphash_gives_the_published_value(void **state) {
  (void)state;
  uint8_t message[15];
  for (uint8_t i = 0; i < sizeof message; i++)
    message[i] = i;
  qd_siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
  assert_true(qd_siphash(key, message, sizeof message) == UINT64_C(0xa129ca6149be45e5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_add_numbers_keys_in_the_order_they_come),
      cmocka_unit_test(test_compare_orders_values_of_a_kind),
      cmocka_unit_test(test_siphash_gives_the_published_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

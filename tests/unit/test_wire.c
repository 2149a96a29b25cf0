#include "core/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_put_varint_every_size_is_read_back(void **state) {
  (void)state;
  for (unsigned bit = 0; bit < 64; bit++) {
    for (int below = 0; below < 2; below++) {
      uint64_t value = (UINT64_C(1) << bit) - (uint64_t)below;
      uint8_t bytes[10] = {0};
      size_t n = (size_t)(qd_put_varint(bytes, value) - bytes);
      assert_int_equal(n, qd_varint_bytes(value));
      qd_wire_number read = qd_wire_number_at(bytes, bytes + n);
      assert_ptr_equal(read.end, bytes + n);
      assert_true(read.value == value);
      assert_null(qd_wire_number_at(bytes, bytes + n - 1).end);
    }
  }
  uint8_t bytes[10] = {0};
  assert_int_equal(qd_put_varint(bytes, UINT64_MAX) - bytes, 10);
  assert_int_equal(qd_varint_bytes(UINT64_MAX), 10);
}

static void test_qd_wire_number_of_eleven_bytes_is_refused(void **state) {
  (void)state;
  uint8_t bytes[11];
  memset(bytes, 0x80, sizeof bytes);
  bytes[10] = 0;
  assert_null(qd_wire_number_at(bytes, bytes + sizeof bytes).end);
  bytes[9] = 1;
  qd_wire_number number = qd_wire_number_at(bytes, bytes + sizeof bytes);
  assert_ptr_equal(number.end, bytes + 10);
  assert_true(number.value == UINT64_C(1) << 63);
}

static void test_qd_field_bytes_equals_what_is_written(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 70000};
  static const uint32_t numbers[] = {1, 15, 16, 101, 2047, 2048, QD_WIRE_MAX_NUMBER};
  static uint8_t content[70000];
  static uint8_t out[70020];
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
      size_t n = (size_t)(qd_put_bytes(out, numbers[k], content, sizes[i]) - out);
      assert_int_equal(n, qd_field_bytes(numbers[k], sizes[i]));
      qd_wire wire = qd_wire_of(out, n);
      qd_wire_field field;
      assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_FIELD);
      assert_int_equal(field.number, numbers[k]);
      assert_int_equal(field.type, QD_WIRE_BYTES);
      assert_int_equal(field.n_bytes, sizes[i]);
      assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_END);
    }
  }
}

static void test_qd_wire_next_reads_every_type(void **state) {
  (void)state;
  uint8_t bytes[64];
  double number = 1.5;
  uint32_t word = 0x01020304;
  uint8_t *end = qd_put_varint_field(bytes, 7, 300);
  end = qd_put_double_field(end, 8, number);
  end = qd_put_copy(qd_put_tag(end, 9, QD_WIRE_FIXED32), &word, sizeof word);
  end = qd_put_bytes(end, 10, "abc", 3);
  qd_wire wire = qd_wire_of(bytes, (size_t)(end - bytes));
  qd_wire_field field;
  assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_FIELD);
  assert_int_equal(field.number, 7);
  assert_true(field.value == 300);
  assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_FIELD);
  assert_memory_equal(&field.value, &number, sizeof number);
  assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_FIELD);
  assert_true(field.value == word);
  assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_FIELD);
  assert_memory_equal(field.bytes, "abc", 3);
  assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_END);
}

static void test_qd_wire_next_malformed_fields_are_bad(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t n_bytes;
  } rows[] = {
      {"\x00\x01", 2},                 /* field 0 */
      {"\x82\x80\x80\x80\x10\x00", 6}, /* field 2^29 */
      {"\x0b", 1},                     /* a group begins */
      {"\x0c", 1},                     /* a group ends */
      {"\x0e\x00", 2},                 /* types that do not exist */
      {"\x0f\x00", 2},
      {"\x08", 1}, /* torn */
      {"\x08\x80", 2},
      {"\x80", 1},
      {"\x09\x01\x02\x03\x04\x05\x06\x07", 8},
      {"\x0d\x01\x02\x03", 4},
      {"\x0a", 1},
      {"\x0a\x01", 2},
      {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    qd_wire wire = qd_wire_of((const uint8_t *)rows[i].bytes, rows[i].n_bytes);
    qd_wire_field field;
    assert_int_equal(qd_wire_next(&wire, &field), QD_WIRE_BAD);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_put_varint_every_size_is_read_back),
      cmocka_unit_test(test_qd_wire_number_of_eleven_bytes_is_refused),
      cmocka_unit_test(test_qd_field_bytes_equals_what_is_written),
      cmocka_unit_test(test_qd_wire_next_reads_every_type),
      cmocka_unit_test(test_qd_wire_next_malformed_fields_are_bad),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

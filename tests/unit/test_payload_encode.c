#include "core/payload_encode.h"

#include "core/datetime.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Rows 1 and 2 are the points 0 and 1. */
static const qd_rows two_rows = {.item = "point", .first = 1, .n = 2};

static qdrant_status check(const qdrant_payload_column *columns, size_t n_columns, qdrant_error *err) {
  *err = (qdrant_error){0};
  qdrant_status status = qd_payload_check(columns, n_columns, &two_rows, err);
  if (status == QDRANT_OK) {
    qd_arena *arena = qd_arena_new(0);
    qd_payload_plan *plans;
    status = qd_payload_plan_make(columns, n_columns, &two_rows, arena, &plans, err);
    qd_arena_free(arena);
  }
  return status;
}

static void assert_taken(const qdrant_payload_column *columns, size_t n_columns) {
  qdrant_error err;
  if (check(columns, n_columns, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
}

static void assert_refused(const qdrant_payload_column *columns, size_t n_columns, const char *message) {
  qdrant_error err;
  assert_int_equal(check(columns, n_columns, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, message);
}

static void test_qd_payload_check_bad_keys_are_refused(void **state) {
  (void)state;
  const int64_t values[] = {1, 2, 3};
  qdrant_payload_column columns[] = {
      {.key = "a", .kind = QDRANT_PAYLOAD_INTEGER, .values = values},
      {.key = "b", .kind = QDRANT_PAYLOAD_INTEGER, .values = values},
  };
  assert_taken(columns, 2);
  columns[1].key = "a";
  assert_refused(columns, 2, "payload columns 0 and 1 have the same key \"a\"; keys must be unique");
  columns[1].key = "";
  assert_refused(columns, 2, "payload column 1: key is empty");
  columns[1].key = NULL;
  assert_refused(columns, 2, "payload column 1: key is NULL; only a JSON column can do without");
  columns[1].key = "\xff";
  assert_refused(columns, 2, "payload column 1: key \"?\" is not UTF-8");
  columns[0].key = columns[1].key = NULL;
  columns[0].kind = columns[1].kind = QDRANT_PAYLOAD_JSON;
  assert_refused(columns, 2, "payload columns 0 and 1 both have no key; only one can");
}

static void test_qd_payload_check_bad_columns_are_refused(void **state) {
  (void)state;
  const int32_t offsets[] = {0, 1, 2, 3};
  qdrant_payload_column column = {.key = "a", .kind = (qdrant_payload_kind)6, .values = "abc"};
  assert_refused(&column, 1, "payload \"a\": unknown column type 6");
  column.kind = QDRANT_PAYLOAD_KEYWORD;
  assert_refused(&column, 1, "payload \"a\": offsets is NULL");
  column.offsets = offsets;
  assert_taken(&column, 1);
  column.offset_bits = 16;
  assert_refused(&column, 1, "payload \"a\": offset_bits is 16; it must be 32 or 64");
  column.offset_bits = 32;
  column.values = NULL;
  assert_refused(&column, 1, "payload \"a\": values is NULL");
  column.kind = QDRANT_PAYLOAD_BOOL;
  assert_refused(&column, 1, "payload \"a\": values is NULL");
}

static void test_qd_payload_check_bad_offsets_are_refused(void **state) {
  (void)state;
  const int64_t falling[] = {0, 1, 2, 1};
  const int32_t negative[] = {0, -1, 2, 3};
  const int64_t wide[] = {0, 0, 0, INT64_C(1) << 31};
  qdrant_payload_column column = {.key = "a", .kind = QDRANT_PAYLOAD_KEYWORD, .values = "abc"};
  column.offsets = falling;
  column.offset_bits = 64;
  assert_refused(&column, 1,
      "point 1: payload \"a\": offsets go from 2 to 1; they must be >= 0, never fall and span at most 2147483647 "
      "bytes");
  column.offsets = negative;
  column.offset_bits = 0;
  assert_refused(&column, 1,
      "point 0: payload \"a\": offsets go from -1 to 2; they must be >= 0, never fall and span at most 2147483647 "
      "bytes");
  column.offsets = wide;
  column.offset_bits = 64;
  assert_refused(&column, 1,
      "point 1: payload \"a\": offsets go from 0 to 2147483648; they must be >= 0, never fall and span at most "
      "2147483647 bytes");
}

/* Text of no bytes needs no memory behind it. */
static void test_qd_payload_check_empty_texts_are_taken(void **state) {
  (void)state;
  const int32_t offsets[] = {0, 0, 0, 0};
  const qdrant_payload_column column = {.key = "a", .kind = QDRANT_PAYLOAD_KEYWORD, .offsets = offsets};
  assert_taken(&column, 1);
}

static void test_qd_payload_check_bad_values_are_refused(void **state) {
  (void)state;
  const int32_t offsets[] = {0, 1, 3, 6};
  const double doubles[] = {NAN, 1, -INFINITY};
  const int64_t times[] = {INT64_MIN, QD_DATETIME_MIN, QD_DATETIME_MAX + 1};
  const uint8_t validity = 0x3; /* without row 2 */
  qdrant_payload_column column = {.key = "a",
      .kind = QDRANT_PAYLOAD_KEYWORD,
      .values = "\xff"
                "ab"
                "a\xc3z",
      .offsets = offsets};
  assert_refused(&column, 1, "point 1: payload \"a\": text is not UTF-8 at byte 1 (0xc3)");
  column.validity = &validity;
  assert_taken(&column, 1);
  column = (qdrant_payload_column){.key = "price", .kind = QDRANT_PAYLOAD_FLOAT, .values = doubles};
  assert_refused(&column, 1, "point 1: payload \"price\" is -inf; floats must be finite");
  column.validity = &validity;
  assert_taken(&column, 1);
  column = (qdrant_payload_column){.key = "when", .kind = QDRANT_PAYLOAD_DATETIME, .values = times};
  assert_refused(&column, 1,
      "point 1: payload \"when\" is 253402300800000000 microseconds since 1970; the year must be from 0001 to 9999");
  column.validity = &validity;
  assert_taken(&column, 1);
}

typedef struct json_row {
  const char *key;
  const char *first;
  const char *second;
  const char *message; /* NULL: it is right */
} json_row;

static void test_qd_payload_plan_make_bad_json_is_refused(void **state) {
  (void)state;
  static const json_row rows[] = {
      {NULL, "{}", "{\"b\": [1, null]}", NULL},
      {"j", "1", "null", NULL},
      {NULL, "{}", "{\"b\": }", "point 1: payload without key: JSON is wrong at byte 6"},
      {"j", "[1,]", "1", "point 0: payload \"j\": JSON is wrong at byte 3"},
      {"j", "", "1", "point 0: payload \"j\": JSON is wrong at byte 0"},
      {"j", "1", "1e999", "point 1: payload \"j\": JSON has a number beyond what a double holds"},
      {NULL, "{}", "[1]", "point 1: payload without key: the value is array; without a key it must be an object"},
      {NULL, "null", "{}", "point 0: payload without key: the value is null; without a key it must be an object"},
      {NULL, "{}", "{\"city\": 1}", "point 1: payload without key: member \"city\" has a payload column of its own"},
      {"j", "{\"city\": 1}", "1", NULL},
  };
  const int64_t integers[] = {1, 2, 3};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[100];
    int32_t n_first = (int32_t)strlen(rows[i].first);
    const int32_t offsets[] = {0, 2, 2 + n_first, 2 + n_first + (int32_t)strlen(rows[i].second)};
    snprintf(text, sizeof text, "!!%s%s", rows[i].first, rows[i].second);
    const qdrant_payload_column columns[] = {
        {.key = "city", .kind = QDRANT_PAYLOAD_INTEGER, .values = integers},
        {.key = rows[i].key, .kind = QDRANT_PAYLOAD_JSON, .values = text, .offsets = offsets},
    };
    qdrant_error err;
    qdrant_status status = check(columns, 2, &err);
    if (rows[i].message == NULL) {
      assert_int_equal(status, QDRANT_OK);
      continue;
    }
    assert_int_equal(status, QDRANT_INVALID_ARGUMENT);
    if (strncmp(err.message, rows[i].message, strlen(rows[i].message)) != 0)
      fail_msg("\"%s\" does not begin with \"%s\"", err.message, rows[i].message);
  }
}

static void test_qd_datetime_write_known_days_are_right(void **state) {
  (void)state;
  static const struct {
    int64_t microseconds;
    const char *text;
  } rows[] = {
      {0, "1970-01-01T00:00:00Z"},
      {1, "1970-01-01T00:00:00.000001Z"},
      {-1, "1969-12-31T23:59:59.999999Z"},
      {-1000000, "1969-12-31T23:59:59Z"},
      {INT64_C(1704164645000000), "2024-01-02T03:04:05Z"},
      {INT64_C(1709164800120000), "2024-02-29T00:00:00.120000Z"},
      {INT64_C(951782400000000), "2000-02-29T00:00:00Z"},
      {INT64_C(-2203891200000000), "1900-03-01T00:00:00Z"},
      {QD_DATETIME_MIN, "0001-01-01T00:00:00Z"},
      {QD_DATETIME_MAX, "9999-12-31T23:59:59.999999Z"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[QD_DATETIME_MAX_BYTES + 1];
    uint8_t *end = qd_datetime_write((uint8_t *)text, rows[i].microseconds);
    *end = '\0';
    assert_string_equal(text, rows[i].text);
    assert_int_equal(qd_datetime_bytes(rows[i].microseconds), strlen(text));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_payload_check_bad_keys_are_refused),
      cmocka_unit_test(test_qd_payload_check_bad_columns_are_refused),
      cmocka_unit_test(test_qd_payload_check_bad_offsets_are_refused),
      cmocka_unit_test(test_qd_payload_check_empty_texts_are_taken),
      cmocka_unit_test(test_qd_payload_check_bad_values_are_refused),
      cmocka_unit_test(test_qd_payload_plan_make_bad_json_is_refused),
      cmocka_unit_test(test_qd_datetime_write_known_days_are_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/update_decode.h"

#include "core/arena.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/random_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_update_decode_random_replies_equal_what_was_packed(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  qd_arena *arena = qd_arena_new(0);
  for (size_t round = 0; round < 500; round++) {
    qd_arena_reset(arena);
    Qdrant__PointsOperationResponse reply = QDRANT__POINTS_OPERATION_RESPONSE__INIT;
    Qdrant__UpdateResult result = QDRANT__UPDATE_RESULT__INIT;
    Qdrant__Usage usage = QDRANT__USAGE__INIT;
    result.has_operation_id = random_is(&random, 4) ? 0 : 1;
    result.operation_id = random_sized(&random);
    result.has_status = 1;
    result.status = (Qdrant__UpdateStatus)random_below(&random, 5);
    reply.result = &result;
    reply.has_time = 1;
    reply.time = random_double(&random);
    reply.usage = random_is(&random, 2) ? &usage : NULL;
    packed bytes = pack_message(&reply.base, arena);
    if (random_is(&random, 2))
      bytes = shuffle_fields(&random, bytes, arena);
    uint64_t operation_id;
    qdrant_update_status status;
    qdrant_error err = {0};
    assert_int_equal(qd_update_decode(bytes.bytes, bytes.n_bytes, &operation_id, &status, &err), QDRANT_OK);
    assert_true(operation_id == (result.has_operation_id ? result.operation_id : 0));
    assert_int_equal(status, result.status);
  }
  qd_arena_free(arena);
}

typedef struct reply_row {
  const char *bytes;
  size_t n_bytes;
  qdrant_status outcome;
  uint64_t operation_id;
  int status;
} reply_row;

#define ROW(bytes, ...)                                                                                                \
  { bytes, sizeof(bytes) - 1, __VA_ARGS__ }

static void test_qd_update_decode_odd_replies_are_read_or_refused(void **state) {
  (void)state;
  static const reply_row rows[] = {
      ROW("", QDRANT_OK, 0, QDRANT_UPDATE_UNKNOWN),
      ROW("\x0a\x00", QDRANT_OK, 0, QDRANT_UPDATE_UNKNOWN),
      ROW("\x0a\x02\x10\x09", QDRANT_OK, 0, 9), /* of a newer server */
      ROW("\x0a\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", QDRANT_OK, 0, QDRANT_UPDATE_UNKNOWN),
      ROW("\x0a\x04\x08\x05\x10\x01\x0a\x02\x10\x02", QDRANT_OK, 5, QDRANT_UPDATE_COMPLETED),
      ROW("\x0a\x02\x08\x80", QDRANT_BAD_REPLY, 0, 0),
      ROW("\x0a\x02\x0a\x00", QDRANT_BAD_REPLY, 0, 0),
      ROW("\x0a\x05\x15\x01\x02\x03\x04", QDRANT_BAD_REPLY, 0, 0),
      ROW("\x08\x01", QDRANT_BAD_REPLY, 0, 0),
      ROW("\x0a\x03\x08\x01", QDRANT_BAD_REPLY, 0, 0),
      ROW("\x0b", QDRANT_BAD_REPLY, 0, 0),
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint64_t operation_id = 77;
    qdrant_update_status status = QDRANT_UPDATE_COMPLETED;
    qdrant_error err = {0};
    uint8_t *bytes = malloc(rows[i].n_bytes + 1);
    memcpy(bytes, rows[i].bytes, rows[i].n_bytes);
    assert_int_equal(qd_update_decode(bytes, rows[i].n_bytes, &operation_id, &status, &err), rows[i].outcome);
    free(bytes);
    if (rows[i].outcome == QDRANT_OK) {
      assert_true(operation_id == rows[i].operation_id);
      assert_int_equal((int)status, rows[i].status);
    } else {
      assert_non_null(strstr(err.message, "are no PointsOperationResponse"));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_update_decode_random_replies_equal_what_was_packed),
      cmocka_unit_test(test_qd_update_decode_odd_replies_are_read_or_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

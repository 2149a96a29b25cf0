#include "core/message.h"
#include "core/message_check.h"
#include "core/rpc.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An upsert of two points; the second has the payload {"city": [null, TEXT]}. */
typedef struct upsert {
  Qdrant__Value text;
  Qdrant__Value null;
  Qdrant__Value *items[2];
  Qdrant__ListValue list;
  Qdrant__Value city;
  Qdrant__PointStruct__PayloadEntry entry;
  Qdrant__PointStruct__PayloadEntry *payload[1];
  Qdrant__PointId ids[2];
  Qdrant__PointStruct structs[2];
  Qdrant__PointStruct *points[2];
  Qdrant__UpsertPoints request;
} upsert;

static ProtobufCBinaryData bytes_of(const char *text, size_t n_bytes) {
  return (ProtobufCBinaryData){n_bytes, (uint8_t *)(uintptr_t)text};
}

static void make_upsert(upsert *made) {
  qdrant__value__init(&made->text);
  made->text.kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
  made->text.string_value = bytes_of("Bras\xc3\xadlia\0", 10);
  qdrant__value__init(&made->null);
  made->null.kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
  made->items[0] = &made->null;
  made->items[1] = &made->text;
  qdrant__list_value__init(&made->list);
  made->list.n_values = 2;
  made->list.values = made->items;
  qdrant__value__init(&made->city);
  made->city.kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  made->city.list_value = &made->list;
  qdrant__point_struct__payload_entry__init(&made->entry);
  made->entry.has_key = 1;
  made->entry.key = bytes_of("city", 4);
  made->entry.value = &made->city;
  made->payload[0] = &made->entry;
  for (size_t i = 0; i < 2; i++) {
    qdrant__point_id__init(&made->ids[i]);
    made->ids[i].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    made->ids[i].num = i + 1;
    qdrant__point_struct__init(&made->structs[i]);
    made->structs[i].id = &made->ids[i];
    made->points[i] = &made->structs[i];
  }
  made->structs[1].n_payload = 1;
  made->structs[1].payload = made->payload;
  qdrant__upsert_points__init(&made->request);
  made->request.collection_name = (char *)(uintptr_t) "cities";
  made->request.n_points = 2;
  made->request.points = made->points;
}

static void test_qd_message_encode_gives_the_bytes_of_protobuf_c(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  qd_body_pool *pool = qd_body_pool_new(1 << 20);
  qd_body *body = NULL;
  qdrant_error err = {0};
  uint8_t expected[512];
  size_t n_expected = protobuf_c_message_pack(&made.request.base, expected);
  assert_int_equal(qd_message_encode(&made.request.base, pool, n_expected, &body, &err), QDRANT_OK);
  assert_int_equal(body->n_bytes, n_expected);
  assert_memory_equal(body->bytes, expected, n_expected);
  qd_body_unref(body);
  qd_body_pool_unref(pool);
}

static void test_qd_message_encode_above_the_limit_says_both_sizes(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  qd_body_pool *pool = qd_body_pool_new(1 << 20);
  qd_body *body = NULL;
  qdrant_error err = {0};
  size_t n_bytes = protobuf_c_message_get_packed_size(&made.request.base);
  assert_int_equal(qd_message_encode(&made.request.base, pool, n_bytes - 1, &body, &err), QDRANT_INVALID_ARGUMENT);
  assert_null(body);
  char expected[128];
  snprintf(expected, sizeof expected, "the request UpsertPoints takes %zu bytes, the limit is %zu: send less at once",
      n_bytes, n_bytes - 1);
  assert_string_equal(err.message, expected);
  qd_body_pool_unref(pool);
}

static void assert_refused(const ProtobufCMessage *message, const char *why) {
  qdrant_error err = {0};
  qd_body_pool *pool = qd_body_pool_new(0);
  qd_body *body = NULL;
  assert_int_equal(qd_message_encode(message, pool, SIZE_MAX, &body, &err), QDRANT_INVALID_ARGUMENT);
  assert_null(body);
  assert_string_equal(err.message, why);
  qd_body_pool_unref(pool);
}

static void test_qd_message_encode_of_bad_text_names_the_field(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  made.text.string_value = bytes_of("ab\xff", 3);
  assert_refused(&made.request.base, "points[1].payload[\"city\"].list_value.values[1].string_value must be UTF-8");
  make_upsert(&made);
  made.entry.key = bytes_of("\xc3", 1);
  assert_refused(&made.request.base, "points[1].payload[0].key must be UTF-8");
  make_upsert(&made);
  made.request.collection_name = (char *)(uintptr_t) "\xed\xa0\x80";
  assert_refused(&made.request.base, "collection_name must be UTF-8");
  make_upsert(&made);
  made.ids[0].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  made.ids[0].uuid = (char *)(uintptr_t) "\x80";
  assert_refused(&made.request.base, "points[0].id.uuid must be UTF-8");
  char *strings[] = {(char *)(uintptr_t) "fine", (char *)(uintptr_t) "\xf5"};
  Qdrant__RepeatedStrings list = QDRANT__REPEATED_STRINGS__INIT;
  list.n_strings = 2;
  list.strings = strings;
  assert_refused(&list.base, "strings[1] must be UTF-8");
}

static void test_qd_message_encode_of_text_that_is_no_uuid_names_the_field(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  made.ids[1].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  made.ids[1].uuid = (char *)(uintptr_t) "550e8400-e29b-41d4-a716-44665544000";
  assert_refused(&made.request.base, "points[1].id.uuid is no UUID, and other text is no id");
}

static void test_qd_message_encode_of_floats_not_finite_names_the_field(void **state) {
  (void)state;
  float values[] = {1, 2, NAN};
  Qdrant__DenseVector dense = QDRANT__DENSE_VECTOR__INIT;
  Qdrant__VectorInput input = QDRANT__VECTOR_INPUT__INIT;
  Qdrant__Query query = QDRANT__QUERY__INIT;
  Qdrant__QueryPoints request = QDRANT__QUERY_POINTS__INIT;
  dense.n_data = 3;
  dense.data = values;
  input.variant_case = QDRANT__VECTOR_INPUT__VARIANT_DENSE;
  input.dense = &dense;
  query.variant_case = QDRANT__QUERY__VARIANT_NEAREST;
  query.nearest = &input;
  request.query = &query;
  assert_refused(&request.base, "query.nearest.dense.data[2] is nan or infinite; floats must be finite");
  values[2] = 3;
  values[0] = -INFINITY;
  assert_refused(&request.base, "query.nearest.dense.data[0] is nan or infinite; floats must be finite");
  values[0] = 0;
  qdrant_error err;
  assert_int_equal(qd_message_check(&request.base, &err), QDRANT_OK);
}

static void test_qd_message_encode_of_a_broken_message_names_the_field(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  made.points[1] = NULL;
  assert_refused(&made.request.base, "points[1] is NULL");
  make_upsert(&made);
  made.request.points = NULL;
  assert_refused(&made.request.base, "points[0] has a length but no items");
  make_upsert(&made);
  made.structs[1].payload = NULL;
  assert_refused(&made.request.base, "points[1].payload[0] has a length but no items");
  make_upsert(&made);
  made.structs[0].id = (Qdrant__PointId *)(void *)&made.city;
  assert_refused(
      &made.request.base, "points[0].id is a message of another type than its field's, or was not initialised");
  make_upsert(&made);
  made.entry.key.data = NULL;
  assert_refused(&made.request.base, "points[1].payload[0].key has a length but no bytes");
  Qdrant__SparseIndices sparse = QDRANT__SPARSE_INDICES__INIT;
  sparse.n_data = 3;
  assert_refused(&sparse.base, "data[0] has a length but no items");
}

static void test_qd_message_check_takes_members_that_are_not_set_as_they_are(void **state) {
  (void)state;
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  qdrant_error err = {0};
  id.uuid = (char *)(uintptr_t) "\xff"; /* the oneof's case says: none */
  assert_int_equal(qd_message_check(&id.base, &err), QDRANT_OK);
  id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  id.uuid = NULL; /* protobuf-c sends nothing */
  assert_int_equal(qd_message_check(&id.base, &err), QDRANT_OK);
}

/* values[i] is a list with values[i + 1] in it; the last is null. Messages below values[0]: 2 * (n - 1). */
static void nest_values(Qdrant__Value *values, Qdrant__ListValue *lists, Qdrant__Value **items, size_t n) {
  for (size_t i = 0; i < n; i++) {
    qdrant__value__init(&values[i]);
    values[i].kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
    if (i + 1 == n)
      return;
    qdrant__list_value__init(&lists[i]);
    items[i] = &values[i + 1];
    lists[i].n_values = 1;
    lists[i].values = &items[i];
    values[i].kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
    values[i].list_value = &lists[i];
  }
}

enum { MOST_VALUES = QD_MAX_NESTING / 2 + 1 };

static void test_qd_message_check_of_nesting_beyond_the_limit_refuses(void **state) {
  (void)state;
  static Qdrant__Value values[MOST_VALUES + 1];
  static Qdrant__ListValue lists[MOST_VALUES + 1];
  static Qdrant__Value *items[MOST_VALUES + 1];
  qdrant_error err = {0};
  nest_values(values, lists, items, MOST_VALUES);
  assert_int_equal(qd_message_check(&values[0].base, &err), QDRANT_OK);
  nest_values(values, lists, items, MOST_VALUES + 1);
  assert_int_equal(qd_message_check(&values[0].base, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "list_value.values[0].list_value.values[0]"));
  items[3] = &values[0]; /* a loop */
  memset(&err, 0, sizeof err);
  assert_int_equal(qd_message_check(&values[0].base, &err), QDRANT_INVALID_ARGUMENT);
}

static void test_qd_message_decode_reads_what_was_encoded(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  uint8_t bytes[512];
  size_t n_bytes = protobuf_c_message_pack(&made.request.base, bytes);
  qd_arena *arena = qd_arena_new(0);
  qdrant_error err = {0};
  ProtobufCMessage *message = NULL;
  assert_int_equal(
      qd_message_decode(&qdrant__upsert_points__descriptor, bytes, n_bytes, arena, &message, &err), QDRANT_OK);
  const Qdrant__UpsertPoints *read = (const Qdrant__UpsertPoints *)message;
  assert_string_equal(read->collection_name, "cities");
  assert_int_equal(read->n_points, 2);
  const Qdrant__Value *text = read->points[1]->payload[0]->value->list_value->values[1];
  assert_int_equal(text->string_value.len, 10);
  assert_memory_equal(text->string_value.data, "Bras\xc3\xadlia\0", 10);
  qd_arena_free(arena);
}

static void test_qd_message_decode_of_nothing_is_an_empty_message(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *message = NULL;
  qdrant_error err = {0};
  assert_int_equal(qd_message_decode(&qdrant__count_points__descriptor, NULL, 0, arena, &message, &err), QDRANT_OK);
  assert_string_equal(((Qdrant__CountPoints *)message)->collection_name, "");
  qd_arena_free(arena);
}

static qdrant_status decode(
    const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n_bytes, qdrant_error *err) {
  ProtobufCMessage *message = NULL;
  qd_arena *arena = qd_arena_new(0);
  qdrant_status status = qd_message_decode(type, bytes, n_bytes, arena, &message, err);
  assert_int_equal(message != NULL, status == QDRANT_OK);
  qd_arena_free(arena);
  return status;
}

static void test_qd_message_decode_of_broken_bytes_is_a_bad_reply(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t n_bytes;
  } examples[] = {
      {"\x0a", 1}, /* no length */
      {"\x0a\x05"
       "ab",
          4},                                               /* fewer bytes than the length */
      {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* a length beyond all memory */
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11}, /* an endless tag */
      {"\x0b\x0c", 2},                                      /* a group */
      {"\x0f", 1},                                          /* no wire type */
      {"\x0d\x00\x00", 3},                                  /* cut 32 bits */
      {"\x09\x00\x00", 3},                                  /* cut 64 bits */
      {"\x18", 1},                                          /* cut varint */
      {"\x12\x01\x0a", 3},                                  /* broken within the filter */
  };
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    qdrant_error err = {0};
    qdrant_status status =
        decode(&qdrant__count_points__descriptor, (const uint8_t *)examples[i].bytes, examples[i].n_bytes, &err);
    if (status != QDRANT_BAD_REPLY)
      fail_msg("example %zu: %s", i, qdrant_status_name(status));
    assert_non_null(strstr(err.message, "are no CountPoints"));
  }
}

/* The bytes of a Value with n - 1 lists within each other, written from the end of buffer; answers where they begin. */
static uint8_t *write_nested(uint8_t *buffer, size_t capacity, size_t n) {
  uint8_t *at = buffer + capacity;
  for (size_t i = 0; i + 1 < n; i++) {
    for (int is_value = 1; is_value >= 0; is_value--) {
      size_t n_inner = (size_t)(buffer + capacity - at);
      if (n_inner >= 128)
        *--at = (uint8_t)(n_inner >> 7);
      *--at = n_inner >= 128 ? (uint8_t)(n_inner | 0x80) : (uint8_t)n_inner;
      *--at = is_value ? 0x0a : 0x3a; /* ListValue.values, Value.list_value */
    }
  }
  return at;
}

static void test_qd_message_decode_of_nesting_beyond_the_limit_is_a_bad_reply(void **state) {
  (void)state;
  uint8_t buffer[4096];
  qdrant_error err = {0};
  const uint8_t *bytes = write_nested(buffer, sizeof buffer, MOST_VALUES);
  size_t n_bytes = (size_t)(buffer + sizeof buffer - bytes);
  assert_int_equal(decode(&qdrant__value__descriptor, bytes, n_bytes, &err), QDRANT_OK);
  bytes = write_nested(buffer, sizeof buffer, MOST_VALUES + 1);
  n_bytes = (size_t)(buffer + sizeof buffer - bytes);
  assert_int_equal(decode(&qdrant__value__descriptor, bytes, n_bytes, &err), QDRANT_BAD_REPLY);
  assert_non_null(strstr(err.message, "nested deeper than 100 messages"));
}

static void test_qd_message_decode_of_text_that_looks_nested_is_fine(void **state) {
  (void)state;
  uint8_t buffer[4096];
  const uint8_t *nested = write_nested(buffer, sizeof buffer, 3 * MOST_VALUES);
  Qdrant__Value value = QDRANT__VALUE__INIT;
  value.kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
  value.string_value = bytes_of((const char *)nested, (size_t)(buffer + sizeof buffer - nested));
  uint8_t bytes[4200];
  qdrant_error err = {0};
  size_t n_bytes = protobuf_c_message_pack(&value.base, bytes);
  assert_int_equal(decode(&qdrant__value__descriptor, bytes, n_bytes, &err), QDRANT_OK);
}

static unsigned next_random(unsigned *seed) {
  *seed = *seed * 1103515245U + 12345U;
  return *seed >> 16;
}

static void test_qd_message_decode_of_damaged_bytes_answers_in_every_type(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  uint8_t bytes[512];
  size_t n_bytes = protobuf_c_message_pack(&made.request.base, bytes);
  unsigned seed = 1;
  for (int round = 0; round < 200; round++) {
    uint8_t damaged[512];
    memcpy(damaged, bytes, n_bytes);
    for (unsigned i = next_random(&seed) % 4 + 1; i > 0; i--)
      damaged[next_random(&seed) % n_bytes] = (uint8_t)next_random(&seed);
    for (int id = 0; id < QDRANT_N_RPCS; id++) {
      const qd_rpc *row = qd_rpc_row((qdrant_rpc)id);
      qdrant_error err = {0};
      size_t n_kept = n_bytes - next_random(&seed) % 4;
      qdrant_status status = decode(id % 2 ? row->request : row->reply, damaged, n_kept, &err);
      assert_true(status == QDRANT_OK || status == QDRANT_BAD_REPLY);
    }
  }
}

static void test_qd_message_has_says_what_protobuf_c_would_send(void **state) {
  (void)state;
  upsert made;
  make_upsert(&made);
  Qdrant__UpsertPoints empty = QDRANT__UPSERT_POINTS__INIT;
  assert_true(qd_message_has(&made.request.base, 1));
  assert_false(qd_message_has(&empty.base, 1)); /* the default text */
  assert_false(qd_message_has(&made.request.base, 2));
  made.request.has_wait = 1;
  assert_true(qd_message_has(&made.request.base, 2));
  assert_true(qd_message_has(&made.request.base, 3));
  assert_false(qd_message_has(&empty.base, 3));
  assert_false(qd_message_has(&empty.base, 4));
  Qdrant__WriteOrdering ordering = QDRANT__WRITE_ORDERING__INIT;
  empty.ordering = &ordering;
  assert_true(qd_message_has(&empty.base, 4));
  assert_false(qd_message_has(&empty.base, 999));
  assert_true(qd_message_has(&made.ids[0].base, 1));
  assert_false(qd_message_has(&made.ids[0].base, 2));
  made.ids[0].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  made.ids[0].uuid = NULL;
  assert_false(qd_message_has(&made.ids[0].base, 2));
  assert_false(qd_message_has(&made.ids[0].base, 1));
}

static qdrant_status encode_and_decode(void *user) {
  (void)user;
  upsert made;
  make_upsert(&made);
  qdrant_error err = {0};
  ProtobufCMessage *message = NULL;
  qd_body *body = NULL;
  qd_body_pool *pool = qd_body_pool_new(0);
  qd_arena *arena = qd_arena_new(16); /* small blocks: many allocations to fail */
  qdrant_status status = pool == NULL || arena == NULL ? QDRANT_NO_MEMORY : QDRANT_OK;
  if (status == QDRANT_OK)
    status = qd_message_encode(&made.request.base, pool, SIZE_MAX, &body, &err);
  if (status == QDRANT_OK)
    status = qd_message_decode(&qdrant__upsert_points__descriptor, body->bytes, body->n_bytes, arena, &message, &err);
  assert_int_equal(body != NULL && message != NULL, status == QDRANT_OK);
  qd_body_unref(body);
  qd_body_pool_unref(pool);
  qd_arena_free(arena);
  return status;
}

static void test_qd_message_without_memory_says_so(void **state) {
  (void)state;
  torture(encode_and_decode, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_message_encode_gives_the_bytes_of_protobuf_c),
      cmocka_unit_test(test_qd_message_encode_above_the_limit_says_both_sizes),
      cmocka_unit_test(test_qd_message_encode_of_bad_text_names_the_field),
      cmocka_unit_test(test_qd_message_encode_of_text_that_is_no_uuid_names_the_field),
      cmocka_unit_test(test_qd_message_encode_of_floats_not_finite_names_the_field),
      cmocka_unit_test(test_qd_message_encode_of_a_broken_message_names_the_field),
      cmocka_unit_test(test_qd_message_check_takes_members_that_are_not_set_as_they_are),
      cmocka_unit_test(test_qd_message_check_of_nesting_beyond_the_limit_refuses),
      cmocka_unit_test(test_qd_message_decode_reads_what_was_encoded),
      cmocka_unit_test(test_qd_message_decode_of_nothing_is_an_empty_message),
      cmocka_unit_test(test_qd_message_decode_of_broken_bytes_is_a_bad_reply),
      cmocka_unit_test(test_qd_message_decode_of_nesting_beyond_the_limit_is_a_bad_reply),
      cmocka_unit_test(test_qd_message_decode_of_text_that_looks_nested_is_fine),
      cmocka_unit_test(test_qd_message_decode_of_damaged_bytes_answers_in_every_type),
      cmocka_unit_test(test_qd_message_has_says_what_protobuf_c_would_send),
      cmocka_unit_test(test_qd_message_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/hits_decode.h"

#include "core/json_value.h"
#include "core/uuid.h"
#include "core/wire.h"
#include "tests/support/points_model.h"
#include "tests/support/random_reply.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_ROUNDS 1000

static int set_up(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int tear_down(void **state) {
  qd_arena_free(*state);
  return 0;
}

static qd_hits_page decode(packed reply, int is_batch, qd_arena *arena) {
  qd_hits_page page;
  qdrant_error err = {0};
  if (qd_hits_decode(reply.bytes, reply.n_bytes, is_batch, arena, &page, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
  return page;
}

/* The payload as protobuf-c and the writer for messages see it. */
static const char *expected_json(const Qdrant__ScoredPoint *point, qd_arena *arena) {
  Qdrant__Value value = QDRANT__VALUE__INIT;
  Qdrant__Struct map = QDRANT__STRUCT__INIT;
  map.n_fields = point->n_payload;
  map.fields = qd_arena_alloc(arena, point->n_payload * sizeof *map.fields);
  for (size_t i = 0; i < point->n_payload; i++) {
    map.fields[i] = MODEL_NEW(arena, struct__fields_entry);
    map.fields[i]->has_key = 1;
    map.fields[i]->key = point->payload[i]->key;
    map.fields[i]->value = point->payload[i]->value;
  }
  value.kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
  value.struct_value = &map;
  qd_text text;
  qd_text_init(&text, arena, SIZE_MAX / 2);
  qd_value_write_json(&text, &value);
  return qd_text_end(&text);
}

static void assert_equal_id(const qd_hits_page *page, size_t at, const Qdrant__PointId *id) {
  if (id->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM) {
    assert_true(page->nums[at] == id->num);
    assert_true(page->is_uuid == NULL || page->is_uuid[at] == 0);
    return;
  }
  char text[37];
  assert_non_null(page->is_uuid);
  assert_int_equal(page->is_uuid[at], 1);
  assert_true(page->nums[at] == 0);
  qd_uuid_format(page->uuids[at].bytes, text);
  assert_string_equal(text, id->uuid);
}

static void assert_equal_point(const qd_hits_page *page, size_t at, const Qdrant__ScoredPoint *point, qd_arena *arena) {
  assert_equal_id(page, at, point->id);
  float score = point->has_score ? point->score : 0;
  assert_memory_equal(&page->scores[at], &score, sizeof score);
  const char *json;
  size_t n_json;
  qdrant_error err = {0};
  qdrant_status status = qd_point_payload_json(page->points[at], page->point_bytes[at], arena, &json, &n_json, &err);
  if (status != QDRANT_OK)
    fail_msg("%s", err.message);
  assert_string_equal(json, expected_json(point, arena));
  assert_int_equal(n_json, strlen(json));
  Qdrant__ScoredPoint *again = (Qdrant__ScoredPoint *)protobuf_c_message_unpack(
      &qdrant__scored_point__descriptor, qd_arena_allocator(arena), page->point_bytes[at], page->points[at]);
  assert_non_null(again);
  assert_true(again->version == point->version);
}

static void assert_equals_batch(packed bytes, qd_arena *arena) {
  Qdrant__QueryBatchResponse *reply = (Qdrant__QueryBatchResponse *)protobuf_c_message_unpack(
      &qdrant__query_batch_response__descriptor, qd_arena_allocator(arena), bytes.n_bytes, bytes.bytes);
  assert_non_null(reply);
  qd_hits_page page = decode(bytes, 1, arena);
  assert_int_equal(page.n_queries, reply->n_result);
  size_t at = 0;
  for (size_t query = 0; query < reply->n_result; query++) {
    assert_int_equal(page.starts[query], at);
    for (size_t i = 0; i < reply->result[query]->n_result; i++, at++)
      assert_equal_point(&page, at, reply->result[query]->result[i], arena);
  }
  assert_int_equal(page.starts[page.n_queries], at);
  assert_int_equal(page.n_hits, at);
}

static void test_qd_hits_decode_random_batches_equal_protobuf_c(void **state) {
  qd_arena *arena = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < N_ROUNDS; round++) {
    qd_arena_reset(arena);
    assert_equals_batch(pack_message(&random_batch_reply(&random, arena)->base, arena), arena);
  }
}

static void test_qd_hits_decode_random_replies_equal_protobuf_c(void **state) {
  qd_arena *arena = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < N_ROUNDS / 4; round++) {
    qd_arena_reset(arena);
    Qdrant__QueryResponse *reply = random_reply(&random, arena);
    qd_hits_page page = decode(pack_message(&reply->base, arena), 0, arena);
    assert_int_equal(page.n_queries, 1);
    assert_int_equal(page.starts[0], 0);
    assert_int_equal(page.starts[1], reply->n_result);
    assert_int_equal(page.n_hits, reply->n_result);
    for (size_t i = 0; i < reply->n_result; i++)
      assert_equal_point(&page, i, reply->result[i], arena);
  }
}

/* One reply of one query, its points shuffled, with a score and an id that are overruled later. */
static packed shuffled_reply(random_source *random, qd_arena *arena) {
  Qdrant__QueryResponse *reply = random_reply(random, arena);
  packed made = {.bytes = qd_arena_alloc(arena, 1 << 16)};
  uint8_t *points = qd_arena_alloc(arena, 1 << 16);
  uint8_t *end = points;
  for (size_t i = 0; i < reply->n_result; i++) {
    packed point = pack_message(&reply->result[i]->base, arena);
    uint8_t *doubled = qd_arena_alloc(arena, point.n_bytes + 32);
    static const uint8_t overruled[] = {0x1d, 1, 2, 3, 4, 0x0a, 2, 0x08, 9};
    uint8_t *doubled_end = qd_put_copy(qd_put_copy(doubled, overruled, sizeof overruled), point.bytes, point.n_bytes);
    point = shuffle_fields(random, (packed){doubled, (size_t)(doubled_end - doubled)}, arena);
    end = qd_put_bytes(end, 1, point.bytes, point.n_bytes);
  }
  packed result = shuffle_fields(random, (packed){points, (size_t)(end - points)}, arena);
  made.n_bytes = (size_t)(qd_put_bytes(made.bytes, 1, result.bytes, result.n_bytes) - made.bytes);
  return made;
}

static void test_qd_hits_decode_fields_in_any_order_with_unknown_ones_equal_protobuf_c(void **state) {
  qd_arena *arena = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < N_ROUNDS; round++) {
    qd_arena_reset(arena);
    assert_equals_batch(shuffled_reply(&random, arena), arena);
  }
}

/* In memory of its own, so that a sanitizer sees every byte read too many. */
static qdrant_status decode_first_bytes(packed reply, size_t n, qd_arena *arena, qd_hits_page *page) {
  uint8_t *bytes = malloc(n > 0 ? n : 1);
  qdrant_error err = {0};
  qd_put_copy(bytes, reply.bytes, n);
  qdrant_status status = qd_hits_decode(bytes, n, 1, arena, page, &err);
  for (size_t i = 0; status == QDRANT_OK && i < page->n_hits; i++) {
    const char *json;
    size_t n_json;
    qd_point_payload_json(page->points[i], page->point_bytes[i], arena, &json, &n_json, &err);
  }
  free(bytes);
  return status;
}

static void test_qd_hits_decode_reply_cut_anywhere_is_refused_or_a_prefix(void **state) {
  qd_arena *arena = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < 30; round++) {
    qd_arena_reset(arena);
    packed reply = pack_message(&random_batch_reply(&random, arena)->base, arena);
    qd_hits_page whole = decode(reply, 1, arena);
    for (size_t n = 0; n < reply.n_bytes; n++) {
      qd_hits_page page;
      qdrant_status status = decode_first_bytes(reply, n, arena, &page);
      if (status != QDRANT_OK) {
        assert_int_equal(status, QDRANT_BAD_REPLY);
        assert_int_equal(page.n_hits, 0);
        continue;
      }
      assert_true(page.n_queries <= whole.n_queries);
      assert_int_equal(page.n_hits, whole.starts[page.n_queries]);
      assert_memory_equal(page.nums, whole.nums, page.n_hits * sizeof *page.nums);
      assert_memory_equal(page.scores, whole.scores, page.n_hits * sizeof *page.scores);
    }
  }
}

static void test_qd_hits_decode_empty_reply_has_no_hits(void **state) {
  qd_hits_page page = decode((packed){NULL, 0}, 1, *state);
  assert_int_equal(page.n_queries, 0);
  assert_int_equal(page.starts[0], 0);
  page = decode((packed){NULL, 0}, 0, *state);
  assert_int_equal(page.n_queries, 1);
  assert_int_equal(page.n_hits, 0);
  assert_int_equal(page.starts[1], 0);
}

typedef struct bad_reply {
  const char *bytes;
  size_t n_bytes;
  const char *message;
} bad_reply;

#define BAD(bytes, message)                                                                                            \
  { bytes, sizeof(bytes) - 1, message }

static const char unreadable[] = "the reply to a query cannot be read";

/* Replies of one query (field 1: ScoredPoint). */
static void test_qd_hits_decode_malformed_replies_are_refused(void **state) {
  static const bad_reply rows[] = {
      BAD("\x0a", unreadable),                                             /* no length */
      BAD("\x0a\x06\x0a\x02\x08\x07", unreadable),                         /* too short */
      BAD("\x0b\x0c", unreadable),                                         /* a group */
      BAD("\x00\x00", unreadable),                                         /* field 0 */
      BAD("\x08\x01", unreadable),                                         /* a number for a point */
      BAD("\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", unreadable), /* a length of eleven bytes */
      BAD("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", unreadable),     /* a length beyond all memory */
      BAD("\x82\x80\x80\x80\x10\x00", unreadable),                         /* field 2^29 */
      BAD("\x11\x01\x02\x03", unreadable),                                 /* a torn time */
      BAD("\x0a\x00", "hit 0 of the reply has no id"),
      BAD("\x0a\x05\x1d\x01\x02\x03\x04", "hit 0 of the reply: it has no id"),
      BAD("\x0a\x04\x08\x01\x08\x02", "hit 0 of the reply: the reply to a query cannot be read"),
      BAD("\x0a\x06\x0a\x02\x08\x01\x18\x01", "hit 0 of the reply: the reply to a query cannot be read"),
      BAD("\x0a\x04\x0a\x00\x28\x01", "hit 0 of the reply: a point's id cannot be read"),
      BAD("\x0a\x04\x0a\x02\x08\x80", "hit 0 of the reply: a point's id cannot be read"),
      BAD("\x0a\x04\x0a\x02\x0a\x00", "hit 0 of the reply: an id has the wire type 2"),
      BAD("\x0a\x06\x0a\x04\x12\x02zz", "hit 0 of the reply: an id of 2 bytes is no UUID"),
      BAD("\x0a\x04\x0a\x02\x08\x01\x0a\x05\x0a\x02\x08\x01\x28",
          "hit 1 of the reply: the reply to a query cannot be read"),
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    qd_hits_page page;
    qdrant_error err = {0};
    qdrant_status status = qd_hits_decode((const uint8_t *)rows[i].bytes, rows[i].n_bytes, 0, *state, &page, &err);
    assert_int_equal(status, QDRANT_BAD_REPLY);
    assert_string_equal(err.message, rows[i].message);
    assert_int_equal(page.n_hits, 0);
  }
}

/* Entries of ScoredPoint.payload (field 2). */
static void test_qd_point_payload_json_malformed_payload_is_refused(void **state) {
  static const bad_reply rows[] = {
      BAD("\x12", NULL),
      BAD("\x10\x01", NULL),
      BAD("\x12\x02\x08\x01", NULL),
      BAD("\x12\x02\x10\x01", NULL),
      BAD("\x12\x04\x12\x02\x10\x01", NULL), /* a double as a varint */
      BAD("\x12\x04\x12\x02\x23\x24", NULL), /* a group as text */
      BAD("\x12\x05\x12\x03\x32\x01\x0a", NULL),
      BAD("\x12\x06\x12\x04\x3a\x02\x08\x01", NULL),
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *json;
    size_t n_json;
    qdrant_error err = {0};
    qdrant_status status =
        qd_point_payload_json((const uint8_t *)rows[i].bytes, rows[i].n_bytes, *state, &json, &n_json, &err);
    assert_int_equal(status, QDRANT_BAD_REPLY);
    assert_string_equal(err.message, "the payload of a point cannot be read");
    assert_null(json);
  }
}

/* Lists within each other, in a payload of one key. */
static qdrant_status decode_nested(size_t n_lists, qd_arena *arena, const char **json, qdrant_error *err) {
  uint8_t bytes[2048];
  uint8_t *end = bytes + sizeof bytes;
  uint8_t *at = end; /* written backwards */
  for (size_t i = 0; i < n_lists; i++) {
    uint8_t head[16];
    size_t n = (size_t)(qd_put_head(head, 7, (size_t)(end - at)) - head);
    at -= n;
    memcpy(at, head, n);
    if (i + 1 < n_lists) {
      n = (size_t)(qd_put_head(head, 1, (size_t)(end - at)) - head);
      at -= n;
      memcpy(at, head, n);
    }
  }
  uint8_t point[2100];
  size_t n_value = (size_t)(end - at);
  uint8_t *out = qd_put_head(point, 2, qd_field_bytes(2, n_value));
  out = qd_put_bytes(out, 2, at, n_value);
  size_t n_json;
  return qd_point_payload_json(point, (size_t)(out - point), arena, json, &n_json, err);
}

static void test_qd_point_payload_json_depth_is_limited(void **state) {
  const char *json;
  qdrant_error err = {0};
  assert_int_equal(decode_nested(3, *state, &json, &err), QDRANT_OK);
  assert_string_equal(json, "{\"\":[[[]]]}");
  assert_int_equal(decode_nested(63, *state, &json, &err), QDRANT_OK);
  assert_int_equal(decode_nested(64, *state, &json, &err), QDRANT_BAD_REPLY);
  assert_string_equal(err.message, "the payload nests deeper than 64 levels; read it as a message");
}

static qdrant_status decode_once(void *user) {
  const packed *reply = user;
  qdrant_error err = {0};
  qd_hits_page page;
  qd_arena *arena = qd_arena_new(64);
  qdrant_status status = QDRANT_NO_MEMORY;
  if (arena != NULL)
    status = qd_hits_decode(reply->bytes, reply->n_bytes, 1, arena, &page, &err);
  for (size_t i = 0; status == QDRANT_OK && i < page.n_hits; i++) {
    const char *json;
    size_t n_json;
    status = qd_point_payload_json(page.points[i], page.point_bytes[i], arena, &json, &n_json, &err);
  }
  qd_arena_free(arena);
  return status;
}

static void test_qd_hits_decode_out_of_memory_says_so(void **state) {
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < 10; round++) {
    packed reply = pack_message(&random_batch_reply(&random, *state)->base, *state);
    torture(decode_once, &reply);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_random_batches_equal_protobuf_c, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_random_replies_equal_protobuf_c, set_up, tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_hits_decode_fields_in_any_order_with_unknown_ones_equal_protobuf_c, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_reply_cut_anywhere_is_refused_or_a_prefix, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_empty_reply_has_no_hits, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_malformed_replies_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_point_payload_json_malformed_payload_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_point_payload_json_depth_is_limited, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_hits_decode_out_of_memory_says_so, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/support/random_reply.h"

#include "core/wire.h"
#include "tests/support/points_model.h"
#include "tests/support/random_columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MAX_TEXT 40

static ProtobufCBinaryData random_bytes(random_source *random, qd_arena *arena) {
  char *text = qd_arena_alloc(arena, MAX_TEXT);
  return (ProtobufCBinaryData){random_text(random, text, MAX_TEXT, 1), (uint8_t *)text};
}

static Qdrant__Value *random_value(random_source *random, qd_arena *arena, int levels_left);

static Qdrant__Struct *random_struct(random_source *random, qd_arena *arena, int levels_left) {
  Qdrant__Struct *made = MODEL_NEW(arena, struct);
  size_t n = random_below(random, 4);
  made->fields = qd_arena_alloc(arena, n * sizeof *made->fields);
  while (made->n_fields < n) {
    Qdrant__Struct__FieldsEntry *entry = MODEL_NEW(arena, struct__fields_entry);
    if (!random_is(random, 10)) {
      entry->has_key = 1;
      entry->key = random_bytes(random, arena);
    }
    entry->value = random_is(random, 10) ? NULL : random_value(random, arena, levels_left);
    made->fields[made->n_fields++] = entry;
  }
  return made;
}

static Qdrant__ListValue *random_list(random_source *random, qd_arena *arena, int levels_left) {
  Qdrant__ListValue *made = MODEL_NEW(arena, list_value);
  size_t n = random_below(random, 4);
  made->values = qd_arena_alloc(arena, n * sizeof *made->values);
  while (made->n_values < n)
    made->values[made->n_values++] = random_value(random, arena, levels_left);
  return made;
}

static Qdrant__Value *random_value(random_source *random, qd_arena *arena, int levels_left) {
  Qdrant__Value *value = MODEL_NEW(arena, value);
  value->kind_case = (Qdrant__Value__KindCase)random_below(random, levels_left > 0 ? 8 : 6);
  switch (value->kind_case) {
  case QDRANT__VALUE__KIND_DOUBLE_VALUE: value->double_value = random_double(random); break;
  case QDRANT__VALUE__KIND_INTEGER_VALUE: value->integer_value = (int64_t)random_sized(random); break;
  case QDRANT__VALUE__KIND_BOOL_VALUE: value->bool_value = random_is(random, 2); break;
  case QDRANT__VALUE__KIND_STRING_VALUE: value->string_value = random_bytes(random, arena); break;
  case QDRANT__VALUE__KIND_STRUCT_VALUE: value->struct_value = random_struct(random, arena, levels_left - 1); break;
  case QDRANT__VALUE__KIND_LIST_VALUE: value->list_value = random_list(random, arena, levels_left - 1); break;
  default: break; /* null, or no kind at all */
  }
  return value;
}

static Qdrant__VectorsOutput *random_vectors(random_source *random, qd_arena *arena) {
  Qdrant__VectorsOutput *made = MODEL_NEW(arena, vectors_output);
  qdrant_vector_column column = random_vector_column(random, arena, QDRANT_DENSE, NULL, 1);
  made->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR;
  made->vector = MODEL_NEW(arena, vector_output);
  made->vector->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_DENSE;
  made->vector->dense = model_row(&column, 0, arena).dense;
  return made;
}

static Qdrant__ScoredPoint *random_point(random_source *random, qd_arena *arena) {
  Qdrant__ScoredPoint *point = MODEL_NEW(arena, scored_point);
  qdrant_point_id id = {
      .num = random_sized(random), .uuid = random_uuid(random), .is_uuid = random_is(random, 4) ? 1 : 0};
  point->id = model_id(arena, &id);
  point->has_score = random_is(random, 8) ? 0 : 1;
  point->score = random_float(random);
  point->has_version = 1;
  point->version = random_sized(random);
  size_t n = random_below(random, 4);
  point->payload = qd_arena_alloc(arena, n * sizeof *point->payload);
  while (point->n_payload < n) {
    Qdrant__ScoredPoint__PayloadEntry *entry = MODEL_NEW(arena, scored_point__payload_entry);
    entry->has_key = 1;
    entry->key = random_bytes(random, arena);
    entry->value = random_value(random, arena, 4);
    point->payload[point->n_payload++] = entry;
  }
  point->vectors = random_is(random, 3) ? random_vectors(random, arena) : NULL;
  return point;
}

static Qdrant__ScoredPoint **random_points(random_source *random, qd_arena *arena, size_t *n) {
  *n = random_below(random, 6);
  Qdrant__ScoredPoint **points = qd_arena_alloc(arena, *n * sizeof *points);
  for (size_t i = 0; i < *n; i++)
    points[i] = random_point(random, arena);
  return points;
}

Qdrant__QueryBatchResponse *random_batch_reply(random_source *random, qd_arena *arena) {
  Qdrant__QueryBatchResponse *reply = MODEL_NEW(arena, query_batch_response);
  reply->n_result = random_below(random, 6);
  reply->result = qd_arena_alloc(arena, reply->n_result * sizeof *reply->result);
  for (size_t i = 0; i < reply->n_result; i++) {
    reply->result[i] = MODEL_NEW(arena, batch_result);
    reply->result[i]->result = random_points(random, arena, &reply->result[i]->n_result);
  }
  reply->has_time = 1;
  reply->time = random_double(random);
  return reply;
}

Qdrant__QueryResponse *random_reply(random_source *random, qd_arena *arena) {
  Qdrant__QueryResponse *reply = MODEL_NEW(arena, query_response);
  reply->result = random_points(random, arena, &reply->n_result);
  reply->usage = MODEL_NEW(arena, usage);
  return reply;
}

packed pack_message(const ProtobufCMessage *message, qd_arena *arena) {
  packed made = {.n_bytes = protobuf_c_message_get_packed_size(message)};
  made.bytes = qd_arena_alloc(arena, made.n_bytes);
  protobuf_c_message_pack(message, made.bytes);
  return made;
}

/* A field of a number that no message has. */
static uint8_t *put_unknown(random_source *random, uint8_t *out) {
  uint32_t number = 200 + (uint32_t)random_below(random, 1000000);
  uint64_t value = random_sized(random);
  switch (random_below(random, 4)) {
  case 0: return qd_put_varint_field(out, number, value);
  case 1: return qd_put_copy(qd_put_tag(out, number, QD_WIRE_FIXED64), &value, 8);
  case 2: return qd_put_copy(qd_put_tag(out, number, QD_WIRE_FIXED32), &value, 4);
  default: return qd_put_bytes(out, number, &value, random_below(random, 9));
  }
}

#define MAX_FIELDS 64
#define MAX_UNKNOWN_BYTES 32

/* Repeated fields keep their order among themselves: only neighbours of different numbers change places. */
static void shuffle(random_source *random, packed *parts, uint32_t *numbers, size_t n) {
  for (size_t round = 0; n > 1 && round < 4 * n; round++) {
    size_t i = random_below(random, n - 1);
    if (numbers[i] != numbers[i + 1]) {
      packed part = parts[i];
      uint32_t number = numbers[i];
      parts[i] = parts[i + 1];
      numbers[i] = numbers[i + 1];
      parts[i + 1] = part;
      numbers[i + 1] = number;
    }
  }
}

packed shuffle_fields(random_source *random, packed message, qd_arena *arena) {
  packed parts[MAX_FIELDS];
  uint32_t numbers[MAX_FIELDS];
  size_t n = 0;
  qd_wire wire = qd_wire_of(message.bytes, message.n_bytes);
  qd_wire_field field;
  for (uint8_t *start = message.bytes; qd_wire_next(&wire, &field) == QD_WIRE_FIELD;
       start = message.bytes + message.n_bytes - (wire.end - wire.at)) {
    assert_true(n < MAX_FIELDS);
    numbers[n] = field.number;
    parts[n++] = (packed){start, (size_t)(wire.at - start)};
  }
  shuffle(random, parts, numbers, n);
  packed made = {.bytes = qd_arena_alloc(arena, message.n_bytes + (n + 1) * MAX_UNKNOWN_BYTES)};
  uint8_t *out = made.bytes;
  for (size_t i = 0; i < n; i++) {
    out = random_is(random, 3) ? put_unknown(random, out) : out;
    out = qd_put_copy(out, parts[i].bytes, parts[i].n_bytes);
  }
  made.n_bytes = (size_t)(put_unknown(random, out) - made.bytes);
  return made;
}

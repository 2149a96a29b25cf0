#include "core/hits_decode.h"

#include "core/error.h"
#include "core/json_check.h"
#include "core/text.h"
#include "core/value_fields.h"
#include "core/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Field number of ScoredPoint. */
enum { POINT_PAYLOAD = 2 };

/* JSON text is at most so many times as long as its encoding: a control character in a string takes six. */
#define MAX_GROWTH 8
#define MIN_TEXT_BYTES 64

typedef enum outcome { DONE, UNREADABLE, TOO_DEEP } outcome;

static outcome write_value(qd_text *text, qd_wire value, int levels_left);

/* One entry of a map. Missing parts are empty: a key "", a value null. */
static outcome write_entry(qd_text *text, qd_wire entry, int levels_left) {
  qd_wire_field field;
  qd_wire_field key = {0};
  qd_wire value = {NULL, NULL};
  qd_wire_step step;
  while ((step = qd_wire_next(&entry, &field)) == QD_WIRE_FIELD) {
    if (field.number != QD_ENTRY_KEY && field.number != QD_ENTRY_VALUE)
      continue;
    if (field.type != QD_WIRE_BYTES)
      return UNREADABLE;
    if (field.number == QD_ENTRY_KEY)
      key = field;
    else
      value = qd_wire_of(field.bytes, field.n_bytes);
  }
  if (step != QD_WIRE_END)
    return UNREADABLE;
  qd_text_add_json_string(text, (const char *)key.bytes, key.n_bytes);
  qd_text_add(text, ":", 1);
  return write_value(text, value, levels_left);
}

typedef outcome (*item_writer)(qd_text *text, qd_wire item, int levels_left);

/* All occurrences of a field, between brackets. */
static outcome write_items(
    qd_text *text, qd_wire wire, uint32_t number, const char brackets[2], item_writer write, int levels_left) {
  if (levels_left == 0)
    return TOO_DEEP;
  qd_text_add(text, &brackets[0], 1);
  qd_wire_field field;
  qd_wire_step step;
  size_t n_items = 0;
  while ((step = qd_wire_next(&wire, &field)) == QD_WIRE_FIELD) {
    if (field.number != number)
      continue;
    if (field.type != QD_WIRE_BYTES)
      return UNREADABLE;
    qd_text_add(text, ",", n_items++ > 0);
    outcome result = write(text, qd_wire_of(field.bytes, field.n_bytes), levels_left - 1);
    if (result != DONE)
      return result;
  }
  qd_text_add(text, &brackets[1], 1);
  return step == QD_WIRE_END ? DONE : UNREADABLE;
}

static uint32_t type_of_kind(uint32_t kind) {
  switch (kind) {
  case QD_VALUE_DOUBLE: return QD_WIRE_FIXED64;
  case QD_VALUE_NULL:
  case QD_VALUE_INTEGER:
  case QD_VALUE_BOOL: return QD_WIRE_VARINT;
  default: return QD_WIRE_BYTES;
  }
}

/* Finds what the value holds; of several kinds the last counts, and none (number 0) means null. */
static outcome find_kind(qd_wire value, qd_wire_field *kind) {
  *kind = (qd_wire_field){0};
  qd_wire_field field;
  qd_wire_step step;
  while ((step = qd_wire_next(&value, &field)) == QD_WIRE_FIELD) {
    if (field.number > QD_VALUE_LIST)
      continue;
    if (field.type != type_of_kind(field.number))
      return UNREADABLE;
    *kind = field;
  }
  return step == QD_WIRE_END ? DONE : UNREADABLE;
}

static void add_integer(qd_text *text, uint64_t bits) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRId64, (int64_t)bits);
  qd_text_add(text, digits, (size_t)n);
}

static void add_double(qd_text *text, uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  qd_text_add_double(text, value);
}

static outcome write_value(qd_text *text, qd_wire value, int levels_left) {
  qd_wire_field kind;
  outcome found = find_kind(value, &kind);
  if (found != DONE)
    return found;
  qd_wire content = qd_wire_of(kind.bytes, kind.n_bytes);
  switch (kind.number) {
  case QD_VALUE_DOUBLE: add_double(text, kind.value); break;
  case QD_VALUE_INTEGER: add_integer(text, kind.value); break;
  case QD_VALUE_STRING: qd_text_add_json_string(text, (const char *)kind.bytes, kind.n_bytes); break;
  case QD_VALUE_BOOL: qd_text_add(text, kind.value != 0 ? "true" : "false", kind.value != 0 ? 4 : 5); break;
  case QD_VALUE_STRUCT: return write_items(text, content, QD_STRUCT_FIELDS, "{}", write_entry, levels_left);
  case QD_VALUE_LIST: return write_items(text, content, QD_LIST_VALUES, "[]", write_value, levels_left);
  default: qd_text_add(text, "null", 4); break;
  }
  return DONE;
}

qdrant_status qd_point_payload_json(
    const uint8_t *point, size_t n_bytes, qd_arena *arena, const char **json, size_t *n_json, qdrant_error *err) {
  *json = NULL;
  *n_json = 0;
  qd_text text;
  qd_text_init(&text, arena, n_bytes * MAX_GROWTH + MIN_TEXT_BYTES);
  outcome result = write_items(&text, qd_wire_of(point, n_bytes), POINT_PAYLOAD, "{}", write_entry, QD_MAX_JSON_LEVELS);
  if (result == TOO_DEEP) {
    return qd_fail(
        err, QDRANT_BAD_REPLY, "the payload nests deeper than %d levels; read it as a message", QD_MAX_JSON_LEVELS);
  }
  if (result == UNREADABLE)
    return qd_fail(err, QDRANT_BAD_REPLY, "the payload of a point cannot be read");
  const char *made = qd_text_end(&text);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the text of a payload");
  *json = made;
  *n_json = text.n_bytes;
  return QDRANT_OK;
}

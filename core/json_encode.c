#include "core/json_encode.h"

#include "core/alloc.h"
#include "core/value_fields.h"
#include "core/wire.h"

#include <string.h>

#define FIRST_CAPACITY 1024

void qd_back_reset(qd_back_writer *writer) {
  writer->n_bytes = 0;
  writer->has_failed = 0;
}

void qd_back_free(qd_back_writer *writer) {
  qd_free(writer->bytes);
  *writer = (qd_back_writer){0};
}

const uint8_t *qd_back_bytes(const qd_back_writer *writer) {
  return writer->n_bytes == 0 ? NULL : writer->bytes + (writer->capacity - writer->n_bytes);
}

static int grow(qd_back_writer *writer, size_t n_more) {
  size_t capacity = writer->capacity == 0 ? FIRST_CAPACITY : writer->capacity;
  while (capacity - writer->n_bytes < n_more)
    capacity *= 2;
  uint8_t *bytes = qd_alloc(capacity);
  if (bytes == NULL) {
    writer->has_failed = 1;
    return 0;
  }
  if (writer->n_bytes > 0)
    memcpy(bytes + (capacity - writer->n_bytes), writer->bytes + (writer->capacity - writer->n_bytes), writer->n_bytes);
  qd_free(writer->bytes);
  writer->bytes = bytes;
  writer->capacity = capacity;
  return 1;
}

static void put_before(qd_back_writer *writer, const void *bytes, size_t n_bytes) {
  if (n_bytes == 0 || writer->has_failed || (writer->capacity - writer->n_bytes < n_bytes && !grow(writer, n_bytes)))
    return;
  writer->n_bytes += n_bytes;
  qd_put_copy(writer->bytes + (writer->capacity - writer->n_bytes), bytes, n_bytes);
}

static void put_varint_field_before(qd_back_writer *writer, uint32_t number, uint64_t value) {
  uint8_t bytes[20];
  put_before(writer, bytes, (size_t)(qd_put_varint_field(bytes, number, value) - bytes));
}

static void put_double_field_before(qd_back_writer *writer, uint32_t number, double value) {
  uint8_t bytes[20];
  put_before(writer, bytes, (size_t)(qd_put_double_field(bytes, number, value) - bytes));
}

/* Tag and length before the n_bytes of content that are written already. */
static void put_head_before(qd_back_writer *writer, uint32_t number, size_t n_bytes) {
  uint8_t bytes[20];
  put_before(writer, bytes, (size_t)(qd_put_head(bytes, number, n_bytes) - bytes));
}

static void encode_text(qd_back_writer *writer, const qd_json_node *text) {
  put_before(writer, text->text, text->n);
  put_head_before(writer, QD_VALUE_STRING, text->n);
}

static void encode_value(qd_back_writer *writer, const qd_json_node *value);

static void encode_list(qd_back_writer *writer, const qd_json_node *list) {
  size_t end = writer->n_bytes;
  for (size_t i = list->n; i > 0; i--) {
    size_t item_end = writer->n_bytes;
    encode_value(writer, &list->items[i - 1]);
    put_head_before(writer, QD_LIST_VALUES, writer->n_bytes - item_end);
  }
  put_head_before(writer, QD_VALUE_LIST, writer->n_bytes - end);
}

static void encode_struct(qd_back_writer *writer, const qd_json_node *object) {
  size_t end = writer->n_bytes;
  qd_json_encode_members(writer, QD_STRUCT_FIELDS, object);
  put_head_before(writer, QD_VALUE_STRUCT, writer->n_bytes - end);
}

/* The server's rule: what fits int64_t is an integer, every other number a double. Recurses as deep as the value nests,
 * which the parser limits. */
static void encode_value(qd_back_writer *writer, const qd_json_node *value) {
  switch (value->kind) {
  case QD_JSON_NULL: put_varint_field_before(writer, QD_VALUE_NULL, 0); break;
  case QD_JSON_FALSE:
  case QD_JSON_TRUE: put_varint_field_before(writer, QD_VALUE_BOOL, value->kind == QD_JSON_TRUE); break;
  case QD_JSON_INT: put_varint_field_before(writer, QD_VALUE_INTEGER, (uint64_t)value->integer); break;
  case QD_JSON_UINT:
  case QD_JSON_DOUBLE: put_double_field_before(writer, QD_VALUE_DOUBLE, qd_json_real(value)); break;
  case QD_JSON_TEXT: encode_text(writer, value); break;
  case QD_JSON_ARRAY: encode_list(writer, value); break;
  case QD_JSON_OBJECT: encode_struct(writer, value); break;
  }
}

void qd_json_encode_entry(
    qd_back_writer *writer, uint32_t number, const char *key, size_t key_bytes, const qd_json_node *value) {
  size_t end = writer->n_bytes;
  encode_value(writer, value);
  put_head_before(writer, QD_ENTRY_VALUE, writer->n_bytes - end);
  put_before(writer, key, key_bytes);
  put_head_before(writer, QD_ENTRY_KEY, key_bytes);
  put_head_before(writer, number, writer->n_bytes - end);
}

void qd_json_encode_members(qd_back_writer *writer, uint32_t number, const qd_json_node *object) {
  for (size_t i = object->n; i > 0; i--) {
    const qd_json_node *key = qd_json_key(object, i - 1);
    qd_json_encode_entry(writer, number, key->text, key->n, qd_json_member(object, i - 1));
  }
}

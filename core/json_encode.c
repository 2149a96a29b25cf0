#include "core/json_encode.h"

#include "core/alloc.h"
#include "core/value_fields.h"
#include "core/wire.h"

#include <json-c/json.h>
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
  qd_put_copy(bytes + (capacity - writer->n_bytes), qd_back_bytes(writer), writer->n_bytes);
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

/* The server's rule: what fits int64_t is an integer, every other number a double. */
static void encode_integer(qd_back_writer *writer, struct json_object *value) {
  uint64_t without_sign = json_object_get_uint64(value); /* 0 for what is negative */
  if (without_sign > INT64_MAX)
    put_double_field_before(writer, QD_VALUE_DOUBLE, (double)without_sign);
  else
    put_varint_field_before(writer, QD_VALUE_INTEGER, (uint64_t)json_object_get_int64(value));
}

static void encode_string(qd_back_writer *writer, struct json_object *value) {
  size_t n_bytes = (size_t)json_object_get_string_len(value);
  put_before(writer, json_object_get_string(value), n_bytes);
  put_head_before(writer, QD_VALUE_STRING, n_bytes);
}

static void encode_value(qd_back_writer *writer, struct json_object *value);

static void encode_list(qd_back_writer *writer, struct json_object *list) {
  size_t end = writer->n_bytes;
  for (size_t i = json_object_array_length(list); i > 0; i--) {
    size_t item_end = writer->n_bytes;
    encode_value(writer, json_object_array_get_idx(list, i - 1));
    put_head_before(writer, QD_LIST_VALUES, writer->n_bytes - item_end);
  }
  put_head_before(writer, QD_VALUE_LIST, writer->n_bytes - end);
}

static void encode_struct(qd_back_writer *writer, struct json_object *object) {
  size_t end = writer->n_bytes;
  qd_json_encode_members(writer, QD_STRUCT_FIELDS, object);
  put_head_before(writer, QD_VALUE_STRUCT, writer->n_bytes - end);
}

/* Recurses as deep as the value nests, which qd_json_parse limits. */
static void encode_value(qd_back_writer *writer, struct json_object *value) {
  switch (json_object_get_type(value)) {
  case json_type_null: put_varint_field_before(writer, QD_VALUE_NULL, 0); break;
  case json_type_boolean: put_varint_field_before(writer, QD_VALUE_BOOL, json_object_get_boolean(value) != 0); break;
  case json_type_int: encode_integer(writer, value); break;
  case json_type_double: put_double_field_before(writer, QD_VALUE_DOUBLE, json_object_get_double(value)); break;
  case json_type_string: encode_string(writer, value); break;
  case json_type_array: encode_list(writer, value); break;
  case json_type_object: encode_struct(writer, value); break;
  }
}

void qd_json_encode_entry(
    qd_back_writer *writer, uint32_t number, const char *key, size_t key_bytes, struct json_object *value) {
  size_t end = writer->n_bytes;
  encode_value(writer, value);
  put_head_before(writer, QD_ENTRY_VALUE, writer->n_bytes - end);
  put_before(writer, key, key_bytes);
  put_head_before(writer, QD_ENTRY_KEY, key_bytes);
  put_head_before(writer, number, writer->n_bytes - end);
}

void qd_json_encode_members(qd_back_writer *writer, uint32_t number, struct json_object *object) {
  for (struct lh_entry *entry = json_object_get_object(object)->tail; entry != NULL; entry = entry->prev) {
    const char *key = lh_entry_k(entry);
    qd_json_encode_entry(writer, number, key, strlen(key), lh_entry_v(entry));
  }
}

#include "codec/enum_names.h"
#include "codec/json_path.h"
#include "codec/json_read.h"
#include "codec/shape.h"
#include "core/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void *qd_json_alloc(qd_json_reader *in, size_t n_bytes) {
  void *made = qd_arena_zalloc(in->arena, n_bytes);
  if (made == NULL)
    qd_json_no_memory(in);
  return made;
}

qdrant_status qd_json_no_memory(qd_json_reader *in) {
  return qd_fail(in->err, QDRANT_NO_MEMORY, "no memory for a message from JSON");
}

enum { SHOWN_BYTES = 48 };

/* What is there, in words. */
static void describe(const qd_json_node *value, char *out, size_t max_bytes) {
  switch (value->kind) {
  case QD_JSON_NULL: snprintf(out, max_bytes, "null"); break;
  case QD_JSON_FALSE: snprintf(out, max_bytes, "false"); break;
  case QD_JSON_TRUE: snprintf(out, max_bytes, "true"); break;
  case QD_JSON_INT: snprintf(out, max_bytes, "%" PRId64, value->integer); break;
  case QD_JSON_UINT: snprintf(out, max_bytes, "%" PRIu64, value->unsigned_integer); break;
  case QD_JSON_DOUBLE: snprintf(out, max_bytes, "%.17g", value->real); break;
  case QD_JSON_TEXT:
    snprintf(out, max_bytes, "\"%.*s\"", (int)(value->n < SHOWN_BYTES ? value->n : SHOWN_BYTES), value->text);
    break;
  case QD_JSON_ARRAY: snprintf(out, max_bytes, "a list of %u", value->n); break;
  case QD_JSON_OBJECT:
    if (value->n == 0)
      snprintf(out, max_bytes, "an empty object");
    else
      snprintf(out, max_bytes, "an object with the key \"%.*s\"", SHOWN_BYTES, qd_json_key(value, 0)->text);
  }
}

qdrant_status qd_json_expected(qd_json_reader *in, const qd_json_node *value, const char *expected) {
  char found[SHOWN_BYTES + 40];
  describe(value, found, sizeof found);
  return qd_fail(in->err, in->origin == QD_JSON_FROM_SERVER ? QDRANT_BAD_REPLY : QDRANT_INVALID_ARGUMENT,
      ": expected %s, got %s", expected, found);
}

static qdrant_status read_unsigned(qd_json_reader *in, const qd_json_node *value, uint64_t max, uint64_t *number) {
  int is_unsigned = qd_json_is_unsigned(value);
  *number = value->kind == QD_JSON_UINT ? value->unsigned_integer : is_unsigned ? (uint64_t)value->integer : 0;
  if (is_unsigned && *number <= max)
    return QDRANT_OK;
  char expected[64];
  snprintf(expected, sizeof expected, "an integer from 0 to %" PRIu64, max);
  return qd_json_expected(in, value, expected);
}

static qdrant_status read_signed(
    qd_json_reader *in, const qd_json_node *value, int64_t min, int64_t max, int64_t *number) {
  *number = value->kind == QD_JSON_INT ? value->integer : 0;
  if (value->kind == QD_JSON_INT && *number >= min && *number <= max)
    return QDRANT_OK;
  char expected[80];
  snprintf(expected, sizeof expected, "an integer from %" PRId64 " to %" PRId64, min, max);
  return qd_json_expected(in, value, expected);
}

static qdrant_status read_uint32(qd_json_reader *in, const qd_json_node *value, uint32_t *number) {
  uint64_t wide;
  qdrant_status status = read_unsigned(in, value, UINT32_MAX, &wide);
  *number = (uint32_t)wide;
  return status;
}

static qdrant_status read_int32(qd_json_reader *in, const qd_json_node *value, int32_t *number) {
  int64_t wide;
  qdrant_status status = read_signed(in, value, INT32_MIN, INT32_MAX, &wide);
  *number = (int32_t)wide;
  return status;
}

static qdrant_status read_double(qd_json_reader *in, const qd_json_node *value, unsigned flags, double *number) {
  if (value->kind == QD_JSON_NULL && (in->is_nan_null || (flags & QD_FIELD_NULL_IS_NAN) != 0)) {
    *number = NAN;
    return QDRANT_OK;
  }
  if (!qd_json_is_number(value))
    return qd_json_expected(in, value, "a number");
  *number = qd_json_real(value);
  return QDRANT_OK;
}

static qdrant_status read_float(qd_json_reader *in, const qd_json_node *value, unsigned flags, float *number) {
  double wide = 0;
  qdrant_status status = read_double(in, value, flags, &wide);
  *number = (float)wide;
  return status;
}

static qdrant_status read_bool(qd_json_reader *in, const qd_json_node *value, protobuf_c_boolean *claim) {
  if (value->kind != QD_JSON_TRUE && value->kind != QD_JSON_FALSE)
    return qd_json_expected(in, value, "true or false");
  *claim = value->kind == QD_JSON_TRUE;
  return QDRANT_OK;
}

static qdrant_status read_text(qd_json_reader *in, const qd_json_node *value, char **text) {
  if (value->kind != QD_JSON_TEXT)
    return qd_json_expected(in, value, "a string");
  if (strlen(value->text) != value->n)
    return qd_json_expected(in, value, "a string without NUL");
  *text = (char *)(uintptr_t)value->text; /* messages do not say const, but never write */
  return QDRANT_OK;
}

static qdrant_status read_bytes(qd_json_reader *in, const qd_json_node *value, ProtobufCBinaryData *bytes) {
  if (value->kind != QD_JSON_TEXT)
    return qd_json_expected(in, value, "a string");
  *bytes = (ProtobufCBinaryData){.len = value->n, .data = (uint8_t *)(uintptr_t)value->text};
  return QDRANT_OK;
}

static qdrant_status read_enum(
    qd_json_reader *in, const qd_json_node *value, const ProtobufCEnumDescriptor *type, int *number) {
  if (value->kind == QD_JSON_TEXT && qd_enum_read(type, value->text, value->n, number))
    return QDRANT_OK;
  char expected[320];
  qd_enum_list(type, expected, sizeof expected);
  return qd_json_expected(in, value, expected);
}

qdrant_status qd_json_read_item(
    qd_json_reader *in, const qd_json_node *value, const ProtobufCFieldDescriptor *field, unsigned flags, void *out) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64: return read_unsigned(in, value, UINT64_MAX, out);
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32: return read_uint32(in, value, out);
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64: return read_signed(in, value, INT64_MIN, INT64_MAX, out);
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32: return read_int32(in, value, out);
  case PROTOBUF_C_TYPE_DOUBLE: return read_double(in, value, flags, out);
  case PROTOBUF_C_TYPE_FLOAT: return read_float(in, value, flags, out);
  case PROTOBUF_C_TYPE_BOOL: return read_bool(in, value, out);
  case PROTOBUF_C_TYPE_ENUM: return read_enum(in, value, field->descriptor, out);
  case PROTOBUF_C_TYPE_STRING: return read_text(in, value, out);
  case PROTOBUF_C_TYPE_BYTES: return read_bytes(in, value, out);
  default: return qd_json_read_message(in, value, field->descriptor, out);
  }
}

qdrant_status qd_json_read_floats(
    qd_json_reader *in, const qd_json_node *value, unsigned flags, size_t *n, float **values) {
  if (value->kind != QD_JSON_ARRAY)
    return qd_json_expected(in, value, "a list of numbers");
  *values = qd_arena_alloc(in->arena, value->n * sizeof **values);
  if (*values == NULL)
    return qd_json_no_memory(in);
  for (*n = 0; *n < value->n; ++*n) {
    qdrant_status status = read_float(in, &value->items[*n], flags, &(*values)[*n]);
    if (status != QDRANT_OK)
      return qd_path_index(status, in->err, *n);
  }
  return QDRANT_OK;
}

#include "codec/json_write.h"

#include "codec/enum_names.h"
#include "codec/json_path.h"
#include "codec/shape.h"
#include "core/error.h"
#include "core/float_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

qdrant_status qd_json_refuse(qd_json_writer *out, const char *format, ...) {
  char why[160];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  return qd_fail(out->err, QDRANT_INVALID_ARGUMENT, ": %s", why);
}

void qd_json_write_raw(qd_json_writer *out, const char *text) {
  qd_text_add(out->text, text, strlen(text));
}

void qd_json_write_string(qd_json_writer *out, const char *text) {
  qd_text_add_json_string(out->text, text, strlen(text));
}

/* What was written last tells: a value, or what opens a list or an object, or nothing at all. */
void qd_json_write_comma(qd_json_writer *out) {
  const qd_text *text = out->text;
  char last = text->n_bytes == 0 ? '[' : text->bytes[text->n_bytes - 1];
  if (last != '[' && last != '{' && last != ':' && last != ',')
    qd_text_add(out->text, ",", 1);
}

void qd_json_write_key(qd_json_writer *out, const char *key) {
  qd_json_write_comma(out);
  qd_json_write_string(out, key);
  qd_text_add(out->text, ":", 1);
}

static qdrant_status refuse_float(qd_json_writer *out, double value) {
  return qd_json_refuse(out, "%s cannot be said in JSON, use a finite number", isnan(value) ? "NaN" : "infinity");
}

static int is_nan_null(const qd_json_writer *out, unsigned flags) {
  return out->is_nan_null || (flags & QD_FIELD_NULL_IS_NAN) != 0;
}

static qdrant_status write_double(qd_json_writer *out, double value, unsigned flags) {
  if (!isfinite(value) && !is_nan_null(out, flags))
    return refuse_float(out, value);
  qd_text_add_double(out->text, value);
  return QDRANT_OK;
}

static qdrant_status write_float(qd_json_writer *out, float value, unsigned flags) {
  char text[QD_FLOAT_TEXT_MAX_BYTES];
  if (!isfinite(value) && !is_nan_null(out, flags))
    return refuse_float(out, value);
  qd_text_add(out->text, text, qd_float_write(text, value));
  return QDRANT_OK;
}

qdrant_status qd_json_write_floats(qd_json_writer *out, const float *values, size_t n, unsigned flags) {
  enum { AT_ONCE = 64 };
  qd_text_add(out->text, "[", 1);
  for (size_t first = 0; first < n; first += AT_ONCE) {
    size_t end = n - first < AT_ONCE ? n : first + AT_ONCE;
    char *at = qd_text_reserve(out->text, AT_ONCE * (QD_FLOAT_TEXT_MAX_BYTES + 1));
    if (at == NULL)
      return QDRANT_OK;
    char *start = at;
    for (size_t i = first; i < end; i++) {
      if (!isfinite(values[i]) && !is_nan_null(out, flags))
        return qd_path_index(refuse_float(out, values[i]), out->err, i);
      at += qd_float_write(at, values[i]);
      *at++ = ',';
    }
    qd_text_take(out->text, (size_t)(at - start) - (end == n));
  }
  qd_text_add(out->text, "]", 1);
  return QDRANT_OK;
}

static qdrant_status write_enum(qd_json_writer *out, const ProtobufCEnumDescriptor *type, int number) {
  char name[QD_ENUM_NAME_MAX_BYTES];
  switch (qd_enum_write(type, number, name)) {
  case QD_ENUM_NAMED: qd_json_write_string(out, name); return QDRANT_OK;
  case QD_ENUM_ABSENT: qd_json_write_raw(out, "null"); return QDRANT_OK;
  default: return qd_json_refuse(out, "%d is no %s", number, type->short_name);
  }
}

qdrant_status qd_json_write_item(
    qd_json_writer *out, const ProtobufCFieldDescriptor *field, const void *value, unsigned flags) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64: qd_text_add_unsigned(out->text, *(const uint64_t *)value); return QDRANT_OK;
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32: qd_text_add_unsigned(out->text, *(const uint32_t *)value); return QDRANT_OK;
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64: qd_text_add_signed(out->text, *(const int64_t *)value); return QDRANT_OK;
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32: qd_text_add_signed(out->text, *(const int32_t *)value); return QDRANT_OK;
  case PROTOBUF_C_TYPE_DOUBLE: return write_double(out, *(const double *)value, flags);
  case PROTOBUF_C_TYPE_FLOAT: return write_float(out, *(const float *)value, flags);
  case PROTOBUF_C_TYPE_BOOL:
    qd_json_write_raw(out, *(const protobuf_c_boolean *)value ? "true" : "false");
    return QDRANT_OK;
  case PROTOBUF_C_TYPE_ENUM: return write_enum(out, field->descriptor, *(const int *)value);
  case PROTOBUF_C_TYPE_BYTES: {
    const ProtobufCBinaryData *bytes = value;
    qd_text_add_json_string(out->text, (const char *)bytes->data, bytes->len);
    return QDRANT_OK;
  }
  case PROTOBUF_C_TYPE_STRING: {
    const char *text = *(const char *const *)value;
    qd_json_write_string(out, text == NULL ? "" : text);
    return QDRANT_OK;
  }
  default: return qd_json_write_message(out, *(const ProtobufCMessage *const *)value);
  }
}

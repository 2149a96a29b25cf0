/* Payload values, and the scalars that are a oneof in proto and bare in JSON. */
#include "codec/json_path.h"
#include "codec/shape.h"
#include "codec/timestamp.h"
#include "core/json_value.h"
#include "core/moment.h"
#include "qdrant/pb/points.pb-c.h"

#include <math.h>

/* The first double that JSON cannot say. */
static const Qdrant__Value *find_bad(const Qdrant__Value *value);

static const Qdrant__Value *find_bad_in_struct(const Qdrant__Struct *map) {
  const Qdrant__Value *bad = NULL;
  for (size_t i = 0; map != NULL && i < map->n_fields && bad == NULL; i++)
    bad = find_bad(map->fields[i]->value);
  return bad;
}

static const Qdrant__Value *find_bad_in_list(const Qdrant__ListValue *list) {
  const Qdrant__Value *bad = NULL;
  for (size_t i = 0; list != NULL && i < list->n_values && bad == NULL; i++)
    bad = find_bad(list->values[i]);
  return bad;
}

static const Qdrant__Value *find_bad(const Qdrant__Value *value) {
  switch (value == NULL ? QDRANT__VALUE__KIND__NOT_SET : value->kind_case) {
  case QDRANT__VALUE__KIND_STRUCT_VALUE: return find_bad_in_struct(value->struct_value);
  case QDRANT__VALUE__KIND_LIST_VALUE: return find_bad_in_list(value->list_value);
  case QDRANT__VALUE__KIND_DOUBLE_VALUE: return isfinite(value->double_value) ? NULL : value;
  default: return NULL;
  }
}

static qdrant_status write_value(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__Value *value = (const Qdrant__Value *)message;
  if (find_bad(value) != NULL)
    return qd_json_refuse(out, "a payload's number must be finite for JSON");
  qd_value_write_json(out->text, value);
  return QDRANT_OK;
}

static qdrant_status read_value(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  return qd_json_to_value(value, in->arena, (Qdrant__Value *)message, in->err);
}

static qdrant_status write_timestamp(qd_json_writer *out, const ProtobufCMessage *message) {
  char text[QD_TIMESTAMP_MAX_BYTES];
  size_t n = qd_timestamp_write((const Qdrant__Timestamp *)message, text);
  if (n == 0)
    return qd_json_refuse(out, "a time must lie in the years 1 to 9999");
  qd_text_add_json_string(out->text, text, n);
  return QDRANT_OK;
}

static qdrant_status read_timestamp(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  qd_moment moment;
  if (value->kind != QD_JSON_TEXT || !qd_moment_parse(value->text, value->n, &moment))
    return qd_json_expected(in, value, "a date and time as in RFC 3339");
  Qdrant__Timestamp *at = (Qdrant__Timestamp *)message;
  at->has_seconds = 1;
  at->seconds = moment.seconds;
  at->has_nanos = 1;
  at->nanos = moment.nanos;
  return QDRANT_OK;
}

static const char *choose_point_id(const qd_json_node *value) {
  return qd_json_is_unsigned(value) ? "num" : value->kind == QD_JSON_TEXT ? "uuid" : NULL;
}

static const char *choose_group_id(const qd_json_node *value) {
  if (value->kind == QD_JSON_TEXT)
    return "string_value";
  return qd_json_is_unsigned(value) ? "unsigned_value" : value->kind == QD_JSON_INT ? "integer_value" : NULL;
}

static const char *choose_order_value(const qd_json_node *value) {
  return value->kind == QD_JSON_INT ? "int" : qd_json_is_number(value) ? "float" : NULL;
}

static const char *choose_facet_value(const qd_json_node *value) {
  switch (value->kind) {
  case QD_JSON_INT: return "integer_value";
  case QD_JSON_TEXT: return "string_value";
  case QD_JSON_TRUE:
  case QD_JSON_FALSE: return "bool_value";
  default: return NULL;
  }
}

static const char *choose_shard_key(const qd_json_node *value) {
  return qd_json_is_unsigned(value) ? "number" : value->kind == QD_JSON_TEXT ? "keyword" : NULL;
}

static const char *choose_start_from(const qd_json_node *value) {
  if (value->kind == QD_JSON_TEXT)
    return "datetime";
  return value->kind == QD_JSON_INT ? "integer" : qd_json_is_number(value) ? "float" : NULL;
}

static const char *choose_consistency(const qd_json_node *value) {
  return qd_json_is_unsigned(value) ? "factor" : value->kind == QD_JSON_TEXT ? "type" : NULL;
}

const qd_shape qd_shapes_value[] = {
    {.type = &qdrant__value__descriptor, .flags = QD_SHAPE_READS_NULL, .write = write_value, .read = read_value},
    {.type = &qdrant__timestamp__descriptor, .write = write_timestamp, .read = read_timestamp},
    {.type = &qdrant__point_id__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_point_id,
        .expected = "an unsigned integer or a UUID"},
    {.type = &qdrant__group_id__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_group_id,
        .expected = "an integer or a string"},
    {.type = &qdrant__order_value__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_order_value,
        .expected = "a number"},
    {.type = &qdrant__facet_value__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_facet_value,
        .expected = "a string, an integer or a bool"},
    {.type = &qdrant__shard_key__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_shard_key,
        .expected = "a string or an unsigned integer"},
    {.type = &qdrant__start_from__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_start_from,
        .expected = "a number or a date"},
    {.type = &qdrant__read_consistency__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_consistency,
        .expected = "an unsigned integer, \"majority\", \"quorum\" or \"all\""},
    {.type = &qdrant__write_ordering__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {0},
};

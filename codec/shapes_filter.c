/* Filters and their conditions. */
#include "codec/shape.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

static int has_key(const qd_json_node *object, const char *key) {
  return qd_json_get(object, key) != NULL;
}

static const char *choose_condition(const qd_json_node *value) {
  static const char *const by_key[] = {"is_empty", "is_null", "has_id", "has_vector", "nested", "slice"};
  if (value->kind != QD_JSON_OBJECT)
    return NULL;
  if (has_key(value, "key"))
    return "field";
  for (size_t i = 0; i < sizeof by_key / sizeof by_key[0]; i++)
    if (has_key(value, by_key[i]))
      return by_key[i];
  return "filter";
}

static const char *choose_match_value(const qd_json_node *value) {
  switch (value->kind) {
  case QD_JSON_TEXT: return "keyword";
  case QD_JSON_INT: return "integer";
  case QD_JSON_TRUE:
  case QD_JSON_FALSE: return "boolean";
  default: return NULL;
  }
}

/* An empty list has no element that would tell its type. */
static int is_integer_list(const qd_json_node *list) {
  return list->kind == QD_JSON_ARRAY && list->n > 0 && list->items[0].kind == QD_JSON_INT;
}

static const char *choose_match(const qd_json_node *value) {
  static const char *const texts[] = {"text", "text_any", "phrase", "prefix", "substring"};
  const qd_json_node *member = qd_json_get(value, "value");
  if (member != NULL)
    return choose_match_value(member);
  if ((member = qd_json_get(value, "any")) != NULL)
    return is_integer_list(member) ? "integers" : "keywords";
  if ((member = qd_json_get(value, "except")) != NULL)
    return is_integer_list(member) ? "except_integers" : "except_keywords";
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (has_key(value, texts[i]))
      return texts[i];
  return NULL;
}

static int has_text_bound(const qd_json_node *range) {
  for (unsigned i = 0; i < qdrant__range__descriptor.n_fields; i++) {
    const qd_json_node *bound = qd_json_get(range, qdrant__range__descriptor.fields[i].name);
    if (bound != NULL && bound->kind == QD_JSON_TEXT)
      return 1;
  }
  return 0;
}

/* One key for both kinds of range: bounds that are strings are moments. */
static qdrant_status read_range(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return has_text_bound(value) ? qd_json_read_named(in, value, message, "datetime_range")
                               : qd_json_read_field(in, value, message, field);
}

/* With both set a server looks at `range` alone. */
static qdrant_status write_datetime_range(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const Qdrant__FieldCondition *condition = (const Qdrant__FieldCondition *)message;
  return condition->range == NULL ? qd_json_write_field(out, "range", message, field) : QDRANT_OK;
}

static const qd_field_shape filter_fields[] = {
    {.name = "should", .flags = QD_FIELD_ONE_OR_MANY},
    {.name = "must", .flags = QD_FIELD_ONE_OR_MANY},
    {.name = "must_not", .flags = QD_FIELD_ONE_OR_MANY},
    {0},
};

static const qd_field_shape min_should_fields[] = {
    {.name = "conditions", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape condition_fields[] = {
    {.name = "is_empty", .flags = QD_FIELD_KEYED},
    {.name = "is_null", .flags = QD_FIELD_KEYED},
    {.name = "nested", .flags = QD_FIELD_KEYED},
    {.name = "slice", .flags = QD_FIELD_KEYED},
    {0},
};

static const qd_field_shape key_fields[] = {
    {.name = "key", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape has_id_fields[] = {
    {.name = "has_id", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape field_condition_fields[] = {
    {.name = "key", .flags = QD_FIELD_ALWAYS},
    {.name = "range", .read = read_range},
    {.name = "datetime_range", .flags = QD_FIELD_WRITE_ONLY, .write = write_datetime_range},
    {0},
};

static const qd_field_shape match_fields[] = {
    {.name = "keyword", .key = "value", .flags = QD_FIELD_KEYED},
    {.name = "integer", .key = "value", .flags = QD_FIELD_KEYED},
    {.name = "boolean", .key = "value", .flags = QD_FIELD_KEYED},
    {.name = "text", .flags = QD_FIELD_KEYED},
    {.name = "text_any", .flags = QD_FIELD_KEYED},
    {.name = "phrase", .flags = QD_FIELD_KEYED},
    {.name = "prefix", .flags = QD_FIELD_KEYED},
    {.name = "substring", .flags = QD_FIELD_KEYED},
    {.name = "keywords", .key = "any", .flags = QD_FIELD_KEYED},
    {.name = "integers", .key = "any", .flags = QD_FIELD_KEYED},
    {.name = "except_keywords", .key = "except", .flags = QD_FIELD_KEYED},
    {.name = "except_integers", .key = "except", .flags = QD_FIELD_KEYED},
    {0},
};

static const qd_field_shape line_fields[] = {
    {.name = "points", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_filter[] = {
    {.type = &qdrant__filter__descriptor, .flags = QD_SHAPE_STRICT, .fields = filter_fields},
    {.type = &qdrant__min_should__descriptor, .flags = QD_SHAPE_FULL, .fields = min_should_fields},
    {.type = &qdrant__condition__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .fields = condition_fields,
        .choose = choose_condition,
        .expected =
            "a condition: an object with key, is_empty, is_null, has_id, has_vector, nested or slice, or a filter"},
    {.type = &qdrant__is_empty_condition__descriptor, .fields = key_fields},
    {.type = &qdrant__is_null_condition__descriptor, .fields = key_fields},
    {.type = &qdrant__nested_condition__descriptor, .fields = key_fields},
    {.type = &qdrant__has_id_condition__descriptor, .fields = has_id_fields},
    {.type = &qdrant__has_vector_condition__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__slice_condition__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__field_condition__descriptor, .fields = field_condition_fields},
    {.type = &qdrant__match__descriptor,
        .kind = QD_SHAPE_BARE,
        .fields = match_fields,
        .choose = choose_match,
        .expected =
            "an object with value (a string, integer or bool), text, text_any, phrase, prefix, substring, any or "
            "except"},
    {.type = &qdrant__repeated_strings__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__repeated_integers__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__geo_point__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__geo_radius__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__geo_line_string__descriptor, .fields = line_fields},
    {0},
};

/* Indexes of payload fields. */
#include "codec/json_path.h"
#include "codec/member.h"
#include "codec/shape.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <stdio.h>
#include <string.h>

/* The types of fields, as `type` names them in JSON, and their parameters in proto. */
static const struct {
  const char *name;
  const char *params; /* member of PayloadIndexParams */
  Qdrant__PayloadIndexParams__IndexParamsCase params_case;
  Qdrant__FieldType type;
} types[] = {
    {"keyword", "keyword_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_KEYWORD_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeKeyword},
    {"integer", "integer_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_INTEGER_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeInteger},
    {"float", "float_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_FLOAT_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeFloat},
    {"geo", "geo_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_GEO_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeGeo},
    {"text", "text_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_TEXT_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeText},
    {"bool", "bool_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_BOOL_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeBool},
    {"datetime", "datetime_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_DATETIME_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeDatetime},
    {"uuid", "uuid_index_params", QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_UUID_INDEX_PARAMS,
        QDRANT__FIELD_TYPE__FieldTypeUuid},
};

enum { N_TYPES = sizeof types / sizeof types[0] };

#define TYPE_NAMES "\"keyword\", \"integer\", \"float\", \"geo\", \"text\", \"bool\", \"datetime\" or \"uuid\""

/* N_TYPES: none. */
static size_t find_type_of_params(const Qdrant__PayloadIndexParams *params) {
  size_t i = 0;
  while (i < N_TYPES && types[i].params_case != params->index_params_case)
    i++;
  return i;
}

static size_t find_named_type(const qd_json_node *name) {
  size_t i = 0;
  while (i < N_TYPES && (name == NULL || !qd_json_text_is(name, types[i].name)))
    i++;
  return i;
}

/* {"type": ..., and the parameters of that type}. */
static qdrant_status write_params(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__PayloadIndexParams *params = (const void *)message;
  const ProtobufCMessage *chosen =
      (const ProtobufCMessage *)params->keyword_index_params; /* whichever it is, it lies there */
  size_t at = find_type_of_params(params);
  if (at == N_TYPES)
    return qd_json_refuse(out, "none of the members of %s is set", message->descriptor->short_name);
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "type");
  qd_json_write_string(out, types[at].name);
  qdrant_status status = qd_json_write_members(out, chosen);
  qd_json_write_raw(out, "}");
  return status;
}

/* The object without its `type`, which the message within does not have. NULL when out of memory. */
static const qd_json_node *without_type(qd_json_reader *in, const qd_json_node *object) {
  qd_json_node *copy = qd_json_alloc(in, sizeof *copy);
  qd_json_node *items = qd_json_alloc(in, 2 * (size_t)object->n * sizeof *items);
  if (copy == NULL || items == NULL)
    return NULL;
  *copy = (qd_json_node){.kind = QD_JSON_OBJECT, .items = items};
  for (size_t i = 0; i < object->n; i++) {
    if (qd_json_text_is(qd_json_key(object, i), "type"))
      continue;
    items[2 * copy->n] = *qd_json_key(object, i);
    items[2 * copy->n + 1] = *qd_json_member(object, i);
    copy->n++;
  }
  return copy;
}

static qdrant_status read_params(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  size_t at = find_named_type(qd_json_get(value, "type"));
  if (at == N_TYPES)
    return qd_json_expected(in, value, "an object whose type is " TYPE_NAMES);
  const qd_json_node *params = without_type(in, value);
  return params == NULL ? QDRANT_NO_MEMORY : qd_json_read_named(in, params, message, types[at].params);
}

static int has_params(const Qdrant__CreateFieldIndexCollection *request) {
  return request->field_index_params != NULL && find_type_of_params(request->field_index_params) < N_TYPES;
}

/* Both fields of a request are one key: the type's name, or an object that has it. */
static qdrant_status write_schema_type(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return has_params((const void *)message) ? QDRANT_OK : qd_json_write_field(out, "field_schema", message, field);
}

static qdrant_status write_schema_params(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return has_params((const void *)message) ? qd_json_write_field(out, "field_schema", message, field) : QDRANT_OK;
}

static qdrant_status read_schema(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  Qdrant__CreateFieldIndexCollection *request = (void *)message;
  if (value->kind == QD_JSON_TEXT)
    return qd_json_read_field(in, value, message, field);
  qdrant_status status = qd_json_read_named(in, value, message, "field_index_params");
  if (status != QDRANT_OK)
    return status;
  request->has_field_type = 1;
  request->field_type = types[find_type_of_params(request->field_index_params)].type;
  return QDRANT_OK;
}

/* An empty message in proto, true in JSON. */
static qdrant_status write_prefix(qd_json_writer *out, const ProtobufCMessage *message) {
  (void)message;
  qd_json_write_raw(out, "true");
  return QDRANT_OK;
}

static qdrant_status read_prefix(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  Qdrant__KeywordIndexParams *params = (void *)message;
  (void)field;
  if (value->kind == QD_JSON_FALSE)
    return QDRANT_OK;
  if (value->kind != QD_JSON_TRUE)
    return qd_json_expected(in, value, "true or false");
  params->prefix = qd_json_alloc(in, sizeof *params->prefix);
  if (params->prefix == NULL)
    return QDRANT_NO_MEMORY;
  qdrant__keyword_prefix_params__init(params->prefix);
  return QDRANT_OK;
}

/* One language is its name. */
static qdrant_status write_stopwords(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__StopwordsSet *set = (const void *)message;
  if (set->n_languages != 1 || set->n_custom > 0)
    return qd_json_write_shape(out, message);
  qd_json_write_string(out, set->languages[0]);
  return QDRANT_OK;
}

static qdrant_status read_stopwords(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  qd_json_node list = {.kind = QD_JSON_ARRAY, .n = 1, .items = value};
  return value->kind == QD_JSON_TEXT ? qd_json_read_named(in, &list, message, "languages")
                                     : qd_json_read_shape(in, value, message);
}

static qdrant_status write_stemmer(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__StemmingAlgorithm *stemmer = (const void *)message;
  int is_snowball = stemmer->stemming_params_case == QDRANT__STEMMING_ALGORITHM__STEMMING_PARAMS_SNOWBALL;
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "type");
  qd_json_write_string(out, is_snowball ? "snowball" : "none");
  qdrant_status status = is_snowball ? qd_json_write_members(out, &stemmer->snowball->base) : QDRANT_OK;
  qd_json_write_raw(out, "}");
  return status;
}

static qdrant_status read_stemmer(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  const qd_json_node *type = qd_json_get(value, "type");
  int is_snowball = type != NULL && qd_json_text_is(type, "snowball");
  if (!is_snowball && (type == NULL || !qd_json_text_is(type, "none")))
    return qd_json_expected(in, value, "an object whose type is \"snowball\" or \"none\"");
  const qd_json_node *params = without_type(in, value);
  return params == NULL ? QDRANT_NO_MEMORY
                        : qd_json_read_named(in, params, message, is_snowball ? "snowball" : "disabled");
}

static const qd_field_shape create_fields[] = {{.name = "field_name", .flags = QD_FIELD_ALWAYS},
    {.name = "field_type",
        .key = "field_schema",
        .alias = "field_type",
        .write = write_schema_type,
        .read = read_schema},
    {.name = "field_index_params", .flags = QD_FIELD_WRITE_ONLY, .write = write_schema_params}, {0}};

static const qd_field_shape keyword_fields[] = {{.name = "prefix", .read = read_prefix}, {0}};

static const qd_field_shape schema_fields[] = {{.name = "points", .flags = QD_FIELD_ALWAYS}, {0}};

const qd_shape qd_shapes_index[] = {
    {.type = &qdrant__create_field_index_collection__descriptor, .fields = create_fields},
    {.type = &qdrant__payload_index_params__descriptor,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .write = write_params,
        .read = read_params},
    {.type = &qdrant__payload_schema_info__descriptor, .fields = schema_fields},
    {.type = &qdrant__keyword_index_params__descriptor, .fields = keyword_fields},
    {.type = &qdrant__keyword_prefix_params__descriptor, .write = write_prefix},
    {.type = &qdrant__text_scoring_params__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__stopwords_set__descriptor, .write = write_stopwords, .read = read_stopwords},
    {.type = &qdrant__stemming_algorithm__descriptor,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .write = write_stemmer,
        .read = read_stemmer},
    {.type = &qdrant__snowball_params__descriptor, .flags = QD_SHAPE_FULL},
    {0},
};

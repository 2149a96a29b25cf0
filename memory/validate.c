#include "memory/validate.h"

#include "core/error.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum rule_kind {
  NESTED,         /* check the message or messages in the field */
  AT_LEAST,       /* a number not below min */
  BETWEEN,        /* a number from min to max */
  PLAIN_AT_LEAST, /* the same for a number that is not optional in the server's definitions: unset it is 0 */
  PLAIN_BETWEEN,
  MIN_COUNT,       /* of min_should */
  ANY_TEST,        /* the field condition, which has the rule's field, must have one */
  NOT_EMPTY,       /* a text */
  COLLECTION_NAME, /* of a collection that exists */
  NEW_COLLECTION_NAME
} rule_kind;

typedef struct rule {
  const ProtobufCMessageDescriptor *type;
  const char *field;
  rule_kind kind;
  double min;
  double max;
} rule;

/* Server 1.18, lib/api/build.rs: the rules of the requests that the engine answers. */
static const rule rules[] = {
    {&qdrant__get_collection_info_request__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__collection_exists_request__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__delete_collection__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__delete_collection__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__create_collection__descriptor, "collection_name", NEW_COLLECTION_NAME, 0, 0},
    {&qdrant__create_collection__descriptor, "hnsw_config", NESTED, 0, 0},
    {&qdrant__create_collection__descriptor, "wal_config", NESTED, 0, 0},
    {&qdrant__create_collection__descriptor, "optimizers_config", NESTED, 0, 0},
    {&qdrant__create_collection__descriptor, "vectors_config", NESTED, 0, 0},
    {&qdrant__create_collection__descriptor, "quantization_config", NESTED, 0, 0},
    {&qdrant__create_collection__descriptor, "shard_number", AT_LEAST, 1, 0},
    {&qdrant__create_collection__descriptor, "replication_factor", AT_LEAST, 1, 0},
    {&qdrant__create_collection__descriptor, "write_consistency_factor", AT_LEAST, 1, 0},
    {&qdrant__hnsw_config_diff__descriptor, "ef_construct", AT_LEAST, 4, 0},
    {&qdrant__wal_config_diff__descriptor, "wal_capacity_mb", AT_LEAST, 1, 0},
    {&qdrant__wal_config_diff__descriptor, "wal_retain_closed", AT_LEAST, 1, 0},
    {&qdrant__optimizers_config_diff__descriptor, "deleted_threshold", BETWEEN, 0, 1},
    {&qdrant__optimizers_config_diff__descriptor, "vacuum_min_vector_number", AT_LEAST, 100, 0},
    {&qdrant__optimizers_config_diff__descriptor, "max_segment_size", AT_LEAST, 1, 0},
    {&qdrant__vectors_config__descriptor, "params", NESTED, 0, 0},
    {&qdrant__vectors_config__descriptor, "params_map", NESTED, 0, 0},
    {&qdrant__vector_params_map__descriptor, "map", NESTED, 0, 0},
    {&qdrant__vector_params_map__map_entry__descriptor, "value", NESTED, 0, 0},
    {&qdrant__vector_params__descriptor, "size", PLAIN_BETWEEN, 1, 65536},
    {&qdrant__vector_params__descriptor, "hnsw_config", NESTED, 0, 0},
    {&qdrant__vector_params__descriptor, "quantization_config", NESTED, 0, 0},
    {&qdrant__quantization_config__descriptor, "scalar", NESTED, 0, 0},
    {&qdrant__scalar_quantization__descriptor, "quantile", BETWEEN, 0.5, 1},
    {&qdrant__upsert_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__upsert_points__descriptor, "update_filter", NESTED, 0, 0},
    {&qdrant__delete_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__delete_points__descriptor, "points", NESTED, 0, 0},
    {&qdrant__points_selector__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__get_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__scroll_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__scroll_points__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__scroll_points__descriptor, "limit", AT_LEAST, 1, 0},
    {&qdrant__count_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__count_points__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__search_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__search_points__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__search_points__descriptor, "limit", PLAIN_AT_LEAST, 1, 0},
    {&qdrant__search_points__descriptor, "params", NESTED, 0, 0},
    {&qdrant__search_points__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__search_batch_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__search_batch_points__descriptor, "search_points", NESTED, 0, 0},
    {&qdrant__search_batch_points__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__query_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__query_points__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__query_points__descriptor, "params", NESTED, 0, 0},
    {&qdrant__query_points__descriptor, "limit", AT_LEAST, 1, 0},
    {&qdrant__query_points__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__query_batch_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__query_batch_points__descriptor, "query_points", NESTED, 0, 0},
    {&qdrant__query_batch_points__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__query_point_groups__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__query_point_groups__descriptor, "group_by", NOT_EMPTY, 0, 0},
    {&qdrant__query_point_groups__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__query_point_groups__descriptor, "params", NESTED, 0, 0},
    {&qdrant__query_point_groups__descriptor, "group_size", AT_LEAST, 1, 0},
    {&qdrant__query_point_groups__descriptor, "limit", AT_LEAST, 1, 0},
    {&qdrant__query_point_groups__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__facet_counts__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__facet_counts__descriptor, "key", NOT_EMPTY, 0, 0},
    {&qdrant__facet_counts__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__facet_counts__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__search_matrix_points__descriptor, "collection_name", COLLECTION_NAME, 0, 0},
    {&qdrant__search_matrix_points__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__search_matrix_points__descriptor, "sample", AT_LEAST, 2, 0},
    {&qdrant__search_matrix_points__descriptor, "limit", AT_LEAST, 1, 0},
    {&qdrant__search_matrix_points__descriptor, "timeout", AT_LEAST, 1, 0},
    {&qdrant__search_params__descriptor, "quantization", NESTED, 0, 0},
    {&qdrant__search_params__descriptor, "acorn", NESTED, 0, 0},
    {&qdrant__quantization_search_params__descriptor, "oversampling", AT_LEAST, 1, 0},
    {&qdrant__acorn_search_params__descriptor, "max_selectivity", BETWEEN, 0, 1},
    {&qdrant__filter__descriptor, "should", NESTED, 0, 0},
    {&qdrant__filter__descriptor, "must", NESTED, 0, 0},
    {&qdrant__filter__descriptor, "must_not", NESTED, 0, 0},
    {&qdrant__filter__descriptor, "min_should", NESTED, 0, 0},
    {&qdrant__min_should__descriptor, "conditions", NESTED, 0, 0},
    {&qdrant__min_should__descriptor, "min_count", MIN_COUNT, 0, 0},
    {&qdrant__condition__descriptor, "field", NESTED, 0, 0},
    {&qdrant__condition__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__condition__descriptor, "nested", NESTED, 0, 0},
    {&qdrant__nested_condition__descriptor, "filter", NESTED, 0, 0},
    {&qdrant__field_condition__descriptor, "match", ANY_TEST, 0, 0},
};

enum { N_RULES = sizeof rules / sizeof rules[0] };

/* Members of a oneof go under its name, which a descriptor does not tell. */
static const struct {
  const ProtobufCMessageDescriptor *type;
  const char *name;
} oneofs[] = {
    {&qdrant__vectors_config__descriptor, "config"},
    {&qdrant__quantization_config__descriptor, "quantization"},
    {&qdrant__points_selector__descriptor, "points_selector_one_of"},
    {&qdrant__condition__descriptor, "condition_one_of"},
};

enum { N_ONEOFS = sizeof oneofs / sizeof oneofs[0] };

/* What was found so far. A text that does not fit is cut: an error's message has no more room. */
typedef struct report {
  char path[160];
  char problems[480];
  size_t n_bytes;
} report;

static void check_message(report *found, const ProtobufCMessage *message);

static QDRANT_PRINTF(2, 3) void add_problem(report *found, const char *format, ...) {
  char problem[256];
  va_list values;
  va_start(values, format);
  vsnprintf(problem, sizeof problem, format, values);
  va_end(values);
  size_t room = sizeof found->problems - found->n_bytes;
  int n = snprintf(
      found->problems + found->n_bytes, room, "%s%s: %s", found->n_bytes > 0 ? "; " : "", found->path, problem);
  if (n > 0)
    found->n_bytes = (size_t)n < room ? found->n_bytes + (size_t)n : sizeof found->problems - 1;
}

/* A number as the server prints it: the shortest text that reads back, floats always with a point. */
static void number_text(double value, int is_float, char text[32]) {
  for (int precision = 1; precision <= 17; precision++) {
    snprintf(text, 32, "%.*g", precision, value);
    if (strtod(text, NULL) == value)
      break;
  }
  if (is_float && strpbrk(text, ".en") == NULL)
    strcat(text, ".0");
}

static void check_number(report *found, const rule *checked, double value, int is_float) {
  int has_max = checked->kind == BETWEEN || checked->kind == PLAIN_BETWEEN;
  if (value >= checked->min && (!has_max || value <= checked->max))
    return;
  char text[32];
  char min[32];
  char max[32];
  number_text(value, is_float, text);
  number_text(checked->min, is_float, min);
  number_text(checked->max, is_float, max);
  if (has_max)
    add_problem(found, "value %s invalid, must be from %s to %s", text, min, max);
  else
    add_problem(found, "value %s invalid, must be %s or larger", text, min);
}

static size_t n_characters(const char *text) {
  size_t n = 0;
  for (; *text != '\0'; text++)
    n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

static void check_name(report *found, const char *name, const char *forbidden) {
  name = name != NULL ? name : "";
  size_t n = n_characters(name);
  if (n < 1 || n > 255)
    add_problem(found, "value \"%s\" invalid, must be from 1 to 255 characters", name);
  for (; *forbidden != '\0'; forbidden++)
    if (strchr(name, *forbidden) != NULL) {
      add_problem(found, "collection name cannot contain \"%c\" char", *forbidden);
      return;
    }
}

static const char *oneof_name(const ProtobufCMessageDescriptor *type) {
  for (size_t i = 0; i < N_ONEOFS; i++)
    if (oneofs[i].type == type)
      return oneofs[i].name;
  return "";
}

static int is_oneof_member(const ProtobufCFieldDescriptor *field) {
  return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static int is_set(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const uint8_t *bytes = (const uint8_t *)message;
  if (is_oneof_member(field))
    return *(const uint32_t *)(const void *)(bytes + field->quantifier_offset) == field->id;
  if (field->type == PROTOBUF_C_TYPE_MESSAGE)
    return *(const void *const *)(const void *)(bytes + field->offset) != NULL;
  return *(const protobuf_c_boolean *)(const void *)(bytes + field->quantifier_offset);
}

/* Lengthens the path by a member's name and returns its old length, for cutting it back. */
static size_t push_path(report *found, const char *name, const char *suffix) {
  size_t length = strlen(found->path);
  snprintf(found->path + length, sizeof found->path - length, "%s%s%s", length > 0 && *name != '\0' ? "." : "", name,
      suffix);
  return length;
}

static void check_items(report *found, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const uint8_t *bytes = (const uint8_t *)message;
  size_t n = *(const size_t *)(const void *)(bytes + field->quantifier_offset);
  ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)(const void *)(bytes + field->offset);
  for (size_t i = 0; i < n; i++) {
    char index[24];
    snprintf(index, sizeof index, "[%zu]", i);
    int is_map = field->descriptor == &qdrant__vector_params_map__map_entry__descriptor;
    size_t length = push_path(found, field->name, is_map ? ".[]" : index);
    check_message(found, items[i]);
    found->path[length] = '\0';
  }
}

static void check_test(report *found, const ProtobufCMessage *message) {
  const Qdrant__FieldCondition *field = (const Qdrant__FieldCondition *)message;
  if (field->match == NULL && field->range == NULL && field->datetime_range == NULL &&
      field->geo_bounding_box == NULL && field->geo_radius == NULL && field->geo_polygon == NULL &&
      field->values_count == NULL && !field->has_is_empty && !field->has_is_null)
    add_problem(found, "Validation error: At least one field condition must be specified [{}]");
}

static void check_field(
    report *found, const rule *checked, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const void *value = (const uint8_t *)message + field->offset;
  switch (checked->kind) {
  case NESTED: check_message(found, *(const ProtobufCMessage *const *)value); return;
  case ANY_TEST: check_test(found, message); return;
  case MIN_COUNT:
    if (*(const uint64_t *)value == 0)
      add_problem(found, "min_count must be greater than 0");
    return;
  case NOT_EMPTY:
    if (**(const char *const *)value == '\0')
      add_problem(found, "value \"\" invalid, must be at least 1 characters");
    return;
  case COLLECTION_NAME: check_name(found, *(const char *const *)value, "/"); return;
  case NEW_COLLECTION_NAME: check_name(found, *(const char *const *)value, "<>:\"/\\|?*\x1f"); return;
  default: break;
  }
  if (field->type == PROTOBUF_C_TYPE_UINT64)
    check_number(found, checked, (double)*(const uint64_t *)value, 0);
  else if (field->type == PROTOBUF_C_TYPE_UINT32)
    check_number(found, checked, (double)*(const uint32_t *)value, 0);
  else if (field->type == PROTOBUF_C_TYPE_FLOAT)
    check_number(found, checked, (double)*(const float *)value, 1);
  else
    check_number(found, checked, *(const double *)value, 1);
}

static void check_rule(report *found, const rule *checked, const ProtobufCMessage *message) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(message->descriptor, checked->field);
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    check_items(found, field, message);
    return;
  }
  int is_optional = checked->kind == NESTED || checked->kind == AT_LEAST || checked->kind == BETWEEN;
  if (is_optional && !is_set(field, message))
    return;
  int is_map_value = message->descriptor == &qdrant__vector_params_map__map_entry__descriptor;
  const char *name = is_oneof_member(field) ? oneof_name(message->descriptor) : field->name;
  size_t length = push_path(found, is_map_value ? "" : name, "");
  check_field(found, checked, field, message);
  found->path[length] = '\0';
}

static void check_message(report *found, const ProtobufCMessage *message) {
  for (size_t i = 0; i < N_RULES; i++)
    if (rules[i].type == message->descriptor)
      check_rule(found, &rules[i], message);
}

qdrant_status qd_validate_request(const ProtobufCMessage *request, qdrant_error *err) {
  report found;
  found.path[0] = '\0';
  found.n_bytes = 0;
  check_message(&found, request);
  if (found.n_bytes == 0)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Validation error in body: [%s]", found.problems);
}

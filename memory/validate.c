#include "memory/validate.h"

#include "core/error.h"
#include "memory/validate_rules.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was found so far. A text that does not fit is cut: an error's message has no more room. */
typedef struct report {
  char path[160];
  char problems[480];
  size_t n_bytes;
} report;

static void check_message(report *found, const ProtobufCMessage *message);

static QDRANT_PRINTF(2, 3) void add_problem(report *found, const char *format, ...) {
  char problem[sizeof found->problems];
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

static void check_number(report *found, const qd_rule *checked, double value, int is_float) {
  int has_min = checked->kind != QD_RULE_AT_MOST;
  int has_max = checked->kind != QD_RULE_AT_LEAST && checked->kind != QD_RULE_PLAIN_AT_LEAST;
  if ((!has_min || value >= checked->min) && (!has_max || value <= checked->max))
    return;
  char text[32];
  char min[32];
  char max[32];
  number_text(value, is_float, text);
  number_text(checked->min, is_float, min);
  number_text(checked->max, is_float, max);
  if (has_min && has_max)
    add_problem(found, "value %s invalid, must be from %s to %s", text, min, max);
  else if (has_min)
    add_problem(found, "value %s invalid, must be %s or larger", text, min);
  else
    add_problem(found, "value %s invalid, must be %s or smaller", text, max);
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

static int is_map_entry(const ProtobufCMessageDescriptor *type) {
  return type->n_fields == 2 && strcmp(type->fields[0].name, "key") == 0 && strcmp(type->fields[1].name, "value") == 0;
}

static void check_items(report *found, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const uint8_t *bytes = (const uint8_t *)message;
  size_t n = *(const size_t *)(const void *)(bytes + field->quantifier_offset);
  ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)(const void *)(bytes + field->offset);
  for (size_t i = 0; i < n; i++) {
    char index[24];
    snprintf(index, sizeof index, "[%zu]", i);
    size_t length = push_path(found, field->name, is_map_entry(field->descriptor) ? ".[]" : index);
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

static void check_abilities(report *found, const ProtobufCMessage *message) {
  const Qdrant__IntegerIndexParams *params = (const Qdrant__IntegerIndexParams *)message;
  if (params->has_lookup && !params->lookup && params->has_range && !params->range)
    add_problem(found, "Validation error: the 'lookup' and 'range' capabilities can't be both disabled [{}]");
}

/* As version 1.19 checks them: 1.18 has no slices. */
static void check_slice(report *found, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const Qdrant__SliceCondition *slice = (const Qdrant__SliceCondition *)message;
  int is_total = strcmp(field->name, "total") == 0;
  if (is_total && slice->total == 0)
    add_problem(found, "Validation error: must be greater than 0 [{}]");
  if (!is_total && slice->total > 0 && slice->index >= slice->total)
    add_problem(found, "Validation error: must be less than the total number of slices [{}]");
}

static void check_list(report *found, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  if (*(const size_t *)(const void *)((const uint8_t *)message + field->quantifier_offset) > 0)
    return;
  size_t length = push_path(found, field->name, "");
  add_problem(found, "value [] invalid, must be at least 1 characters");
  found->path[length] = '\0';
}

static void check_field(
    report *found, const qd_rule *checked, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
  const void *value = (const uint8_t *)message + field->offset;
  switch (checked->kind) {
  case QD_RULE_NESTED: check_message(found, *(const ProtobufCMessage *const *)value); return;
  case QD_RULE_ANY_TEST: check_test(found, message); return;
  case QD_RULE_ABILITIES: check_abilities(found, message); return;
  case QD_RULE_SLICE: check_slice(found, field, message); return;
  case QD_RULE_MIN_COUNT:
    if (*(const uint64_t *)value == 0)
      add_problem(found, "min_count must be greater than 0");
    return;
  case QD_RULE_NOT_EMPTY:
    if (**(const char *const *)value == '\0')
      add_problem(found, "value \"\" invalid, must be at least 1 characters");
    return;
  case QD_RULE_COLLECTION_NAME: check_name(found, *(const char *const *)value, "/"); return;
  case QD_RULE_NEW_COLLECTION_NAME: check_name(found, *(const char *const *)value, "<>:\"/\\|?*\x1f"); return;
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

static void check_rule(report *found, const qd_rule *checked, const ProtobufCMessage *message) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(message->descriptor, checked->field);
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    if (checked->kind == QD_RULE_NOT_EMPTY)
      check_list(found, field, message);
    else
      check_items(found, field, message);
    return;
  }
  int is_optional = checked->kind == QD_RULE_NESTED || checked->kind == QD_RULE_AT_LEAST ||
                    checked->kind == QD_RULE_AT_MOST || checked->kind == QD_RULE_BETWEEN;
  if (is_optional && !is_set(field, message))
    return;
  int is_map_value = is_map_entry(message->descriptor);
  const char *name = is_oneof_member(field) ? qd_rule_oneof_name(message->descriptor) : field->name;
  size_t length = push_path(found, is_map_value ? "" : name, "");
  check_field(found, checked, field, message);
  found->path[length] = '\0';
}

static void check_message(report *found, const ProtobufCMessage *message) {
  for (size_t i = 0; i < qd_n_rules; i++)
    if (qd_rules[i].type == message->descriptor)
      check_rule(found, &qd_rules[i], message);
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

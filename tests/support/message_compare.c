#include "tests/support/message_compare.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct comparison {
  const message_rules *rules;
  char path[512];
} comparison;

static int compare_messages(comparison *of, const ProtobufCMessage *a, const ProtobufCMessage *b);

static int is_ignored(const message_rules *rules, const char *name) {
  for (const char *const *ignored = rules->ignored; *ignored != NULL; ignored++)
    if (strcmp(*ignored, name) == 0)
      return 1;
  return 0;
}

static int is_close(double a, double b, double tolerance) {
  if (isnan(a) || isnan(b))
    return isnan(a) && isnan(b);
  return a == b || fabs(a - b) <= tolerance * fmax(1.0, fmax(fabs(a), fabs(b)));
}

static const char *text_at(const void *member) {
  const char *text = *(const char *const *)member;
  return text != NULL ? text : "";
}

/* The size of one value in memory. */
static size_t value_bytes(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
  case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
  case PROTOBUF_C_TYPE_ENUM:
  case PROTOBUF_C_TYPE_FLOAT:
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32:
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32: return 4;
  default: return 8;
  }
}

static int compare_values(comparison *of, ProtobufCType type, const void *a, const void *b) {
  switch (type) {
  case PROTOBUF_C_TYPE_FLOAT:
    return is_close((double)*(const float *)a, (double)*(const float *)b, of->rules->tolerance);
  case PROTOBUF_C_TYPE_DOUBLE: return is_close(*(const double *)a, *(const double *)b, of->rules->tolerance);
  case PROTOBUF_C_TYPE_STRING: return strcmp(text_at(a), text_at(b)) == 0;
  case PROTOBUF_C_TYPE_BYTES: {
    const ProtobufCBinaryData *left = a;
    const ProtobufCBinaryData *right = b;
    return left->len == right->len && (left->len == 0 || memcmp(left->data, right->data, left->len) == 0);
  }
  case PROTOBUF_C_TYPE_MESSAGE: {
    const ProtobufCMessage *left = *(const ProtobufCMessage *const *)a;
    const ProtobufCMessage *right = *(const ProtobufCMessage *const *)b;
    if (left == NULL || right == NULL)
      return left == right;
    return compare_messages(of, left, right);
  }
  default: return memcmp(a, b, value_bytes(type)) == 0;
  }
}

static int is_map_entry(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_MESSAGE &&
         strstr(((const ProtobufCMessageDescriptor *)field->descriptor)->short_name, "Entry") != NULL;
}

/* An entry is equal to one of the others, wherever that stands. */
static int has_equal_entry(comparison *of, const uint8_t *entry, const uint8_t *others, size_t n) {
  for (size_t i = 0; i < n; i++) {
    comparison quiet = {.rules = of->rules};
    if (compare_values(&quiet, PROTOBUF_C_TYPE_MESSAGE, entry, others + i * sizeof(void *)))
      return 1;
  }
  return 0;
}

static int compare_lists(comparison *of, const ProtobufCFieldDescriptor *field, const uint8_t *a, const uint8_t *b) {
  size_t n_a = *(const size_t *)(const void *)(a + field->quantifier_offset);
  size_t n_b = *(const size_t *)(const void *)(b + field->quantifier_offset);
  const uint8_t *items_a = *(const uint8_t *const *)(const void *)(a + field->offset);
  const uint8_t *items_b = *(const uint8_t *const *)(const void *)(b + field->offset);
  size_t step = value_bytes(field->type);
  if (n_a != n_b)
    return 0;
  for (size_t i = 0; i < n_a; i++) {
    size_t length = strlen(of->path);
    snprintf(of->path + length, sizeof of->path - length, "[%zu]", i);
    int is_equal = is_map_entry(field) ? has_equal_entry(of, items_a + i * step, items_b, n_b)
                                       : compare_values(of, field->type, items_a + i * step, items_b + i * step);
    if (!is_equal)
      return 0;
    of->path[length] = '\0';
  }
  return 1;
}

/* A writer may leave the value of an entry out when it is an empty message. */
static int compare_entry_values(comparison *of, const uint8_t *a, const uint8_t *b) {
  const ProtobufCMessage *left = *(const ProtobufCMessage *const *)(const void *)a;
  const ProtobufCMessage *right = *(const ProtobufCMessage *const *)(const void *)b;
  if ((left == NULL) == (right == NULL))
    return compare_values(of, PROTOBUF_C_TYPE_MESSAGE, a, b);
  return protobuf_c_message_get_packed_size(left != NULL ? left : right) == 0;
}

static int is_absent(const ProtobufCFieldDescriptor *field, const uint8_t *message) {
  uint32_t present = *(const uint32_t *)(const void *)(message + field->quantifier_offset);
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
    return present != field->id;
  return field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_STRING &&
         !*(const protobuf_c_boolean *)(const void *)(message + field->quantifier_offset);
}

static int compare_members(comparison *of, const ProtobufCFieldDescriptor *field, const uint8_t *a, const uint8_t *b) {
  static const uint8_t zero[16];
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    return compare_lists(of, field, a, b);
  int is_map_entry_value = field->type == PROTOBUF_C_TYPE_MESSAGE && field->id == 2 &&
                           strstr(((const ProtobufCMessage *)(const void *)a)->descriptor->short_name, "Entry") != NULL;
  int is_absent_a = field->quantifier_offset != 0 && is_absent(field, a);
  int is_absent_b = field->quantifier_offset != 0 && is_absent(field, b);
  if (is_absent_a && is_absent_b)
    return 1;
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && is_absent_a != is_absent_b)
    return 0;
  if (is_map_entry_value)
    return compare_entry_values(of, a + field->offset, b + field->offset);
  return compare_values(
      of, field->type, is_absent_a ? zero : a + field->offset, is_absent_b ? zero : b + field->offset);
}

static int compare_messages(comparison *of, const ProtobufCMessage *a, const ProtobufCMessage *b) {
  for (unsigned i = 0; i < a->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &a->descriptor->fields[i];
    if (is_ignored(of->rules, field->name))
      continue;
    size_t length = strlen(of->path);
    snprintf(of->path + length, sizeof of->path - length, "%s%s", length > 0 ? "." : "", field->name);
    if (!compare_members(of, field, (const uint8_t *)a, (const uint8_t *)b))
      return 0;
    of->path[length] = '\0';
  }
  return 1;
}

int messages_are_equal(
    const ProtobufCMessage *a, const ProtobufCMessage *b, const message_rules *rules, char *path, size_t n_path_bytes) {
  comparison of = {.rules = rules};
  int is_equal = compare_messages(&of, a, b);
  snprintf(path, n_path_bytes, "%s", of.path);
  return is_equal;
}

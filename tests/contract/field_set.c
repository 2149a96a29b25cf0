#include "tests/contract/field_set.h"

#include "core/message_check.h"

#include <assert.h>
#include <stdlib.h>

struct field_set {
  field_mark *marks; /* the fields of a type lie side by side, in the type's order */
  size_t n;
};

field_set *field_set_new(void) {
  field_set *set = calloc(1, sizeof *set);
  assert(set);
  return set;
}

void field_set_free(field_set *set) {
  free(set->marks);
  free(set);
}

/* The first field of a type, NULL when the type is not there (or has no fields). */
static field_mark *first_of(const field_set *set, const ProtobufCMessageDescriptor *type) {
  for (size_t i = 0; i < set->n; i++)
    if (set->marks[i].type == type)
      return &set->marks[i];
  return NULL;
}

static int is_message(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_MESSAGE;
}

void field_set_add_type(field_set *set, const ProtobufCMessageDescriptor *type) {
  if (type->n_fields == 0 || first_of(set, type))
    return;
  set->marks = realloc(set->marks, (set->n + type->n_fields) * sizeof *set->marks);
  assert(set->marks);
  for (unsigned i = 0; i < type->n_fields; i++)
    set->marks[set->n++] = (field_mark){.type = type, .field = &type->fields[i]};
  for (unsigned i = 0; i < type->n_fields; i++)
    if (is_message(&type->fields[i]))
      field_set_add_type(set, type->fields[i].descriptor);
}

static void mark_below(field_set *set, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const char *member = (const char *)message + field->offset;
  if (field->label != PROTOBUF_C_LABEL_REPEATED) {
    field_set_mark(set, *(ProtobufCMessage *const *)member);
    return;
  }
  size_t n = *(const size_t *)((const char *)message + field->quantifier_offset);
  for (size_t i = 0; i < n; i++)
    field_set_mark(set, (*(ProtobufCMessage * *const *)member)[i]);
}

void field_set_mark(field_set *set, const ProtobufCMessage *message) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  field_mark *marks = first_of(set, type);
  for (unsigned i = 0; i < type->n_fields; i++) {
    if (!qd_field_is_set(message, &type->fields[i]))
      continue;
    marks[i].is_reached = 1;
    if (is_message(&type->fields[i]))
      mark_below(set, message, &type->fields[i]);
  }
}

size_t field_set_n(const field_set *set) {
  return set->n;
}

const field_mark *field_set_at(const field_set *set, size_t i) {
  return &set->marks[i];
}

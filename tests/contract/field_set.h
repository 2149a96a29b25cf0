#ifndef QD_TEST_FIELD_SET_H
#define QD_TEST_FIELD_SET_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

/* Which fields of which message types were seen set in some message. */
typedef struct field_set field_set;

/* One field of a type. */
typedef struct field_mark {
  const ProtobufCMessageDescriptor *type;
  const ProtobufCFieldDescriptor *field;
  int is_reached;
} field_mark;

field_set *field_set_new(void);
void field_set_free(field_set *set);

/* Adds the fields of a type and of all types that can be reached from it. */
void field_set_add_type(field_set *set, const ProtobufCMessageDescriptor *type);

/* Marks the fields that are set in a message and in all messages below it. Those of its type were added. */
void field_set_mark(field_set *set, const ProtobufCMessage *message);

size_t field_set_n(const field_set *set);
const field_mark *field_set_at(const field_set *set, size_t i);

#endif

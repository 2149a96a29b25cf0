#ifndef QD_MEMBER_H
#define QD_MEMBER_H

#include "core/arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The C member of a message that a descriptor describes. Callers know its type. */

static inline const void *qd_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return (const unsigned char *)message + field->offset;
}

static inline void *qd_member_to_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return (unsigned char *)message + field->offset;
}

static inline size_t qd_n_items(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(const size_t *)(const void *)((const unsigned char *)message + field->quantifier_offset);
}

static inline void qd_set_n_items(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t n) {
  *(size_t *)(void *)((unsigned char *)message + field->quantifier_offset) = n;
}

/* Of a message or string field. */
static inline void *qd_pointer_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(void *const *)qd_member(message, field);
}

static inline int qd_is_in_oneof(const ProtobufCFieldDescriptor *field) {
  return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* Number of the member that is set in the field's oneof; 0: none. */
static inline uint32_t qd_oneof_number(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(const uint32_t *)(const void *)((const unsigned char *)message + field->quantifier_offset);
}

/* The has_ flag, or which member of the oneof it is. */
static inline void qd_mark_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  void *quantifier = (unsigned char *)message + field->quantifier_offset;
  if (qd_is_in_oneof(field))
    *(uint32_t *)quantifier = field->id;
  else if (field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_STRING)
    *(protobuf_c_boolean *)quantifier = 1;
}

/* Of a field that is no list and in no oneof. */
static inline void qd_mark_absent(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING)
    *(void **)qd_member_to_set(message, field) = NULL;
  else
    *(protobuf_c_boolean *)((unsigned char *)message + field->quantifier_offset) = 0;
}

/* A shallow copy; NULL when out of memory. */
static inline ProtobufCMessage *qd_message_copy(const ProtobufCMessage *message, qd_arena *arena) {
  ProtobufCMessage *copy = qd_arena_alloc(arena, message->descriptor->sizeof_message);
  if (copy != NULL)
    memcpy(copy, message, message->descriptor->sizeof_message);
  return copy;
}

/* What one item of the field takes in a list. */
static inline size_t qd_item_bytes(const ProtobufCFieldDescriptor *field) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_DOUBLE: return 8;
  case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
  default: return 4;
  }
}

#endif

#ifndef QD_JSON_READ_H
#define QD_JSON_READ_H

#include "codec/message_json.h"

/* What the reading of one message shares. */
typedef struct qd_json_reader {
  qd_json_origin origin;
  qd_arena *arena; /* the tree's as well: texts are borrowed from it */
  qdrant_error *err;
  int is_nan_null; /* null is NaN: within a vector of a reply */
} qd_json_reader;

/* A new message of a type, by its shape. */
qdrant_status qd_json_read_message(
    qd_json_reader *in, const qd_json_node *value, const ProtobufCMessageDescriptor *type, ProtobufCMessage **message);
/* Into a message that was initialised, by its shape. */
qdrant_status qd_json_read_into(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message);
/* The same without regard to the shape's own read. */
qdrant_status qd_json_read_shape(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message);

/* A value into a field, by the field's type. */
qdrant_status qd_json_read_field(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* The same into the field of that name, which the message's type has. */
qdrant_status qd_json_read_named(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const char *name);

/* A scalar, text or message of the field's type into what lies at out: a number, char *, message pointer. */
qdrant_status qd_json_read_item(
    qd_json_reader *in, const qd_json_node *value, const ProtobufCFieldDescriptor *field, unsigned flags, void *out);

/* A list of numbers. QD_FIELD_NULL_IS_NAN among flags: null is NaN. */
qdrant_status qd_json_read_floats(
    qd_json_reader *in, const qd_json_node *value, unsigned flags, size_t *n, float **values);

/* Memory of the arena, zeroed; NULL when there is none: err says so. */
void *qd_json_alloc(qd_json_reader *in, size_t n_bytes);
qdrant_status qd_json_no_memory(qd_json_reader *in);

/* Fails: what should be there, and what is. The path is put before it on the way up. */
qdrant_status qd_json_expected(qd_json_reader *in, const qd_json_node *value, const char *expected);

#endif

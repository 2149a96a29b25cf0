#ifndef QD_JSON_WRITE_H
#define QD_JSON_WRITE_H

#include "core/text.h"
#include "qdrant/error.h"

#include <protobuf-c/protobuf-c.h>

/* What the writing of one message shares. Functions answer INVALID_ARGUMENT for a value that JSON cannot say; running
 * out of room is kept in text->has_failed alone. */
typedef struct qd_json_writer {
  qd_text *text;
  qdrant_error *err;
  int levels;      /* messages that are open */
  int is_nan_null; /* numbers that are not finite are null: within a vector of a reply */
} qd_json_writer;

/* A message by its shape, with braces where it is an object; NULL is null. */
qdrant_status qd_json_write_message(qd_json_writer *out, const ProtobufCMessage *message);
/* The same without regard to the shape's own write. */
qdrant_status qd_json_write_shape(qd_json_writer *out, const ProtobufCMessage *message);
/* Only the members, for an object that is open. */
qdrant_status qd_json_write_members(qd_json_writer *out, const ProtobufCMessage *message);

/* The key (unless NULL) and the value of a field, set or not; of a message field set. */
qdrant_status qd_json_write_field(
    qd_json_writer *out, const char *key, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* A scalar, text or message of the field's type that lies at value. */
qdrant_status qd_json_write_item(
    qd_json_writer *out, const ProtobufCFieldDescriptor *field, const void *value, unsigned flags);

/* The items of a list, for brackets that are open. */
qdrant_status qd_json_write_items(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* A comma where one is needed, then the key and a colon. */
void qd_json_write_key(qd_json_writer *out, const char *key);
/* A comma where one is needed, before an item of a list. */
void qd_json_write_comma(qd_json_writer *out);
/* Punctuation and other text that is JSON already. */
void qd_json_write_raw(qd_json_writer *out, const char *text);
void qd_json_write_string(qd_json_writer *out, const char *text);
/* A list of numbers. QD_FIELD_NULL_IS_NAN among flags: those that are not finite are null, else they are refused. */
qdrant_status qd_json_write_floats(qd_json_writer *out, const float *values, size_t n, unsigned flags);

/* ": " and what is wrong, for the path to be put before. */
qdrant_status qd_json_refuse(qd_json_writer *out, const char *format, ...) QDRANT_PRINTF(2, 3);

#endif

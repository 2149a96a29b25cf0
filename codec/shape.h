#ifndef QD_SHAPE_H
#define QD_SHAPE_H

#include "codec/json_read.h"
#include "codec/json_write.h"

/* Where the JSON of a message is not an object with the message's own field names. A type without a shape, and a field
 * without a row, need none. */

enum {
  QD_FIELD_ALWAYS = 1 << 0,      /* written when empty or zero too */
  QD_FIELD_FLAT = 1 << 1,        /* the members of this message lie in the object of the message it belongs to */
  QD_FIELD_KEYED = 1 << 2,       /* in a bare shape: {"key": value} */
  QD_FIELD_ONE_OR_MANY = 1 << 3, /* an item of the list may be read without brackets */
  QD_FIELD_OUTERMOST = 1 << 4,   /* has no JSON within another message */
  QD_FIELD_WRITE_ONLY = 1 << 5,  /* the key is read into another field */
  QD_FIELD_NULL_IS_NAN = 1 << 6  /* of a reply: numbers that are not finite are null */
};

typedef struct qd_field_shape {
  const char *name;  /* of the field; NULL ends a list */
  const char *key;   /* NULL: the field's name */
  const char *alias; /* read as well */
  unsigned flags;
  /* NULL: by the field's type. write adds key and value. */
  qdrant_status (*write)(qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
  qdrant_status (*read)(
      qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
} qd_field_shape;

typedef enum qd_shape_kind {
  QD_SHAPE_OBJECT,   /* members by name */
  QD_SHAPE_BARE,     /* a oneof: the member that is set, without its name unless the field is KEYED */
  QD_SHAPE_UNWRAPPED /* the value of the only field */
} qd_shape_kind;

enum {
  QD_SHAPE_FULL = 1 << 0,           /* every scalar is always written */
  QD_SHAPE_STRICT = 1 << 1,         /* servers refuse unknown keys */
  QD_SHAPE_NONE_IS_NULL = 1 << 2,   /* a oneof with nothing set is null */
  QD_SHAPE_NONE_IS_ABSENT = 1 << 3, /* a oneof with nothing set is left out */
  QD_SHAPE_READS_NULL = 1 << 4      /* null is a value, not an absent member */
};

typedef struct qd_shape {
  const ProtobufCMessageDescriptor *type; /* NULL ends a list */
  qd_shape_kind kind;
  unsigned flags;
  const qd_field_shape *fields; /* NULL: no rows */
  /* Of a bare shape: name of the member that a value is read into; NULL: the value fits none. */
  const char *(*choose)(const qd_json_node *value);
  const char *expected; /* what to say then: "an unsigned integer or a UUID" */
  /* In place of all the above, which write and read may still make use of (qd_json_write_shape, qd_json_read_shape). */
  qdrant_status (*write)(qd_json_writer *out, const ProtobufCMessage *message);
  qdrant_status (*read)(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message);
} qd_shape;

/* The lists of shapes, by subject. */
extern const qd_shape qd_shapes_cluster[];
extern const qd_shape qd_shapes_collection[];
extern const qd_shape qd_shapes_filter[];
extern const qd_shape qd_shapes_index[];
extern const qd_shape qd_shapes_points[];
extern const qd_shape qd_shapes_quantization[];
extern const qd_shape qd_shapes_query[];
extern const qd_shape qd_shapes_reply[];
extern const qd_shape qd_shapes_search[];
extern const qd_shape qd_shapes_value[];
extern const qd_shape qd_shapes_vector[];

/* Never NULL: a type without a shape has an empty one. Any thread. */
const qd_shape *qd_shape_of(const ProtobufCMessageDescriptor *type);

/* Never NULL: a field without a row has an empty one. */
const qd_field_shape *qd_field_shape_of(const qd_shape *shape, const ProtobufCFieldDescriptor *field);

const char *qd_field_key(const qd_field_shape *row, const ProtobufCFieldDescriptor *field);

/* Whether the field is a map: entries of key and value. */
int qd_field_is_map(const ProtobufCFieldDescriptor *field);

#endif

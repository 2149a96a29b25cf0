#ifndef QD_VALIDATE_RULES_H
#define QD_VALIDATE_RULES_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

typedef enum qd_rule_kind {
  QD_RULE_NESTED,   /* check the message or messages in the field */
  QD_RULE_AT_LEAST, /* a number not below min */
  QD_RULE_AT_MOST,
  QD_RULE_BETWEEN,        /* a number from min to max */
  QD_RULE_PLAIN_AT_LEAST, /* the same for a number that is not optional in the server's definitions: unset it is 0 */
  QD_RULE_PLAIN_BETWEEN,
  QD_RULE_MIN_COUNT,       /* of min_should */
  QD_RULE_ANY_TEST,        /* the field condition, which has the rule's field, must have one */
  QD_RULE_ABILITIES,       /* the index of integers, which has the rule's field, must have one */
  QD_RULE_SLICE,           /* both numbers of a slice, each in its turn */
  QD_RULE_NOT_EMPTY,       /* a text or a list */
  QD_RULE_COLLECTION_NAME, /* of a collection that exists */
  QD_RULE_NEW_COLLECTION_NAME
} qd_rule_kind;

/* What a field of a request must be. */
typedef struct qd_rule {
  const ProtobufCMessageDescriptor *type;
  const char *field;
  qd_rule_kind kind;
  double min;
  double max;
} qd_rule;

/* Server 1.18, lib/api/build.rs, but for the vectors of points and queries, which are checked where they are read. */
extern const qd_rule qd_rules[];
extern const size_t qd_n_rules;

/* Members of a oneof go under its name, which a descriptor does not tell. "" for a type without one. */
const char *qd_rule_oneof_name(const ProtobufCMessageDescriptor *type);

#endif

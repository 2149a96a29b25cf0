#ifndef QD_TEST_RANDOM_MESSAGE_H
#define QD_TEST_RANDOM_MESSAGE_H

#include "core/arena.h"
#include "tests/support/random.h"

#include <protobuf-c/protobuf-c.h>

/* A field that stays unset. */
typedef struct unset_field {
  const ProtobufCMessageDescriptor *type; /* NULL ends a list */
  const char *name;
} unset_field;

/* A message of a type in arena: most fields set, one member of each oneof, lists of one to three items, at most
 * n_levels messages within each other but for those that a oneof cannot do without. Numbers are finite, texts UTF-8,
 * times within the years 1 to 9999. */
ProtobufCMessage *random_message(random_source *random, const ProtobufCMessageDescriptor *type,
    const unset_field *unset, int n_levels, qd_arena *arena);

#endif

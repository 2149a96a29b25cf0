#ifndef QD_TEST_MESSAGE_COMPARE_H
#define QD_TEST_MESSAGE_COMPARE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

/* How two messages may differ and still be the same. An unset number, bool or enum equals its zero, as between the real
 * server and a client. Entries of maps come in any order. */
typedef struct message_rules {
  const char *const *ignored; /* names of fields not looked at, ended by NULL */
  double tolerance;           /* relative, for floats and doubles */
} message_rules;

/* 1 when a and b, of one type, are equal; else 0, and path says where they first differ. */
int messages_are_equal(
    const ProtobufCMessage *a, const ProtobufCMessage *b, const message_rules *rules, char *path, size_t n_path_bytes);

#endif

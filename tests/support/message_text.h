#ifndef QD_TEST_MESSAGE_TEXT_H
#define QD_TEST_MESSAGE_TEXT_H

#include "core/arena.h"

/* A message of a type from JSON text with the names of its fields, for tests that are to be read: single quotes stand
 * for double ones, a map is an object, a payload's value is written as plain JSON, and so is a point's id: {'points':
 * [{'id': 7, 'payload': {'city': 'Rome'}}]}. Lies in arena. Fails the test when the text does not fit the type. */
ProtobufCMessage *message_of(const ProtobufCMessageDescriptor *type, const char *text, qd_arena *arena);

#endif

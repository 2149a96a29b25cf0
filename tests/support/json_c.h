#ifndef QD_TEST_JSON_C_H
#define QD_TEST_JSON_C_H

#include <stddef.h>

struct json_object;

/* Parses with json-c, as a second opinion: 1, or 0 when it refuses too. It takes more than RFC 8259 and rounds integers
 * beyond 64 bits, so only what our own check lets through is to be compared. The caller puts the object back. */
int json_c_parse(const char *text, size_t n_bytes, struct json_object **object);

#endif

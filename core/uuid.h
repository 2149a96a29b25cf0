#ifndef QD_UUID_H
#define QD_UUID_H

#include <stdint.h>

/* Reads the text of a UUID in any form the server takes: hyphenated, bare, in braces, or with urn:uuid: (lower case)
 * before it. 1, or 0. */
int qd_uuid_parse(const char *text, uint8_t bytes[16]);

/* Writes the hyphenated form in lower case, 36 characters and NUL. */
void qd_uuid_format(const uint8_t bytes[16], char text[37]);

#endif

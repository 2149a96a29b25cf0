#ifndef QD_ENUM_NAMES_H
#define QD_ENUM_NAMES_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

#define QD_ENUM_NAME_MAX_BYTES 48

/* Enums in JSON: most are written snake_case, some keep the capitals of their proto names, and the "unknown" values
 * that proto has for 0 do not exist. */

typedef enum qd_enum_form { QD_ENUM_NAMED, QD_ENUM_ABSENT, QD_ENUM_UNKNOWN } qd_enum_form;

/* Writes the name of a number, ended by NUL. */
qd_enum_form qd_enum_write(const ProtobufCEnumDescriptor *type, int number, char name[QD_ENUM_NAME_MAX_BYTES]);

/* 1, or 0 when no value has that name. */
int qd_enum_read(const ProtobufCEnumDescriptor *type, const char *name, size_t n_bytes, int *number);

/* All names, as "one of a, b or c"; cut where there is no more room. */
void qd_enum_list(const ProtobufCEnumDescriptor *type, char *out, size_t max_bytes);

#endif

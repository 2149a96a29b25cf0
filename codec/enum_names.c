#include "codec/enum_names.h"

#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct enum_row {
  const ProtobufCEnumDescriptor *type;
  int keeps_capitals;
  const char *prefix; /* of every proto name, not in JSON; NULL: none */
  int zero_is_absent; /* a sentinel of proto */
} enum_row;

static const enum_row rows[] = {
    {.type = &qdrant__distance__descriptor, .keeps_capitals = 1, .zero_is_absent = 1},
    {.type = &qdrant__replica_state__descriptor, .keeps_capitals = 1},
    {.type = &qdrant__field_type__descriptor, .prefix = "FieldType"},
    {.type = &qdrant__datatype__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__memory__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__collection_status__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__payload_schema_type__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__quantization_type__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__tokenizer_type__descriptor, .zero_is_absent = 1},
    {.type = &qdrant__update_status__descriptor, .zero_is_absent = 1},
};

static const enum_row *row_of(const ProtobufCEnumDescriptor *type) {
  static const enum_row plain = {0};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (rows[i].type == type)
      return &rows[i];
  return &plain;
}

/* "AverageVector" is average_vector, "RRF" is rrf, "Scalar4Bits" is scalar4bits. */
static void write_snake(const char *proto, char name[QD_ENUM_NAME_MAX_BYTES]) {
  size_t n = 0;
  for (size_t i = 0; proto[i] != '\0' && n + 2 < QD_ENUM_NAME_MAX_BYTES; i++) {
    if (i > 0 && isupper((unsigned char)proto[i]) && islower((unsigned char)proto[i - 1]))
      name[n++] = '_';
    name[n++] = (char)tolower((unsigned char)proto[i]);
  }
  name[n] = '\0';
}

static void write_name(const enum_row *row, const char *proto, char name[QD_ENUM_NAME_MAX_BYTES]) {
  if (row->prefix != NULL)
    proto += strlen(row->prefix);
  if (row->keeps_capitals)
    snprintf(name, QD_ENUM_NAME_MAX_BYTES, "%s", proto);
  else
    write_snake(proto, name);
}

qd_enum_form qd_enum_write(const ProtobufCEnumDescriptor *type, int number, char name[QD_ENUM_NAME_MAX_BYTES]) {
  const enum_row *row = row_of(type);
  const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
  if (value == NULL)
    return QD_ENUM_UNKNOWN;
  if (number == 0 && row->zero_is_absent)
    return QD_ENUM_ABSENT;
  write_name(row, value->name, name);
  return QD_ENUM_NAMED;
}

int qd_enum_read(const ProtobufCEnumDescriptor *type, const char *name, size_t n_bytes, int *number) {
  const enum_row *row = row_of(type);
  char known[QD_ENUM_NAME_MAX_BYTES];
  for (unsigned i = 0; i < type->n_values; i++) {
    if (type->values[i].value == 0 && row->zero_is_absent)
      continue;
    write_name(row, type->values[i].name, known);
    if (strlen(known) == n_bytes && memcmp(known, name, n_bytes) == 0) {
      *number = type->values[i].value;
      return 1;
    }
  }
  return 0;
}

void qd_enum_list(const ProtobufCEnumDescriptor *type, char *out, size_t max_bytes) {
  const enum_row *row = row_of(type);
  char name[QD_ENUM_NAME_MAX_BYTES];
  size_t n = 0;
  out[0] = '\0';
  for (unsigned i = 0; i < type->n_values && n < max_bytes; i++) {
    if (type->values[i].value == 0 && row->zero_is_absent)
      continue;
    write_name(row, type->values[i].name, name);
    n += (size_t)snprintf(out + n, max_bytes - n, "%s\"%s\"",
        n == 0                    ? ""
        : i + 1 == type->n_values ? " or "
                                  : ", ",
        name);
  }
}

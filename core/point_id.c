#include "core/point_id.h"

#include "core/error.h"
#include "core/uuid.h"

#include <string.h>

#define UUID_LONGEST_TEXT_BYTES 45 /* urn:uuid: and 36 */

uint8_t *qd_point_uuid_put(uint8_t *out, const qdrant_uuid *uuid) {
  char text[QD_UUID_TEXT_BYTES + 1];
  qd_uuid_format(uuid->bytes, text);
  return qd_put_bytes(out, QD_POINT_ID_UUID, text, QD_UUID_TEXT_BYTES);
}

static int parse_uuid(const qd_wire_field *field, qdrant_uuid *uuid) {
  char text[UUID_LONGEST_TEXT_BYTES + 1];
  if (field->n_bytes > UUID_LONGEST_TEXT_BYTES)
    return 0;
  *qd_put_copy((uint8_t *)text, field->bytes, field->n_bytes) = '\0';
  return strlen(text) == field->n_bytes && qd_uuid_parse(text, uuid->bytes);
}

qdrant_status qd_point_id_get(const uint8_t *bytes, size_t n_bytes, qdrant_point_id *id, qdrant_error *err) {
  qd_wire wire = qd_wire_of(bytes, n_bytes);
  qd_wire_field field;
  qd_wire_step step;
  int is_found = 0;
  while ((step = qd_wire_next(&wire, &field)) == QD_WIRE_FIELD) {
    if (field.number == QD_POINT_ID_NUM && field.type == QD_WIRE_VARINT) {
      *id = (qdrant_point_id){.num = field.value};
    } else if (field.number == QD_POINT_ID_UUID && field.type == QD_WIRE_BYTES) {
      *id = (qdrant_point_id){.is_uuid = 1};
      if (!parse_uuid(&field, &id->uuid))
        return qd_fail(err, QDRANT_BAD_REPLY, "an id of %zu bytes is no UUID", field.n_bytes);
    } else if (field.number == QD_POINT_ID_NUM || field.number == QD_POINT_ID_UUID) {
      return qd_fail(err, QDRANT_BAD_REPLY, "an id has the wire type %u", field.type);
    } else {
      continue;
    }
    is_found = 1;
  }
  return step == QD_WIRE_END && is_found ? QDRANT_OK : qd_fail(err, QDRANT_BAD_REPLY, "a point's id cannot be read");
}

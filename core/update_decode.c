#include "core/update_decode.h"

#include "core/error.h"
#include "core/wire.h"

enum { RESPONSE_RESULT = 1, RESULT_OPERATION_ID = 1, RESULT_STATUS = 2 };

static int read_result(const qd_wire_field *result, uint64_t *operation_id, qdrant_update_status *status) {
  qd_wire wire = qd_wire_of(result->bytes, result->n_bytes);
  qd_wire_field field;
  qd_wire_step step;
  while ((step = qd_wire_next(&wire, &field)) == QD_WIRE_FIELD) {
    if (field.number != RESULT_OPERATION_ID && field.number != RESULT_STATUS)
      continue;
    if (field.type != QD_WIRE_VARINT)
      return 0;
    if (field.number == RESULT_OPERATION_ID)
      *operation_id = field.value;
    else
      *status = field.value <= INT32_MAX ? (qdrant_update_status)field.value : QDRANT_UPDATE_UNKNOWN;
  }
  return step == QD_WIRE_END;
}

qdrant_status qd_update_decode(
    const uint8_t *bytes, size_t n_bytes, uint64_t *operation_id, qdrant_update_status *status, qdrant_error *err) {
  *operation_id = 0;
  *status = QDRANT_UPDATE_UNKNOWN;
  qd_wire wire = qd_wire_of(bytes, n_bytes);
  qd_wire_field field;
  qd_wire_step step;
  while ((step = qd_wire_next(&wire, &field)) == QD_WIRE_FIELD) {
    if (field.number == RESPONSE_RESULT &&
        (field.type != QD_WIRE_BYTES || !read_result(&field, operation_id, status))) {
      step = QD_WIRE_BAD;
      break;
    }
  }
  return step == QD_WIRE_END
             ? QDRANT_OK
             : qd_fail(err, QDRANT_BAD_REPLY, "these %zu bytes are no PointsOperationResponse", n_bytes);
}

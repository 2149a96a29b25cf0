#include "core/hits_decode.h"
#include "core/payload_encode.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/fuzz/fuzz.h"

/* What was encoded must be a PointStruct that has the payload. */
static void require_readable(const qd_payload_plan *plan, qd_arena *arena) {
  size_t n_bytes = qd_payload_measure(plan, 0);
  uint8_t *bytes = malloc(n_bytes > 0 ? n_bytes : 1);
  fuzz_require(qd_payload_write(plan, 0, bytes) == bytes + n_bytes, "as long as it was measured");
  fuzz_require(
      protobuf_c_message_unpack(&qdrant__point_struct__descriptor, qd_arena_allocator(arena), n_bytes, bytes) != NULL,
      "a message");
  free(bytes);
}

/* First byte: whether the column has a key. The rest is text: refused, or encoded. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  const int64_t offsets[] = {0, (int64_t)n_bytes - 1};
  const qdrant_payload_column column = {.key = bytes[0] & 1 ? "key" : NULL,
      .kind = QDRANT_PAYLOAD_JSON,
      .values = bytes + 1,
      .offsets = offsets,
      .offset_bits = 64};
  const qd_rows rows = {.item = "point", .n = 1};
  qd_arena *arena = qd_arena_new(0);
  qd_payload_plan *plans;
  qdrant_error err = {0};
  qdrant_status status = qd_payload_check(&column, 1, &rows, &err);
  if (status == QDRANT_OK)
    status = qd_payload_plan_make(&column, 1, &rows, arena, &plans, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_INVALID_ARGUMENT, "a payload or INVALID_ARGUMENT");
  if (status == QDRANT_OK)
    require_readable(&plans[0], arena);
  qd_arena_free(arena);
  return 0;
}

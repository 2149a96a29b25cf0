#include "core/hits_decode.h"
#include "core/update_decode.h"
#include "tests/fuzz/fuzz.h"

static void require_sane(const qd_hits_page *page, const uint8_t *bytes, size_t n_bytes) {
  fuzz_require(page->starts[0] == 0 && page->starts[page->n_queries] == page->n_hits, "the queries hold all hits");
  for (size_t query = 0; query < page->n_queries; query++)
    fuzz_require(page->starts[query] <= page->starts[query + 1], "queries are in order");
  for (size_t i = 0; i < page->n_hits; i++) {
    const uint8_t *point = page->points[i];
    fuzz_require(point >= bytes && point + page->point_bytes[i] <= bytes + n_bytes, "a point lies in the reply");
    fuzz_require(page->is_uuid == NULL || !page->is_uuid[i] || page->nums[i] == 0, "an id is one thing");
  }
}

/* First byte: whether it is a batch. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  int is_batch = bytes[0] & 1;
  bytes++;
  n_bytes--;
  qd_arena *arena = qd_arena_new(0);
  qd_hits_page page;
  qdrant_error err = {0};
  qdrant_status status = qd_hits_decode(bytes, n_bytes, is_batch, arena, &page, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_BAD_REPLY, "hits or BAD_REPLY");
  if (status == QDRANT_OK)
    require_sane(&page, bytes, n_bytes);
  uint64_t operation_id;
  qdrant_update_status update_status;
  err = (qdrant_error){0};
  status = qd_update_decode(bytes, n_bytes, &operation_id, &update_status, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_BAD_REPLY, "an update or BAD_REPLY");
  qd_arena_free(arena);
  return 0;
}

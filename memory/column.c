#include "memory/column.h"

#include "core/alloc.h"

enum { LINE_BYTES = 64 };

int qd_column_reserve(qd_column *column, size_t n_slots) {
  if (n_slots > QD_MAX_SLOTS)
    return 0;
  for (; qd_chunk_first(column->n_chunks) < n_slots; column->n_chunks++) {
    size_t n_items = (size_t)QD_FIRST_CHUNK_SLOTS << column->n_chunks;
    if (n_items > (SIZE_MAX - LINE_BYTES) / column->item_bytes)
      return 0;
    uint8_t *block = qd_zalloc(n_items * column->item_bytes + LINE_BYTES);
    if (block == NULL)
      return 0;
    column->blocks[column->n_chunks] = block;
    column->chunks[column->n_chunks] = block + (LINE_BYTES - (uintptr_t)block % LINE_BYTES);
  }
  return 1;
}

void qd_column_free(qd_column *column) {
  for (size_t i = 0; i < column->n_chunks; i++)
    qd_free(column->blocks[i]);
  column->n_chunks = 0;
}

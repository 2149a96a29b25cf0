#include "memory/column.h"

#include "core/alloc.h"

int qd_column_reserve(qd_column *column, size_t n_slots) {
  if (n_slots > QD_MAX_SLOTS)
    return 0;
  for (; qd_chunk_first(column->n_chunks) < n_slots; column->n_chunks++) {
    size_t n_items = (size_t)QD_FIRST_CHUNK_SLOTS << column->n_chunks;
    if (n_items > SIZE_MAX / column->item_bytes)
      return 0;
    uint8_t *chunk = qd_zalloc(n_items * column->item_bytes);
    if (chunk == NULL)
      return 0;
    column->chunks[column->n_chunks] = chunk;
  }
  return 1;
}

void qd_column_free(qd_column *column) {
  for (size_t i = 0; i < column->n_chunks; i++)
    qd_free(column->chunks[i]);
  column->n_chunks = 0;
}

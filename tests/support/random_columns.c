#include "tests/support/random_columns.h"

#include "core/datetime.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_JSON_BYTES 8192

const uint8_t *random_bits(random_source *random, qd_arena *arena, size_t n, int may_be_null) {
  if (may_be_null && random_is(random, 2))
    return NULL;
  uint8_t *bits = qd_arena_alloc(arena, n / 8 + 1);
  for (size_t i = 0; i < n / 8 + 1; i++)
    bits[i] = (uint8_t)random_u64(random);
  return bits;
}

qdrant_uuid random_uuid(random_source *random) {
  qdrant_uuid uuid;
  for (size_t i = 0; i < sizeof uuid.bytes; i++)
    uuid.bytes[i] = (uint8_t)random_u64(random);
  return uuid;
}

static const float *random_floats(random_source *random, qd_arena *arena, size_t n) {
  float *values = qd_arena_alloc(arena, n * sizeof *values);
  for (size_t i = 0; i < n; i++)
    values[i] = random_float(random);
  return values;
}

/* The first offset is often not 0: a slice of a longer column. */
static const int64_t *random_offsets(random_source *random, qd_arena *arena, size_t n_rows, size_t n_least) {
  int64_t *offsets = qd_arena_alloc(arena, (n_rows + 1) * sizeof *offsets);
  offsets[0] = (int64_t)random_below(random, 4);
  for (size_t i = 0; i < n_rows; i++)
    offsets[i + 1] = offsets[i] + (int64_t)(n_least + random_below(random, 6));
  return offsets;
}

/* Unique within a row, sometimes rising. */
static const uint32_t *random_indices(random_source *random, qd_arena *arena, const int64_t *offsets, size_t n_rows) {
  uint32_t *indices = qd_arena_zalloc(arena, ((size_t)offsets[n_rows] + 1) * sizeof *indices);
  for (size_t row = 0; row < n_rows; row++) {
    uint32_t start = (uint32_t)random_sized(random);
    uint32_t step = random_is(random, 2) ? 1 + (uint32_t)random_below(random, 1000) : UINT32_C(2654435761);
    for (int64_t k = offsets[row]; k < offsets[row + 1]; k++)
      indices[k] = start + (uint32_t)(k - offsets[row]) * step;
  }
  return indices;
}

qdrant_vector_column random_vector_column(
    random_source *random, qd_arena *arena, qdrant_vector_kind kind, const char *name, size_t n_rows) {
  qdrant_vector_column column = {.name = name, .kind = kind};
  column.dim = 1 + (uint32_t)random_below(random, 40);
  if (kind == QDRANT_DENSE) {
    column.stride = random_is(random, 2) ? 0 : column.dim + random_below(random, 3);
    column.values = random_floats(random, arena, n_rows * (column.stride != 0 ? column.stride : column.dim));
    return column;
  }
  column.offsets = random_offsets(random, arena, n_rows, kind == QDRANT_MULTI);
  size_t width = kind == QDRANT_MULTI ? column.dim : 1;
  column.values = random_floats(random, arena, (size_t)column.offsets[n_rows] * width);
  if (kind == QDRANT_SPARSE)
    column.indices = random_indices(random, arena, column.offsets, n_rows);
  return column;
}

/* One JSON value as text; returns where it ends. */
static char *random_json(random_source *random, char *out, int levels_left) {
  switch (random_below(random, levels_left > 0 ? 8 : 6)) {
  case 0: return out + sprintf(out, "null");
  case 1: return out + sprintf(out, "%s", random_is(random, 2) ? "true" : "false");
  case 2: return out + sprintf(out, "%" PRId64, (int64_t)random_sized(random));
  case 3: return out + sprintf(out, "%.17g", random_double(random));
  case 4: return out + sprintf(out, "\"%.*s\\u0000\\n\"", (int)random_below(random, 9), "text of a");
  case 5: return out + sprintf(out, "%" PRIu64, random_u64(random));
  case 6: {
    *out++ = '[';
    for (size_t n = random_below(random, 4), i = 0; i < n; i++)
      out = random_json(random, i > 0 ? out + sprintf(out, ", ") : out, levels_left - 1);
    return out + sprintf(out, "]");
  }
  default: {
    *out++ = '{';
    for (size_t n = random_below(random, 4), i = 0; i < n; i++)
      out = random_json(random, out + sprintf(out, "%s\"member %zu\":", i > 0 ? " ," : "", i), levels_left - 1);
    return out + sprintf(out, "}");
  }
  }
}

static size_t random_json_text(random_source *random, char *text, int is_object) {
  char *out = text;
  if (!is_object)
    return (size_t)(random_json(random, out, 4) - text);
  *out++ = '{';
  for (size_t n = random_below(random, 4), i = 0; i < n; i++)
    out = random_json(random, out + sprintf(out, "%s\"own %zu\":", i > 0 ? "," : "", i), 3);
  out += sprintf(out, "}");
  return (size_t)(out - text);
}

/* All texts one after the other; the first offset may be above 0. */
static void random_texts(random_source *random, qd_arena *arena, qdrant_payload_column *column, size_t n_rows) {
  char *values = qd_arena_alloc(arena, (n_rows + 1) * MAX_JSON_BYTES);
  int64_t *wide = qd_arena_alloc(arena, (n_rows + 1) * sizeof *wide);
  int32_t *narrow = qd_arena_alloc(arena, (n_rows + 1) * sizeof *narrow);
  size_t at = random_below(random, 5);
  for (size_t row = 0; row <= n_rows; row++) {
    wide[row] = (int64_t)at;
    narrow[row] = (int32_t)at;
    if (row < n_rows) {
      at += column->kind == QDRANT_PAYLOAD_JSON ? random_json_text(random, values + at, column->key == NULL)
                                                : random_text(random, values + at, 200, 1);
    }
  }
  column->values = values;
  column->offset_bits = (uint8_t[]){0, 32, 64}[random_below(random, 3)];
  column->offsets = column->offset_bits == 64 ? (const void *)wide : narrow;
}

static int64_t random_datetime(random_source *random) {
  int64_t span = (QD_DATETIME_MAX - QD_DATETIME_MIN) / 2;
  int64_t value = (int64_t)(random_u64(random) % (uint64_t)span) * (random_is(random, 2) ? 1 : -1) / 5;
  return random_is(random, 2) ? value : value / 1000000 * 1000000;
}

qdrant_payload_column random_payload_column(
    random_source *random, qd_arena *arena, qdrant_payload_kind kind, const char *key, size_t n_rows) {
  qdrant_payload_column column = {.key = key, .kind = kind, .validity = random_bits(random, arena, n_rows, 1)};
  int64_t *integers = qd_arena_alloc(arena, n_rows * sizeof *integers);
  double *doubles = qd_arena_alloc(arena, n_rows * sizeof *doubles);
  for (size_t row = 0; row < n_rows; row++) {
    integers[row] = kind == QDRANT_PAYLOAD_DATETIME ? random_datetime(random) : (int64_t)random_sized(random);
    doubles[row] = random_double(random);
  }
  switch (kind) {
  case QDRANT_PAYLOAD_KEYWORD:
  case QDRANT_PAYLOAD_JSON: random_texts(random, arena, &column, n_rows); break;
  case QDRANT_PAYLOAD_INTEGER:
  case QDRANT_PAYLOAD_DATETIME: column.values = integers; break;
  case QDRANT_PAYLOAD_FLOAT: column.values = doubles; break;
  case QDRANT_PAYLOAD_BOOL: column.values = random_bits(random, arena, n_rows, 0); break;
  }
  return column;
}

static void random_ids(random_source *random, qd_arena *arena, qdrant_point_batch *batch, size_t n_rows) {
  uint64_t *ids = qd_arena_alloc(arena, n_rows * sizeof *ids);
  qdrant_uuid *uuids = qd_arena_alloc(arena, n_rows * sizeof *uuids);
  int is_rising = random_is(random, 2);
  for (size_t row = 0; row < n_rows; row++) {
    ids[row] = is_rising ? row * row : random_u64(random) >> random_below(random, 20);
    uuids[row] = random_uuid(random);
  }
  size_t way = random_below(random, 4);
  batch->ids = way == 1 ? NULL : ids;
  batch->uuids = way == 0 ? NULL : uuids;
  batch->is_uuid = way == 3 ? random_bits(random, arena, n_rows, 0) : NULL;
}

static void random_vectors(random_source *random, qd_arena *arena, qdrant_point_batch *batch, size_t n_rows) {
  const char *unnamed = random_is(random, 2) ? "" : NULL;
  const char *names[] = {"title", unnamed, "image \xc3\xa9", "a name that is longer than others"};
  qdrant_vector_column *columns = qd_arena_alloc(arena, 4 * sizeof *columns);
  size_t first_name = random_below(random, 4);
  batch->n_vectors = random_below(random, 5);
  for (size_t i = 0; i < batch->n_vectors; i++) {
    const char *name = names[(first_name + i) % 4];
    qdrant_vector_kind kind = (qdrant_vector_kind)random_below(random, 3);
    if (kind == QDRANT_SPARSE && name == unnamed)
      kind = QDRANT_DENSE;
    columns[i] = random_vector_column(random, arena, kind, name, n_rows);
    columns[i].validity = random_bits(random, arena, n_rows, 1);
  }
  batch->vectors = columns;
}

qdrant_point_batch random_batch(random_source *random, qd_arena *arena, size_t max_points) {
  static const char *const keys[] = {"city", "price \xe2\x82\xac", "a", "payload.nested", "when", NULL};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.first = random_is(random, 2) ? 0 : random_below(random, 20);
  batch.n_points = 1 + random_below(random, max_points);
  size_t n_rows = batch.first + batch.n_points;
  random_ids(random, arena, &batch, n_rows);
  random_vectors(random, arena, &batch, n_rows);
  qdrant_payload_column *payload = qd_arena_alloc(arena, 6 * sizeof *payload);
  batch.n_payload = random_below(random, 7);
  size_t first_key = random_below(random, 6);
  for (size_t i = 0; i < batch.n_payload; i++) {
    const char *key = keys[(first_key + i) % 6];
    qdrant_payload_kind kind = key == NULL ? QDRANT_PAYLOAD_JSON : (qdrant_payload_kind)random_below(random, 6);
    payload[i] = random_payload_column(random, arena, kind, key, n_rows);
  }
  batch.payload = payload;
  return batch;
}

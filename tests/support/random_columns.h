#ifndef QD_TEST_RANDOM_COLUMNS_H
#define QD_TEST_RANDOM_COLUMNS_H

#include "core/arena.h"
#include "qdrant/columns.h"
#include "tests/support/random.h"

/* Valid columns of random shape and content, in arena; n_rows rows each. */
qdrant_vector_column random_vector_column(
    random_source *random, qd_arena *arena, qdrant_vector_kind kind, const char *name, size_t n_rows);
qdrant_payload_column random_payload_column(
    random_source *random, qd_arena *arena, qdrant_payload_kind kind, const char *key, size_t n_rows);

/* A whole batch: numbers, UUIDs or both as ids, 0 to 4 vector columns, 0 to 6 payload columns, first often not 0. */
qdrant_point_batch random_batch(random_source *random, qd_arena *arena, size_t max_points);

/* Some of the bits set; NULL now and then when may_be_null. */
const uint8_t *random_bits(random_source *random, qd_arena *arena, size_t n, int may_be_null);

qdrant_uuid random_uuid(random_source *random);

#endif

#ifndef QD_VALUE_MAP_H
#define QD_VALUE_MAP_H

#include "memory/siphash.h"

#include <stddef.h>
#include <stdint.h>

/* A payload value that points can be counted and grouped by. */
typedef enum qd_key_kind { QD_KEY_BOOL, QD_KEY_INTEGER, QD_KEY_UUID, QD_KEY_TEXT } qd_key_kind;

typedef struct qd_key {
  qd_key_kind kind;
  int64_t integer;     /* BOOL: 0 or 1; INTEGER */
  uint8_t uuid[16];    /* UUID */
  const uint8_t *text; /* TEXT: n_bytes, borrowed */
  size_t n_bytes;
} qd_key;

/* The order of kinds, and of values of one kind. */
int qd_key_compare(const qd_key *a, const qd_key *b);

/* Numbers different keys 0, 1, … in the order in which they come. */
typedef struct qd_value_map {
  qd_key *keys; /* of each number */
  size_t n;
  size_t capacity;
  size_t *buckets; /* number + 1, or 0 */
  size_t n_buckets;
  qd_siphash_key seed;
} qd_value_map;

void qd_value_map_init(qd_value_map *map);
void qd_value_map_free(qd_value_map *map);

/* The key's number, a new one when the key is new. SIZE_MAX when out of memory. */
size_t qd_value_map_add(qd_value_map *map, const qd_key *key);

#endif

#include "memory/value_map.h"

#include "core/alloc.h"
#include "core/deadline.h"

#include <string.h>

static int compare_bytes(const void *a, size_t n_a, const void *b, size_t n_b) {
  size_t n = n_a < n_b ? n_a : n_b;
  int order = n > 0 ? memcmp(a, b, n) : 0;
  return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

int qd_key_compare(const qd_key *a, const qd_key *b) {
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->kind == QD_KEY_TEXT)
    return compare_bytes(a->text, a->n_bytes, b->text, b->n_bytes);
  if (a->kind == QD_KEY_UUID)
    return memcmp(a->uuid, b->uuid, sizeof a->uuid);
  return (a->integer > b->integer) - (a->integer < b->integer);
}

void qd_value_map_init(qd_value_map *map) {
  *map = (qd_value_map){.seed = {(uint64_t)qd_now_ns(), (uint64_t)(uintptr_t)map}};
}

void qd_value_map_free(qd_value_map *map) {
  qd_free(map->keys);
  qd_free(map->buckets);
}

static size_t hash_key(const qd_value_map *map, const qd_key *key) {
  switch (key->kind) {
  case QD_KEY_TEXT: return (size_t)qd_siphash(map->seed, key->text, key->n_bytes);
  case QD_KEY_UUID: return (size_t)qd_siphash(map->seed, key->uuid, sizeof key->uuid);
  default: return (size_t)qd_siphash(map->seed, &key->integer, sizeof key->integer);
  }
}

/* The bucket that holds the key, or the empty one where it belongs. */
static size_t *find_bucket(const qd_value_map *map, const qd_key *key) {
  size_t mask = map->n_buckets - 1;
  size_t at = hash_key(map, key) & mask;
  while (map->buckets[at] != 0 && qd_key_compare(&map->keys[map->buckets[at] - 1], key) != 0)
    at = (at + 1) & mask;
  return &map->buckets[at];
}

static int grow_keys(qd_value_map *map) {
  enum { FIRST_CAPACITY = 16 };
  if (map->n < map->capacity)
    return 1;
  size_t capacity = map->capacity > 0 ? 2 * map->capacity : FIRST_CAPACITY;
  qd_key *keys = qd_realloc(map->keys, capacity * sizeof *keys);
  if (keys == NULL)
    return 0;
  map->keys = keys;
  map->capacity = capacity;
  return 1;
}

/* Keeps at least half of the buckets empty; their number is a power of two. */
static int grow_buckets(qd_value_map *map) {
  enum { FIRST_BUCKETS = 64 };
  if (2 * (map->n + 1) <= map->n_buckets)
    return 1;
  size_t n_buckets = map->n_buckets > 0 ? 2 * map->n_buckets : FIRST_BUCKETS;
  size_t *buckets = qd_zalloc(n_buckets * sizeof *buckets);
  if (buckets == NULL)
    return 0;
  qd_free(map->buckets);
  map->buckets = buckets;
  map->n_buckets = n_buckets;
  for (size_t i = 0; i < map->n; i++)
    *find_bucket(map, &map->keys[i]) = i + 1;
  return 1;
}

size_t qd_value_map_add(qd_value_map *map, const qd_key *key) {
  if (!grow_keys(map) || !grow_buckets(map))
    return SIZE_MAX;
  size_t *bucket = find_bucket(map, key);
  if (*bucket == 0) {
    map->keys[map->n] = *key;
    *bucket = ++map->n;
  }
  return *bucket - 1;
}

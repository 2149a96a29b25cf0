#include "memory/bm25.h"

#include "core/error.h"
#include "memory/bm25_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The words of a text, as hashes. */
typedef struct words {
  uint32_t *items;
  size_t n;
  size_t capacity;
  qd_arena *arena;
} words;

static uint32_t rotate(uint32_t value, int n_bits) {
  return value << n_bits | value >> (32 - n_bits);
}

static uint32_t mix_block(uint32_t block) {
  return rotate(block * UINT32_C(0xcc9e2d51), 15) * UINT32_C(0x1b873593);
}

/* MurmurHash3 for 32 bits, seed 0. */
static uint32_t hash_bytes(const uint8_t *bytes, size_t n_bytes) {
  uint32_t hash = 0;
  size_t n_blocks = n_bytes / 4;
  for (size_t i = 0; i < n_blocks; i++) {
    const uint8_t *at = bytes + 4 * i;
    uint32_t block = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    hash = rotate(hash ^ mix_block(block), 13) * 5 + UINT32_C(0xe6546b64);
  }
  uint32_t tail = 0;
  for (size_t i = n_bytes; i > 4 * n_blocks; i--)
    tail = tail << 8 | bytes[i - 1];
  hash ^= mix_block(tail);
  hash ^= (uint32_t)n_bytes;
  hash = (hash ^ hash >> 16) * UINT32_C(0x85ebca6b);
  hash = (hash ^ hash >> 13) * UINT32_C(0xc2b2ae35);
  return hash ^ hash >> 16;
}

/* The server takes the hash for a signed number and drops the sign. */
static uint32_t index_of(const char *word, size_t n_bytes) {
  uint32_t hash = hash_bytes((const uint8_t *)word, n_bytes);
  return hash > (uint32_t)INT32_MAX ? 0 - hash : hash;
}

/* Ends the cutting when out of memory. */
static int add_word(void *user, const char *word, size_t n_bytes) {
  words *found = user;
  if (found->n == found->capacity) {
    size_t capacity = found->capacity == 0 ? 64 : 2 * found->capacity;
    uint32_t *items = qd_arena_alloc(found->arena, capacity * sizeof *items);
    if (items == NULL)
      return 1;
    if (found->n > 0)
      memcpy(items, found->items, found->n * sizeof *items);
    found->items = items;
    found->capacity = capacity;
  }
  found->items[found->n++] = index_of(word, n_bytes);
  return 0;
}

static int compare_indices(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a;
  uint32_t right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

/* What a word that is n_times in a text of n_words weighs. */
static float weigh(const qd_bm25_options *options, size_t n_times, size_t n_words) {
  double n = (double)n_times;
  double length = 1.0 - options->b + options->b * (double)n_words / options->average_words;
  return (float)(n * (options->k + 1.0) / fma(options->k, length, n));
}

/* One weight for each different word, ascending. 0 when out of memory. */
static int count_words(const qd_bm25_options *options, qd_text_kind kind, words *found, qd_vector *vector) {
  uint32_t *indices = qd_arena_alloc(found->arena, (found->n + 1) * sizeof *indices);
  float *values = qd_arena_alloc(found->arena, (found->n + 1) * sizeof *values);
  size_t n = 0;
  if (indices == NULL || values == NULL)
    return 0;
  if (found->n > 0)
    qsort(found->items, found->n, sizeof *found->items, compare_indices);
  for (size_t first = 0, end; first < found->n; first = end) {
    for (end = first + 1; end < found->n && found->items[end] == found->items[first];)
      end++;
    indices[n] = found->items[first];
    values[n++] = kind == QD_TEXT_QUERY ? 1.0F : weigh(options, end - first, found->n);
  }
  *vector = (qd_vector){.kind = QDRANT_SPARSE, .n = n, .values = values, .indices = indices};
  return 1;
}

qdrant_status qd_bm25_embed(
    const Qdrant__Document *document, qd_text_kind kind, qd_arena *arena, qd_vector *vector, qdrant_error *err) {
  qd_bm25_options options;
  qd_tokenizer *tokenizer;
  words found = {.arena = arena};
  qdrant_status status = qd_bm25_options_read(document, arena, &options, err);
  if (status == QDRANT_OK)
    status = qd_bm25_tokenizer_new(&options, arena, &tokenizer, err);
  if (status != QDRANT_OK)
    return status;
  const char *text = document->text != NULL ? document->text : "";
  int is_done = qd_tokenize(tokenizer, kind, text, strlen(text), add_word, &found) == 0 &&
                count_words(&options, kind, &found, vector);
  qd_tokenizer_free(tokenizer);
  return is_done ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the words of a text");
}

#include "client/upload_spans.h"

#include "core/alloc.h"

#include <string.h>

/* The first span that ends at `at` or later: what lies before it does not even touch. */
static size_t find(const qd_spans *spans, uint64_t at) {
  size_t low = 0, high = spans->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (spans->items[middle].end < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int make_room(qd_spans *spans) {
  if (spans->n < spans->capacity)
    return 1;
  size_t capacity = spans->capacity > 0 ? 2 * spans->capacity : 16;
  qd_span *items = qd_realloc(spans->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  spans->items = items;
  spans->capacity = capacity;
  return 1;
}

/* Puts n_new spans in the place of n_old ones. */
static void replace(qd_spans *spans, size_t at, size_t n_old, size_t n_new) {
  memmove(&spans->items[at + n_new], &spans->items[at + n_old], (spans->n - at - n_old) * sizeof *spans->items);
  spans->n = spans->n - n_old + n_new;
}

int qd_spans_add(qd_spans *spans, uint64_t first, uint64_t end) {
  if (first >= end)
    return 1;
  if (!make_room(spans))
    return 0;
  size_t at = find(spans, first), n_old = 0;
  for (; at + n_old < spans->n && spans->items[at + n_old].first <= end; n_old++) {
    const qd_span *old = &spans->items[at + n_old];
    first = old->first < first ? old->first : first;
    end = old->end > end ? old->end : end;
  }
  replace(spans, at, n_old, 1);
  spans->items[at] = (qd_span){first, end};
  return 1;
}

int qd_spans_remove(qd_spans *spans, uint64_t first, uint64_t end) {
  if (first >= end || spans->n == 0)
    return 1;
  if (!make_room(spans))
    return 0;
  qd_span left[2];
  size_t n_left = 0, n_old = 0, at = find(spans, first + 1);
  for (; at + n_old < spans->n && spans->items[at + n_old].first < end; n_old++) {
    qd_span old = spans->items[at + n_old];
    if (old.first < first)
      left[n_left++] = (qd_span){old.first, first};
    if (old.end > end)
      left[n_left++] = (qd_span){end, old.end};
  }
  replace(spans, at, n_old, n_left);
  for (size_t i = 0; i < n_left; i++)
    spans->items[at + i] = left[i];
  return 1;
}

static void close_gaps_up_to(qd_spans *spans, uint64_t limit) {
  size_t last = 0;
  for (size_t i = 1; i < spans->n; i++) {
    if (spans->items[i].first - spans->items[last].end <= limit)
      spans->items[last].end = spans->items[i].end;
    else
      spans->items[++last] = spans->items[i];
  }
  spans->n = last + 1;
}

void qd_spans_close_gaps(qd_spans *spans, size_t max) {
  for (uint64_t limit = 1; spans->n > max; limit = limit > UINT64_MAX / 4 ? UINT64_MAX : limit * 4)
    close_gaps_up_to(spans, limit);
}

uint64_t qd_spans_advance(qd_spans *spans, uint64_t from) {
  size_t n_passed = 0;
  for (; n_passed < spans->n && spans->items[n_passed].first <= from; n_passed++)
    if (spans->items[n_passed].end > from)
      from = spans->items[n_passed].end;
  if (n_passed > 0)
    replace(spans, 0, n_passed, 0);
  return from;
}

void qd_spans_free(qd_spans *spans) {
  qd_free(spans->items);
  *spans = (qd_spans){0};
}

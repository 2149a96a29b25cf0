#include "client/upload_failed.h"

#include "core/alloc.h"
#include "core/error.h"

#include <string.h>

void qd_failed_init(qd_failed *failed) {
  *failed = (qd_failed){.capacity = 1};
  failed->items = &failed->spare;
}

void qd_failed_free(qd_failed *failed) {
  if (failed->items != &failed->spare)
    qd_free(failed->items);
  qd_failed_init(failed);
}

static uint64_t end_of(const qdrant_failed_range *range) {
  return range->first_point + range->n_points;
}

/* The first range that ends behind `at`. */
static size_t find(const qd_failed *failed, uint64_t at) {
  size_t low = 0, high = failed->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (end_of(&failed->items[middle]) <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int make_room(qd_failed *failed) {
  if (failed->n < failed->capacity)
    return 1;
  size_t capacity = 4 * failed->capacity;
  int is_spare = failed->items == &failed->spare;
  qdrant_failed_range *items = qd_realloc(is_spare ? NULL : failed->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  if (is_spare)
    items[0] = failed->spare;
  failed->items = items;
  failed->capacity = capacity;
  return 1;
}

static void close_gaps_up_to(qd_failed *failed, uint64_t limit) {
  size_t last = 0;
  for (size_t i = 1; i < failed->n; i++) {
    qdrant_failed_range *left = &failed->items[last];
    if (failed->items[i].first_point - end_of(left) <= limit)
      left->n_points = end_of(&failed->items[i]) - left->first_point;
    else if (++last != i)
      failed->items[last] = failed->items[i];
  }
  failed->n = last + 1;
}

/* Down to half, so that this is not done for each range that comes. */
static void close_gaps(qd_failed *failed) {
  for (uint64_t limit = 1; failed->n > QD_FAILED_MAX / 2; limit = limit > UINT64_MAX / 4 ? UINT64_MAX : limit * 4)
    close_gaps_up_to(failed, limit);
}

static int is_same_error(const qdrant_error *one, const qdrant_error *other) {
  return one->status == other->status && one->delivery == other->delivery && one->reason == other->reason &&
         strcmp(one->message, other->message) == 0;
}

static int joins(const qdrant_failed_range *left, const qdrant_failed_range *right) {
  return end_of(left) == right->first_point && is_same_error(&left->error, &right->error);
}

/* Without room: the range before it, or the one behind it, grows over the new one. */
static void take_into_neighbour(qd_failed *failed, size_t at, const qdrant_failed_range *range) {
  qdrant_failed_range *neighbour = &failed->items[at > 0 ? at - 1 : 0];
  uint64_t end = end_of(neighbour) > end_of(range) ? end_of(neighbour) : end_of(range);
  if (range->first_point < neighbour->first_point)
    neighbour->first_point = range->first_point;
  neighbour->n_points = end - neighbour->first_point;
}

/* The range at `at` takes its right neighbour in if that touches it and has the same error. */
static void join_right(qd_failed *failed, size_t at) {
  qdrant_failed_range *left = &failed->items[at];
  if (at + 1 >= failed->n || !joins(left, left + 1))
    return;
  left->n_points += left[1].n_points;
  memmove(left + 1, left + 2, (failed->n - at - 2) * sizeof *left);
  failed->n--;
}

static void insert(qd_failed *failed, size_t at, const qdrant_failed_range *range) {
  memmove(&failed->items[at + 1], &failed->items[at], (failed->n - at) * sizeof *failed->items);
  failed->items[at] = (qdrant_failed_range){.first_point = range->first_point, .n_points = range->n_points};
  qd_error_copy(&failed->items[at].error, &range->error);
  failed->n++;
}

void qd_failed_add(qd_failed *failed, const qdrant_failed_range *range) {
  if (failed->n >= QD_FAILED_MAX)
    close_gaps(failed);
  size_t at = find(failed, range->first_point);
  if (at < failed->n && failed->items[at].first_point <= range->first_point)
    take_into_neighbour(failed, at + 1, range); /* gaps that were closed hold it already */
  else if (at > 0 && joins(&failed->items[at - 1], range))
    failed->items[--at].n_points += range->n_points;
  else if (make_room(failed))
    insert(failed, at, range);
  else
    take_into_neighbour(failed, at, range);
  join_right(failed, at);
}

void qd_failed_remove(qd_failed *failed, uint64_t first, uint64_t end) {
  size_t at = find(failed, first);
  while (at < failed->n && failed->items[at].first_point < end) {
    qdrant_failed_range *range = &failed->items[at];
    uint64_t range_end = end_of(range);
    int has_left = range->first_point<first, has_right = range_end> end;
    if (has_left && has_right) {
      qdrant_failed_range right = {.first_point = end, .n_points = range_end - end};
      qd_error_copy(&right.error, &range->error);
      range->n_points = first - range->first_point;
      if (make_room(failed))
        insert(failed, at + 1, &right);
      else
        failed->items[at].n_points = range_end - failed->items[at].first_point; /* stays whole */
      return;
    }
    if (has_left) {
      range->n_points = first - range->first_point;
      at++;
    } else if (has_right) {
      range->n_points = range_end - end;
      range->first_point = end;
      return;
    } else {
      memmove(range, range + 1, (failed->n - at - 1) * sizeof *range);
      failed->n--;
    }
  }
}

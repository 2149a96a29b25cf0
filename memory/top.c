#include "memory/top.h"

#include <math.h>

int qd_top_init(qd_top *top, size_t capacity, const qd_view *view, qd_arena *arena) {
  *top = (qd_top){.capacity = capacity, .view = view};
  if (capacity > SIZE_MAX / sizeof *top->hits)
    return 0;
  top->hits = qd_arena_alloc(arena, (capacity > 0 ? capacity : 1) * sizeof *top->hits);
  return top->hits != NULL;
}

static int is_better(const qd_top *top, qd_hit a, qd_hit b) {
  if (isnan(a.score) || isnan(b.score)) {
    if (!isnan(a.score) || !isnan(b.score))
      return isnan(a.score);
  } else if (a.score != b.score) {
    return a.score > b.score;
  }
  return qd_id_compare(qd_view_id(top->view, a.slot), qd_view_id(top->view, b.slot)) < 0;
}

/* Lets the hit at `at` sink until none below it is worse. */
static void sink(qd_top *top, size_t at, size_t n) {
  qd_hit hit = top->hits[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= n)
      break;
    if (child + 1 < n && is_better(top, top->hits[child], top->hits[child + 1]))
      child++;
    if (is_better(top, top->hits[child], hit))
      break;
    top->hits[at] = top->hits[child];
    at = child;
  }
  top->hits[at] = hit;
}

static void rise(qd_top *top, size_t at) {
  qd_hit hit = top->hits[at];
  while (at > 0 && is_better(top, top->hits[(at - 1) / 2], hit)) {
    top->hits[at] = top->hits[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  top->hits[at] = hit;
}

int qd_top_takes(const qd_top *top, qd_hit hit) {
  if (top->n < top->capacity)
    return 1;
  return top->capacity > 0 && is_better(top, hit, top->hits[0]);
}

void qd_top_add(qd_top *top, qd_hit hit) {
  if (top->n < top->capacity) {
    top->hits[top->n] = hit;
    rise(top, top->n++);
  } else {
    top->hits[0] = hit;
    sink(top, 0, top->n);
  }
}

void qd_top_sort(qd_top *top) {
  for (size_t n = top->n; n > 1; n--) {
    qd_hit worst = top->hits[0];
    top->hits[0] = top->hits[n - 1];
    sink(top, 0, n - 1);
    top->hits[n - 1] = worst;
  }
}

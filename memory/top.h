#ifndef QD_TOP_H
#define QD_TOP_H

#include "core/arena.h"
#include "memory/view.h"

typedef struct qd_hit {
  float score; /* as scored: larger is better for every distance */
  uint32_t slot;
} qd_hit;

/* The best hits of a search: a heap with the worst of them at its root. Equal scores go by id, so that an answer does
 * not depend on the order in which points came in. NaN is better than any number, as on the server. */
typedef struct qd_top {
  qd_hit *hits;
  size_t n;
  size_t capacity;
  const qd_view *view;
} qd_top;

/* 0 when out of memory. */
int qd_top_init(qd_top *top, size_t capacity, const qd_view *view, qd_arena *arena);

/* Whether a score is too low to be looked at any further: what most scores are, and so found out first. */
static inline int qd_top_is_beyond(const qd_top *top, float score) {
  return top->n == top->capacity && (top->n == 0 || score < top->hits[0].score);
}

/* Whether the hit would be kept. */
int qd_top_takes(const qd_top *top, qd_hit hit);
/* Keeps a hit that qd_top_takes said yes to. */
void qd_top_add(qd_top *top, qd_hit hit);

/* Puts the hits in order, the best first; nothing can be added afterwards. */
void qd_top_sort(qd_top *top);

#endif

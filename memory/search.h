#ifndef QD_SEARCH_H
#define QD_SEARCH_H

#include "memory/scorer.h"
#include "memory/top.h"
#include "memory/view.h"

/* One search for the best points by their vectors, prepared. */
typedef struct qd_search {
  const qd_vector_field *field;
  qd_vector vector;        /* nearness to it is the score; as the field stores it: qd_search_vector made it */
  const qd_scorer *scorer; /* unless it is NULL: the score is this one's */
  const uint32_t *slots;   /* NULL: every point is looked at; else only those in these slots */
  size_t n_slots;
  const qd_filter *filter; /* may be NULL */
  uint64_t *candidates;    /* qd_search_all's own: a bit for each slot that can have a score, or NULL: all can */
  uint32_t excluded;       /* a slot that is no answer (the point asked about), or QD_NO_SLOT */
  int has_threshold;
  float threshold; /* a final score: better ones only; not with a scorer */
  qd_top top;      /* filled, in order */
} qd_search;

/* Turns a checked query vector into what is compared with stored ones: normalised for cosine, rounded, weighted by IDF,
 * for which the points that match corpus count (NULL: all). 0 when out of memory. */
int qd_search_vector(const qd_view *view, const qd_vector_field *field, const qd_vector *query, const qd_filter *corpus,
    qd_arena *arena, qd_vector *vector);

/* Carries out searches over one store, with the view's helpers when there is much to look at. Those over the same field
 * share one pass, so that a block of rows is read from memory once for all of them. DEADLINE_EXCEEDED, NO_MEMORY. */
qdrant_status qd_search_all(
    const qd_view *view, qd_search *searches, size_t n_searches, int64_t deadline_ns, qdrant_error *err);

/* The score a reply has, of a hit's: a distance for Euclid and Manhattan, never -0. */
float qd_search_score(const qd_search *search, float score);

/* Whether a score that a reply has passes a threshold: smaller ones do for Euclid and Manhattan. */
int qd_search_passes(const qd_vector_field *field, float score, float threshold);

#endif

#include "memory/search.h"

#include "core/deadline.h"
#include "core/error.h"
#include "memory/idf.h"

#include <math.h>
#include <string.h>

/* Rows of one block fit into a level 2 cache beside the queries. */
enum { BLOCK_BYTES = 256 * 1024, MAX_BLOCK_RUNS = 16 };

static int is_smaller_better(const qd_vector_field *field) {
  return field->distance == QDRANT__DISTANCE__Euclid || field->distance == QDRANT__DISTANCE__Manhattan;
}

float qd_search_score(const qd_search *search, float score) {
  if (search->scorer != NULL || !is_smaller_better(search->field))
    return score + 0.0F;
  return search->field->distance == QDRANT__DISTANCE__Euclid ? sqrtf(fabsf(score)) : fabsf(score);
}

int qd_search_passes(const qd_vector_field *field, float score, float threshold) {
  return is_smaller_better(field) ? score < threshold : score > threshold;
}

static int passes_threshold(const qd_search *search, float score) {
  return !search->has_threshold || qd_search_passes(search->field, qd_search_score(search, score), search->threshold);
}

/* The filter comes last: most rows are no candidates by their score, and a score is cheaper than a look into a payload.
 */
static void offer(const qd_view *view, qd_search *search, float score, uint32_t slot) {
  qd_hit hit = {score, slot};
  if (!qd_top_takes(&search->top, hit) || slot == search->excluded || !passes_threshold(search, score))
    return;
  if (qd_view_matches(view, slot, search->filter))
    qd_top_add(&search->top, hit);
}

static qdrant_status fail_deadline(qdrant_error *err) {
  return qd_fail(err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed during a search");
}

/* Runs of slots one after the other, and which of their slots have rows to look at. */
typedef struct block {
  size_t first_run;
  size_t n_runs;
  uint64_t has_row[MAX_BLOCK_RUNS];
} block;

static void score_run(const qd_view *view, qd_search *search, size_t run, uint64_t has_row) {
  const qd_vector_field *field = search->field;
  size_t first = run * QD_RUN_SLOTS;
  const float *rows = qd_column_at(&field->rows, first);
  qd_metric metric = qd_metric_of(field);
  for (; has_row != 0; has_row &= has_row - 1) {
    size_t i = (size_t)__builtin_ctzll(has_row);
    float score = metric.sign * metric.kernel(search->vector.values, rows + i * field->dim, field->dim);
    if (!qd_top_is_beyond(&search->top, score))
      offer(view, search, score, (uint32_t)(first + i));
  }
}

static void score_block(const qd_view *view, qd_search *search, const block *rows) {
  for (size_t i = 0; i < rows->n_runs; i++)
    score_run(view, search, rows->first_run + i, rows->has_row[i]);
}

static size_t count_runs(const qd_view *view) {
  return (view->n_slots + QD_RUN_SLOTS - 1) / QD_RUN_SLOTS;
}

/* Makes the block of at most n_runs that begins at a run. */
static void take_block(
    const qd_view *view, const qd_vector_field *field, size_t first_run, size_t n_runs, block *rows) {
  size_t left = count_runs(view) - first_run;
  rows->first_run = first_run;
  rows->n_runs = left < n_runs ? left : n_runs;
  for (size_t i = 0; i < rows->n_runs; i++)
    rows->has_row[i] = qd_view_run(view, first_run + i) & qd_vector_field_run(field, first_run + i);
}

/* As many runs as fit into a block, at least one. */
static size_t runs_of_block(const qd_vector_field *field) {
  size_t n = BLOCK_BYTES / (QD_RUN_SLOTS * field->dim * sizeof(float));
  if (n == 0)
    return 1;
  return n < MAX_BLOCK_RUNS ? n : MAX_BLOCK_RUNS;
}

/* Whether it can share a pass over the rows of its field. */
static int is_plain(const qd_search *search) {
  return search->field->kind == QDRANT_DENSE && search->scorer == NULL && search->slots == NULL;
}

/* From searches[first] on, those over the same dense field. */
static qdrant_status scan_dense(
    const qd_view *view, qd_search *searches, size_t n_searches, int64_t deadline_ns, qdrant_error *err) {
  const qd_vector_field *field = searches[0].field;
  size_t n_runs = runs_of_block(field);
  block rows;
  for (size_t run = 0; run < count_runs(view); run += n_runs) {
    if (qd_deadline_has_passed(deadline_ns))
      return fail_deadline(err);
    take_block(view, field, run, n_runs, &rows);
    for (size_t i = 0; i < n_searches; i++)
      if (searches[i].field == field && is_plain(&searches[i]))
        score_block(view, &searches[i], &rows);
  }
  return QDRANT_OK;
}

/* A point that has no index in common with a sparse query is no hit, as on the server. */
static void score_slot(const qd_view *view, qd_search *search, uint32_t slot) {
  if (!qd_view_has(view, slot) || !qd_vector_field_has(search->field, slot))
    return;
  qd_vector stored = qd_vector_field_get(search->field, slot);
  size_t n_common = 1;
  float score = search->scorer != NULL ? qd_scorer_score(search->scorer, search->field, &stored)
                                       : qd_similarity(search->field, &search->vector, &stored, &n_common);
  if (n_common > 0)
    offer(view, search, score, slot);
}

static qdrant_status scan_slots(const qd_view *view, qd_search *search, int64_t deadline_ns, qdrant_error *err) {
  enum { SLOTS_BETWEEN_LOOKS = 256 };
  size_t n = search->slots != NULL ? search->n_slots : view->n_slots;
  for (size_t i = 0; i < n; i++) {
    if (i % SLOTS_BETWEEN_LOOKS == 0 && qd_deadline_has_passed(deadline_ns))
      return fail_deadline(err);
    score_slot(view, search, search->slots != NULL ? search->slots[i] : (uint32_t)i);
  }
  return QDRANT_OK;
}

static int is_first_over_field(const qd_search *searches, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (searches[i].field == searches[at].field && is_plain(&searches[i]))
      return 0;
  return 1;
}

qdrant_status qd_search_all(
    const qd_view *view, qd_search *searches, size_t n_searches, int64_t deadline_ns, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n_searches && status == QDRANT_OK; i++)
    if (!is_plain(&searches[i]))
      status = scan_slots(view, &searches[i], deadline_ns, err);
    else if (is_first_over_field(searches, i))
      status = scan_dense(view, searches + i, n_searches - i, deadline_ns, err);
  for (size_t i = 0; i < n_searches; i++)
    qd_top_sort(&searches[i].top);
  return status;
}

int qd_search_vector(const qd_view *view, const qd_vector_field *field, const qd_vector *query, const qd_filter *corpus,
    qd_arena *arena, qd_vector *vector) {
  *vector = *query;
  vector->kind = field->kind;
  size_t n_values = field->kind == QDRANT_SPARSE ? query->n : query->n * field->dim;
  float *values = qd_arena_alloc(arena, (n_values > 0 ? n_values : 1) * sizeof *values);
  if (values == NULL)
    return 0;
  vector->values = values;
  if (field->kind != QDRANT_SPARSE) {
    qd_vector_field_convert(field, query->values, query->n, values);
    return 1;
  }
  if (n_values > 0)
    memcpy(values, query->values, n_values * sizeof *values);
  return field->modifier != QDRANT__MODIFIER__Idf || qd_idf_weigh(view, field, query, corpus, arena, values);
}

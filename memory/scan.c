#include "memory/scan.h"

#include "core/deadline.h"

/* Rows of one block fit into a level 2 cache beside the queries. */
enum { BLOCK_BYTES = 256 * 1024, MAX_BLOCK_RUNS = 16 };

/* Runs of slots one after the other, and which of their slots are to be looked at. */
typedef struct block {
  size_t first_run;
  size_t n_runs;
  uint64_t has_vector[MAX_BLOCK_RUNS];
} block;

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

static void score_rows(const qd_view *view, qd_search *search, size_t run, uint64_t has_vector) {
  const qd_vector_field *field = search->field;
  size_t first = run * QD_RUN_SLOTS;
  const float *rows = qd_column_at(&field->rows, first);
  qd_metric metric = qd_metric_of(field);
  for (; has_vector != 0; has_vector &= has_vector - 1) {
    size_t i = (size_t)__builtin_ctzll(has_vector);
    float score = metric.sign * metric.kernel(search->vector.values, rows + i * field->dim, field->dim);
    if (!qd_top_is_beyond(&search->top, score))
      offer(view, search, score, (uint32_t)(first + i));
  }
}

/* A point that has no index in common with a sparse query is no hit, as on the server. */
static void score_slot(const qd_view *view, qd_search *search, uint32_t slot) {
  qd_vector stored = qd_vector_field_get(search->field, slot);
  size_t n_common = 1;
  float score = search->scorer != NULL ? qd_scorer_score(search->scorer, search->field, &stored)
                                       : qd_similarity(search->field, &search->vector, &stored, &n_common);
  if (n_common > 0)
    offer(view, search, score, slot);
}

static void score_run(const qd_view *view, qd_search *search, size_t run, uint64_t has_vector) {
  if (search->field->kind == QDRANT_DENSE && search->scorer == NULL) {
    score_rows(view, search, run, has_vector);
    return;
  }
  for (; has_vector != 0; has_vector &= has_vector - 1)
    score_slot(view, search, (uint32_t)(run * QD_RUN_SLOTS + (size_t)__builtin_ctzll(has_vector)));
}

static void score_block(const qd_view *view, qd_search *search, const block *rows) {
  for (size_t i = 0; i < rows->n_runs; i++) {
    size_t run = rows->first_run + i;
    score_run(
        view, search, run, rows->has_vector[i] & (search->candidates != NULL ? search->candidates[run] : UINT64_MAX));
  }
}

/* Makes a block of runs, not beyond end_run. */
static void take_block(
    const qd_view *view, const qd_vector_field *field, size_t first_run, size_t end_run, size_t n_runs, block *rows) {
  rows->first_run = first_run;
  rows->n_runs = end_run - first_run < n_runs ? end_run - first_run : n_runs;
  for (size_t i = 0; i < rows->n_runs; i++)
    rows->has_vector[i] = qd_view_run(view, first_run + i) & qd_vector_field_run(field, first_run + i);
}

/* As many runs as fit into a block, at least one. What multi-vectors and sparse ones need is not known; it is small. */
static size_t runs_of_block(const qd_vector_field *field) {
  size_t row_bytes = field->kind == QDRANT_DENSE ? field->dim * sizeof(float) : BLOCK_BYTES / QD_RUN_SLOTS;
  size_t n = BLOCK_BYTES / (QD_RUN_SLOTS * row_bytes);
  if (n == 0)
    return 1;
  return n < MAX_BLOCK_RUNS ? n : MAX_BLOCK_RUNS;
}

size_t qd_scan_count_runs(const qd_view *view) {
  return (view->n_slots + QD_RUN_SLOTS - 1) / QD_RUN_SLOTS;
}

int qd_scan_runs(const qd_view *view, qd_search *const *searches, size_t n_searches, size_t first_run, size_t end_run,
    int64_t deadline_ns) {
  const qd_vector_field *field = searches[0]->field;
  size_t n_runs = runs_of_block(field);
  block rows;
  for (size_t run = first_run; run < end_run; run += n_runs) {
    if (qd_deadline_has_passed(deadline_ns))
      return 0;
    take_block(view, field, run, end_run, n_runs, &rows);
    for (size_t i = 0; i < n_searches; i++)
      score_block(view, searches[i], &rows);
  }
  return 1;
}

int qd_scan_slots(const qd_view *view, qd_search *search, int64_t deadline_ns) {
  enum { SLOTS_BETWEEN_LOOKS = 256 };
  for (size_t i = 0; i < search->n_slots; i++) {
    if (i % SLOTS_BETWEEN_LOOKS == 0 && qd_deadline_has_passed(deadline_ns))
      return 0;
    uint32_t slot = search->slots[i];
    if (qd_view_has(view, slot) && qd_vector_field_has(search->field, slot))
      score_slot(view, search, slot);
  }
  return 1;
}

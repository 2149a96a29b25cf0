#include "core/error.h"
#include "memory/formula.h"
#include "memory/fusion.h"
#include "memory/slot_set.h"
#include "memory/source.h"
#include "memory/source_list.h"
#include "memory/source_search.h"
#include "memory/word_search.h"

static qdrant_status fail_input(qd_job *job, const char *problem) {
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: %s", problem);
}

static qdrant_status check_weights(qd_job *job, const qd_source *source) {
  if (source->kind != QD_SOURCE_RRF || source->rrf.weights == NULL || source->rrf.n_weights == source->n_prefetches)
    return QDRANT_OK;
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: Validation failed: RRF weights length (%zu) does not match number of prefetches (%zu)",
      source->rrf.n_weights, source->n_prefetches);
}

static qdrant_status check_query(qd_job *job, const qd_source *source) {
  int is_fusion = source->kind == QD_SOURCE_RRF || source->kind == QD_SOURCE_DBSF;
  if (source->kind == QD_SOURCE_IN_ORDER && source->n_prefetches > 0)
    return fail_input(
        job, "A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
  if (source->kind == QD_SOURCE_IN_ORDER && source->has_threshold)
    return fail_input(
        job, "A query is needed to use the score_threshold. Can't have score_threshold without defining a query.");
  if (source->kind == QD_SOURCE_ORDER_BY && source->has_threshold)
    return fail_input(job, "Can't use score_threshold with an order_by query.");
  if (is_fusion && source->using[0] != '\0')
    return fail_input(job, "Fusion queries cannot be combined with the 'using' field.");
  if ((is_fusion || source->kind == QD_SOURCE_FORMULA) && source->n_prefetches == 0)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: cannot apply %s without prefetches", is_fusion ? "Fusion" : "Formula");
  return check_weights(job, source);
}

static qdrant_status check_tree(qd_job *job, const qd_source *source) {
  qdrant_status status = check_query(job, source);
  for (size_t i = 0; i < source->n_prefetches && status == QDRANT_OK; i++)
    status = check_tree(job, &source->prefetches[i]);
  return status;
}

static size_t count_searches(const qd_source *source) {
  size_t n = source->n_prefetches == 0 && qd_source_compares_vectors(source);
  for (size_t i = 0; i < source->n_prefetches; i++)
    n += count_searches(&source->prefetches[i]);
  return n;
}

/* Gives each leaf that compares vectors the next of the searches. */
static qdrant_status prepare_leaves(qd_job *job, const qd_view *view, qd_search **next, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < source->n_prefetches && status == QDRANT_OK; i++)
    status = prepare_leaves(job, view, next, &source->prefetches[i]);
  if (status != QDRANT_OK || source->n_prefetches > 0 || !qd_source_compares_vectors(source))
    return status;
  source->search = (*next)++;
  return qd_source_prepare_search(job, view, NULL, 0, source);
}

/* The points that the sources below found, each once. NULL when out of memory. */
static uint32_t *gather_slots(qd_job *job, const qd_source *source, size_t *n) {
  size_t n_hits = 0;
  for (size_t i = 0; i < source->n_prefetches; i++)
    n_hits += source->prefetches[i].hits.n;
  uint32_t *slots = qd_arena_alloc(job->arena, (n_hits + 1) * sizeof *slots);
  if (slots == NULL)
    return NULL;
  size_t n_slots = 0;
  for (size_t i = 0; i < source->n_prefetches; i++)
    for (size_t j = 0; j < source->prefetches[i].hits.n; j++)
      slots[n_slots++] = source->prefetches[i].hits.items[j].slot;
  *n = qd_slot_set_make(slots, n_slots);
  return slots;
}

static qdrant_status search_again(
    qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, qd_source *source) {
  source->search = qd_arena_alloc(job->arena, sizeof *source->search);
  if (source->search == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_source_prepare_search(job, view, slots, n, source);
  if (status == QDRANT_OK)
    status = qd_search_all(view, source->search, 1, job->deadline_ns, job->err);
  return status == QDRANT_OK ? qd_source_finish_search(job, source) : status;
}

static qdrant_status merge(qd_job *job, const qd_reader *reader, qd_source *source) {
  if (source->kind == QD_SOURCE_RRF || source->kind == QD_SOURCE_DBSF)
    return qd_fuse(job, &reader->view, source);
  size_t n;
  uint32_t *slots = gather_slots(job, source, &n);
  if (slots == NULL)
    return qd_job_fail_memory(job);
  if (source->kind == QD_SOURCE_FORMULA)
    return qd_formula_rescore(job, &reader->view, slots, n, source);
  if (source->kind == QD_SOURCE_WORDS)
    return qd_word_search(job, reader, slots, n, source);
  if (qd_source_compares_vectors(source))
    return search_again(job, &reader->view, slots, n, source);
  return qd_source_list(job, reader, slots, n, source);
}

/* From the leaves up, after their searches. */
static qdrant_status finish(qd_job *job, const qd_reader *reader, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < source->n_prefetches && status == QDRANT_OK; i++)
    status = finish(job, reader, &source->prefetches[i]);
  if (status != QDRANT_OK)
    return status;
  if (source->n_prefetches > 0)
    return merge(job, reader, source);
  if (qd_source_compares_vectors(source))
    return qd_source_finish_search(job, source);
  if (source->kind == QD_SOURCE_WORDS)
    return qd_word_search(job, reader, NULL, 0, source);
  return qd_source_list(job, reader, NULL, 0, source);
}

qdrant_status qd_sources_run(qd_job *job, const qd_reader *reader, qd_source *const *roots, size_t n) {
  size_t n_searches = 0;
  for (size_t i = 0; i < n; i++)
    n_searches += count_searches(roots[i]);
  qd_search *searches = qd_arena_alloc(job->arena, (n_searches + 1) * sizeof *searches);
  if (searches == NULL)
    return qd_job_fail_memory(job);
  qd_search *next = searches;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    status = check_tree(job, roots[i]);
    if (status == QDRANT_OK)
      status = prepare_leaves(job, &reader->view, &next, roots[i]);
  }
  if (status == QDRANT_OK)
    status = qd_search_all(&reader->view, searches, n_searches, job->deadline_ns, job->err);
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = finish(job, reader, roots[i]);
  return status;
}

#include "memory/source_search.h"

#include "core/error.h"
#include "memory/average.h"
#include "memory/mmr.h"

int qd_source_compares_vectors(const qd_source *source) {
  return source->kind >= QD_SOURCE_NEAREST && source->kind <= QD_SOURCE_MMR;
}

static qdrant_status check_idf(qd_job *job, const qd_vector_field *field, const qd_source *source) {
  if (!source->has_idf || field->modifier == QDRANT__MODIFIER__Idf)
    return QDRANT_OK;
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: Validation failed: search param `idf` requires a sparse vector with the `idf` modifier, which "
      "vector "
      "\"%s\" is not",
      source->using);
}

static qdrant_status check_examples(qd_job *job, const qd_vector_field *field, const qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < source->n_examples && status == QDRANT_OK; i++)
    status = qd_vector_field_check(field, &source->examples[i].vector, job->err);
  return status;
}

/* What plain searches look for; for others it is not needed. */
static qdrant_status set_vector(qd_job *job, const qd_view *view, qd_source *source) {
  qd_search *search = source->search;
  qd_vector average;
  const qd_vector *query = &source->examples[0].vector;
  if (source->kind == QD_SOURCE_AVERAGE) {
    if (!qd_average(search->field, source->examples, source->n_examples, source->n_positive, job->arena, &average))
      return qd_job_fail_memory(job);
    query = &average;
  }
  return qd_search_vector(view, search->field, query, source->corpus, job->arena, &search->vector)
             ? QDRANT_OK
             : qd_job_fail_memory(job);
}

static const float *recommend_weights(qd_job *job, const qd_source *source) {
  float *weights = qd_arena_alloc(job->arena, (source->n_examples + 1) * sizeof *weights);
  for (size_t i = 0; weights != NULL && i < source->n_examples; i++)
    weights[i] = i < source->n_positive ? 1.0F : -1.0F;
  return weights;
}

static int set_kind(qd_job *job, const qd_source *source, qd_scorer *scorer) {
  switch (source->kind) {
  case QD_SOURCE_BEST_SCORE: scorer->kind = QD_SCORE_BEST; return 1;
  case QD_SOURCE_DISCOVER: scorer->kind = QD_SCORE_DISCOVER; return 1;
  case QD_SOURCE_CONTEXT: scorer->kind = QD_SCORE_CONTEXT; return 1;
  default: break;
  }
  scorer->kind = QD_SCORE_WEIGHTED;
  scorer->weights = source->kind == QD_SOURCE_FEEDBACK ? source->example_weights : recommend_weights(job, source);
  return scorer->weights != NULL;
}

static qdrant_status set_scorer(qd_job *job, const qd_view *view, qd_source *source) {
  qd_scorer *scorer = qd_arena_alloc(job->arena, sizeof *scorer);
  qd_vector *vectors = qd_arena_alloc(job->arena, (source->n_examples + 1) * sizeof *vectors);
  if (scorer == NULL || vectors == NULL)
    return qd_job_fail_memory(job);
  *scorer = (qd_scorer){.vectors = vectors, .n = source->n_examples, .n_positive = source->n_positive};
  if (!set_kind(job, source, scorer))
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < source->n_examples; i++)
    if (!qd_search_vector(
            view, source->search->field, &source->examples[i].vector, source->corpus, job->arena, &vectors[i]))
      return qd_job_fail_memory(job);
  source->search->scorer = scorer;
  return QDRANT_OK;
}

static int is_plain(const qd_source *source) {
  return source->kind == QD_SOURCE_NEAREST || source->kind == QD_SOURCE_AVERAGE || source->kind == QD_SOURCE_MMR;
}

static size_t n_wanted(const qd_source *source, size_t n_points) {
  size_t n = source->kind == QD_SOURCE_MMR ? source->mmr.n_candidates : (size_t)source->limit;
  return n < n_points ? n : n_points;
}

qdrant_status qd_source_prepare_search(
    qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, qd_source *source) {
  const qd_vector_field *field = qd_view_get_field(view, source->using, job->err);
  if (field == NULL)
    return QDRANT_INVALID_ARGUMENT;
  qd_search *search = source->search;
  *search = (qd_search){.field = field,
      .slots = slots,
      .n_slots = n,
      .filter = source->filter,
      .excluded = QD_NO_SLOT,
      .has_threshold = source->has_threshold && is_plain(source),
      .threshold = source->threshold};
  if (!qd_top_init(&search->top, n_wanted(source, slots != NULL ? n : view->n_points), view, job->arena))
    return qd_job_fail_memory(job);
  qdrant_status status = qd_source_resolve(job, view, source);
  if (status == QDRANT_OK)
    status = check_examples(job, field, source);
  if (status == QDRANT_OK)
    status = check_idf(job, field, source);
  if (status != QDRANT_OK)
    return status;
  return is_plain(source) ? set_vector(job, view, source) : set_scorer(job, view, source);
}

/* With examples the server compares scores, of which larger ones are better, with the threshold as it does distances,
 * and ends at the first that does not pass. */
static void cut_at_threshold(qd_source *source) {
  size_t n = 0;
  while (n < source->hits.n && qd_search_passes(source->search->field, source->hits.items[n].score, source->threshold))
    n++;
  source->hits.n = n;
}

qdrant_status qd_source_finish_search(qd_job *job, qd_source *source) {
  const qd_search *search = source->search;
  source->hits = (qd_hits){search->top.hits, search->top.n};
  for (size_t i = 0; i < source->hits.n; i++)
    source->hits.items[i].score = qd_search_score(search, source->hits.items[i].score);
  if (source->has_threshold && !is_plain(source))
    cut_at_threshold(source);
  return source->kind == QD_SOURCE_MMR ? qd_mmr_pick(job, source) : QDRANT_OK;
}

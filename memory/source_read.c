#include "core/error.h"
#include "memory/filter_merge.h"
#include "memory/formula.h"
#include "memory/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 10, DEFAULT_RRF_K = 2, MAX_DEPTH = 64 };

qdrant_status qd_source_read_params(qd_job *job, const Qdrant__SearchParams *params, qd_source *source) {
  source->has_idf = params != NULL && params->idf != NULL;
  return source->has_idf ? qd_job_filter(job, params->idf->corpus, &source->corpus) : QDRANT_OK;
}

static qdrant_status fail_missing(qd_job *job, const char *what) {
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "%s is missing", what);
}

static qdrant_status reserve_examples(qd_job *job, qd_source *source, size_t n) {
  source->n_examples = 0;
  source->examples = qd_arena_alloc(job->arena, (n + 1) * sizeof *source->examples);
  return source->examples != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

/* There is room. name: what the server calls it when it is missing. */
static qdrant_status add_example(qd_job *job, const Qdrant__VectorInput *message, const char *name, qd_source *source) {
  if (message == NULL)
    return fail_missing(job, name);
  qdrant_status status = qd_example_read(job, message, &source->examples[source->n_examples]);
  source->n_examples += status == QDRANT_OK;
  return status;
}

static qdrant_status read_nearest(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->kind = QD_SOURCE_NEAREST;
  qdrant_status status = reserve_examples(job, source, 1);
  return status == QDRANT_OK ? add_example(job, message->nearest, "nearest vector", source) : status;
}

static qdrant_status read_mmr(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  const Qdrant__NearestInputWithMmr *input = message->nearest_with_mmr;
  source->kind = QD_SOURCE_MMR;
  qdrant_status status = reserve_examples(job, source, 1);
  if (status == QDRANT_OK)
    status = add_example(job, input->nearest, "nearest vector", source);
  if (status != QDRANT_OK)
    return status;
  if (input->mmr == NULL)
    return fail_missing(job, "mmr");
  source->mmr.lambda = input->mmr->has_diversity ? 1.0F - input->mmr->diversity : 0.5F;
  source->mmr.n_candidates = input->mmr->has_candidates_limit ? input->mmr->candidates_limit : (size_t)source->limit;
  return QDRANT_OK;
}

qd_source_kind qd_source_recommend_kind(int has_strategy, Qdrant__RecommendStrategy strategy) {
  if (!has_strategy)
    return QD_SOURCE_AVERAGE;
  switch (strategy) {
  case QDRANT__RECOMMEND_STRATEGY__BestScore: return QD_SOURCE_BEST_SCORE;
  case QDRANT__RECOMMEND_STRATEGY__SumScores: return QD_SOURCE_SUM_SCORES;
  default: return QD_SOURCE_AVERAGE;
  }
}

static qdrant_status read_recommend(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  const Qdrant__RecommendInput *input = message->recommend;
  source->kind = qd_source_recommend_kind(input->has_strategy, input->strategy);
  source->n_positive = input->n_positive;
  qdrant_status status = reserve_examples(job, source, input->n_positive + input->n_negative);
  for (size_t i = 0; i < input->n_positive && status == QDRANT_OK; i++)
    status = add_example(job, input->positive[i], "positive", source);
  for (size_t i = 0; i < input->n_negative && status == QDRANT_OK; i++)
    status = add_example(job, input->negative[i], "negative", source);
  return status;
}

/* There is room. */
static qdrant_status add_pairs(qd_job *job, const Qdrant__ContextInput *context, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < context->n_pairs && status == QDRANT_OK; i++) {
    status = add_example(job, context->pairs[i]->positive, "ContextPair positive", source);
    if (status == QDRANT_OK)
      status = add_example(job, context->pairs[i]->negative, "ContextPair negative", source);
  }
  return status;
}

static qdrant_status read_discover(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  const Qdrant__DiscoverInput *input = message->discover;
  source->kind = QD_SOURCE_DISCOVER;
  qdrant_status status = reserve_examples(job, source, input->context != NULL ? 1 + 2 * input->context->n_pairs : 1);
  if (status == QDRANT_OK)
    status = add_example(job, input->target, "DiscoverInput target", source);
  if (status == QDRANT_OK && input->context == NULL)
    return fail_missing(job, "DiscoverInput context");
  return status == QDRANT_OK ? add_pairs(job, input->context, source) : status;
}

static qdrant_status read_context(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->kind = QD_SOURCE_CONTEXT;
  qdrant_status status = reserve_examples(job, source, 2 * message->context->n_pairs);
  return status == QDRANT_OK ? add_pairs(job, message->context, source) : status;
}

/* Every two examples with different scores pull towards the better one, so that an example's share in the score is one
 * number: what it gets as the better of a pair less what it gives as the worse. */
static float weigh_feedback(
    const Qdrant__RelevanceFeedbackInput *input, const Qdrant__NaiveFeedbackStrategy *naive, size_t at) {
  double weight = 0;
  for (size_t i = 0; i < input->n_feedback; i++) {
    double confidence = (double)input->feedback[at]->score - (double)input->feedback[i]->score;
    double pull = pow(fabs(confidence), (double)naive->b) * (double)naive->c;
    weight += confidence > 0 ? pull : confidence < 0 ? -pull : 0;
  }
  return (float)weight;
}

static qdrant_status read_feedback(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  const Qdrant__RelevanceFeedbackInput *input = message->relevance_feedback;
  source->kind = QD_SOURCE_FEEDBACK;
  source->example_weights = qd_arena_alloc(job->arena, (input->n_feedback + 1) * sizeof *source->example_weights);
  qdrant_status status = reserve_examples(job, source, input->n_feedback + 1);
  if (source->example_weights == NULL)
    return qd_job_fail_memory(job);
  if (status == QDRANT_OK)
    status = add_example(job, input->target, "target", source);
  for (size_t i = 0; i < input->n_feedback && status == QDRANT_OK; i++)
    status = add_example(job, input->feedback[i]->example, "feedback example", source);
  if (status != QDRANT_OK)
    return status;
  if (input->strategy == NULL)
    return fail_missing(job, "strategy");
  if (input->strategy->variant_case != QDRANT__FEEDBACK_STRATEGY__VARIANT_NAIVE)
    return fail_missing(job, "FeedbackStrategy variant");
  source->example_weights[0] = input->strategy->naive->a;
  for (size_t i = 0; i < input->n_feedback; i++)
    source->example_weights[i + 1] = weigh_feedback(input, input->strategy->naive, i);
  return QDRANT_OK;
}

static qdrant_status read_fusion(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->rrf.k = DEFAULT_RRF_K;
  switch ((int)message->fusion) {
  case QDRANT__FUSION__RRF: source->kind = QD_SOURCE_RRF; return QDRANT_OK;
  case QDRANT__FUSION__DBSF: source->kind = QD_SOURCE_DBSF; return QDRANT_OK;
  default: return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "invalid fusion type value %d", (int)message->fusion);
  }
}

static qdrant_status read_rrf(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  (void)job;
  source->kind = QD_SOURCE_RRF;
  source->rrf.k = message->rrf->has_k ? message->rrf->k : DEFAULT_RRF_K;
  source->rrf.n_weights = message->rrf->n_weights;
  source->rrf.weights = message->rrf->n_weights > 0 ? message->rrf->weights : NULL;
  return QDRANT_OK;
}

static qdrant_status read_formula(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->kind = QD_SOURCE_FORMULA;
  return qd_formula_read(job, message->formula, &source->formula);
}

static qdrant_status read_order_by(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->kind = QD_SOURCE_ORDER_BY;
  return qd_order_by_read(message->order_by, job->arena, &source->order, job->err);
}

static qdrant_status read_sample(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  source->kind = QD_SOURCE_SAMPLE;
  if (message->sample == QDRANT__SAMPLE__Random)
    return QDRANT_OK;
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "invalid sample type value %d", (int)message->sample);
}

static qdrant_status read_words(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  (void)job;
  source->kind = QD_SOURCE_WORDS;
  source->text = message->text;
  return QDRANT_OK;
}

static const struct {
  Qdrant__Query__VariantCase variant;
  qdrant_status (*read)(qd_job *job, const Qdrant__Query *message, qd_source *source);
} variants[] = {
    {QDRANT__QUERY__VARIANT_NEAREST, read_nearest},
    {QDRANT__QUERY__VARIANT_NEAREST_WITH_MMR, read_mmr},
    {QDRANT__QUERY__VARIANT_RECOMMEND, read_recommend},
    {QDRANT__QUERY__VARIANT_DISCOVER, read_discover},
    {QDRANT__QUERY__VARIANT_CONTEXT, read_context},
    {QDRANT__QUERY__VARIANT_RELEVANCE_FEEDBACK, read_feedback},
    {QDRANT__QUERY__VARIANT_FUSION, read_fusion},
    {QDRANT__QUERY__VARIANT_RRF, read_rrf},
    {QDRANT__QUERY__VARIANT_FORMULA, read_formula},
    {QDRANT__QUERY__VARIANT_ORDER_BY, read_order_by},
    {QDRANT__QUERY__VARIANT_SAMPLE, read_sample},
    {QDRANT__QUERY__VARIANT_TEXT, read_words},
};

static qdrant_status read_variant(qd_job *job, const Qdrant__Query *message, qd_source *source) {
  for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
    if (message->variant_case == variants[i].variant)
      return variants[i].read(job, message, source);
  return fail_missing(job, "Query variant");
}

static qdrant_status read_at_depth(qd_job *job, const qd_source_message *message, size_t depth, qd_source *source);

static qdrant_status read_prefetches(qd_job *job, const qd_source_message *message, size_t depth, qd_source *source) {
  if (message->n_prefetches == 0)
    return QDRANT_OK;
  if (depth == MAX_DEPTH)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: prefetches depth %d exceeds max depth %d", MAX_DEPTH + 1, MAX_DEPTH);
  source->prefetches = qd_arena_alloc(job->arena, message->n_prefetches * sizeof *source->prefetches);
  if (source->prefetches == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = QDRANT_OK;
  for (; source->n_prefetches < message->n_prefetches && status == QDRANT_OK; source->n_prefetches++)
    status = read_at_depth(job, QD_SOURCE_MESSAGE(message->prefetches[source->n_prefetches]), depth + 1,
        &source->prefetches[source->n_prefetches]);
  return status;
}

static qdrant_status read_at_depth(qd_job *job, const qd_source_message *message, size_t depth, qd_source *source) {
  *source = (qd_source){.using = message->using != NULL ? message->using : "",
      .lookup = message->lookup,
      .filter_message = message->filter,
      .limit = message->has_limit ? message->limit : DEFAULT_LIMIT,
      .has_threshold = message->has_threshold,
      .threshold = message->threshold};
  qdrant_status status = qd_source_read_params(job, message->params, source);
  if (status == QDRANT_OK && message->query != NULL)
    status = read_variant(job, message->query, source);
  return status == QDRANT_OK ? read_prefetches(job, message, depth, source) : status;
}

qdrant_status qd_source_read(qd_job *job, const qd_source_message *message, qd_source *source) {
  return read_at_depth(job, message, 0, source);
}

#include "memory/filter_merge.h"

#include <string.h>

typedef struct condition_list {
  size_t *n;
  Qdrant__Condition ***items;
} condition_list;

/* Sets `merged` to the conditions of two lists. 0 when out of memory. */
static int join(qd_job *job, size_t n_outer, Qdrant__Condition **outer, size_t n_inner, Qdrant__Condition **inner,
    condition_list merged) {
  *merged.n = n_outer + n_inner;
  *merged.items = qd_arena_alloc(job->arena, (n_outer + n_inner + 1) * sizeof(Qdrant__Condition *));
  if (*merged.items == NULL)
    return 0;
  if (n_outer > 0)
    memcpy(*merged.items, outer, n_outer * sizeof *outer);
  if (n_inner > 0)
    memcpy(*merged.items + n_outer, inner, n_inner * sizeof *inner);
  return 1;
}

static Qdrant__MinShould *join_min_should(qd_job *job, Qdrant__MinShould *outer, Qdrant__MinShould *inner) {
  if (outer == NULL || inner == NULL)
    return outer != NULL ? outer : inner;
  Qdrant__MinShould *merged = qd_job_message(job, &qdrant__min_should__descriptor);
  if (merged == NULL || !join(job, outer->n_conditions, outer->conditions, inner->n_conditions, inner->conditions,
                            (condition_list){&merged->n_conditions, &merged->conditions}))
    return NULL;
  merged->has_min_count = 1;
  merged->min_count = outer->min_count > inner->min_count ? outer->min_count : inner->min_count;
  return merged;
}

static int join_filters(qd_job *job, const Qdrant__Filter *outer, const Qdrant__Filter *inner, Qdrant__Filter *merged) {
  merged->min_should = join_min_should(job, outer->min_should, inner->min_should);
  int is_lost = merged->min_should == NULL && (outer->min_should != NULL || inner->min_should != NULL);
  return !is_lost &&
         join(job, outer->n_must, outer->must, inner->n_must, inner->must,
             (condition_list){&merged->n_must, &merged->must}) &&
         join(job, outer->n_must_not, outer->must_not, inner->n_must_not, inner->must_not,
             (condition_list){&merged->n_must_not, &merged->must_not}) &&
         join(job, outer->n_should, outer->should, inner->n_should, inner->should,
             (condition_list){&merged->n_should, &merged->should});
}

qdrant_status qd_filter_merge(
    qd_job *job, const Qdrant__Filter *outer, const Qdrant__Filter *inner, const Qdrant__Filter **merged) {
  *merged = outer != NULL ? outer : inner;
  if (outer == NULL || inner == NULL)
    return QDRANT_OK;
  Qdrant__Filter *joined = qd_job_message(job, &qdrant__filter__descriptor);
  if (joined == NULL || !join_filters(job, outer, inner, joined))
    return qd_job_fail_memory(job);
  *merged = joined;
  return QDRANT_OK;
}

/* A list of one condition, has_id. */
static Qdrant__Condition **list_of_ids(qd_job *job, Qdrant__PointId **ids, size_t n) {
  Qdrant__Condition **list = qd_arena_alloc(job->arena, sizeof(Qdrant__Condition *));
  Qdrant__Condition *condition = qd_job_message(job, &qdrant__condition__descriptor);
  Qdrant__HasIdCondition *has_id = qd_job_message(job, &qdrant__has_id_condition__descriptor);
  if (list == NULL || condition == NULL || has_id == NULL)
    return NULL;
  has_id->n_has_id = n;
  has_id->has_id = ids;
  condition->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID;
  condition->has_id = has_id;
  list[0] = condition;
  return list;
}

Qdrant__Filter *qd_filter_without_ids(qd_job *job, Qdrant__PointId **ids, size_t n) {
  Qdrant__Filter *filter = qd_job_message(job, &qdrant__filter__descriptor);
  if (filter == NULL)
    return NULL;
  filter->n_must_not = 1;
  filter->must_not = list_of_ids(job, ids, n);
  return filter->must_not != NULL ? filter : NULL;
}

Qdrant__Filter *qd_filter_of_ids(qd_job *job, Qdrant__PointId **ids, size_t n) {
  Qdrant__Filter *filter = qd_job_message(job, &qdrant__filter__descriptor);
  if (filter == NULL)
    return NULL;
  filter->n_must = 1;
  filter->must = list_of_ids(job, ids, n);
  return filter->must != NULL ? filter : NULL;
}

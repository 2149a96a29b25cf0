#include "memory/filter.h"

#include "core/error.h"
#include "memory/match.h"

#include <stdlib.h>

/* Filters within filters; deeper ones are refused, since they are walked recursively. */
enum { MAX_DEPTH = 64 };

typedef struct condition {
  const Qdrant__Condition *message;
  qd_path path;            /* FIELD, IS_EMPTY, IS_NULL; NESTED: with `[]` at its end */
  const qd_id *ids;        /* HAS_ID: ascending */
  size_t n_ids;            /* HAS_ID */
  const qd_filter *filter; /* FILTER, NESTED */
} condition;

typedef struct conditions {
  condition *items;
  size_t n;
} conditions;

struct qd_filter {
  conditions must;
  conditions must_not;
  conditions should;
  conditions min_should;
  uint64_t min_count; /* of min_should; 0 without one */
};

static qdrant_status prepare_filter(
    const Qdrant__Filter *message, size_t depth, qd_arena *arena, const qd_filter **filter, qdrant_error *err);

static int compare_ids(const void *a, const void *b) {
  return qd_id_compare(a, b);
}

static qdrant_status prepare_ids(
    const Qdrant__HasIdCondition *message, qd_arena *arena, condition *made, qdrant_error *err) {
  qd_id *ids;
  qdrant_status status = qd_ids_read(message->n_has_id, message->has_id, arena, &ids, err);
  if (status != QDRANT_OK)
    return status;
  qsort(ids, message->n_has_id, sizeof *ids, compare_ids);
  made->ids = ids;
  made->n_ids = message->n_has_id;
  return QDRANT_OK;
}

static qdrant_status prepare_nested(
    const Qdrant__NestedCondition *message, size_t depth, qd_arena *arena, condition *made, qdrant_error *err) {
  static const Qdrant__Filter any = QDRANT__FILTER__INIT;
  qdrant_status status = qd_path_parse(message->key, arena, &made->path, err);
  if (status == QDRANT_OK)
    status = qd_path_each(&made->path, arena, &made->path, err);
  if (status == QDRANT_OK)
    status = prepare_filter(message->filter != NULL ? message->filter : &any, depth + 1, arena, &made->filter, err);
  return status;
}

static qdrant_status prepare_condition(
    const Qdrant__Condition *message, size_t depth, qd_arena *arena, condition *made, qdrant_error *err) {
  *made = (condition){.message = message};
  switch (message->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD: {
    qdrant_status status = qd_field_check(message->field, err);
    return status == QDRANT_OK ? qd_path_parse(message->field->key, arena, &made->path, err) : status;
  }
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY:
    return qd_path_parse(message->is_empty->key, arena, &made->path, err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL:
    return qd_path_parse(message->is_null->key, arena, &made->path, err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID: return prepare_ids(message->has_id, arena, made, err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_VECTOR: return QDRANT_OK;
  case QDRANT__CONDITION__CONDITION_ONE_OF_NESTED: return prepare_nested(message->nested, depth, arena, made, err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_FILTER:
    return prepare_filter(message->filter, depth + 1, arena, &made->filter, err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_SLICE:
    return qd_fail(err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the condition slice");
  default:
    return qd_fail(err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the condition of field %d",
        (int)message->condition_one_of_case);
  }
}

/* A condition in which nothing is set is dropped, as the server does. */
static qdrant_status prepare_conditions(
    size_t n, Qdrant__Condition *const *messages, size_t depth, qd_arena *arena, conditions *made, qdrant_error *err) {
  made->n = 0;
  made->items = qd_arena_alloc(arena, (n > 0 ? n : 1) * sizeof *made->items);
  if (made->items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a filter");
  for (size_t i = 0; i < n; i++) {
    if (messages[i]->condition_one_of_case == QDRANT__CONDITION__CONDITION_ONE_OF__NOT_SET)
      continue;
    qdrant_status status = prepare_condition(messages[i], depth, arena, &made->items[made->n++], err);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

static qdrant_status prepare_min_should(
    const Qdrant__MinShould *message, size_t depth, qd_arena *arena, qd_filter *filter, qdrant_error *err) {
  if (message == NULL)
    return QDRANT_OK;
  filter->min_count = message->min_count;
  return prepare_conditions(message->n_conditions, message->conditions, depth, arena, &filter->min_should, err);
}

static qdrant_status prepare_filter(
    const Qdrant__Filter *message, size_t depth, qd_arena *arena, const qd_filter **filter, qdrant_error *err) {
  if (depth > MAX_DEPTH)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: a filter may be nested %d levels deep", MAX_DEPTH);
  qd_filter *made = qd_arena_zalloc(arena, sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a filter");
  qdrant_status status = prepare_conditions(message->n_must, message->must, depth, arena, &made->must, err);
  if (status == QDRANT_OK)
    status = prepare_conditions(message->n_must_not, message->must_not, depth, arena, &made->must_not, err);
  if (status == QDRANT_OK)
    status = prepare_conditions(message->n_should, message->should, depth, arena, &made->should, err);
  if (status == QDRANT_OK)
    status = prepare_min_should(message->min_should, depth, arena, made, err);
  *filter = made;
  return status;
}

qdrant_status qd_filter_prepare(
    const Qdrant__Filter *message, qd_arena *arena, const qd_filter **filter, qdrant_error *err) {
  *filter = NULL;
  return message == NULL ? QDRANT_OK : prepare_filter(message, 0, arena, filter, err);
}

static int has_one_of_ids(const condition *has_id, const qd_filter_subject *subject) {
  return subject->id != NULL && has_id->n_ids > 0 &&
         bsearch(subject->id, has_id->ids, has_id->n_ids, sizeof *has_id->ids, compare_ids) != NULL;
}

static int has_vector(const Qdrant__HasVectorCondition *message, const qd_filter_subject *subject) {
  return subject->vectors != NULL && subject->has_vector(subject->vectors, message->has_vector);
}

static int visit_element(void *user, const Qdrant__Value *value) {
  const qd_filter *filter = user;
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return 0;
  return qd_filter_matches(filter, &(qd_filter_subject){.payload = value->struct_value});
}

static int matches_condition(const condition *test, const qd_filter_subject *subject) {
  switch (test->message->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD:
    return qd_field_matches(test->message->field, &test->path, subject->payload);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY: return qd_path_is_empty(&test->path, subject->payload);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL: return qd_path_is_null(&test->path, subject->payload);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID: return has_one_of_ids(test, subject);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_VECTOR: return has_vector(test->message->has_vector, subject);
  case QDRANT__CONDITION__CONDITION_ONE_OF_NESTED:
    return qd_path_walk(&test->path, subject->payload, visit_element, (void *)(uintptr_t)test->filter);
  default: return qd_filter_matches(test->filter, subject);
  }
}

/* Whether at least `wanted` of the conditions hold. */
static int holds_at_least(const conditions *tests, uint64_t wanted, const qd_filter_subject *subject) {
  uint64_t n_held = 0;
  for (size_t i = 0; i < tests->n && n_held < wanted; i++)
    n_held += (uint64_t)matches_condition(&tests->items[i], subject);
  return n_held >= wanted;
}

int qd_filter_matches(const qd_filter *filter, const qd_filter_subject *subject) {
  if (filter == NULL)
    return 1;
  for (size_t i = 0; i < filter->must.n; i++)
    if (!matches_condition(&filter->must.items[i], subject))
      return 0;
  for (size_t i = 0; i < filter->must_not.n; i++)
    if (matches_condition(&filter->must_not.items[i], subject))
      return 0;
  if (filter->should.n > 0 && !holds_at_least(&filter->should, 1, subject))
    return 0;
  return holds_at_least(&filter->min_should, filter->min_count, subject);
}

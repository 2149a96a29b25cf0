/* Conditions of filters, and selectors of points. */
#include "client/build.h"
#include "core/arena.h"

#include <string.h>

static Qdrant__Condition *new_condition(qdrant_arena *arena, Qdrant__Condition__ConditionOneOfCase kind) {
  Qdrant__Condition *condition = QDRANT_NEW(arena, condition);
  if (condition != NULL)
    condition->condition_one_of_case = kind;
  return condition;
}

/* A condition on one payload key. */
static Qdrant__Condition *new_field(qdrant_arena *arena, const char *key) {
  Qdrant__Condition *condition = new_condition(arena, QDRANT__CONDITION__CONDITION_ONE_OF_FIELD);
  Qdrant__FieldCondition *field = QDRANT_NEW(arena, field_condition);
  char *copy = qdrant_arena_strdup(arena, key);
  if (condition == NULL || field == NULL || copy == NULL)
    return NULL;
  field->key = copy;
  condition->field = field;
  return condition;
}

static Qdrant__Condition *new_match(qdrant_arena *arena, const char *key, Qdrant__Match__MatchValueCase kind) {
  Qdrant__Condition *condition = new_field(arena, key);
  Qdrant__Match *match = QDRANT_NEW(arena, match);
  if (condition == NULL || match == NULL)
    return NULL;
  match->match_value_case = kind;
  condition->field->match = match;
  return condition;
}

Qdrant__Condition *qdrant_match_keyword(qdrant_arena *arena, const char *key, const char *value) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_KEYWORD);
  char *copy = qdrant_arena_strdup(arena, value);
  if (condition == NULL || copy == NULL)
    return NULL;
  condition->field->match->keyword = copy;
  return condition;
}

Qdrant__Condition *qdrant_match_text(qdrant_arena *arena, const char *key, const char *text) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_TEXT);
  char *copy = qdrant_arena_strdup(arena, text);
  if (condition == NULL || copy == NULL)
    return NULL;
  condition->field->match->text = copy;
  return condition;
}

Qdrant__Condition *qdrant_match_integer(qdrant_arena *arena, const char *key, int64_t value) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_INTEGER);
  if (condition != NULL)
    condition->field->match->integer = value;
  return condition;
}

Qdrant__Condition *qdrant_match_bool(qdrant_arena *arena, const char *key, int value) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_BOOLEAN);
  if (condition != NULL)
    condition->field->match->boolean = value != 0;
  return condition;
}

static Qdrant__RepeatedStrings *copy_strings(qdrant_arena *arena, const char *const *values, size_t n) {
  Qdrant__RepeatedStrings *strings = values != NULL || n == 0 ? QDRANT_NEW(arena, repeated_strings) : NULL;
  for (size_t i = 0; strings != NULL && i < n; i++)
    if (!QDRANT_APPEND(arena, strings, strings, qdrant_arena_strdup(arena, values[i])))
      return NULL;
  return strings;
}

Qdrant__Condition *qdrant_match_any_keyword(qdrant_arena *arena, const char *key, const char *const *values, size_t n) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_KEYWORDS);
  Qdrant__RepeatedStrings *strings = copy_strings(arena, values, n);
  if (condition == NULL || strings == NULL)
    return NULL;
  condition->field->match->keywords = strings;
  return condition;
}

static Qdrant__RepeatedIntegers *copy_integers(qdrant_arena *arena, const int64_t *values, size_t n) {
  if ((values == NULL && n > 0) || n > SIZE_MAX / sizeof(int64_t))
    return NULL;
  Qdrant__RepeatedIntegers *integers = QDRANT_NEW(arena, repeated_integers);
  int64_t *copy = integers != NULL ? qd_arena_alloc(arena, n * sizeof(int64_t)) : NULL;
  if (copy == NULL)
    return NULL;
  if (n > 0)
    memcpy(copy, values, n * sizeof(int64_t));
  integers->integers = copy;
  integers->n_integers = n;
  return integers;
}

Qdrant__Condition *qdrant_match_any_integer(qdrant_arena *arena, const char *key, const int64_t *values, size_t n) {
  Qdrant__Condition *condition = new_match(arena, key, QDRANT__MATCH__MATCH_VALUE_INTEGERS);
  Qdrant__RepeatedIntegers *integers = copy_integers(arena, values, n);
  if (condition == NULL || integers == NULL)
    return NULL;
  condition->field->match->integers = integers;
  return condition;
}

Qdrant__Condition *qdrant_range(
    qdrant_arena *arena, const char *key, const double *gt, const double *gte, const double *lt, const double *lte) {
  Qdrant__Condition *condition = new_field(arena, key);
  Qdrant__Range *range = QDRANT_NEW(arena, range);
  if (condition == NULL || range == NULL)
    return NULL;
  if (gt != NULL)
    QDRANT_SET(range, gt, *gt);
  if (gte != NULL)
    QDRANT_SET(range, gte, *gte);
  if (lt != NULL)
    QDRANT_SET(range, lt, *lt);
  if (lte != NULL)
    QDRANT_SET(range, lte, *lte);
  condition->field->range = range;
  return condition;
}

Qdrant__Condition *qdrant_has_id(qdrant_arena *arena, const qdrant_point_id *ids, size_t n) {
  Qdrant__Condition *condition = new_condition(arena, QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID);
  Qdrant__HasIdCondition *has_id = QDRANT_NEW(arena, has_id_condition);
  Qdrant__PointId **messages = qd_build_ids(arena, ids, n);
  if (condition == NULL || has_id == NULL || messages == NULL)
    return NULL;
  has_id->has_id = messages;
  has_id->n_has_id = n;
  condition->has_id = has_id;
  return condition;
}

Qdrant__Condition *qdrant_is_empty(qdrant_arena *arena, const char *key) {
  Qdrant__Condition *condition = new_condition(arena, QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY);
  Qdrant__IsEmptyCondition *is_empty = QDRANT_NEW(arena, is_empty_condition);
  char *copy = qdrant_arena_strdup(arena, key);
  if (condition == NULL || is_empty == NULL || copy == NULL)
    return NULL;
  is_empty->key = copy;
  condition->is_empty = is_empty;
  return condition;
}

Qdrant__Condition *qdrant_is_null(qdrant_arena *arena, const char *key) {
  Qdrant__Condition *condition = new_condition(arena, QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL);
  Qdrant__IsNullCondition *is_null = QDRANT_NEW(arena, is_null_condition);
  char *copy = qdrant_arena_strdup(arena, key);
  if (condition == NULL || is_null == NULL || copy == NULL)
    return NULL;
  is_null->key = copy;
  condition->is_null = is_null;
  return condition;
}

Qdrant__Condition *qdrant_nested_filter(qdrant_arena *arena, Qdrant__Filter *filter) {
  Qdrant__Condition *condition =
      filter != NULL ? new_condition(arena, QDRANT__CONDITION__CONDITION_ONE_OF_FILTER) : NULL;
  if (condition != NULL)
    condition->filter = filter;
  return condition;
}

Qdrant__PointsSelector *qdrant_select_ids(qdrant_arena *arena, const qdrant_point_id *ids, size_t n) {
  Qdrant__PointsSelector *selector = QDRANT_NEW(arena, points_selector);
  Qdrant__PointsIdsList *list = QDRANT_NEW(arena, points_ids_list);
  Qdrant__PointId **messages = qd_build_ids(arena, ids, n);
  if (selector == NULL || list == NULL || messages == NULL)
    return NULL;
  list->ids = messages;
  list->n_ids = n;
  selector->points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
  selector->points = list;
  return selector;
}

Qdrant__PointsSelector *qdrant_select_filter(qdrant_arena *arena, Qdrant__Filter *filter) {
  Qdrant__PointsSelector *selector = filter != NULL ? QDRANT_NEW(arena, points_selector) : NULL;
  if (selector == NULL)
    return NULL;
  selector->points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER;
  selector->filter = filter;
  return selector;
}

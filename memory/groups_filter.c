#include "memory/groups_filter.h"

/* Conditions under construction: at most two of `must` and two of `must_not`. */
typedef struct builder {
  qd_job *job;
  const char *key;
  Qdrant__Filter *filter;
} builder;

static char *key_of(const builder *with) {
  return (char *)(uintptr_t)with->key;
}

static int start_filter(builder *with) {
  enum { MAX_CONDITIONS = 2 };
  with->filter = qd_job_message(with->job, &qdrant__filter__descriptor);
  Qdrant__Condition **lists = qd_arena_alloc(with->job->arena, 2 * MAX_CONDITIONS * sizeof(Qdrant__Condition *));
  if (with->filter == NULL || lists == NULL)
    return 0;
  with->filter->must = lists;
  with->filter->must_not = lists + MAX_CONDITIONS;
  return 1;
}

static int forbid_missing_key(builder *with) {
  Qdrant__Condition *condition = qd_job_message(with->job, &qdrant__condition__descriptor);
  Qdrant__IsEmptyCondition *is_empty = qd_job_message(with->job, &qdrant__is_empty_condition__descriptor);
  if (condition == NULL || is_empty == NULL)
    return 0;
  is_empty->key = key_of(with);
  condition->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY;
  condition->is_empty = is_empty;
  with->filter->must_not[with->filter->n_must_not++] = condition;
  return 1;
}

/* Members come in the order of their points' numbers. */
static int forbid_found_points(builder *with, const qd_groups *groups) {
  if (groups->n_points == 0)
    return 1;
  Qdrant__Condition *condition = qd_job_message(with->job, &qdrant__condition__descriptor);
  Qdrant__HasIdCondition *has_id = qd_job_message(with->job, &qdrant__has_id_condition__descriptor);
  Qdrant__PointId **ids = qd_arena_alloc(with->job->arena, groups->n_points * sizeof *ids);
  if (condition == NULL || has_id == NULL || ids == NULL)
    return 0;
  has_id->has_id = ids;
  for (size_t i = 0; i < groups->n_members; i++)
    if (i == 0 || groups->members[i].number != groups->members[i - 1].number)
      ids[has_id->n_has_id++] = groups->members[i].point->id;
  condition->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID;
  condition->has_id = has_id;
  with->filter->must_not[with->filter->n_must_not++] = condition;
  return 1;
}

static int require_match(builder *with, const Qdrant__Match *match) {
  Qdrant__Condition *condition = qd_job_message(with->job, &qdrant__condition__descriptor);
  Qdrant__FieldCondition *field = qd_job_message(with->job, &qdrant__field_condition__descriptor);
  if (condition == NULL || field == NULL)
    return 0;
  field->key = key_of(with);
  field->match = (Qdrant__Match *)(uintptr_t)match;
  condition->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_FIELD;
  condition->field = field;
  with->filter->must[with->filter->n_must++] = condition;
  return 1;
}

static int require_integers(
    builder *with, const qd_groups *groups, const size_t *numbers, size_t n, Qdrant__Match__MatchValueCase kind) {
  Qdrant__Match *match = qd_job_message(with->job, &qdrant__match__descriptor);
  Qdrant__RepeatedIntegers *list = qd_job_message(with->job, &qdrant__repeated_integers__descriptor);
  int64_t *integers = qd_arena_alloc(with->job->arena, (n + 1) * sizeof *integers);
  if (match == NULL || list == NULL || integers == NULL)
    return 0;
  list->integers = integers;
  for (size_t i = 0; i < n; i++)
    if (groups->keys.keys[numbers[i]].kind == QD_KEY_INTEGER)
      integers[list->n_integers++] = groups->keys.keys[numbers[i]].integer;
  match->match_value_case = kind;
  match->integers = list; /* except_integers is the same member */
  return list->n_integers == 0 || require_match(with, match);
}

/* Texts in arena end with a NUL. */
static int require_texts(
    builder *with, const qd_groups *groups, const size_t *numbers, size_t n, Qdrant__Match__MatchValueCase kind) {
  Qdrant__Match *match = qd_job_message(with->job, &qdrant__match__descriptor);
  Qdrant__RepeatedStrings *list = qd_job_message(with->job, &qdrant__repeated_strings__descriptor);
  char **texts = qd_arena_alloc(with->job->arena, (n + 1) * sizeof *texts);
  if (match == NULL || list == NULL || texts == NULL)
    return 0;
  list->strings = texts;
  for (size_t i = 0; i < n; i++)
    if (groups->keys.keys[numbers[i]].kind == QD_KEY_TEXT)
      texts[list->n_strings++] = (char *)(uintptr_t)groups->keys.keys[numbers[i]].text;
  match->match_value_case = kind;
  match->keywords = list;
  return list->n_strings == 0 || require_match(with, match);
}

static int forbid_full_groups(builder *with, const qd_groups *groups) {
  size_t n = 0;
  size_t *numbers = qd_arena_alloc(with->job->arena, (groups->keys.n + 1) * sizeof *numbers);
  if (numbers == NULL)
    return 0;
  for (size_t i = 0; i < groups->keys.n; i++)
    if (qd_groups_is_full(groups, i))
      numbers[n++] = i;
  return require_integers(with, groups, numbers, n, QDRANT__MATCH__MATCH_VALUE_EXCEPT_INTEGERS) &&
         require_texts(with, groups, numbers, n, QDRANT__MATCH__MATCH_VALUE_EXCEPT_KEYWORDS);
}

static int require_unfilled_groups(builder *with, const qd_groups *groups) {
  size_t n_best;
  size_t n = 0;
  size_t *numbers = qd_groups_best(with->job, groups, &n_best);
  if (numbers == NULL)
    return 0;
  for (size_t i = 0; i < n_best; i++)
    if (!qd_groups_is_full(groups, numbers[i]))
      numbers[n++] = numbers[i];
  return require_integers(with, groups, numbers, n, QDRANT__MATCH__MATCH_VALUE_INTEGERS) &&
         require_texts(with, groups, numbers, n, QDRANT__MATCH__MATCH_VALUE_KEYWORDS);
}

const Qdrant__Filter *qd_groups_filter(qd_job *job, const char *key, const qd_groups *groups, qd_groups_wanted wanted) {
  builder with = {job, key, NULL};
  int is_done =
      start_filter(&with) && forbid_missing_key(&with) && forbid_found_points(&with, groups) &&
      (wanted == QD_GROUPS_WANTED_NEW ? forbid_full_groups(&with, groups) : require_unfilled_groups(&with, groups));
  return is_done ? with.filter : NULL;
}

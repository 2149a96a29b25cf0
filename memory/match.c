#include "memory/match.h"

#include "core/error.h"
#include "core/moment.h"
#include "memory/geo.h"

#include <string.h>

static int is_text(const Qdrant__Value *value) {
  return value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE;
}

static int is_integer(const Qdrant__Value *value) {
  return value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE;
}

static int equals_text(const Qdrant__Value *value, const char *text) {
  size_t n_bytes = strlen(text);
  return is_text(value) && value->string_value.len == n_bytes &&
         (n_bytes == 0 || memcmp(value->string_value.data, text, n_bytes) == 0);
}

static int contains_bytes(const Qdrant__Value *value, const char *part, size_t n_bytes) {
  return n_bytes == 0 || (value->string_value.len > 0 &&
                             memmem(value->string_value.data, value->string_value.len, part, n_bytes) != NULL);
}

/* Without a text index the server looks for the text as it stands, as it does for a substring. */
static int contains_text(const Qdrant__Value *value, const char *part) {
  return is_text(value) && contains_bytes(value, part, strlen(part));
}

static int contains_any_word(const Qdrant__Value *value, const char *words) {
  static const char blanks[] = " \t\n\v\f\r";
  if (!is_text(value))
    return 0;
  for (const char *word = words + strspn(words, blanks); *word != '\0';) {
    size_t n_bytes = strcspn(word, blanks);
    if (contains_bytes(value, word, n_bytes))
      return 1;
    word += n_bytes;
    word += strspn(word, blanks);
  }
  return 0;
}

static int starts_with(const Qdrant__Value *value, const char *prefix) {
  size_t n_bytes = strlen(prefix);
  return is_text(value) && value->string_value.len >= n_bytes &&
         (n_bytes == 0 || memcmp(value->string_value.data, prefix, n_bytes) == 0);
}

static int is_in_texts(const Qdrant__Value *value, const Qdrant__RepeatedStrings *list) {
  for (size_t i = 0; i < list->n_strings; i++)
    if (equals_text(value, list->strings[i]))
      return 1;
  return 0;
}

static int is_in_integers(const Qdrant__Value *value, const Qdrant__RepeatedIntegers *list) {
  for (size_t i = 0; is_integer(value) && i < list->n_integers; i++)
    if (list->integers[i] == value->integer_value)
      return 1;
  return 0;
}

static int is_null(const Qdrant__Value *value) {
  return value->kind_case == QDRANT__VALUE__KIND_NULL_VALUE;
}

static int match_value(const Qdrant__Match *match, const Qdrant__Value *value) {
  switch (match->match_value_case) {
  case QDRANT__MATCH__MATCH_VALUE_KEYWORD: return equals_text(value, match->keyword);
  case QDRANT__MATCH__MATCH_VALUE_INTEGER: return is_integer(value) && value->integer_value == match->integer;
  case QDRANT__MATCH__MATCH_VALUE_BOOLEAN:
    return value->kind_case == QDRANT__VALUE__KIND_BOOL_VALUE && !value->bool_value == !match->boolean;
  case QDRANT__MATCH__MATCH_VALUE_TEXT: return contains_text(value, match->text);
  case QDRANT__MATCH__MATCH_VALUE_PHRASE: return contains_text(value, match->phrase);
  case QDRANT__MATCH__MATCH_VALUE_TEXT_ANY: return contains_any_word(value, match->text_any);
  case QDRANT__MATCH__MATCH_VALUE_PREFIX: return starts_with(value, match->prefix);
  case QDRANT__MATCH__MATCH_VALUE_SUBSTRING: return contains_text(value, match->substring);
  case QDRANT__MATCH__MATCH_VALUE_KEYWORDS: return is_in_texts(value, match->keywords);
  case QDRANT__MATCH__MATCH_VALUE_INTEGERS: return is_in_integers(value, match->integers);
  /* A value of another type is none of the excepted ones; null is no value. */
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_KEYWORDS:
    return !is_null(value) && !is_in_texts(value, match->except_keywords);
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_INTEGERS:
    return !is_null(value) && !is_in_integers(value, match->except_integers);
  default: return 0;
  }
}

static int is_in_range(const Qdrant__Range *range, const Qdrant__Value *value) {
  double number;
  if (is_integer(value))
    number = (double)value->integer_value;
  else if (value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE)
    number = value->double_value;
  else
    return 0;
  return (!range->has_lt || number < range->lt) && (!range->has_gt || number > range->gt) &&
         (!range->has_lte || number <= range->lte) && (!range->has_gte || number >= range->gte);
}

/* -1, 0 or 1 as the moment lies before, at or after the bound. */
static int compare_to_bound(const qd_moment *moment, const Qdrant__Timestamp *bound) {
  qd_moment at = {bound->seconds, bound->nanos};
  return qd_moment_compare(moment, &at);
}

static int is_in_datetime_range(const Qdrant__DatetimeRange *range, const Qdrant__Value *value) {
  qd_moment at;
  if (!is_text(value) || !qd_moment_parse((const char *)value->string_value.data, value->string_value.len, &at))
    return 0;
  return (range->lt == NULL || compare_to_bound(&at, range->lt) < 0) &&
         (range->gt == NULL || compare_to_bound(&at, range->gt) > 0) &&
         (range->lte == NULL || compare_to_bound(&at, range->lte) <= 0) &&
         (range->gte == NULL || compare_to_bound(&at, range->gte) >= 0);
}

static int is_count_in_range(const Qdrant__ValuesCount *range, uint64_t count) {
  return (!range->has_lt || count < range->lt) && (!range->has_gt || count > range->gt) &&
         (!range->has_lte || count <= range->lte) && (!range->has_gte || count >= range->gte);
}

static uint64_t count_values(const Qdrant__Value *value) {
  if (is_null(value))
    return 0;
  return value->kind_case == QDRANT__VALUE__KIND_LIST_VALUE ? value->list_value->n_values : 1;
}

static int test_element(const Qdrant__FieldCondition *field, const Qdrant__Value *value) {
  if (field->match != NULL && match_value(field->match, value))
    return 1;
  /* Of the two ranges the one on numbers wins, as on the server. */
  if (field->range != NULL ? is_in_range(field->range, value)
                           : field->datetime_range != NULL && is_in_datetime_range(field->datetime_range, value))
    return 1;
  return (field->geo_radius != NULL && qd_geo_in_radius(field->geo_radius, value)) ||
         (field->geo_bounding_box != NULL && qd_geo_in_box(field->geo_bounding_box, value)) ||
         (field->geo_polygon != NULL && qd_geo_in_polygon(field->geo_polygon, value));
}

static int is_value_empty(const Qdrant__Value *value) {
  return is_null(value) || (value->kind_case == QDRANT__VALUE__KIND_LIST_VALUE && value->list_value->n_values == 0);
}

static int has_null_element(const Qdrant__Value *value) {
  if (value->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return is_null(value);
  for (size_t i = 0; i < value->list_value->n_values; i++)
    if (is_null(value->list_value->values[i]))
      return 1;
  return 0;
}

/* Tests of a value as a whole come before those of its elements. */
static int test_value(const Qdrant__FieldCondition *field, const Qdrant__Value *value) {
  if (field->values_count != NULL)
    return is_count_in_range(field->values_count, count_values(value));
  if (field->has_is_empty)
    return is_value_empty(value) == !!field->is_empty;
  if (field->has_is_null)
    return has_null_element(value) == !!field->is_null;
  if (value->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return test_element(field, value);
  for (size_t i = 0; i < value->list_value->n_values; i++)
    if (test_element(field, value->list_value->values[i]))
      return 1;
  return 0;
}

/* A key that is not there has no count either: version 1.18 matches it with none (1.19 with 0). */
static int test_missing(const Qdrant__FieldCondition *field) {
  if (field->values_count != NULL)
    return 0;
  if (field->has_is_empty)
    return !!field->is_empty;
  return field->has_is_null && !field->is_null;
}

typedef struct field_walk {
  const Qdrant__FieldCondition *field;
  int has_values;
} field_walk;

static int visit_field(void *user, const Qdrant__Value *value) {
  field_walk *walk = user;
  walk->has_values = 1;
  return test_value(walk->field, value);
}

int qd_field_matches(const Qdrant__FieldCondition *field, const qd_path *path, const Qdrant__Struct *root) {
  field_walk walk = {.field = field};
  return qd_path_walk(path, root, visit_field, &walk) || (!walk.has_values && test_missing(field));
}

static int visit_not_empty(void *user, const Qdrant__Value *value) {
  (void)user;
  return !is_value_empty(value);
}

int qd_path_is_empty(const qd_path *path, const Qdrant__Struct *root) {
  return !qd_path_walk(path, root, visit_not_empty, NULL);
}

static int visit_null(void *user, const Qdrant__Value *value) {
  (void)user;
  return is_null(value);
}

int qd_path_is_null(const qd_path *path, const Qdrant__Struct *root) {
  return qd_path_walk(path, root, visit_null, NULL);
}

/* All kinds but two are a pointer, and a message made by hand may have it NULL. */
static int is_match_unset(const Qdrant__Match *match) {
  switch (match->match_value_case) {
  case QDRANT__MATCH__MATCH_VALUE__NOT_SET: return 1;
  case QDRANT__MATCH__MATCH_VALUE_INTEGER:
  case QDRANT__MATCH__MATCH_VALUE_BOOLEAN: return 0;
  default: return match->keyword == NULL;
  }
}

static qdrant_status check_match(const Qdrant__Match *match, qdrant_error *err) {
  if (is_match_unset(match))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed Match condition");
  return QDRANT_OK;
}

qdrant_status qd_field_check(const Qdrant__FieldCondition *field, qdrant_error *err) {
  const Qdrant__GeoBoundingBox *box = field->geo_bounding_box;
  if (box != NULL && (box->top_left == NULL || box->bottom_right == NULL))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed GeoBoundingBox type");
  if (field->geo_radius != NULL && field->geo_radius->center == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed GeoRadius type");
  if (field->geo_polygon != NULL && field->geo_polygon->exterior == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed GeoPolygon type - field `exterior` is required");
  return field->match != NULL ? check_match(field->match, err) : QDRANT_OK;
}

#include "cli/filter.h"

#include "cli/fail.h"
#include "cli/ids.h"

#include <json-c/json.h>
#include <string.h>

static qdrant_status parse_object(qdrant_arena *arena, json_object *object, Qdrant__Filter **filter, qdrant_error *err);

static qdrant_status refuse(json_object *what, const char *rule, qdrant_error *err) {
  const char *text = json_object_to_json_string_ext(what, JSON_C_TO_STRING_PLAIN);
  return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--filter: %.120s: %s", text ? text : "", rule);
}

static json_object *member(json_object *object, const char *name) {
  json_object *value = NULL;
  json_object_object_get_ex(object, name, &value);
  return value;
}

static Qdrant__Condition *match_any(qdrant_arena *arena, const char *key, json_object *any) {
  size_t n = json_object_array_length(any);
  const char **words = qdrant_arena_alloc(arena, (n + 1) * sizeof *words);
  int64_t *numbers = qdrant_arena_alloc(arena, (n + 1) * sizeof *numbers);
  size_t n_words = 0, n_numbers = 0;
  for (size_t i = 0; words && numbers && i < n; i++) {
    json_object *item = json_object_array_get_idx(any, i);
    if (json_object_is_type(item, json_type_string))
      words[n_words++] = json_object_get_string(item);
    else if (json_object_is_type(item, json_type_int))
      numbers[n_numbers++] = json_object_get_int64(item);
  }
  if (n_words == n && n > 0)
    return qdrant_match_any_keyword(arena, key, words, n);
  return n_numbers == n ? qdrant_match_any_integer(arena, key, numbers, n) : NULL;
}

static Qdrant__Condition *make_match(qdrant_arena *arena, const char *key, json_object *match) {
  json_object *value = member(match, "value"), *any = member(match, "any"), *text = member(match, "text");
  if (json_object_is_type(value, json_type_string))
    return qdrant_match_keyword(arena, key, json_object_get_string(value));
  if (json_object_is_type(value, json_type_int))
    return qdrant_match_integer(arena, key, json_object_get_int64(value));
  if (json_object_is_type(value, json_type_boolean))
    return qdrant_match_bool(arena, key, json_object_get_boolean(value));
  if (json_object_is_type(any, json_type_array))
    return match_any(arena, key, any);
  if (json_object_is_type(text, json_type_string))
    return qdrant_match_text(arena, key, json_object_get_string(text));
  return NULL;
}

static Qdrant__Condition *make_range(qdrant_arena *arena, const char *key, json_object *range) {
  static const char *const names[] = {"gt", "gte", "lt", "lte"};
  double bounds[4];
  const double *given[4] = {NULL, NULL, NULL, NULL};
  if (!json_object_is_type(range, json_type_object))
    return NULL;
  json_object_object_foreach(range, name, bound) {
    size_t i = 0;
    while (i < 4 && strcmp(names[i], name) != 0)
      i++;
    if (i == 4 || (!json_object_is_type(bound, json_type_int) && !json_object_is_type(bound, json_type_double)))
      return NULL;
    bounds[i] = json_object_get_double(bound);
    given[i] = &bounds[i];
  }
  return qdrant_range(arena, key, given[0], given[1], given[2], given[3]);
}

static Qdrant__Condition *make_has_id(qdrant_arena *arena, json_object *list) {
  size_t n = json_object_array_length(list);
  qdrant_point_id *ids = qdrant_arena_alloc(arena, (n + 1) * sizeof *ids);
  for (size_t i = 0; ids && i < n; i++) {
    const char *text = json_object_get_string(json_object_array_get_idx(list, i));
    if (!text || qd_id_parse(text, strlen(text), &ids[i], &(qdrant_error){0}) != QDRANT_OK)
      return NULL;
  }
  return ids ? qdrant_has_id(arena, ids, n) : NULL;
}

static Qdrant__Condition *make_condition(qdrant_arena *arena, json_object *object) {
  json_object *key = member(object, "key"), *ids = member(object, "has_id");
  json_object *empty = member(member(object, "is_empty"), "key"), *null = member(member(object, "is_null"), "key");
  const char *name = json_object_is_type(key, json_type_string) ? json_object_get_string(key) : NULL;
  if (name && member(object, "match"))
    return make_match(arena, name, member(object, "match"));
  if (name && member(object, "range"))
    return make_range(arena, name, member(object, "range"));
  if (json_object_is_type(ids, json_type_array))
    return make_has_id(arena, ids);
  if (json_object_is_type(empty, json_type_string))
    return qdrant_is_empty(arena, json_object_get_string(empty));
  if (json_object_is_type(null, json_type_string))
    return qdrant_is_null(arena, json_object_get_string(null));
  return NULL;
}

static int is_filter(json_object *object) {
  return member(object, "must") || member(object, "should") || member(object, "must_not");
}

static qdrant_status parse_condition(
    qdrant_arena *arena, json_object *object, Qdrant__Condition **condition, qdrant_error *err) {
  if (is_filter(object)) {
    Qdrant__Filter *filter = NULL;
    qdrant_status status = parse_object(arena, object, &filter, err);
    *condition = status == QDRANT_OK ? QDRANT_NEW(arena, condition) : NULL;
    if (*condition) {
      (*condition)->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_FILTER;
      (*condition)->filter = filter;
    }
    return status;
  }
  *condition = make_condition(arena, object);
  return *condition ? QDRANT_OK : refuse(object, "match, range, has_id, is_empty and is_null are understood", err);
}

/* Reads the conditions of one clause into a list of the filter's. */
static qdrant_status parse_clause(
    qdrant_arena *arena, json_object *clause, Qdrant__Condition ***list, size_t *n, qdrant_error *err) {
  if (!json_object_is_type(clause, json_type_array))
    return refuse(clause, "an array of conditions is needed", err);
  for (size_t i = 0; i < json_object_array_length(clause); i++) {
    Qdrant__Condition *condition = NULL;
    qdrant_status status = parse_condition(arena, json_object_array_get_idx(clause, i), &condition, err);
    if (status != QDRANT_OK)
      return status;
    if (!qdrant_list_append(arena, list, n, condition))
      return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the filter");
  }
  return QDRANT_OK;
}

static qdrant_status parse_object(
    qdrant_arena *arena, json_object *object, Qdrant__Filter **filter, qdrant_error *err) {
  Qdrant__Filter *made = *filter = QDRANT_NEW(arena, filter);
  if (!made)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the filter");
  if (!json_object_is_type(object, json_type_object))
    return refuse(object, "an object is needed", err);
  qdrant_status status = QDRANT_OK;
  json_object_object_foreach(object, name, clause) {
    if (status != QDRANT_OK)
      break;
    if (strcmp(name, "must") == 0)
      status = parse_clause(arena, clause, &made->must, &made->n_must, err);
    else if (strcmp(name, "should") == 0)
      status = parse_clause(arena, clause, &made->should, &made->n_should, err);
    else if (strcmp(name, "must_not") == 0)
      status = parse_clause(arena, clause, &made->must_not, &made->n_must_not, err);
    else
      status = refuse(object, "must, should and must_not are understood", err);
  }
  return status;
}

qdrant_status qd_filter_parse(qdrant_arena *arena, const char *json, Qdrant__Filter **filter, qdrant_error *err) {
  json_tokener *tokener = json_tokener_new();
  if (!tokener)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the filter");
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  json_object *object = json_tokener_parse_ex(tokener, json, -1);
  enum json_tokener_error error = json_tokener_get_error(tokener);
  qdrant_status status;
  if (error != json_tokener_success)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--filter: byte %zu is not JSON: %s",
        json_tokener_get_parse_end(tokener) + 1, json_tokener_error_desc(error));
  else
    status = parse_object(arena, object, filter, err);
  json_object_put(object);
  json_tokener_free(tokener);
  return status;
}

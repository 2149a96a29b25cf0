#include "memory/strict.h"

#include "core/error.h"
#include "core/uuid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What an index can be asked for, one bit each. */
enum {
  INTEGER_MATCH = 1 << 0,
  INTEGER_RANGE = 1 << 1,
  KEYWORD = 1 << 2,
  FLOAT_RANGE = 1 << 3,
  TEXT = 1 << 4,
  PHRASE = 1 << 5,
  BOOL = 1 << 6,
  UUID = 1 << 7,
  DATETIME = 1 << 8,
  GEO = 1 << 9,
  ANY = (1 << 10) - 1
};

/* The types of indexes that can be asked for something, in the order in which they are told. */
static const struct {
  const char *name;
  int abilities;
} type_names[] = {{"bool", BOOL}, {"datetime", DATETIME}, {"float", FLOAT_RANGE}, {"geo", GEO},
    {"integer", INTEGER_MATCH | INTEGER_RANGE}, {"keyword", KEYWORD}, {"text", TEXT | PHRASE}, {"uuid", UUID}};

static int abilities_of(const Qdrant__PayloadSchemaInfo *schema) {
  const Qdrant__PayloadIndexParams *params = schema->params;
  switch (schema->data_type) {
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Keyword: return KEYWORD;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Uuid: return UUID;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Bool: return BOOL;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Float: return FLOAT_RANGE;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Geo: return GEO;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Datetime: return DATETIME;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Text:
    return params != NULL && params->text_index_params->phrase_matching ? TEXT | PHRASE : TEXT;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Integer:
    if (params == NULL)
      return INTEGER_MATCH | INTEGER_RANGE;
    return (!params->integer_index_params->has_lookup || params->integer_index_params->lookup ? INTEGER_MATCH : 0) |
           (!params->integer_index_params->has_range || params->integer_index_params->range ? INTEGER_RANGE : 0);
  default: return 0;
  }
}

static int is_uuid(const char *text) {
  uint8_t bytes[16];
  return qd_uuid_parse(text, bytes);
}

/* An empty list matches nothing and needs no index. */
static int abilities_for_texts(const Qdrant__RepeatedStrings *texts) {
  int are_uuids = 1;
  for (size_t i = 0; i < texts->n_strings; i++)
    are_uuids = are_uuids && is_uuid(texts->strings[i]);
  return texts->n_strings == 0 ? 0 : are_uuids ? KEYWORD | UUID : KEYWORD;
}

static int abilities_for_match(const Qdrant__Match *match) {
  switch (match->match_value_case) {
  case QDRANT__MATCH__MATCH_VALUE_KEYWORD: return is_uuid(match->keyword) ? KEYWORD | UUID : KEYWORD;
  case QDRANT__MATCH__MATCH_VALUE_INTEGER: return INTEGER_MATCH;
  case QDRANT__MATCH__MATCH_VALUE_BOOLEAN: return BOOL;
  case QDRANT__MATCH__MATCH_VALUE_TEXT:
  case QDRANT__MATCH__MATCH_VALUE_TEXT_ANY: return TEXT;
  case QDRANT__MATCH__MATCH_VALUE_PHRASE: return PHRASE;
  case QDRANT__MATCH__MATCH_VALUE_KEYWORDS: return abilities_for_texts(match->keywords);
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_KEYWORDS: return abilities_for_texts(match->except_keywords);
  case QDRANT__MATCH__MATCH_VALUE_INTEGERS: return match->integers->n_integers > 0 ? INTEGER_MATCH : 0;
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_INTEGERS: return match->except_integers->n_integers > 0 ? INTEGER_MATCH : 0;
  default: return KEYWORD;
  }
}

static int abilities_for_field(const Qdrant__FieldCondition *field) {
  int needed = field->match != NULL ? abilities_for_match(field->match) : 0;
  if (field->range != NULL)
    needed |= FLOAT_RANGE | INTEGER_RANGE;
  else if (field->datetime_range != NULL)
    needed |= DATETIME;
  if (field->geo_bounding_box != NULL || field->geo_radius != NULL || field->geo_polygon != NULL)
    needed |= GEO;
  if (field->values_count != NULL || field->has_is_empty || field->has_is_null)
    needed |= ANY;
  return needed;
}

static const char filter_help[] = "Create an index for this key or use a different filter.";
static const char formula_help[] = "Create an index for this key or use a different formula expression.";

static qdrant_status fail_index(const qd_strict *strict, const char *key, int needed, const char *help) {
  char types[96] = "";
  for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
    size_t n = strlen(types);
    if ((type_names[i].abilities & needed) != 0)
      snprintf(types + n, sizeof types - n, "%s%s", n > 0 ? ", " : "", type_names[i].name);
  }
  return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
      "Bad request: Index required but not found for \"%s\" of one of the following types: [%s]. Help: %s", key, types,
      help);
}

/* The key below the nested ones above it; NULL when out of memory. */
static const char *full_key(const qd_strict *strict, const char *prefix, const char *key) {
  if (*prefix == '\0')
    return key;
  size_t n_bytes = strlen(prefix) + strlen(key) + 2;
  char *joined = qd_arena_alloc(strict->arena, n_bytes);
  if (joined != NULL)
    snprintf(joined, n_bytes, "%s.%s", prefix, key);
  return joined;
}

/* The key of a nested condition with what stands for every element. */
static const char *array_key(const qd_strict *strict, const char *key) {
  size_t n = strlen(key);
  if (n >= 2 && strcmp(key + n - 2, "[]") == 0)
    return key;
  char *made = qd_arena_alloc(strict->arena, n + 3);
  if (made != NULL)
    snprintf(made, n + 3, "%s[]", key);
  return made;
}

static qdrant_status fail_memory(const qd_strict *strict) {
  return qd_fail(strict->err, QDRANT_NO_MEMORY, "out of memory for a filter's keys");
}

/* *index is NULL when the key has none, or is no key. */
static qdrant_status find_index(const qd_strict *strict, const char *key, const qd_field_index **index) {
  qd_path path;
  *index = NULL;
  qdrant_status status = qd_path_parse(key, strict->arena, &path, NULL);
  if (status == QDRANT_NO_MEMORY)
    return fail_memory(strict);
  if (status == QDRANT_OK)
    *index = qd_field_index_find(strict->indexes, strict->n_indexes, &path);
  return QDRANT_OK;
}

static qdrant_status check_key(
    const qd_strict *strict, const char *prefix, const char *key, int needed, const char *help) {
  if (needed == 0)
    return QDRANT_OK;
  const char *whole = full_key(strict, prefix, key);
  if (whole == NULL)
    return fail_memory(strict);
  const qd_field_index *index;
  qdrant_status status = find_index(strict, whole, &index);
  if (status != QDRANT_OK || (index != NULL && (abilities_of(index->schema) & needed) != 0))
    return status;
  return fail_index(strict, whole, needed, help);
}

/* What is done with each condition of a filter, in the server's order. */
typedef qdrant_status (*condition_visit)(void *user, const Qdrant__Condition *condition);

static qdrant_status visit_list(size_t n, Qdrant__Condition *const *conditions, condition_visit visit, void *user) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = visit(user, conditions[i]);
  return status;
}

static qdrant_status visit_filter(const Qdrant__Filter *filter, condition_visit visit, void *user) {
  if (filter == NULL)
    return QDRANT_OK;
  qdrant_status status = visit_list(filter->n_must, filter->must, visit, user);
  if (status == QDRANT_OK)
    status = visit_list(filter->n_must_not, filter->must_not, visit, user);
  if (status == QDRANT_OK)
    status = visit_list(filter->n_should, filter->should, visit, user);
  if (status == QDRANT_OK && filter->min_should != NULL)
    status = visit_list(filter->min_should->n_conditions, filter->min_should->conditions, visit, user);
  return status;
}

typedef struct indexed {
  const qd_strict *strict;
  const char *prefix;
  const char *help;
} indexed;

static qdrant_status check_indexed(void *user, const Qdrant__Condition *condition) {
  const indexed *of = user;
  switch (condition->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD:
    return check_key(of->strict, of->prefix, condition->field->key, abilities_for_field(condition->field), of->help);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY:
    return check_key(of->strict, of->prefix, condition->is_empty->key, ANY, of->help);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL:
    return check_key(of->strict, of->prefix, condition->is_null->key, ANY, of->help);
  case QDRANT__CONDITION__CONDITION_ONE_OF_FILTER: return visit_filter(condition->filter, check_indexed, user);
  case QDRANT__CONDITION__CONDITION_ONE_OF_NESTED: {
    const char *key = array_key(of->strict, condition->nested->key);
    indexed below = {of->strict, key != NULL ? full_key(of->strict, of->prefix, key) : NULL, of->help};
    return below.prefix != NULL ? visit_filter(condition->nested->filter, check_indexed, &below)
                                : fail_memory(of->strict);
  }
  default: return QDRANT_OK;
  }
}

/* How large a filter is. */
typedef struct extent {
  uint64_t n_conditions;
  uint64_t largest; /* of the lists in them */
} extent;

static uint64_t list_length(const Qdrant__Match *match) {
  switch (match != NULL ? match->match_value_case : QDRANT__MATCH__MATCH_VALUE__NOT_SET) {
  case QDRANT__MATCH__MATCH_VALUE_KEYWORDS: return match->keywords->n_strings;
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_KEYWORDS: return match->except_keywords->n_strings;
  case QDRANT__MATCH__MATCH_VALUE_INTEGERS: return match->integers->n_integers;
  case QDRANT__MATCH__MATCH_VALUE_EXCEPT_INTEGERS: return match->except_integers->n_integers;
  default: return 0;
  }
}

static qdrant_status measure(void *user, const Qdrant__Condition *condition) {
  extent *found = user;
  uint64_t length = 0;
  switch (condition->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF__NOT_SET: return QDRANT_OK;
  case QDRANT__CONDITION__CONDITION_ONE_OF_FILTER: return visit_filter(condition->filter, measure, user);
  case QDRANT__CONDITION__CONDITION_ONE_OF_NESTED: return visit_filter(condition->nested->filter, measure, user);
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD: length = list_length(condition->field->match); break;
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID: length = condition->has_id->n_has_id; break;
  default: break;
  }
  found->n_conditions++;
  found->largest = length > found->largest ? length : found->largest;
  return QDRANT_OK;
}

uint64_t qd_strict_count_conditions(const Qdrant__Filter *filter) {
  extent found = {0};
  visit_filter(filter, measure, &found);
  return found.n_conditions;
}

qdrant_status qd_strict_check_filter(const qd_strict *strict, const Qdrant__Filter *filter, int needs_indexes) {
  const Qdrant__StrictModeConfig *config = strict->config;
  indexed top = {strict, "", filter_help};
  extent found = {0};
  char what[96];
  qdrant_status status = needs_indexes ? visit_filter(filter, check_indexed, &top) : QDRANT_OK;
  if (status != QDRANT_OK)
    return status;
  visit_filter(filter, measure, &found);
  if (config->has_filter_max_conditions && found.n_conditions > config->filter_max_conditions) {
    snprintf(what, sizeof what, "Filter condition limit reached (%" PRIu64 " > %" PRIu64 ")", found.n_conditions,
        config->filter_max_conditions);
    return qd_strict_fail(strict, what, "Reduce the amount of conditions of your filter.");
  }
  if (config->has_condition_max_size && found.largest > config->condition_max_size) {
    snprintf(what, sizeof what, "Condition size limit reached (%" PRIu64 " > %" PRIu64 ")", found.largest,
        config->condition_max_size);
    return qd_strict_fail(strict, what, "Reduce the size of your condition.");
  }
  return QDRANT_OK;
}

qdrant_status qd_strict_check_group_key(const qd_strict *strict, const char *key) {
  const qd_field_index *index;
  qdrant_status status = find_index(strict, key, &index);
  if (status != QDRANT_OK ||
      (index != NULL && (abilities_of(index->schema) & (INTEGER_MATCH | KEYWORD | BOOL | UUID)) != 0))
    return status;
  return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
      "Bad request: Index required but not found for \"%s\". Help: Create an index supporting `match` for this key.",
      key);
}

qdrant_status qd_strict_check_value(const qd_strict *strict, const char *key, qd_strict_value value) {
  static const int needed[] = {[QD_STRICT_NUMBER] = INTEGER_MATCH | INTEGER_RANGE | FLOAT_RANGE,
      [QD_STRICT_PLACE] = GEO,
      [QD_STRICT_MOMENT] = DATETIME};
  return check_key(strict, "", key, needed[value], formula_help);
}

qdrant_status qd_strict_check_condition(const qd_strict *strict, const Qdrant__Condition *condition) {
  indexed top = {strict, "", formula_help};
  return check_indexed(&top, condition);
}

#include "memory/filter.h"

#include "core/error.h"
#include "memory/match.h"
#include "memory/siphash.h"
#include "memory/text_match.h"

#include <stdlib.h>

/* Filters within filters; deeper ones are refused, since they are walked recursively. */
enum { MAX_DEPTH = 64 };

typedef struct condition {
  const Qdrant__Condition *message;
  qd_path path;            /* FIELD, IS_EMPTY, IS_NULL; NESTED: with `[]` at its end */
  const qd_id *ids;        /* HAS_ID: ascending */
  size_t n_ids;            /* HAS_ID */
  const qd_filter *filter; /* FILTER, NESTED */
  qd_filter_text *text;    /* FIELD that looks for words, else NULL */
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

struct qd_filter_text {
  const Qdrant__Match *match;
  qd_path path; /* from the payload's root, although the condition may be nested */
  int is_nested;
  qd_text_query *query; /* NULL unless the key has a text index */
  qd_filter_text *next;
};

/* What all parts of a filter are prepared with. */
typedef struct preparation {
  qd_arena *arena;
  qd_filter_text **texts;
  qdrant_error *err;
} preparation;

/* Where in a filter a part of it stands. */
typedef struct place {
  size_t depth;
  const qd_path *above; /* of the nested condition it is in, or NULL */
} place;

static qdrant_status prepare_filter(
    const Qdrant__Filter *message, place at, preparation *with, const qd_filter **filter);

static qdrant_status fail_memory(preparation *with) {
  return qd_fail(with->err, QDRANT_NO_MEMORY, "out of memory for a filter");
}

static int compare_ids(const void *a, const void *b) {
  return qd_id_compare(a, b);
}

static qdrant_status prepare_ids(const Qdrant__HasIdCondition *message, preparation *with, condition *made) {
  qd_id *ids;
  qdrant_status status = qd_ids_read(message->n_has_id, message->has_id, with->arena, &ids, with->err);
  if (status != QDRANT_OK)
    return status;
  qsort(ids, message->n_has_id, sizeof *ids, compare_ids);
  made->ids = ids;
  made->n_ids = message->n_has_id;
  return QDRANT_OK;
}

static qdrant_status prepare_nested(
    const Qdrant__NestedCondition *message, place at, preparation *with, condition *made) {
  static const Qdrant__Filter any = QDRANT__FILTER__INIT;
  qd_path above;
  qdrant_status status = qd_path_parse(message->key, with->arena, &made->path, with->err);
  if (status == QDRANT_OK)
    status = qd_path_each(&made->path, with->arena, &made->path, with->err);
  if (status == QDRANT_OK)
    status = qd_path_join(at.above, &made->path, with->arena, &above, with->err);
  if (status == QDRANT_OK)
    status = prepare_filter(
        message->filter != NULL ? message->filter : &any, (place){at.depth + 1, &above}, with, &made->filter);
  return status;
}

static int looks_for_words(const Qdrant__Match *match) {
  return match != NULL && (match->match_value_case == QDRANT__MATCH__MATCH_VALUE_TEXT ||
                              match->match_value_case == QDRANT__MATCH__MATCH_VALUE_TEXT_ANY ||
                              match->match_value_case == QDRANT__MATCH__MATCH_VALUE_PHRASE);
}

static qdrant_status add_text(const Qdrant__Match *match, place at, preparation *with, condition *made) {
  qd_filter_text *text = qd_arena_zalloc(with->arena, sizeof *text);
  if (text == NULL)
    return fail_memory(with);
  text->match = match;
  text->is_nested = at.above != NULL;
  text->next = *with->texts;
  *with->texts = made->text = text;
  return qd_path_join(at.above, &made->path, with->arena, &text->path, with->err);
}

static qdrant_status prepare_field(
    const Qdrant__FieldCondition *message, place at, preparation *with, condition *made) {
  qdrant_status status = qd_field_check(message, with->err);
  if (status == QDRANT_OK)
    status = qd_path_parse(message->key, with->arena, &made->path, with->err);
  if (status == QDRANT_OK && looks_for_words(message->match))
    status = add_text(message->match, at, with, made);
  return status;
}

static qdrant_status check_slice(const Qdrant__SliceCondition *message, preparation *with) {
  if (message->total == 0)
    return qd_fail(with->err, QDRANT_INVALID_ARGUMENT, "Slice total must be greater than 0");
  if (message->index >= message->total)
    return qd_fail(with->err, QDRANT_INVALID_ARGUMENT, "Slice index must be less than the total number of slices");
  return QDRANT_OK;
}

static qdrant_status prepare_condition(const Qdrant__Condition *message, place at, preparation *with, condition *made) {
  *made = (condition){.message = message};
  switch (message->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD: return prepare_field(message->field, at, with, made);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY:
    return qd_path_parse(message->is_empty->key, with->arena, &made->path, with->err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL:
    return qd_path_parse(message->is_null->key, with->arena, &made->path, with->err);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID: return prepare_ids(message->has_id, with, made);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_VECTOR: return QDRANT_OK;
  case QDRANT__CONDITION__CONDITION_ONE_OF_NESTED: return prepare_nested(message->nested, at, with, made);
  case QDRANT__CONDITION__CONDITION_ONE_OF_FILTER:
    return prepare_filter(message->filter, (place){at.depth + 1, at.above}, with, &made->filter);
  case QDRANT__CONDITION__CONDITION_ONE_OF_SLICE: return check_slice(message->slice, with);
  default:
    return qd_fail(with->err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the condition of field %d",
        (int)message->condition_one_of_case);
  }
}

/* A condition in which nothing is set is dropped, as the server does. */
static qdrant_status prepare_conditions(
    size_t n, Qdrant__Condition *const *messages, place at, preparation *with, conditions *made) {
  made->n = 0;
  made->items = qd_arena_alloc(with->arena, (n > 0 ? n : 1) * sizeof *made->items);
  if (made->items == NULL)
    return fail_memory(with);
  for (size_t i = 0; i < n; i++) {
    if (messages[i]->condition_one_of_case == QDRANT__CONDITION__CONDITION_ONE_OF__NOT_SET)
      continue;
    qdrant_status status = prepare_condition(messages[i], at, with, &made->items[made->n++]);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

static qdrant_status prepare_min_should(
    const Qdrant__MinShould *message, place at, preparation *with, qd_filter *filter) {
  if (message == NULL)
    return QDRANT_OK;
  filter->min_count = message->min_count;
  return prepare_conditions(message->n_conditions, message->conditions, at, with, &filter->min_should);
}

static qdrant_status prepare_filter(
    const Qdrant__Filter *message, place at, preparation *with, const qd_filter **filter) {
  if (at.depth > MAX_DEPTH)
    return qd_fail(with->err, QDRANT_INVALID_ARGUMENT, "Wrong input: a filter may be nested %d levels deep", MAX_DEPTH);
  qd_filter *made = qd_arena_zalloc(with->arena, sizeof *made);
  if (made == NULL)
    return fail_memory(with);
  qdrant_status status = prepare_conditions(message->n_must, message->must, at, with, &made->must);
  if (status == QDRANT_OK)
    status = prepare_conditions(message->n_must_not, message->must_not, at, with, &made->must_not);
  if (status == QDRANT_OK)
    status = prepare_conditions(message->n_should, message->should, at, with, &made->should);
  if (status == QDRANT_OK)
    status = prepare_min_should(message->min_should, at, with, made);
  *filter = made;
  return status;
}

qdrant_status qd_filter_prepare(const Qdrant__Filter *message, qd_arena *arena, const qd_filter **filter,
    qd_filter_text **texts, qdrant_error *err) {
  preparation with = {arena, texts, err};
  *filter = NULL;
  return message == NULL ? QDRANT_OK : prepare_filter(message, (place){0, NULL}, &with, filter);
}

qdrant_status qd_filter_texts_bind(
    qd_filter_text *texts, const qd_field_index *indexes, size_t n, qd_arena *arena, qdrant_error *err) {
  qd_filter_texts_release(texts);
  for (qd_filter_text *text = texts; text != NULL; text = text->next) {
    const qd_field_index *index = qd_field_index_find(indexes, n, &text->path);
    if (index == NULL || index->schema->data_type != QDRANT__PAYLOAD_SCHEMA_TYPE__Text)
      continue;
    qdrant_status status = qd_text_query_new(text->match, index->schema, !text->is_nested, arena, &text->query, err);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

void qd_filter_texts_release(qd_filter_text *texts) {
  for (qd_filter_text *text = texts; text != NULL; text = text->next) {
    qd_text_query_free(text->query);
    text->query = NULL;
  }
}

static int has_one_of_ids(const condition *has_id, const qd_filter_subject *subject) {
  return subject->id != NULL && has_id->n_ids > 0 &&
         bsearch(subject->id, has_id->ids, has_id->n_ids, sizeof *has_id->ids, compare_ids) != NULL;
}

static int has_vector(const Qdrant__HasVectorCondition *message, const qd_filter_subject *subject) {
  return subject->vectors != NULL && subject->has_vector(subject->vectors, message->has_vector);
}

/* Which slice of all ids an id is in: the server's hash, of the bytes it hashes. */
static int is_in_slice(const Qdrant__SliceCondition *slice, const qd_filter_subject *subject) {
  uint8_t bytes[QD_ID_HASHED_BYTES];
  if (subject->id == NULL)
    return 0;
  size_t n_bytes = qd_id_write_hashed(subject->id, bytes);
  return qd_siphash((qd_siphash_key){0, 0}, bytes, n_bytes) % slice->total == slice->index;
}

static int matches_field(const condition *test, const qd_filter_subject *subject) {
  const Qdrant__FieldCondition *field = test->message->field;
  if (test->text == NULL || test->text->query == NULL)
    return qd_field_matches(field, &test->path, subject->payload);
  return qd_text_query_matches(test->text->query, &test->path, subject->payload);
}

static int visit_element(void *user, const Qdrant__Value *value) {
  const qd_filter *filter = user;
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return 0;
  return qd_filter_matches(filter, &(qd_filter_subject){.payload = value->struct_value});
}

static int matches_condition(const condition *test, const qd_filter_subject *subject) {
  switch (test->message->condition_one_of_case) {
  case QDRANT__CONDITION__CONDITION_ONE_OF_FIELD: return matches_field(test, subject);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY: return qd_path_is_empty(&test->path, subject->payload);
  case QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL: return qd_path_is_null(&test->path, subject->payload);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_ID: return has_one_of_ids(test, subject);
  case QDRANT__CONDITION__CONDITION_ONE_OF_HAS_VECTOR: return has_vector(test->message->has_vector, subject);
  case QDRANT__CONDITION__CONDITION_ONE_OF_SLICE: return is_in_slice(test->message->slice, subject);
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

#include "memory/groups.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/filter_merge.h"
#include "memory/groups_reply.h"

/* One request under way. */
typedef struct grouped {
  const qd_grouping *asked;
  qd_path path;
  qd_groups *found;
  size_t hit; /* the place of the point that is looked at */
} grouped;

static int read_key(const Qdrant__Value *value, qd_key *key) {
  if (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE) {
    *key = (qd_key){.kind = QD_KEY_INTEGER, .integer = value->integer_value};
    return 1;
  }
  if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE)
    return 0;
  *key = (qd_key){.kind = QD_KEY_TEXT, .text = value->string_value.data, .n_bytes = value->string_value.len};
  return 1;
}

static int visit_misfit(void *user, const Qdrant__Value *value) {
  qd_key key;
  (void)user;
  return !read_key(value, &key);
}

static int grow_members(qd_groups *found) {
  enum { FIRST_CAPACITY = 64 };
  if (found->n_members < found->capacity)
    return 1;
  size_t capacity = found->capacity > 0 ? 2 * found->capacity : FIRST_CAPACITY;
  qd_group_member *members = qd_realloc(found->members, capacity * sizeof *members);
  if (members == NULL)
    return 0;
  found->members = members;
  found->capacity = capacity;
  return 1;
}

static int grow_sizes(qd_groups *found) {
  if (found->sizes_capacity >= found->keys.capacity)
    return 1;
  qd_group_size *sizes = qd_realloc(found->sizes, found->keys.capacity * sizeof *sizes);
  if (sizes == NULL)
    return 0;
  found->sizes = sizes;
  found->sizes_capacity = found->keys.capacity;
  return 1;
}

/* Hits come best first, so that the groups do, too: those that are complete, or come too late, take no more. Not 0 when
 * out of memory. */
static int add_member(void *user, const Qdrant__Value *value) {
  grouped *of = user;
  qd_groups *found = of->found;
  qd_key key;
  read_key(value, &key);
  size_t n_before = found->keys.n;
  size_t at = qd_value_map_add(&found->keys, &key);
  if (at == SIZE_MAX || !grow_sizes(found))
    return 1;
  if (at == n_before)
    found->sizes[at] = (qd_group_size){0, SIZE_MAX};
  qd_group_size *size = &found->sizes[at];
  if (at >= of->asked->n_groups || size->n == of->asked->group_size || size->last_hit == of->hit)
    return 0;
  if (!grow_members(found))
    return 1;
  *size = (qd_group_size){size->n + 1, of->hit};
  found->members[found->n_members++] = (qd_group_member){at, of->hit};
  return 0;
}

static qdrant_status group_hits(qd_job *job, const qd_view *view, const qd_hits *hits, grouped *of) {
  for (of->hit = 0; of->hit < hits->n; of->hit++) {
    const Qdrant__Struct *payload = qd_view_payload(view, hits->items[of->hit].slot);
    qdrant_status status = qd_job_check_deadline(job, of->hit);
    if (status != QDRANT_OK)
      return status;
    /* One value that is neither text nor integer keeps a point out of all groups. */
    if (qd_path_walk_elements(&of->path, payload, visit_misfit, NULL))
      continue;
    if (qd_path_walk_elements(&of->path, payload, add_member, of))
      return qd_job_fail_memory(job);
  }
  return QDRANT_OK;
}

/* Whether more hits could change anything. */
static int is_complete(const grouped *of, const qd_source *source) {
  if (source->hits.n < source->limit)
    return 1;
  if (of->found->keys.n < of->asked->n_groups)
    return 0;
  for (size_t i = 0; i < of->asked->n_groups; i++)
    if (of->found->sizes[i].n < of->asked->group_size)
      return 0;
  return 1;
}

/* A condition that leaves only points which have the key. */
static const Qdrant__Filter *require_key(qd_job *job, const char *key) {
  Qdrant__Filter *filter = qd_job_message(job, &qdrant__filter__descriptor);
  Qdrant__Condition *condition = qd_job_message(job, &qdrant__condition__descriptor);
  Qdrant__IsEmptyCondition *is_empty = qd_job_message(job, &qdrant__is_empty_condition__descriptor);
  Qdrant__Condition **list = qd_arena_alloc(job->arena, sizeof(Qdrant__Condition *));
  if (filter == NULL || condition == NULL || is_empty == NULL || list == NULL)
    return NULL;
  is_empty->key = (char *)(uintptr_t)key;
  condition->condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_IS_EMPTY;
  condition->is_empty = is_empty;
  list[0] = condition;
  filter->n_must_not = 1;
  filter->must_not = list;
  return filter;
}

static uint64_t multiply_limit(uint64_t limit, uint64_t by) {
  return by > 0 && limit > UINT64_MAX / by ? UINT64_MAX : limit * by;
}

static void widen_prefetches(qd_source *source, uint64_t group_size) {
  for (size_t i = 0; i < source->n_prefetches; i++) {
    source->prefetches[i].limit = multiply_limit(source->prefetches[i].limit, group_size);
    widen_prefetches(&source->prefetches[i], group_size);
  }
}

static qdrant_status prepare_query(qd_job *job, const char *collection, const grouped *of, qd_grouped_reader read,
    const qd_query_message *message, uint64_t limit, qd_query *query) {
  *query = (qd_query){0};
  qdrant_status status = read(job, &query->source);
  if (status != QDRANT_OK)
    return status;
  const Qdrant__Filter *has_key = require_key(job, of->asked->key);
  if (has_key == NULL)
    return qd_job_fail_memory(job);
  query->source.limit = limit;
  widen_prefetches(&query->source, of->asked->group_size);
  status = qd_filter_merge(job, query->source.filter_message, has_key, &query->source.filter_message);
  return status == QDRANT_OK ? qd_query_complete(job, collection, message, 0, query) : status;
}

/* Groups the first `limit` hits, and replies when more would change nothing. */
static qdrant_status group_query(
    qd_job *job, const qd_view *view, const qd_query *query, grouped *of, Qdrant__GroupsResult *result, int *is_done) {
  qd_groups found = {0};
  of->found = &found;
  qd_value_map_init(&found.keys);
  qdrant_status status = group_hits(job, view, &query->source.hits, of);
  *is_done = status != QDRANT_OK || is_complete(of, &query->source);
  if (status == QDRANT_OK && *is_done)
    status = qd_groups_reply(job, view, query, &found, of->asked->n_groups, result);
  qd_groups_free(&found);
  return status;
}

/* Asks for ever more hits until the groups are full. */
static qdrant_status fill_groups(qd_job *job, const char *collection, grouped *of, qd_grouped_reader read,
    const qd_query_message *message, Qdrant__GroupsResult *result) {
  enum { GROWTH = 4 };
  qdrant_status status = QDRANT_OK;
  uint64_t limit = multiply_limit(of->asked->n_groups, of->asked->group_size);
  for (int is_done = 0; status == QDRANT_OK && !is_done; limit = multiply_limit(limit, GROWTH)) {
    qd_query query;
    qd_reader reader;
    status = prepare_query(job, collection, of, read, message, limit, &query);
    if (status == QDRANT_OK)
      status = qd_query_begin(job, collection, &query, 1, &reader);
    if (status != QDRANT_OK)
      break;
    status = group_query(job, &reader.view, &query, of, result, &is_done);
    qd_query_end(&reader);
  }
  return status;
}

/* The server looks at what a payload selector of the key leaves: nothing, for an element by its number. */
static int has_index(const qd_path *path) {
  for (size_t i = 0; i < path->n_items; i++)
    if (path->items[i].kind == QD_PATH_INDEX)
      return 1;
  return 0;
}

qdrant_status qd_groups_answer(qd_job *job, const char *collection, const qd_grouping *asked, qd_grouped_reader read,
    const qd_query_message *message, Qdrant__GroupsResult **result) {
  grouped of = {.asked = asked};
  qd_reply_parts lookup_parts;
  *result = qd_job_message(job, &qdrant__groups_result__descriptor);
  if (*result == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_path_parse(asked->key, job->arena, &of.path, job->err);
  if (status == QDRANT_OK && asked->lookup != NULL)
    status = qd_reply_parts_read(
        job, asked->lookup->with_payload, QD_PAYLOAD_ALL, asked->lookup->with_vectors, &lookup_parts);
  if (status == QDRANT_OK)
    status = fill_groups(job, collection, &of, read, message, *result);
  if (status == QDRANT_OK && has_index(&of.path))
    (*result)->n_groups = 0;
  if (status == QDRANT_OK && asked->lookup != NULL)
    status = qd_groups_look_up(job, asked->lookup->collection, &lookup_parts, *result);
  return status;
}

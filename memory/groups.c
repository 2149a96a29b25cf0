#include "memory/groups.h"

#include "memory/filter_merge.h"
#include "memory/groups_filter.h"
#include "memory/groups_lookup.h"

/* The server's way, so that the same groups come out: it asks for as many points as the groups may have, then again for
 * points that are in no full group, then for points of groups that are not full. */
enum { MAX_ROUNDS = 5 };

/* One request under way. */
typedef struct grouped {
  qd_job *job;
  const char *collection;
  const qd_grouping *asked;
  qd_grouped_reader read;
  const qd_query_message *message;
  qd_groups found;
} grouped;

static uint64_t multiply_limit(uint64_t limit, uint64_t by) {
  return by > 0 && limit > UINT64_MAX / by ? UINT64_MAX : limit * by;
}

static void widen_prefetches(qd_source *source, uint64_t group_size) {
  for (size_t i = 0; i < source->n_prefetches; i++) {
    source->prefetches[i].limit = multiply_limit(source->prefetches[i].limit, group_size);
    widen_prefetches(&source->prefetches[i], group_size);
  }
}

static qdrant_status prepare_query(grouped *of, qd_groups_wanted wanted, qd_query *query) {
  *query = (qd_query){0};
  qdrant_status status = of->read(of->job, &query->source);
  if (status != QDRANT_OK)
    return status;
  const Qdrant__Filter *left = qd_groups_filter(of->job, of->asked->key, &of->found, wanted);
  if (left == NULL)
    return qd_job_fail_memory(of->job);
  query->source.limit = multiply_limit(of->asked->n_groups, of->asked->group_size);
  widen_prefetches(&query->source, of->asked->group_size);
  status = qd_filter_merge(of->job, query->source.filter_message, left, &query->source.filter_message);
  return status == QDRANT_OK ? qd_query_complete(of->job, of->collection, of->message, 0, query) : status;
}

static int order_of_distance(const qd_view *view, const char *using) {
  const qd_vector_field *field = qd_view_field(view, using);
  int is_small_near =
      field != NULL && (field->distance == QDRANT__DISTANCE__Euclid || field->distance == QDRANT__DISTANCE__Manhattan);
  return is_small_near ? -1 : 1;
}

/* Whether large or small scores are good. */
static int order_of(const qd_view *view, const qd_source *source) {
  switch (source->kind) {
  case QD_SOURCE_SAMPLE:
  case QD_SOURCE_MMR: return 0;
  case QD_SOURCE_IN_ORDER: return -1;
  case QD_SOURCE_ORDER_BY: return source->order.is_descending ? 1 : -1;
  case QD_SOURCE_NEAREST:
  case QD_SOURCE_AVERAGE: return order_of_distance(view, source->using);
  default: return 1;
  }
}

/* *n says how many points the round brought. */
static qdrant_status run_round(grouped *of, qd_groups_wanted wanted, size_t *n) {
  qd_query query;
  qd_reader reader;
  qdrant_status status = prepare_query(of, wanted, &query);
  if (status == QDRANT_OK)
    status = qd_query_begin(of->job, of->collection, &query, 1, &reader);
  if (status != QDRANT_OK)
    return status;
  *n = query.source.hits.n;
  of->found.order = order_of(&reader.view, &query.source);
  status = qd_groups_add(of->job, &reader.view, &query, &of->found);
  qd_query_end(&reader);
  return status;
}

/* Whether as many groups as were asked for are full. */
static qdrant_status check_full(grouped *of, int *is_full) {
  size_t n;
  size_t n_full = 0;
  const size_t *best = qd_groups_best(of->job, &of->found, &n);
  if (best == NULL)
    return qd_job_fail_memory(of->job);
  for (size_t i = 0; i < n; i++)
    n_full += (size_t)qd_groups_is_full(&of->found, best[i]);
  *is_full = n_full >= of->asked->n_groups;
  return QDRANT_OK;
}

static qdrant_status run_rounds(grouped *of, qd_groups_wanted wanted, int *is_full) {
  qdrant_status status = QDRANT_OK;
  size_t n = 1;
  for (int i = 0; i < MAX_ROUNDS && n > 0 && !*is_full && status == QDRANT_OK; i++) {
    status = run_round(of, wanted, &n);
    if (status == QDRANT_OK && n > 0)
      status = check_full(of, is_full);
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

static qdrant_status find_groups(grouped *of, Qdrant__GroupsResult *result) {
  int is_full = 0;
  of->found.max_groups = of->asked->n_groups;
  of->found.max_points = of->asked->group_size;
  qdrant_status status = run_rounds(of, QD_GROUPS_WANTED_NEW, &is_full);
  if (status == QDRANT_OK)
    status = run_rounds(of, QD_GROUPS_WANTED_UNFILLED, &is_full);
  if (status != QDRANT_OK || has_index(&of->found.path))
    return status;
  return qd_groups_reply(of->job, &of->found, result);
}

static qdrant_status answer(grouped *of, Qdrant__GroupsResult *result) {
  qd_job *job = of->job;
  const Qdrant__WithLookup *lookup = of->asked->lookup;
  qd_reply_parts parts;
  qdrant_status status = qd_path_parse(of->asked->key, job->arena, &of->found.path, job->err);
  if (status == QDRANT_OK && lookup != NULL)
    status = qd_reply_parts_read(job, lookup->with_payload, QD_PAYLOAD_ALL, lookup->with_vectors, &parts);
  if (status == QDRANT_OK)
    status = find_groups(of, result);
  if (status == QDRANT_OK && lookup != NULL)
    status = qd_groups_look_up(job, lookup->collection, &parts, result);
  return status;
}

qdrant_status qd_groups_answer(qd_job *job, const char *collection, const qd_grouping *asked, qd_grouped_reader read,
    const qd_query_message *message, Qdrant__GroupsResult **result) {
  grouped of = {.job = job, .collection = collection, .asked = asked, .read = read, .message = message};
  *result = qd_job_message(job, &qdrant__groups_result__descriptor);
  if (*result == NULL)
    return qd_job_fail_memory(job);
  qd_groups_init(&of.found);
  qdrant_status status = answer(&of, *result);
  qd_groups_free(&of.found);
  return status;
}

#include "memory/groups_reply.h"

#include "core/alloc.h"
#include "core/error.h"

#include <string.h>

void qd_groups_free(qd_groups *groups) {
  qd_value_map_free(&groups->keys);
  qd_free(groups->sizes);
  qd_free(groups->members);
}

static int write_id(qd_job *job, const qd_key *key, Qdrant__GroupId *id) {
  if (key->kind == QD_KEY_TEXT) {
    id->kind_case = QDRANT__GROUP_ID__KIND_STRING_VALUE;
    id->string_value.len = key->n_bytes;
    id->string_value.data = (uint8_t *)qd_arena_strndup(job->arena, (const char *)key->text, key->n_bytes);
    return id->string_value.data != NULL;
  }
  if (key->integer >= 0) {
    id->kind_case = QDRANT__GROUP_ID__KIND_UNSIGNED_VALUE;
    id->unsigned_value = (uint64_t)key->integer;
  } else {
    id->kind_case = QDRANT__GROUP_ID__KIND_INTEGER_VALUE;
    id->integer_value = key->integer;
  }
  return 1;
}

static Qdrant__PointGroup *make_group(qd_job *job, const qd_key *key, size_t n_hits) {
  Qdrant__PointGroup *group = qd_job_message(job, &qdrant__point_group__descriptor);
  if (group == NULL)
    return NULL;
  group->id = qd_job_message(job, &qdrant__group_id__descriptor);
  group->hits = qd_arena_alloc(job->arena, (n_hits + 1) * sizeof *group->hits);
  return group->id != NULL && group->hits != NULL && write_id(job, key, group->id) ? group : NULL;
}

qdrant_status qd_groups_reply(qd_job *job, const qd_view *view, const qd_query *query, const qd_groups *groups,
    uint64_t n_groups, Qdrant__GroupsResult *result) {
  size_t n = n_groups < groups->keys.n ? (size_t)n_groups : groups->keys.n;
  result->groups = qd_arena_alloc(job->arena, (n + 1) * sizeof *result->groups);
  if (result->groups == NULL)
    return qd_job_fail_memory(job);
  for (; result->n_groups < n; result->n_groups++) {
    Qdrant__PointGroup *group =
        make_group(job, &groups->keys.keys[result->n_groups], groups->sizes[result->n_groups].n);
    if (group == NULL)
      return qd_job_fail_memory(job);
    result->groups[result->n_groups] = group;
  }
  for (size_t i = 0; i < groups->n_members; i++) {
    Qdrant__PointGroup *group = result->groups[groups->members[i].group];
    Qdrant__ScoredPoint *point = qd_query_reply(job, view, query, groups->members[i].hit);
    if (point == NULL)
      return QDRANT_NO_MEMORY;
    group->hits[group->n_hits++] = point;
  }
  return QDRANT_OK;
}

/* Not every value of a group is an id. */
static int read_id(const Qdrant__GroupId *group, qd_id *id) {
  Qdrant__PointId message = QDRANT__POINT_ID__INIT;
  char text[64];
  if (group->kind_case == QDRANT__GROUP_ID__KIND_UNSIGNED_VALUE) {
    *id = (qd_id){.low = group->unsigned_value};
    return 1;
  }
  if (group->kind_case != QDRANT__GROUP_ID__KIND_STRING_VALUE || group->string_value.len >= sizeof text)
    return 0;
  memcpy(text, group->string_value.data, group->string_value.len);
  text[group->string_value.len] = '\0';
  message.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  message.uuid = text;
  return qd_id_read(&message, id, NULL) == QDRANT_OK;
}

static qdrant_status find_points(
    qd_job *job, const qd_view *view, const qd_reply_parts *parts, Qdrant__GroupsResult *result) {
  for (size_t i = 0; i < result->n_groups; i++) {
    qd_id id;
    uint32_t slot = read_id(result->groups[i]->id, &id) ? qd_view_find(view, &id) : QD_NO_SLOT;
    if (slot == QD_NO_SLOT)
      continue;
    result->groups[i]->lookup = qd_reply_retrieved(job, view, slot, parts);
    if (result->groups[i]->lookup == NULL)
      return QDRANT_NO_MEMORY;
  }
  return QDRANT_OK;
}

qdrant_status qd_groups_look_up(
    qd_job *job, const char *collection, const qd_reply_parts *parts, Qdrant__GroupsResult *result) {
  qd_reader reader;
  qdrant_status status = qd_job_read(job, collection, NULL, &reader);
  if (status == QDRANT_NOT_FOUND) {
    qd_error_clear(job->err); /* the server says it in other words here */
    return qd_fail(job->err, status, "Not found: Collection %s not found", collection);
  }
  if (status != QDRANT_OK)
    return status;
  status = find_points(job, &reader.view, parts, result);
  qd_job_end_read(&reader);
  return status;
}

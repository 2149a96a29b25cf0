#include "memory/groups_lookup.h"

#include "core/error.h"

#include <string.h>

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
  qdrant_status status = result->n_groups > 0 ? qd_reply_parts_check(job, view, parts) : QDRANT_OK;
  for (size_t i = 0; i < result->n_groups && status == QDRANT_OK; i++) {
    qd_id id;
    uint32_t slot = read_id(result->groups[i]->id, &id) ? qd_view_find(view, &id) : QD_NO_SLOT;
    if (slot == QD_NO_SLOT)
      continue;
    result->groups[i]->lookup = qd_reply_retrieved(job, view, slot, parts);
    if (result->groups[i]->lookup == NULL)
      return QDRANT_NO_MEMORY;
  }
  return status;
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

#include "server/applied.h"

#include "core/alloc.h"
#include "core/error.h"
#include "qdrant/pb/points.pb-c.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct qd_applied {
  int fd; /* opened with O_APPEND: one write is one piece, whoever writes besides */
};

qdrant_status qd_applied_open(const char *path, qd_applied **opened, qdrant_error *err) {
  qd_applied *applied = qd_zalloc(sizeof *applied);
  *opened = NULL;
  if (applied == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  applied->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (applied->fd < 0) {
    qd_free(applied);
    return qd_fail(err, QDRANT_INTERNAL, "options.applied_path: %s: %s", path, strerror(errno));
  }
  *opened = applied;
  return QDRANT_OK;
}

void qd_applied_close(qd_applied *applied) {
  if (applied == NULL)
    return;
  close(applied->fd);
  qd_free(applied);
}

/* Writes the numbers to ids, if it is not NULL, and returns how many there are. */
static size_t collect_points(Qdrant__PointStruct *const *points, size_t n_points, uint64_t *ids) {
  size_t n_ids = 0;
  for (size_t i = 0; i < n_points; i++) {
    const Qdrant__PointId *id = points[i]->id;
    if (id == NULL || id->point_id_options_case != QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM)
      continue;
    if (ids != NULL)
      ids[n_ids] = id->num;
    n_ids++;
  }
  return n_ids;
}

static size_t collect_batch(const Qdrant__UpdateBatchPoints *batch, uint64_t *ids) {
  size_t n_ids = 0;
  for (size_t i = 0; i < batch->n_operations; i++) {
    const Qdrant__PointsUpdateOperation *operation = batch->operations[i];
    if (operation->operation_case == QDRANT__POINTS_UPDATE_OPERATION__OPERATION_UPSERT)
      n_ids += collect_points(operation->upsert->points, operation->upsert->n_points, ids != NULL ? ids + n_ids : NULL);
  }
  return n_ids;
}

static size_t collect(const qd_rpc *rpc, const ProtobufCMessage *request, uint64_t *ids) {
  const Qdrant__UpsertPoints *upsert = (const Qdrant__UpsertPoints *)request;
  if (rpc->id == QDRANT_RPC_POINTS_UPSERT)
    return collect_points(upsert->points, upsert->n_points, ids);
  if (rpc->id == QDRANT_RPC_POINTS_UPDATE_BATCH)
    return collect_batch((const Qdrant__UpdateBatchPoints *)request, ids);
  return 0;
}

qdrant_status qd_applied_add(
    qd_applied *applied, const qd_rpc *rpc, const ProtobufCMessage *request, qdrant_error *err) {
  size_t n_ids = collect(rpc, request, NULL);
  if (n_ids == 0)
    return QDRANT_OK;
  uint64_t *ids = qd_alloc_array(n_ids, sizeof *ids);
  if (ids == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  collect(rpc, request, ids);
  ssize_t n_written = write(applied->fd, ids, n_ids * sizeof *ids);
  qd_free(ids);
  if (n_written != (ssize_t)(n_ids * sizeof *ids))
    return qd_fail(err, QDRANT_INTERNAL, "what was applied could not be recorded: %s", strerror(errno));
  return QDRANT_OK;
}

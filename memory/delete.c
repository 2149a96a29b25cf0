#include "memory/selection.h"
#include "memory/write.h"

static qdrant_status apply_delete(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  (void)number;
  qd_view view = qd_collection_writer_view(collection);
  qd_slots slots;
  qdrant_status status = qd_selection_find(job, user, &view, &slots);
  for (size_t i = 0; i < slots.n && status == QDRANT_OK; i++)
    qd_point_store_remove(&collection->store, slots.items[i]);
  return status;
}

/* An id without a point is no failure here. */
qdrant_status qd_write_delete(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__DeletePoints *request = (const Qdrant__DeletePoints *)message;
  qd_selection selection;
  qdrant_status status = qd_selection_read(job, request->points, "PointSelector is missing", &selection);
  if (status != QDRANT_OK)
    return status;
  qd_write_place place = {&request->base, request->collection_name, request->shard_key_selector,
      qd_selection_is_empty(&selection), request->wait};
  return qd_write_run(job, &place, apply_delete, &selection, result);
}

qdrant_status qd_job_points_delete(qd_job *job) {
  return qd_write_alone(job, qd_write_delete);
}

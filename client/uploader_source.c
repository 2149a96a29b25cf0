#include "core/error.h"
#include "qdrant/source.h"
#include "qdrant/uploader.h"

static qdrant_status next_points(void *user, qdrant_point_batch *batch, qdrant_error *err) {
  return qdrant_source_next(user, batch, err);
}

qdrant_status qdrant_uploader_add_source(qdrant_uploader *uploader, struct qdrant_source *source, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "source is NULL");
  return qdrant_uploader_pull(uploader, next_points, source, err);
}

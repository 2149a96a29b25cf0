#include "client/snapshot_target.h"

#include "codec/percent.h"
#include "core/error.h"
#include "core/sized.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const size_t MAX_TARGET_BYTES = 8192;

static void add(qd_text *text, const char *bytes) {
  qd_text_add(text, bytes, strlen(bytes));
}

const char *qd_snapshot_target(
    const qdrant_snapshot_place *place, const char *before_name, const char *name, const char *query, qd_arena *arena) {
  qd_text text;
  char shard[32];
  qd_text_init(&text, arena, MAX_TARGET_BYTES);
  if (place->collection != NULL) {
    add(&text, "/collections/");
    qd_percent_encode(&text, place->collection);
  }
  if (place->is_shard) {
    snprintf(shard, sizeof shard, "/shards/%" PRIu32, place->shard_id);
    add(&text, shard);
  }
  add(&text, before_name);
  if (name != NULL)
    qd_percent_encode(&text, name);
  add(&text, query);
  return qd_text_end(&text);
}

qdrant_status qd_snapshot_place_read(
    const qdrant_snapshot_place *given, int is_storage_allowed, qdrant_snapshot_place *place, qdrant_error *err) {
  qdrant_status status =
      qd_sized_copy(place, sizeof *place, given, "qdrant_snapshot_place", QDRANT_INVALID_ARGUMENT, err);
  if (status != QDRANT_OK)
    return status;
  if (place->collection != NULL && place->collection[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "place.collection is empty; NULL means the whole storage");
  if (place->collection == NULL && (place->is_shard || !is_storage_allowed))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "place.collection is NULL: %s",
        place->is_shard ? "a shard belongs to a collection"
                        : "a running server cannot take a snapshot of all its storage");
  return QDRANT_OK;
}

#include "client/snapshot_target.h"
#include "core/error.h"
#include "qdrant/rest.h"

typedef struct shard_call {
  const char *verb;
  const char *name; /* of the snapshot; NULL: none */
  int is_repeatable;
} shard_call;

static qdrant_status make_call(qdrant_client *client, const char *collection, uint32_t shard_id,
    const shard_call *wanted, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qdrant_snapshot_place place = QDRANT_SNAPSHOT_PLACE_INIT;
  qdrant_rest_request request = QDRANT_REST_REQUEST_INIT;
  qd_error_clear(err);
  if (collection == NULL || collection[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name is empty");
  qd_arena *arena = qd_arena_new(0);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a call about shard snapshots was begun");
  place.collection = collection;
  place.is_shard = 1;
  place.shard_id = shard_id;
  request.verb = wanted->verb;
  request.target =
      qd_snapshot_target(&place, wanted->name != NULL ? "/snapshots/" : "/snapshots", wanted->name, "", arena);
  request.is_repeatable = wanted->is_repeatable;
  qdrant_status status = request.target != NULL
                             ? qdrant_rest_call(client, &request, options, reply, err)
                             : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the name of a snapshot");
  qd_arena_free(arena);
  return status;
}

qdrant_status qdrant_shard_snapshot_create(qdrant_client *client, const char *collection, uint32_t shard_id,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  return make_call(client, collection, shard_id, &(shard_call){.verb = "POST"}, options, reply, err);
}

qdrant_status qdrant_shard_snapshot_list(qdrant_client *client, const char *collection, uint32_t shard_id,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  return make_call(client, collection, shard_id, &(shard_call){.verb = "GET", .is_repeatable = 1}, options, reply, err);
}

qdrant_status qdrant_shard_snapshot_delete(qdrant_client *client, const char *collection, uint32_t shard_id,
    const char *name, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qd_error_clear(err);
  if (name == NULL || name[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "name is empty; expected a snapshot's name");
  return make_call(client, collection, shard_id, &(shard_call){.verb = "DELETE", .name = name}, options, reply, err);
}

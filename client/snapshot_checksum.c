#include "client/snapshot_checksum.h"

#include "core/error.h"
#include "core/json_tree.h"
#include "qdrant/calls.h"
#include "qdrant/rest.h"

#include <string.h>

static qdrant_status keep(const char *text, size_t n_bytes, qd_arena *arena, const char **checksum, qdrant_error *err) {
  *checksum = qd_arena_strndup(arena, text, n_bytes);
  return *checksum != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a checksum");
}

static qdrant_status find_in_message(const Qdrant__ListSnapshotsResponse *list, const char *name, qd_arena *arena,
    const char **checksum, qdrant_error *err) {
  for (size_t i = 0; i < list->n_snapshot_descriptions; i++) {
    const Qdrant__SnapshotDescription *one = list->snapshot_descriptions[i];
    if (one->checksum != NULL && strcmp(one->name, name) == 0)
      return keep(one->checksum, strlen(one->checksum), arena, checksum, err);
  }
  return QDRANT_OK;
}

static qdrant_status list_collection(qdrant_client *client, const qdrant_snapshot_place *place,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  Qdrant__ListSnapshotsRequest request = QDRANT__LIST_SNAPSHOTS_REQUEST__INIT;
  request.collection_name = (char *)(uintptr_t)place->collection;
  return qdrant_snapshots_list(client, &request, options, reply, err);
}

static qdrant_status list_storage(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  Qdrant__ListFullSnapshotsRequest request = QDRANT__LIST_FULL_SNAPSHOTS_REQUEST__INIT;
  return qdrant_snapshots_list_full(client, &request, options, reply, err);
}

static qdrant_status find_by_message(qdrant_client *client, const qdrant_snapshot_place *place, const char *name,
    const qdrant_call_options *options, qd_arena *arena, const char **checksum, qdrant_error *err) {
  qdrant_reply *reply = NULL;
  qdrant_status status = place->collection != NULL ? list_collection(client, place, options, &reply, err)
                                                   : list_storage(client, options, &reply, err);
  if (status != QDRANT_OK)
    return status;
  const Qdrant__ListSnapshotsResponse *list = (const Qdrant__ListSnapshotsResponse *)qdrant_reply_message(reply, err);
  status = list != NULL ? find_in_message(list, name, arena, checksum, err)
                        : QDRANT_BAD_REPLY; /* both lists are such a message */
  qdrant_reply_free(reply);
  return status;
}

/* [{"name": "...", "checksum": "..."}] */
static qdrant_status find_in_json(
    const qd_json_node *list, const char *name, qd_arena *arena, const char **checksum, qdrant_error *err) {
  for (size_t i = 0; list->kind == QD_JSON_ARRAY && i < list->n; i++) {
    const qd_json_node *its_name = qd_json_get(&list->items[i], "name");
    const qd_json_node *its_checksum = qd_json_get(&list->items[i], "checksum");
    if (its_name != NULL && qd_json_text_is(its_name, name) && its_checksum != NULL &&
        its_checksum->kind == QD_JSON_TEXT)
      return keep(its_checksum->text, its_checksum->n, arena, checksum, err);
  }
  return QDRANT_OK;
}

static qdrant_status find_by_json(qdrant_client *client, const qdrant_snapshot_place *place, const char *name,
    const qdrant_call_options *options, qd_arena *arena, const char **checksum, qdrant_error *err) {
  qdrant_reply *reply = NULL;
  const qd_json_node *list = NULL;
  size_t n_json = 0;
  qdrant_status status = qdrant_shard_snapshot_list(client, place->collection, place->shard_id, options, &reply, err);
  if (status != QDRANT_OK)
    return status;
  const char *json = qdrant_reply_result(reply, &n_json, err);
  status = json != NULL ? qd_json_tree_parse(json, n_json, arena, &list, err) : QDRANT_BAD_REPLY;
  if (status == QDRANT_OK)
    status = find_in_json(list, name, arena, checksum, err);
  qdrant_reply_free(reply);
  return status;
}

qdrant_status qd_snapshot_checksum(qdrant_client *client, const qdrant_snapshot_place *place, const char *name,
    const qdrant_call_options *options, qd_arena *arena, const char **checksum, qdrant_error *err) {
  *checksum = NULL;
  return place->is_shard ? find_by_json(client, place, name, options, arena, checksum, err)
                         : find_by_message(client, place, name, options, arena, checksum, err);
}

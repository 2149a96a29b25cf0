/* Aliases, shards, snapshots and the server's health. */
#include "codec/json_path.h"
#include "codec/member.h"
#include "codec/shape.h"
#include "codec/timestamp.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"

/* Without a zone: servers mean UTC. */
static qdrant_status write_local_time(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  char text[QD_TIMESTAMP_MAX_BYTES];
  size_t n = qd_timestamp_write(qd_pointer_member(message, field), text);
  if (n == 0)
    return qd_path_key(qd_json_refuse(out, "a time must lie in the years 1 to 9999"), out->err, field->name);
  qd_json_write_key(out, field->name);
  qd_text_add_json_string(out->text, text, n - 1);
  return QDRANT_OK;
}

static const qd_field_shape actions_fields[] = {{.name = "actions", .flags = QD_FIELD_ALWAYS}, {0}};
static const qd_field_shape aliases_fields[] = {{.name = "aliases", .flags = QD_FIELD_ALWAYS}, {0}};
static const qd_field_shape shard_keys_fields[] = {{.name = "shard_keys", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape cluster_fields[] = {{.name = "peer_id", .flags = QD_FIELD_ALWAYS},
    {.name = "shard_count", .flags = QD_FIELD_ALWAYS}, {.name = "local_shards", .flags = QD_FIELD_ALWAYS},
    {.name = "remote_shards", .flags = QD_FIELD_ALWAYS}, {.name = "shard_transfers", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape transfer_info_fields[] = {{.name = "shard_id", .flags = QD_FIELD_ALWAYS},
    {.name = "from", .flags = QD_FIELD_ALWAYS}, {.name = "to", .flags = QD_FIELD_ALWAYS},
    {.name = "sync", .flags = QD_FIELD_ALWAYS}, {0}};

/* Whose method may be left to the server. */
static const qd_field_shape move_fields[] = {{.name = "shard_id", .flags = QD_FIELD_ALWAYS},
    {.name = "from_peer_id", .flags = QD_FIELD_ALWAYS}, {.name = "to_peer_id", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape restart_fields[] = {{.name = "shard_id", .flags = QD_FIELD_ALWAYS},
    {.name = "from_peer_id", .flags = QD_FIELD_ALWAYS}, {.name = "to_peer_id", .flags = QD_FIELD_ALWAYS},
    {.name = "method", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape setup_fields[] = {{.name = "create_shard_key", .key = "create_sharding_key"},
    {.name = "delete_shard_key", .key = "drop_sharding_key"}, {0}};

static const qd_field_shape request_fields[] = {{.name = "request", .flags = QD_FIELD_FLAT}, {0}};

static const qd_field_shape snapshot_fields[] = {{.name = "name", .flags = QD_FIELD_ALWAYS},
    {.name = "size", .flags = QD_FIELD_ALWAYS}, {.name = "creation_time", .write = write_local_time}, {0}};

static const qd_field_shape health_fields[] = {
    {.name = "title", .flags = QD_FIELD_ALWAYS}, {.name = "version", .flags = QD_FIELD_ALWAYS}, {0}};

const qd_shape qd_shapes_cluster[] = {
    {.type = &qdrant__change_aliases__descriptor, .fields = actions_fields},
    {.type = &qdrant__create_alias__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__rename_alias__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__delete_alias__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__alias_description__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__list_aliases_response__descriptor, .fields = aliases_fields},
    {.type = &qdrant__collection_cluster_info_response__descriptor, .fields = cluster_fields},
    {.type = &qdrant__local_shard_info__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__remote_shard_info__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__shard_transfer_info__descriptor, .fields = transfer_info_fields},
    {.type = &qdrant__resharding_info__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__move_shard__descriptor, .fields = move_fields},
    {.type = &qdrant__replicate_shard__descriptor, .fields = move_fields},
    {.type = &qdrant__abort_shard_transfer__descriptor, .fields = move_fields},
    {.type = &qdrant__restart_transfer__descriptor, .fields = restart_fields},
    {.type = &qdrant__replica__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__update_collection_cluster_setup_request__descriptor, .fields = setup_fields},
    {.type = &qdrant__create_shard_key_request__descriptor, .fields = request_fields},
    {.type = &qdrant__delete_shard_key_request__descriptor, .fields = request_fields},
    {.type = &qdrant__list_shard_keys_response__descriptor, .fields = shard_keys_fields},
    {.type = &qdrant__update_collection_cluster_setup_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__create_shard_key_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__delete_shard_key_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__snapshot_description__descriptor, .fields = snapshot_fields},
    {.type = &qdrant__create_snapshot_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__list_snapshots_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__health_check_reply__descriptor, .fields = health_fields},
    {0},
};

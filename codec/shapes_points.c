/* Requests about points, but for queries. */
#include "codec/points_batch.h"
#include "codec/shape.h"
#include "qdrant/pb/points.pb-c.h"

static qdrant_status read_points(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  if (value->kind != QD_JSON_OBJECT)
    return qd_json_read_field(in, value, message, field);
  qd_json_node points;
  qdrant_status status = qd_points_of_batch(in, value, &points);
  return status == QDRANT_OK ? qd_json_read_field(in, &points, message, field) : status;
}

static const char *choose_with_payload(const qd_json_node *value) {
  if (value->kind == QD_JSON_TRUE || value->kind == QD_JSON_FALSE)
    return "enable";
  if (value->kind == QD_JSON_ARRAY || qd_json_get(value, "include") != NULL)
    return "include";
  return qd_json_get(value, "exclude") != NULL ? "exclude" : NULL;
}

static const char *choose_with_vectors(const qd_json_node *value) {
  if (value->kind == QD_JSON_TRUE || value->kind == QD_JSON_FALSE)
    return "enable";
  return value->kind == QD_JSON_ARRAY ? "include" : NULL;
}

/* One key, several, or one and another to fall back to while the first is not ready. */
static qdrant_status write_shard_keys(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__ShardKeySelector *selector = (const Qdrant__ShardKeySelector *)message;
  const ProtobufCFieldDescriptor *keys =
      protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "shard_keys");
  if (selector->fallback == NULL && selector->n_shard_keys != 1)
    return qd_json_write_field(out, NULL, message, keys);
  if (selector->n_shard_keys != 1)
    return qd_json_refuse(out, "a fallback needs exactly one shard key, there are %zu", selector->n_shard_keys);
  if (selector->fallback == NULL)
    return qd_json_write_message(out, &selector->shard_keys[0]->base);
  qd_json_write_raw(out, "{\"target\":");
  qdrant_status status = qd_json_write_message(out, &selector->shard_keys[0]->base);
  qd_json_write_key(out, "fallback");
  if (status == QDRANT_OK)
    status = qd_json_write_message(out, &selector->fallback->base);
  qd_json_write_raw(out, "}");
  return status;
}

static qdrant_status read_shard_keys(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  const qd_json_node *target = qd_json_get(value, "target");
  const qd_json_node *fallback = qd_json_get(value, "fallback");
  if (value->kind == QD_JSON_OBJECT && target == NULL)
    return qd_json_expected(in, value, "a shard key, a list of them, or an object with target and fallback");
  qdrant_status status = qd_json_read_named(in, target != NULL ? target : value, message, "shard_keys");
  if (status == QDRANT_OK && fallback != NULL)
    status = qd_json_read_named(in, fallback, message, "fallback");
  return status;
}

static qdrant_status read_lookup(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  return value->kind == QD_JSON_TEXT ? qd_json_read_named(in, value, message, "collection")
                                     : qd_json_read_shape(in, value, message);
}

static const qd_field_shape upsert_fields[] = {
    {.name = "points", .alias = "batch", .flags = QD_FIELD_ALWAYS, .read = read_points},
    {0},
};

static const qd_field_shape vectors_fields[] = {
    {.name = "vectors", .key = "vector", .alias = "vectors"},
    {0},
};

static const qd_field_shape points_fields[] = {
    {.name = "points", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape flat_points_fields[] = {
    {.name = "points", .flags = QD_FIELD_FLAT},
    {0},
};

static const qd_field_shape flat_selector_fields[] = {
    {.name = "points_selector", .flags = QD_FIELD_FLAT},
    {.name = "payload", .flags = QD_FIELD_ALWAYS},
    {.name = "keys", .flags = QD_FIELD_ALWAYS},
    {.name = "vectors", .key = "vector", .alias = "vectors"},
    {0},
};

static const qd_field_shape ids_fields[] = {
    {.name = "ids", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape with_payload_fields[] = {
    {.name = "include", .flags = QD_FIELD_KEYED},
    {.name = "exclude", .flags = QD_FIELD_KEYED},
    {0},
};

static const qd_field_shape shard_keys_fields[] = {
    {.name = "shard_keys", .flags = QD_FIELD_ONE_OR_MANY},
    {0},
};

static const qd_field_shape lookup_location_fields[] = {
    {.name = "collection_name", .key = "collection", .flags = QD_FIELD_ALWAYS},
    {.name = "vector_name", .key = "vector"},
    {0},
};

static const qd_field_shape with_lookup_fields[] = {
    {.name = "collection", .flags = QD_FIELD_ALWAYS},
    {.name = "with_vectors", .key = "with_vectors"},
    {0},
};

static const qd_field_shape facet_fields[] = {
    {.name = "key", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape operation_fields[] = {
    {.name = "delete_deprecated", .key = "delete", .flags = QD_FIELD_WRITE_ONLY},
    {.name = "clear_payload_deprecated", .key = "clear_payload", .flags = QD_FIELD_WRITE_ONLY},
    {.name = "delete_points", .key = "delete"},
    {0},
};

static const qd_field_shape operations_fields[] = {
    {.name = "operations", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_points[] = {
    {.type = &qdrant__upsert_points__descriptor, .fields = upsert_fields},
    {.type = &qdrant__point_struct__descriptor, .fields = vectors_fields},
    {.type = &qdrant__point_vectors__descriptor, .fields = vectors_fields},
    {.type = &qdrant__update_point_vectors__descriptor, .fields = points_fields},
    {.type = &qdrant__points_ids_list__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__points_selector__descriptor, .flags = QD_SHAPE_STRICT},
    {.type = &qdrant__delete_points__descriptor, .fields = flat_points_fields},
    {.type = &qdrant__clear_payload_points__descriptor, .fields = flat_points_fields},
    {.type = &qdrant__set_payload_points__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__delete_payload_points__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__delete_point_vectors__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__vectors_selector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__get_points__descriptor, .fields = ids_fields},
    {.type = &qdrant__facet_counts__descriptor, .fields = facet_fields},
    {.type = &qdrant__payload_include_selector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__payload_exclude_selector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__with_payload_selector__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_STRICT,
        .fields = with_payload_fields,
        .choose = choose_with_payload,
        .expected = "true, false, a list of keys, or an object with include or exclude"},
    {.type = &qdrant__with_vectors_selector__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .choose = choose_with_vectors,
        .expected = "true, false or a list of vector names"},
    {.type = &qdrant__shard_key_selector__descriptor,
        .fields = shard_keys_fields,
        .write = write_shard_keys,
        .read = read_shard_keys},
    {.type = &qdrant__lookup_location__descriptor, .fields = lookup_location_fields},
    {.type = &qdrant__with_lookup__descriptor, .fields = with_lookup_fields, .read = read_lookup},
    {.type = &qdrant__update_batch_points__descriptor, .fields = operations_fields},
    {.type = &qdrant__points_update_operation__descriptor, .fields = operation_fields},
    {.type = &qdrant__points_update_operation__point_struct_list__descriptor, .fields = upsert_fields},
    {.type = &qdrant__points_update_operation__set_payload__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__points_update_operation__overwrite_payload__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__points_update_operation__delete_payload__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__points_update_operation__update_vectors__descriptor, .fields = points_fields},
    {.type = &qdrant__points_update_operation__delete_vectors__descriptor, .fields = flat_selector_fields},
    {.type = &qdrant__points_update_operation__delete_points__descriptor, .fields = flat_points_fields},
    {.type = &qdrant__points_update_operation__clear_payload__descriptor, .fields = flat_points_fields},
    {0},
};

#include "codec/required.h"

#include "core/error.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

enum { MAX_KEYS = 9 };

typedef struct requirement {
  const ProtobufCMessageDescriptor *type;
  const char *refusal;        /* NULL: that the first key is missing */
  const char *keys[MAX_KEYS]; /* any of them will do; ended by NULL */
} requirement;

#define NO_VARIANT "data did not match any variant of untagged enum "
#define NO_SELECTOR "Either list of point ids or filter must be provided"
#define MESSAGE(name) &qdrant__##name##__descriptor
#define OPERATION(name) &qdrant__points_update_operation__##name##__descriptor

static const requirement requirements[] = {
    {MESSAGE(vector_params), NULL, {"size"}},
    {MESSAGE(vector_params), NULL, {"distance"}},
    {MESSAGE(quantization_config), NO_VARIANT "QuantizationConfig", {"scalar", "product", "binary", "turbo"}},
    {MESSAGE(quantization_config_diff), NO_VARIANT "QuantizationConfigDiff", {"scalar", "product", "binary", "turbo"}},
    {MESSAGE(change_aliases), NULL, {"actions"}},
    {MESSAGE(alias_operations), NO_VARIANT "AliasOperations", {"create_alias", "rename_alias", "delete_alias"}},
    {MESSAGE(create_shard_key), NULL, {"shard_key"}},
    {MESSAGE(delete_shard_key), NULL, {"shard_key"}},
    {MESSAGE(update_collection_cluster_setup_request), NO_VARIANT "ClusterOperations",
        {"move_shard", "replicate_shard", "abort_transfer", "drop_replica", "create_sharding_key", "drop_sharding_key",
            "restart_transfer", "replicate_points"}},
    {MESSAGE(create_field_index_collection), NULL, {"field_name"}},
    {MESSAGE(create_vector_name_request), NO_VARIANT "VectorNameConfig", {"dense", "sparse"}},
    {MESSAGE(upsert_points), NO_VARIANT "PointInsertOperations", {"points", "batch"}},
    {OPERATION(point_struct_list), NO_VARIANT "PointInsertOperations", {"points", "batch"}},
    {MESSAGE(point_struct), NULL, {"id"}},
    {MESSAGE(point_struct), NULL, {"vector", "vectors"}},
    {MESSAGE(point_vectors), NULL, {"id"}},
    {MESSAGE(point_vectors), NULL, {"vector", "vectors"}},
    {MESSAGE(update_point_vectors), NULL, {"points"}},
    {OPERATION(update_vectors), NULL, {"points"}},
    {MESSAGE(delete_points), NO_VARIANT "PointsSelector", {"points", "filter"}},
    {OPERATION(delete_points), NO_VARIANT "PointsSelector", {"points", "filter"}},
    {MESSAGE(clear_payload_points), NO_VARIANT "PointsSelector", {"points", "filter"}},
    {OPERATION(clear_payload), NO_VARIANT "PointsSelector", {"points", "filter"}},
    {MESSAGE(set_payload_points), NULL, {"payload"}},
    {MESSAGE(set_payload_points), NO_SELECTOR, {"points", "filter"}},
    {OPERATION(set_payload), NULL, {"payload"}},
    {OPERATION(set_payload), NO_SELECTOR, {"points", "filter"}},
    {OPERATION(overwrite_payload), NULL, {"payload"}},
    {OPERATION(overwrite_payload), NO_SELECTOR, {"points", "filter"}},
    {MESSAGE(delete_payload_points), NULL, {"keys"}},
    {MESSAGE(delete_payload_points), NO_SELECTOR, {"points", "filter"}},
    {OPERATION(delete_payload), NULL, {"keys"}},
    {OPERATION(delete_payload), NO_SELECTOR, {"points", "filter"}},
    {MESSAGE(delete_point_vectors), NULL, {"vector", "vectors"}},
    {OPERATION(delete_vectors), NULL, {"vector", "vectors"}},
    {MESSAGE(update_batch_points), NULL, {"operations"}},
    {MESSAGE(points_update_operation), NO_VARIANT "UpdateOperation",
        {"upsert", "delete", "set_payload", "overwrite_payload", "delete_payload", "clear_payload", "update_vectors",
            "delete_vectors"}},
    {MESSAGE(get_points), NULL, {"ids"}},
    {MESSAGE(search_points), NULL, {"vector"}},
    {MESSAGE(search_points), NULL, {"limit"}},
    {MESSAGE(search_batch_points), NULL, {"searches"}},
    {MESSAGE(search_point_groups), NULL, {"vector"}},
    {MESSAGE(search_point_groups), NULL, {"group_by"}},
    {MESSAGE(search_point_groups), NULL, {"group_size"}},
    {MESSAGE(search_point_groups), NULL, {"limit"}},
    {MESSAGE(recommend_points), NULL, {"limit"}},
    {MESSAGE(recommend_batch_points), NULL, {"searches"}},
    {MESSAGE(recommend_point_groups), NULL, {"group_by"}},
    {MESSAGE(recommend_point_groups), NULL, {"group_size"}},
    {MESSAGE(recommend_point_groups), NULL, {"limit"}},
    {MESSAGE(discover_points), NULL, {"limit"}},
    {MESSAGE(discover_batch_points), NULL, {"searches"}},
    {MESSAGE(query_batch_points), NULL, {"searches"}},
    {MESSAGE(query_point_groups), NULL, {"group_by"}},
    {MESSAGE(facet_counts), NULL, {"key"}},
    {MESSAGE(min_should), NULL, {"conditions"}},
    {MESSAGE(min_should), NULL, {"min_count"}},
};

static int has_any(const qd_json_node *object, const char *const *keys) {
  for (; *keys != NULL; keys++) {
    const qd_json_node *value = qd_json_get(object, *keys);
    if (value != NULL && value->kind != QD_JSON_NULL)
      return 1;
  }
  return 0;
}

qdrant_status qd_required_check(
    qd_json_reader *in, const qd_json_node *object, const ProtobufCMessageDescriptor *type) {
  for (size_t i = 0; i < sizeof requirements / sizeof requirements[0]; i++) {
    const requirement *row = &requirements[i];
    if (row->type != type || has_any(object, row->keys))
      continue;
    if (row->refusal != NULL)
      return qd_fail(in->err, QDRANT_INVALID_ARGUMENT, ": %s", row->refusal);
    return qd_fail(in->err, QDRANT_INVALID_ARGUMENT, ": missing field `%s`", row->keys[0]);
  }
  return QDRANT_OK;
}

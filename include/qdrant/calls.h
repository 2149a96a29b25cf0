#ifndef QDRANT_CALLS_H
#define QDRANT_CALLS_H

/* clang-format off */
/* Printed by scripts/print_calls.py from core/rpc.def.
 *
 * All RPCs with their types. For each RPC `name`:
 *
 *   qdrant_name(client, request, options, &reply, err)        makes the call and waits; the reply is the caller's and decoded;
 *   qdrant_name_start(client, request, options, then, err)    starts it and returns; `then` hears of its end exactly once;
 *   qdrant_name_response(reply, err)                          the message of a reply to this RPC, owned by the reply; NULL with *err
 *                                                             when the reply answers another RPC or cannot be decoded.
 *
 * request is borrowed until the function returns. options and err may be NULL. Ownership, threads and errors as in call.h: qdrant_call,
 * qdrant_call_start and qdrant_reply_message. */

#include "qdrant/call.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Title, version and commit of the server; needs no key. qdrant.Qdrant/HealthCheck. */
QDRANT_API qdrant_status qdrant_health_check(qdrant_client *client, const Qdrant__HealthCheckRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_health_check_start(qdrant_client *client, const Qdrant__HealthCheckRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__HealthCheckReply *qdrant_health_check_response(qdrant_reply *reply, qdrant_error *err);

/* Configuration and state of a collection. qdrant.Collections/Get. */
QDRANT_API qdrant_status qdrant_collections_get(qdrant_client *client, const Qdrant__GetCollectionInfoRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_get_start(qdrant_client *client, const Qdrant__GetCollectionInfoRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__GetCollectionInfoResponse *qdrant_collections_get_response(qdrant_reply *reply, qdrant_error *err);

/* Names of all collections. qdrant.Collections/List. */
QDRANT_API qdrant_status qdrant_collections_list(qdrant_client *client, const Qdrant__ListCollectionsRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_list_start(qdrant_client *client, const Qdrant__ListCollectionsRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListCollectionsResponse *qdrant_collections_list_response(qdrant_reply *reply, qdrant_error *err);

/* Creates a collection. qdrant.Collections/Create. */
QDRANT_API qdrant_status qdrant_collections_create(qdrant_client *client, const Qdrant__CreateCollection *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_create_start(qdrant_client *client, const Qdrant__CreateCollection *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionOperationResponse *qdrant_collections_create_response(qdrant_reply *reply, qdrant_error *err);

/* Changes parameters of a collection. qdrant.Collections/Update. */
QDRANT_API qdrant_status qdrant_collections_update(qdrant_client *client, const Qdrant__UpdateCollection *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_update_start(qdrant_client *client, const Qdrant__UpdateCollection *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionOperationResponse *qdrant_collections_update_response(qdrant_reply *reply, qdrant_error *err);

/* Drops a collection and its points; result is false when there was none. qdrant.Collections/Delete. */
QDRANT_API qdrant_status qdrant_collections_delete(qdrant_client *client, const Qdrant__DeleteCollection *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_delete_start(qdrant_client *client, const Qdrant__DeleteCollection *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionOperationResponse *qdrant_collections_delete_response(qdrant_reply *reply, qdrant_error *err);

/* Creates, renames and deletes aliases in one step. qdrant.Collections/UpdateAliases. */
QDRANT_API qdrant_status qdrant_collections_update_aliases(qdrant_client *client, const Qdrant__ChangeAliases *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_update_aliases_start(qdrant_client *client, const Qdrant__ChangeAliases *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionOperationResponse *qdrant_collections_update_aliases_response(qdrant_reply *reply, qdrant_error *err);

/* Aliases of one collection. qdrant.Collections/ListCollectionAliases. */
QDRANT_API qdrant_status qdrant_collections_list_collection_aliases(qdrant_client *client, const Qdrant__ListCollectionAliasesRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_list_collection_aliases_start(qdrant_client *client, const Qdrant__ListCollectionAliasesRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListAliasesResponse *qdrant_collections_list_collection_aliases_response(qdrant_reply *reply, qdrant_error *err);

/* All aliases. qdrant.Collections/ListAliases. */
QDRANT_API qdrant_status qdrant_collections_list_aliases(qdrant_client *client, const Qdrant__ListAliasesRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_list_aliases_start(qdrant_client *client, const Qdrant__ListAliasesRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListAliasesResponse *qdrant_collections_list_aliases_response(qdrant_reply *reply, qdrant_error *err);

/* Shards of a collection and where they are. qdrant.Collections/CollectionClusterInfo. */
QDRANT_API qdrant_status qdrant_collections_cluster_info(qdrant_client *client, const Qdrant__CollectionClusterInfoRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_cluster_info_start(qdrant_client *client, const Qdrant__CollectionClusterInfoRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionClusterInfoResponse *qdrant_collections_cluster_info_response(qdrant_reply *reply, qdrant_error *err);

/* Whether a collection exists. qdrant.Collections/CollectionExists. */
QDRANT_API qdrant_status qdrant_collections_exists(qdrant_client *client, const Qdrant__CollectionExistsRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_exists_start(qdrant_client *client, const Qdrant__CollectionExistsRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CollectionExistsResponse *qdrant_collections_exists_response(qdrant_reply *reply, qdrant_error *err);

/* Moves, replicates or drops shards. qdrant.Collections/UpdateCollectionClusterSetup. */
QDRANT_API qdrant_status qdrant_collections_update_cluster_setup(qdrant_client *client, const Qdrant__UpdateCollectionClusterSetupRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_update_cluster_setup_start(qdrant_client *client, const Qdrant__UpdateCollectionClusterSetupRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__UpdateCollectionClusterSetupResponse *qdrant_collections_update_cluster_setup_response(qdrant_reply *reply, qdrant_error *err);

/* Creates a shard key. qdrant.Collections/CreateShardKey. */
QDRANT_API qdrant_status qdrant_collections_create_shard_key(qdrant_client *client, const Qdrant__CreateShardKeyRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_create_shard_key_start(qdrant_client *client, const Qdrant__CreateShardKeyRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CreateShardKeyResponse *qdrant_collections_create_shard_key_response(qdrant_reply *reply, qdrant_error *err);

/* Deletes a shard key and its points. qdrant.Collections/DeleteShardKey. */
QDRANT_API qdrant_status qdrant_collections_delete_shard_key(qdrant_client *client, const Qdrant__DeleteShardKeyRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_delete_shard_key_start(qdrant_client *client, const Qdrant__DeleteShardKeyRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__DeleteShardKeyResponse *qdrant_collections_delete_shard_key_response(qdrant_reply *reply, qdrant_error *err);

/* Shard keys of a collection. qdrant.Collections/ListShardKeys. */
QDRANT_API qdrant_status qdrant_collections_list_shard_keys(qdrant_client *client, const Qdrant__ListShardKeysRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_collections_list_shard_keys_start(qdrant_client *client, const Qdrant__ListShardKeysRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListShardKeysResponse *qdrant_collections_list_shard_keys_response(qdrant_reply *reply, qdrant_error *err);

/* Stores points; a point whose id exists is replaced whole. qdrant.Points/Upsert. */
QDRANT_API qdrant_status qdrant_points_upsert(qdrant_client *client, const Qdrant__UpsertPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_upsert_start(qdrant_client *client, const Qdrant__UpsertPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_upsert_response(qdrant_reply *reply, qdrant_error *err);

/* Deletes points by ids or by filter. qdrant.Points/Delete. */
QDRANT_API qdrant_status qdrant_points_delete(qdrant_client *client, const Qdrant__DeletePoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_delete_start(qdrant_client *client, const Qdrant__DeletePoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_delete_response(qdrant_reply *reply, qdrant_error *err);

/* Reads points by ids; ids that do not exist are left out. qdrant.Points/Get. */
QDRANT_API qdrant_status qdrant_points_get(qdrant_client *client, const Qdrant__GetPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_get_start(qdrant_client *client, const Qdrant__GetPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__GetResponse *qdrant_points_get_response(qdrant_reply *reply, qdrant_error *err);

/* Replaces the given vectors of existing points and keeps the others. qdrant.Points/UpdateVectors. */
QDRANT_API qdrant_status qdrant_points_update_vectors(qdrant_client *client, const Qdrant__UpdatePointVectors *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_update_vectors_start(qdrant_client *client, const Qdrant__UpdatePointVectors *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_update_vectors_response(qdrant_reply *reply, qdrant_error *err);

/* Removes named vectors from points. qdrant.Points/DeleteVectors. */
QDRANT_API qdrant_status qdrant_points_delete_vectors(qdrant_client *client, const Qdrant__DeletePointVectors *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_delete_vectors_start(qdrant_client *client, const Qdrant__DeletePointVectors *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_delete_vectors_response(qdrant_reply *reply, qdrant_error *err);

/* Merges payload into points. qdrant.Points/SetPayload. */
QDRANT_API qdrant_status qdrant_points_set_payload(qdrant_client *client, const Qdrant__SetPayloadPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_set_payload_start(qdrant_client *client, const Qdrant__SetPayloadPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_set_payload_response(qdrant_reply *reply, qdrant_error *err);

/* Replaces the whole payload of points. qdrant.Points/OverwritePayload. */
QDRANT_API qdrant_status qdrant_points_overwrite_payload(qdrant_client *client, const Qdrant__SetPayloadPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_overwrite_payload_start(qdrant_client *client, const Qdrant__SetPayloadPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_overwrite_payload_response(qdrant_reply *reply, qdrant_error *err);

/* Removes payload keys from points. qdrant.Points/DeletePayload. */
QDRANT_API qdrant_status qdrant_points_delete_payload(qdrant_client *client, const Qdrant__DeletePayloadPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_delete_payload_start(qdrant_client *client, const Qdrant__DeletePayloadPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_delete_payload_response(qdrant_reply *reply, qdrant_error *err);

/* Removes the whole payload of points. qdrant.Points/ClearPayload. */
QDRANT_API qdrant_status qdrant_points_clear_payload(qdrant_client *client, const Qdrant__ClearPayloadPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_clear_payload_start(qdrant_client *client, const Qdrant__ClearPayloadPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_clear_payload_response(qdrant_reply *reply, qdrant_error *err);

/* Indexes a payload field. qdrant.Points/CreateFieldIndex. */
QDRANT_API qdrant_status qdrant_points_create_field_index(qdrant_client *client, const Qdrant__CreateFieldIndexCollection *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_create_field_index_start(qdrant_client *client, const Qdrant__CreateFieldIndexCollection *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_create_field_index_response(qdrant_reply *reply, qdrant_error *err);

/* Drops the index of a payload field. qdrant.Points/DeleteFieldIndex. */
QDRANT_API qdrant_status qdrant_points_delete_field_index(qdrant_client *client, const Qdrant__DeleteFieldIndexCollection *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_delete_field_index_start(qdrant_client *client, const Qdrant__DeleteFieldIndexCollection *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_delete_field_index_response(qdrant_reply *reply, qdrant_error *err);

/* Adds a named vector to a collection. qdrant.Points/CreateVectorName. */
QDRANT_API qdrant_status qdrant_points_create_vector_name(qdrant_client *client, const Qdrant__CreateVectorNameRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_create_vector_name_start(qdrant_client *client, const Qdrant__CreateVectorNameRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_create_vector_name_response(qdrant_reply *reply, qdrant_error *err);

/* Drops a named vector of a collection with all its vectors. qdrant.Points/DeleteVectorName. */
QDRANT_API qdrant_status qdrant_points_delete_vector_name(qdrant_client *client, const Qdrant__DeleteVectorNameRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_delete_vector_name_start(qdrant_client *client, const Qdrant__DeleteVectorNameRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__PointsOperationResponse *qdrant_points_delete_vector_name_response(qdrant_reply *reply, qdrant_error *err);

/* Nearest points to one vector. Deprecated by the server: use points_query. qdrant.Points/Search. */
QDRANT_API qdrant_status qdrant_points_search(qdrant_client *client, const Qdrant__SearchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_search_start(qdrant_client *client, const Qdrant__SearchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__SearchResponse *qdrant_points_search_response(qdrant_reply *reply, qdrant_error *err);

/* Several searches in one call. Deprecated by the server: use points_query_batch. qdrant.Points/SearchBatch. */
QDRANT_API qdrant_status qdrant_points_search_batch(qdrant_client *client, const Qdrant__SearchBatchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_search_batch_start(qdrant_client *client, const Qdrant__SearchBatchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__SearchBatchResponse *qdrant_points_search_batch_response(qdrant_reply *reply, qdrant_error *err);

/* Nearest points grouped by a payload field. Deprecated by the server: use points_query_groups. qdrant.Points/SearchGroups. */
QDRANT_API qdrant_status qdrant_points_search_groups(qdrant_client *client, const Qdrant__SearchPointGroups *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_search_groups_start(qdrant_client *client, const Qdrant__SearchPointGroups *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__SearchGroupsResponse *qdrant_points_search_groups_response(qdrant_reply *reply, qdrant_error *err);

/* Pages through points in id order or by a payload field. qdrant.Points/Scroll. */
QDRANT_API qdrant_status qdrant_points_scroll(qdrant_client *client, const Qdrant__ScrollPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_scroll_start(qdrant_client *client, const Qdrant__ScrollPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ScrollResponse *qdrant_points_scroll_response(qdrant_reply *reply, qdrant_error *err);

/* Points near positive and far from negative examples. Deprecated by the server: use points_query. qdrant.Points/Recommend. */
QDRANT_API qdrant_status qdrant_points_recommend(qdrant_client *client, const Qdrant__RecommendPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_recommend_start(qdrant_client *client, const Qdrant__RecommendPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__RecommendResponse *qdrant_points_recommend_response(qdrant_reply *reply, qdrant_error *err);

/* Several recommendations in one call. Deprecated by the server: use points_query_batch. qdrant.Points/RecommendBatch. */
QDRANT_API qdrant_status qdrant_points_recommend_batch(qdrant_client *client, const Qdrant__RecommendBatchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_recommend_batch_start(qdrant_client *client, const Qdrant__RecommendBatchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__RecommendBatchResponse *qdrant_points_recommend_batch_response(qdrant_reply *reply, qdrant_error *err);

/* Grouped recommendations. Deprecated by the server: use points_query_groups. qdrant.Points/RecommendGroups. */
QDRANT_API qdrant_status qdrant_points_recommend_groups(qdrant_client *client, const Qdrant__RecommendPointGroups *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_recommend_groups_start(qdrant_client *client, const Qdrant__RecommendPointGroups *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__RecommendGroupsResponse *qdrant_points_recommend_groups_response(qdrant_reply *reply, qdrant_error *err);

/* Points near a target within a context of pairs. Deprecated by the server: use points_query. qdrant.Points/Discover. */
QDRANT_API qdrant_status qdrant_points_discover(qdrant_client *client, const Qdrant__DiscoverPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_discover_start(qdrant_client *client, const Qdrant__DiscoverPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__DiscoverResponse *qdrant_points_discover_response(qdrant_reply *reply, qdrant_error *err);

/* Several discoveries in one call. Deprecated by the server: use points_query_batch. qdrant.Points/DiscoverBatch. */
QDRANT_API qdrant_status qdrant_points_discover_batch(qdrant_client *client, const Qdrant__DiscoverBatchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_discover_batch_start(qdrant_client *client, const Qdrant__DiscoverBatchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__DiscoverBatchResponse *qdrant_points_discover_batch_response(qdrant_reply *reply, qdrant_error *err);

/* Counts points, exactly or about, under a filter. qdrant.Points/Count. */
QDRANT_API qdrant_status qdrant_points_count(qdrant_client *client, const Qdrant__CountPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_count_start(qdrant_client *client, const Qdrant__CountPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CountResponse *qdrant_points_count_response(qdrant_reply *reply, qdrant_error *err);

/* Runs several update operations in order; stops at the first that fails, earlier ones stay applied. qdrant.Points/UpdateBatch. */
QDRANT_API qdrant_status qdrant_points_update_batch(qdrant_client *client, const Qdrant__UpdateBatchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_update_batch_start(qdrant_client *client, const Qdrant__UpdateBatchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__UpdateBatchResponse *qdrant_points_update_batch_response(qdrant_reply *reply, qdrant_error *err);

/* The universal query: nearest, fusion, recommend, discover, order, sample, formula, with prefetches. qdrant.Points/Query. */
QDRANT_API qdrant_status qdrant_points_query(qdrant_client *client, const Qdrant__QueryPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_query_start(qdrant_client *client, const Qdrant__QueryPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__QueryResponse *qdrant_points_query_response(qdrant_reply *reply, qdrant_error *err);

/* Several queries in one call, answered in order. qdrant.Points/QueryBatch. */
QDRANT_API qdrant_status qdrant_points_query_batch(qdrant_client *client, const Qdrant__QueryBatchPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_query_batch_start(qdrant_client *client, const Qdrant__QueryBatchPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__QueryBatchResponse *qdrant_points_query_batch_response(qdrant_reply *reply, qdrant_error *err);

/* A query whose hits are grouped by a payload field. qdrant.Points/QueryGroups. */
QDRANT_API qdrant_status qdrant_points_query_groups(qdrant_client *client, const Qdrant__QueryPointGroups *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_query_groups_start(qdrant_client *client, const Qdrant__QueryPointGroups *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__QueryGroupsResponse *qdrant_points_query_groups_response(qdrant_reply *reply, qdrant_error *err);

/* Counts the values of an indexed payload field. qdrant.Points/Facet. */
QDRANT_API qdrant_status qdrant_points_facet(qdrant_client *client, const Qdrant__FacetCounts *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_facet_start(qdrant_client *client, const Qdrant__FacetCounts *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__FacetResponse *qdrant_points_facet_response(qdrant_reply *reply, qdrant_error *err);

/* Distances within a sample of points, as pairs. qdrant.Points/SearchMatrixPairs. */
QDRANT_API qdrant_status qdrant_points_search_matrix_pairs(qdrant_client *client, const Qdrant__SearchMatrixPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_search_matrix_pairs_start(qdrant_client *client, const Qdrant__SearchMatrixPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__SearchMatrixPairsResponse *qdrant_points_search_matrix_pairs_response(qdrant_reply *reply, qdrant_error *err);

/* Distances within a sample of points, as a sparse matrix. qdrant.Points/SearchMatrixOffsets. */
QDRANT_API qdrant_status qdrant_points_search_matrix_offsets(qdrant_client *client, const Qdrant__SearchMatrixPoints *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_points_search_matrix_offsets_start(qdrant_client *client, const Qdrant__SearchMatrixPoints *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__SearchMatrixOffsetsResponse *qdrant_points_search_matrix_offsets_response(qdrant_reply *reply, qdrant_error *err);

/* Makes a snapshot of a collection; each call makes another file. qdrant.Snapshots/Create. */
QDRANT_API qdrant_status qdrant_snapshots_create(qdrant_client *client, const Qdrant__CreateSnapshotRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_create_start(qdrant_client *client, const Qdrant__CreateSnapshotRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CreateSnapshotResponse *qdrant_snapshots_create_response(qdrant_reply *reply, qdrant_error *err);

/* Snapshots of a collection. qdrant.Snapshots/List. */
QDRANT_API qdrant_status qdrant_snapshots_list(qdrant_client *client, const Qdrant__ListSnapshotsRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_list_start(qdrant_client *client, const Qdrant__ListSnapshotsRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListSnapshotsResponse *qdrant_snapshots_list_response(qdrant_reply *reply, qdrant_error *err);

/* Deletes a snapshot of a collection. qdrant.Snapshots/Delete. */
QDRANT_API qdrant_status qdrant_snapshots_delete(qdrant_client *client, const Qdrant__DeleteSnapshotRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_delete_start(qdrant_client *client, const Qdrant__DeleteSnapshotRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__DeleteSnapshotResponse *qdrant_snapshots_delete_response(qdrant_reply *reply, qdrant_error *err);

/* Makes a snapshot of the whole storage; each call makes another file. qdrant.Snapshots/CreateFull. */
QDRANT_API qdrant_status qdrant_snapshots_create_full(qdrant_client *client, const Qdrant__CreateFullSnapshotRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_create_full_start(qdrant_client *client, const Qdrant__CreateFullSnapshotRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__CreateSnapshotResponse *qdrant_snapshots_create_full_response(qdrant_reply *reply, qdrant_error *err);

/* Snapshots of the whole storage. qdrant.Snapshots/ListFull. */
QDRANT_API qdrant_status qdrant_snapshots_list_full(qdrant_client *client, const Qdrant__ListFullSnapshotsRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_list_full_start(qdrant_client *client, const Qdrant__ListFullSnapshotsRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__ListSnapshotsResponse *qdrant_snapshots_list_full_response(qdrant_reply *reply, qdrant_error *err);

/* Deletes a snapshot of the whole storage. qdrant.Snapshots/DeleteFull. */
QDRANT_API qdrant_status qdrant_snapshots_delete_full(qdrant_client *client, const Qdrant__DeleteFullSnapshotRequest *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_snapshots_delete_full_start(qdrant_client *client, const Qdrant__DeleteFullSnapshotRequest *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);
QDRANT_API const Qdrant__DeleteSnapshotResponse *qdrant_snapshots_delete_full_response(qdrant_reply *reply, qdrant_error *err);

#ifdef __cplusplus
}
#endif
#endif

#include "core/error.h"
#include "memory/job.h"
#include "memory/peer.h"

/* Shards, as a server without cluster mode tells of them: those a collection was created with, all of them here. */

static Qdrant__LocalShardInfo *describe_shard(qd_job *job, uint32_t id, uint64_t n_points) {
  Qdrant__LocalShardInfo *shard = qd_job_message(job, &qdrant__local_shard_info__descriptor);
  if (shard == NULL)
    return NULL;
  shard->has_shard_id = shard->has_points_count = shard->has_state = 1;
  shard->shard_id = id;
  shard->points_count = n_points;
  shard->state = QDRANT__REPLICA_STATE__Active;
  return shard;
}

/* The first shard has the points that cannot be shared out evenly. 0 when out of memory. */
static int fill_shards(qd_job *job, size_t n_shards, size_t n_points) {
  Qdrant__CollectionClusterInfoResponse *reply = (Qdrant__CollectionClusterInfoResponse *)job->reply;
  reply->local_shards = qd_arena_alloc(job->arena, (n_shards + 1) * sizeof *reply->local_shards);
  if (reply->local_shards == NULL)
    return 0;
  for (; reply->n_local_shards < n_shards; reply->n_local_shards++) {
    size_t share = n_points / n_shards + (reply->n_local_shards == 0 ? n_points % n_shards : 0);
    Qdrant__LocalShardInfo *shard = describe_shard(job, (uint32_t)reply->n_local_shards, share);
    if (shard == NULL)
      return 0;
    reply->local_shards[reply->n_local_shards] = shard;
  }
  return 1;
}

qdrant_status qd_job_collections_cluster_info(qd_job *job) {
  const Qdrant__CollectionClusterInfoRequest *request = (const Qdrant__CollectionClusterInfoRequest *)job->request;
  Qdrant__CollectionClusterInfoResponse *reply = (Qdrant__CollectionClusterInfoResponse *)job->reply;
  qd_collection *collection;
  qd_view view;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_read(collection, &view);
  size_t n_points = view.n_points;
  qd_collection_end_read(collection, &view);
  qd_config *config = qd_collection_config(collection);
  /* A collection of custom shards has none before they are created. */
  size_t n_shards = collection->is_custom_sharded ? 0 : config->message->params->shard_number;
  qd_config_unref(config);
  qd_collection_unref(collection);
  reply->has_peer_id = reply->has_shard_count = 1;
  reply->peer_id = QD_PEER_ID;
  reply->shard_count = n_shards;
  return fill_shards(job, n_shards, n_points) ? QDRANT_OK : qd_job_fail_memory(job);
}

/* There are no keys. */
qdrant_status qd_job_collections_list_shard_keys(qd_job *job) {
  const Qdrant__ListShardKeysRequest *request = (const Qdrant__ListShardKeysRequest *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status == QDRANT_OK)
    qd_collection_unref(collection);
  return status;
}

/* Collections/CreateShardKey, DeleteShardKey and UpdateCollectionClusterSetup. */
qdrant_status qd_job_collections_change_shards(qd_job *job) {
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: Distributed mode disabled");
}

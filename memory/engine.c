#include "memory/engine.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "memory/job.h"
#include "memory/registry.h"
#include "memory/validate.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The newest version whose fields the engine knows: clients look at it before they use what is newer. What it answers
 * is mostly what the server of the recordings, 1.18.3, does. */
#define NEWEST_VERSION "1.20.0"

enum { MAX_VERSION_BYTES = 32 };

struct qd_engine {
  qd_helpers *helpers;
  qd_registry registry;
  qd_snapshot_store snapshots;
  char version[MAX_VERSION_BYTES]; /* as it says it is */
};

static qdrant_status check_health(qd_job *job) {
  Qdrant__HealthCheckReply *reply = (Qdrant__HealthCheckReply *)job->reply;
  static const char title[] = "qdrant - vector search engine";
  reply->title = qd_arena_strndup(job->arena, title, sizeof title - 1);
  reply->version = qd_arena_strndup(job->arena, job->engine->version, strlen(job->engine->version));
  return reply->title != NULL && reply->version != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

/* What the engine can do. An RPC without a row here is answered UNIMPLEMENTED. */
static const qd_job_handler handlers[QDRANT_N_RPCS] = {
    [QDRANT_RPC_HEALTH_CHECK] = check_health,
    [QDRANT_RPC_COLLECTIONS_GET] = qd_job_collections_get,
    [QDRANT_RPC_COLLECTIONS_LIST] = qd_job_collections_list,
    [QDRANT_RPC_COLLECTIONS_CREATE] = qd_job_collections_create,
    [QDRANT_RPC_COLLECTIONS_DELETE] = qd_job_collections_delete,
    [QDRANT_RPC_COLLECTIONS_EXISTS] = qd_job_collections_exists,
    [QDRANT_RPC_COLLECTIONS_UPDATE] = qd_job_collections_update,
    [QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES] = qd_job_collections_update_aliases,
    [QDRANT_RPC_COLLECTIONS_LIST_ALIASES] = qd_job_collections_list_aliases,
    [QDRANT_RPC_COLLECTIONS_LIST_COLLECTION_ALIASES] = qd_job_collections_list_collection_aliases,
    [QDRANT_RPC_COLLECTIONS_CLUSTER_INFO] = qd_job_collections_cluster_info,
    [QDRANT_RPC_COLLECTIONS_LIST_SHARD_KEYS] = qd_job_collections_list_shard_keys,
    [QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY] = qd_job_collections_change_shards,
    [QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY] = qd_job_collections_change_shards,
    [QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP] = qd_job_collections_change_shards,
    [QDRANT_RPC_POINTS_UPSERT] = qd_job_points_upsert,
    [QDRANT_RPC_POINTS_DELETE] = qd_job_points_delete,
    [QDRANT_RPC_POINTS_SET_PAYLOAD] = qd_job_points_set_payload,
    [QDRANT_RPC_POINTS_OVERWRITE_PAYLOAD] = qd_job_points_overwrite_payload,
    [QDRANT_RPC_POINTS_DELETE_PAYLOAD] = qd_job_points_delete_payload,
    [QDRANT_RPC_POINTS_CLEAR_PAYLOAD] = qd_job_points_clear_payload,
    [QDRANT_RPC_POINTS_UPDATE_VECTORS] = qd_job_points_update_vectors,
    [QDRANT_RPC_POINTS_DELETE_VECTORS] = qd_job_points_delete_vectors,
    [QDRANT_RPC_POINTS_UPDATE_BATCH] = qd_job_points_update_batch,
    [QDRANT_RPC_POINTS_CREATE_FIELD_INDEX] = qd_job_points_create_field_index,
    [QDRANT_RPC_POINTS_DELETE_FIELD_INDEX] = qd_job_points_delete_field_index,
    [QDRANT_RPC_POINTS_CREATE_VECTOR_NAME] = qd_job_points_create_vector_name,
    [QDRANT_RPC_POINTS_DELETE_VECTOR_NAME] = qd_job_points_delete_vector_name,
    [QDRANT_RPC_SNAPSHOTS_CREATE] = qd_job_snapshots_create,
    [QDRANT_RPC_SNAPSHOTS_LIST] = qd_job_snapshots_list,
    [QDRANT_RPC_SNAPSHOTS_DELETE] = qd_job_snapshots_delete,
    [QDRANT_RPC_SNAPSHOTS_CREATE_FULL] = qd_job_snapshots_create_full,
    [QDRANT_RPC_SNAPSHOTS_LIST_FULL] = qd_job_snapshots_list_full,
    [QDRANT_RPC_SNAPSHOTS_DELETE_FULL] = qd_job_snapshots_delete_full,
    [QDRANT_RPC_POINTS_GET] = qd_job_points_get,
    [QDRANT_RPC_POINTS_SCROLL] = qd_job_points_scroll,
    [QDRANT_RPC_POINTS_COUNT] = qd_job_points_count,
    [QDRANT_RPC_POINTS_FACET] = qd_job_points_facet,
    [QDRANT_RPC_POINTS_QUERY_GROUPS] = qd_job_points_query_groups,
    [QDRANT_RPC_POINTS_SEARCH_GROUPS] = qd_job_points_search_groups,
    [QDRANT_RPC_POINTS_RECOMMEND_GROUPS] = qd_job_points_recommend_groups,
    [QDRANT_RPC_POINTS_SEARCH_MATRIX_PAIRS] = qd_job_points_matrix_pairs,
    [QDRANT_RPC_POINTS_SEARCH_MATRIX_OFFSETS] = qd_job_points_matrix_offsets,
    [QDRANT_RPC_POINTS_QUERY] = qd_job_points_query,
    [QDRANT_RPC_POINTS_QUERY_BATCH] = qd_job_points_query_batch,
    [QDRANT_RPC_POINTS_SEARCH] = qd_job_points_search,
    [QDRANT_RPC_POINTS_SEARCH_BATCH] = qd_job_points_search_batch,
    [QDRANT_RPC_POINTS_RECOMMEND] = qd_job_points_recommend,
    [QDRANT_RPC_POINTS_RECOMMEND_BATCH] = qd_job_points_recommend_batch,
    [QDRANT_RPC_POINTS_DISCOVER] = qd_job_points_discover,
    [QDRANT_RPC_POINTS_DISCOVER_BATCH] = qd_job_points_discover_batch,
};

/* One for each processor but the caller's own. */
static size_t count_helpers(void) {
  enum { MAX_HELPERS = 7 };
  long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (n_processors < 2)
    return 0;
  return n_processors - 1 < MAX_HELPERS ? (size_t)n_processors - 1 : MAX_HELPERS;
}

void qd_engine_set_version(qd_engine *engine, const char *version) {
  snprintf(engine->version, sizeof engine->version, "%s", version);
}

qd_engine *qd_engine_new(void) {
  qd_engine *engine = qd_zalloc(sizeof *engine);
  if (engine == NULL)
    return NULL;
  qd_engine_set_version(engine, NEWEST_VERSION);
  engine->helpers = qd_helpers_new(count_helpers());
  if (engine->helpers != NULL && qd_registry_init(&engine->registry)) {
    if (qd_snapshot_store_init(&engine->snapshots))
      return engine;
    qd_registry_free(&engine->registry);
  }
  qd_helpers_free(engine->helpers);
  qd_free(engine);
  return NULL;
}

void qd_engine_free(qd_engine *engine) {
  if (engine == NULL)
    return;
  qd_snapshot_store_free(&engine->snapshots);
  qd_registry_free(&engine->registry);
  qd_helpers_free(engine->helpers);
  qd_free(engine);
}

qd_snapshot_store *qd_engine_snapshots(qd_engine *engine) {
  return &engine->snapshots;
}

qd_registry *qd_engine_registry(qd_engine *engine) {
  return &engine->registry;
}

qd_helpers *qd_engine_helpers(qd_engine *engine) {
  return engine->helpers;
}

/* Every reply but HealthCheck's ends with the time in seconds, and those about points with an empty account of hardware
 * use, as the server's do. */
static qdrant_status finish_reply(qd_job *job, int64_t started_ns) {
  const ProtobufCMessageDescriptor *type = job->reply->descriptor;
  uint8_t *reply = (uint8_t *)job->reply;
  const ProtobufCFieldDescriptor *time = protobuf_c_message_descriptor_get_field_by_name(type, "time");
  const ProtobufCFieldDescriptor *usage = protobuf_c_message_descriptor_get_field_by_name(type, "usage");
  if (time != NULL) {
    *(double *)(void *)(reply + time->offset) = (double)(qd_now_ns() - started_ns) / (double)QD_NS_PER_S;
    *(protobuf_c_boolean *)(void *)(reply + time->quantifier_offset) = 1;
  }
  if (usage == NULL)
    return QDRANT_OK;
  void *message = qd_job_message(job, &qdrant__usage__descriptor);
  *(void **)(void *)(reply + usage->offset) = message;
  return message != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

static qdrant_status run_job(qd_job *job) {
  qd_job_handler handler = handlers[job->rpc->id];
  if (handler == NULL)
    return qd_fail(job->err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have %s", job->rpc->name);
  if (qd_deadline_has_passed(job->deadline_ns))
    return qd_fail(job->err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed before %s", job->rpc->name);
  int64_t started_ns = qd_now_ns();
  job->reply = qd_job_message(job, job->rpc->reply);
  if (job->reply == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_validate_request(job->request, job->err);
  if (status == QDRANT_OK)
    status = handler(job);
  return status == QDRANT_OK ? finish_reply(job, started_ns) : status;
}

qdrant_status qd_engine_call(qd_engine *engine, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  qd_job job = {
      .engine = engine, .rpc = rpc, .request = request, .deadline_ns = deadline_ns, .arena = arena, .err = err};
  qdrant_status status = run_job(&job);
  qd_filter_texts_release(job.texts);
  *reply = status == QDRANT_OK ? job.reply : NULL;
  if (status != QDRANT_OK && err != NULL)
    err->delivery = QDRANT_ANSWERED;
  return status;
}

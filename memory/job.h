#ifndef QD_JOB_H
#define QD_JOB_H

#include "core/arena.h"
#include "core/rpc.h"
#include "memory/collection.h"
#include "memory/engine.h"
#include "qdrant/error.h"

/* One RPC under way in the engine. */
typedef struct qd_job {
  qd_engine *engine;
  const qd_rpc *rpc;
  const ProtobufCMessage *request; /* of rpc->request */
  ProtobufCMessage *reply;         /* of rpc->reply, empty, in arena; the handler fills all but `time` and `usage` */
  int64_t deadline_ns;
  qd_arena *arena; /* for the reply, and for what the handler needs on the way */
  qdrant_error *err;
  int has_paid;          /* what a read costs, if its rate is limited */
  qd_filter_text *texts; /* the text conditions of all filters read so far; the engine releases them at the end */
} qd_job;

/* Handlers answer with the status of the RPC and fill err when it is not OK. */
typedef qdrant_status (*qd_job_handler)(qd_job *job);

/* collections.c, collection_info.c, aliases.c, cluster.c */
qdrant_status qd_job_collections_get(qd_job *job);
qdrant_status qd_job_collections_list(qd_job *job);
qdrant_status qd_job_collections_create(qd_job *job);
qdrant_status qd_job_collections_delete(qd_job *job);
qdrant_status qd_job_collections_exists(qd_job *job);
qdrant_status qd_job_collections_update(qd_job *job);
qdrant_status qd_job_collections_update_aliases(qd_job *job);
qdrant_status qd_job_collections_list_aliases(qd_job *job);
qdrant_status qd_job_collections_list_collection_aliases(qd_job *job);
qdrant_status qd_job_collections_cluster_info(qd_job *job);
qdrant_status qd_job_collections_list_shard_keys(qd_job *job);
qdrant_status qd_job_collections_change_shards(qd_job *job);
/* upsert.c, delete.c, payload_ops.c, vector_ops.c, update_batch.c, index_ops.c, vector_name_ops.c */
qdrant_status qd_job_points_upsert(qd_job *job);
qdrant_status qd_job_points_delete(qd_job *job);
qdrant_status qd_job_points_set_payload(qd_job *job);
qdrant_status qd_job_points_overwrite_payload(qd_job *job);
qdrant_status qd_job_points_delete_payload(qd_job *job);
qdrant_status qd_job_points_clear_payload(qd_job *job);
qdrant_status qd_job_points_update_vectors(qd_job *job);
qdrant_status qd_job_points_delete_vectors(qd_job *job);
qdrant_status qd_job_points_update_batch(qd_job *job);
qdrant_status qd_job_points_create_field_index(qd_job *job);
qdrant_status qd_job_points_delete_field_index(qd_job *job);
qdrant_status qd_job_points_create_vector_name(qd_job *job);
qdrant_status qd_job_points_delete_vector_name(qd_job *job);
/* read.c, scroll.c, facets.c, matrix.c */
qdrant_status qd_job_points_get(qd_job *job);
qdrant_status qd_job_points_count(qd_job *job);
qdrant_status qd_job_points_scroll(qd_job *job);
qdrant_status qd_job_points_facet(qd_job *job);
qdrant_status qd_job_points_matrix_pairs(qd_job *job);
qdrant_status qd_job_points_matrix_offsets(qd_job *job);
/* query.c, search_points.c, recommend_points.c, discover_points.c */
qdrant_status qd_job_points_query(qd_job *job);
qdrant_status qd_job_points_query_batch(qd_job *job);
qdrant_status qd_job_points_search(qd_job *job);
qdrant_status qd_job_points_search_batch(qd_job *job);
/* group_points.c */
qdrant_status qd_job_points_query_groups(qd_job *job);
qdrant_status qd_job_points_search_groups(qd_job *job);
qdrant_status qd_job_points_recommend_groups(qd_job *job);
qdrant_status qd_job_points_recommend(qd_job *job);
qdrant_status qd_job_points_recommend_batch(qd_job *job);
qdrant_status qd_job_points_discover(qd_job *job);
qdrant_status qd_job_points_discover_batch(qd_job *job);

/* snapshot_ops.c */
qdrant_status qd_job_snapshots_create(qd_job *job);
qdrant_status qd_job_snapshots_list(qd_job *job);
qdrant_status qd_job_snapshots_delete(qd_job *job);
qdrant_status qd_job_snapshots_create_full(qd_job *job);
qdrant_status qd_job_snapshots_list_full(qd_job *job);
qdrant_status qd_job_snapshots_delete_full(qd_job *job);

/* What handlers have in common. */

qdrant_status qd_job_fail_memory(qd_job *job);
#ifdef __clang_analyzer__ /* as qd_fail */
#define qd_job_fail_memory(job) (qd_job_fail_memory(job), QDRANT_NO_MEMORY)
#endif

/* For loops over points: looks at the clock when n_done says that a good many have gone by. DEADLINE_EXCEEDED. */
qdrant_status qd_job_check_deadline(qd_job *job, size_t n_done);

/* Fills in the reply of a call that changes collections. */
qdrant_status qd_job_done(qd_job *job, int result);

/* An empty message in the job's arena; NULL when out of memory. */
void *qd_job_message(qd_job *job, const ProtobufCMessageDescriptor *type);

/* Reads a filter of the request. It asks about the collection that the next qd_job_read or write of points is about. */
qdrant_status qd_job_filter(qd_job *job, const Qdrant__Filter *message, const qd_filter **filter);
/* What these do for it. */
qdrant_status qd_job_bind_filters(qd_job *job, const qd_collection *collection);

/* The index of a payload key, in the job's arena; *index is NULL when it has none. NO_MEMORY. */
qdrant_status qd_job_find_index(
    qd_job *job, const qd_collection *collection, const qd_path *path, const qd_field_index **index);

/* A reference to the collection, or NOT_FOUND. */
qdrant_status qd_job_collection(qd_job *job, const char *name, qd_collection **collection);

/* There are no shard keys, so that a request which names some cannot be answered. problem: what the server calls it. */
qdrant_status qd_job_check_shard(qd_job *job, const Qdrant__ShardKeySelector *selector, const char *problem);
/* The same for a write, which in a collection of custom shards needs one. */
qdrant_status qd_job_check_write_shard(
    qd_job *job, const qd_collection *collection, const Qdrant__ShardKeySelector *selector);

/* A collection that is read, and what is seen of it. */
typedef struct qd_reader {
  qd_collection *collection;
  qd_view view;
} qd_reader;

/* The threads that help the engine's readers. */
qd_helpers *qd_engine_helpers(qd_engine *engine);

/* Begins a read without shard keys: takes a reference to the collection and a view of it. */
qdrant_status qd_job_read(qd_job *job, const char *name, const Qdrant__ShardKeySelector *selector, qd_reader *reader);
void qd_job_end_read(qd_reader *reader);

#endif

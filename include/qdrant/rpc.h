#ifndef QDRANT_RPC_H
#define QDRANT_RPC_H

/* Printed by scripts/print_calls.py from core/rpc.def. */
/* clang-format off */

#include "qdrant/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The RPCs of Qdrant's public gRPC API. Numbers may change between versions of the library: use the names. */
typedef enum qdrant_rpc {
  QDRANT_RPC_HEALTH_CHECK = 0, /* Qdrant/HealthCheck */
  QDRANT_RPC_COLLECTIONS_GET = 1, /* Collections/Get */
  QDRANT_RPC_COLLECTIONS_LIST = 2, /* Collections/List */
  QDRANT_RPC_COLLECTIONS_CREATE = 3, /* Collections/Create */
  QDRANT_RPC_COLLECTIONS_UPDATE = 4, /* Collections/Update */
  QDRANT_RPC_COLLECTIONS_DELETE = 5, /* Collections/Delete */
  QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES = 6, /* Collections/UpdateAliases */
  QDRANT_RPC_COLLECTIONS_LIST_COLLECTION_ALIASES = 7, /* Collections/ListCollectionAliases */
  QDRANT_RPC_COLLECTIONS_LIST_ALIASES = 8, /* Collections/ListAliases */
  QDRANT_RPC_COLLECTIONS_CLUSTER_INFO = 9, /* Collections/CollectionClusterInfo */
  QDRANT_RPC_COLLECTIONS_EXISTS = 10, /* Collections/CollectionExists */
  QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP = 11, /* Collections/UpdateCollectionClusterSetup */
  QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY = 12, /* Collections/CreateShardKey */
  QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY = 13, /* Collections/DeleteShardKey */
  QDRANT_RPC_COLLECTIONS_LIST_SHARD_KEYS = 14, /* Collections/ListShardKeys */
  QDRANT_RPC_POINTS_UPSERT = 15, /* Points/Upsert */
  QDRANT_RPC_POINTS_DELETE = 16, /* Points/Delete */
  QDRANT_RPC_POINTS_GET = 17, /* Points/Get */
  QDRANT_RPC_POINTS_UPDATE_VECTORS = 18, /* Points/UpdateVectors */
  QDRANT_RPC_POINTS_DELETE_VECTORS = 19, /* Points/DeleteVectors */
  QDRANT_RPC_POINTS_SET_PAYLOAD = 20, /* Points/SetPayload */
  QDRANT_RPC_POINTS_OVERWRITE_PAYLOAD = 21, /* Points/OverwritePayload */
  QDRANT_RPC_POINTS_DELETE_PAYLOAD = 22, /* Points/DeletePayload */
  QDRANT_RPC_POINTS_CLEAR_PAYLOAD = 23, /* Points/ClearPayload */
  QDRANT_RPC_POINTS_CREATE_FIELD_INDEX = 24, /* Points/CreateFieldIndex */
  QDRANT_RPC_POINTS_DELETE_FIELD_INDEX = 25, /* Points/DeleteFieldIndex */
  QDRANT_RPC_POINTS_CREATE_VECTOR_NAME = 26, /* Points/CreateVectorName */
  QDRANT_RPC_POINTS_DELETE_VECTOR_NAME = 27, /* Points/DeleteVectorName */
  QDRANT_RPC_POINTS_SEARCH = 28, /* Points/Search */
  QDRANT_RPC_POINTS_SEARCH_BATCH = 29, /* Points/SearchBatch */
  QDRANT_RPC_POINTS_SEARCH_GROUPS = 30, /* Points/SearchGroups */
  QDRANT_RPC_POINTS_SCROLL = 31, /* Points/Scroll */
  QDRANT_RPC_POINTS_RECOMMEND = 32, /* Points/Recommend */
  QDRANT_RPC_POINTS_RECOMMEND_BATCH = 33, /* Points/RecommendBatch */
  QDRANT_RPC_POINTS_RECOMMEND_GROUPS = 34, /* Points/RecommendGroups */
  QDRANT_RPC_POINTS_DISCOVER = 35, /* Points/Discover */
  QDRANT_RPC_POINTS_DISCOVER_BATCH = 36, /* Points/DiscoverBatch */
  QDRANT_RPC_POINTS_COUNT = 37, /* Points/Count */
  QDRANT_RPC_POINTS_UPDATE_BATCH = 38, /* Points/UpdateBatch */
  QDRANT_RPC_POINTS_QUERY = 39, /* Points/Query */
  QDRANT_RPC_POINTS_QUERY_BATCH = 40, /* Points/QueryBatch */
  QDRANT_RPC_POINTS_QUERY_GROUPS = 41, /* Points/QueryGroups */
  QDRANT_RPC_POINTS_FACET = 42, /* Points/Facet */
  QDRANT_RPC_POINTS_SEARCH_MATRIX_PAIRS = 43, /* Points/SearchMatrixPairs */
  QDRANT_RPC_POINTS_SEARCH_MATRIX_OFFSETS = 44, /* Points/SearchMatrixOffsets */
  QDRANT_RPC_SNAPSHOTS_CREATE = 45, /* Snapshots/Create */
  QDRANT_RPC_SNAPSHOTS_LIST = 46, /* Snapshots/List */
  QDRANT_RPC_SNAPSHOTS_DELETE = 47, /* Snapshots/Delete */
  QDRANT_RPC_SNAPSHOTS_CREATE_FULL = 48, /* Snapshots/CreateFull */
  QDRANT_RPC_SNAPSHOTS_LIST_FULL = 49, /* Snapshots/ListFull */
  QDRANT_RPC_SNAPSHOTS_DELETE_FULL = 50, /* Snapshots/DeleteFull */
  QDRANT_N_RPCS = 51
} qdrant_rpc;

/* "Points/Upsert" and the like, or NULL for a number that is none. Static text. */
QDRANT_API const char *qdrant_rpc_name(qdrant_rpc rpc);

/* The RPC of a name such as "Points/Upsert": 1, or 0 when there is none. */
QDRANT_API int qdrant_rpc_find(const char *name, qdrant_rpc *rpc);

#ifdef __cplusplus
}
#endif
#endif

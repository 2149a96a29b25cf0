#ifndef QD_CONFIG_DRAFT_H
#define QD_CONFIG_DRAFT_H

#include "memory/config.h"

/* A config under change: a message whose parts are replaced one after the other, in an arena; it is copied in the end.
 * What is not replaced is the old config's. Functions answer 0, or NULL, when out of memory. */
typedef struct qd_config_draft {
  qd_arena *arena;
  Qdrant__CollectionConfig config;
  Qdrant__CollectionParams params;
} qd_config_draft;

void qd_config_draft_begin(qd_config_draft *draft, const qd_config *old, qd_arena *scratch);

/* Copies in the arena: of an object itself and not of what it points to; of n pointers with room for n_more. */
void *qd_config_draft_copy(const qd_config_draft *draft, const void *object, size_t n_bytes);
void *qd_config_draft_list(const qd_config_draft *draft, void *items, size_t n, size_t n_more);

/* The vectors as a list of names that can be changed and has room for n_more, the unnamed one alone included. _close
 * puts the dense ones back, in the form they had if it still fits; the sparse ones are in place. */
Qdrant__VectorParamsMap *qd_config_draft_open_dense(qd_config_draft *draft, size_t n_more);
int qd_config_draft_close_dense(qd_config_draft *draft, Qdrant__VectorParamsMap *map);
Qdrant__SparseVectorConfig *qd_config_draft_open_sparse(qd_config_draft *draft, size_t n_more);

qdrant_status qd_config_fail_memory(qdrant_error *err);
#ifdef __clang_analyzer__ /* as qd_fail */
#define qd_config_fail_memory(err) (qd_config_fail_memory(err), QDRANT_NO_MEMORY)
#endif

#endif

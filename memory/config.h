#ifndef QD_CONFIG_H
#define QD_CONFIG_H

#include "core/arena.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <stdatomic.h>

/* The settings of a collection, as Collections/Get tells them. They never change: another config takes their place.
 * Counted. */
typedef struct qd_config {
  atomic_size_t n_refs;
  qd_arena *arena;
  const Qdrant__CollectionConfig *message;
} qd_config;

/* Each makes a config with one reference. scratch holds what is needed on the way. NO_MEMORY, and what else is said. */

/* A deep copy of a message. */
qdrant_status qd_config_new(const Qdrant__CollectionConfig *message, qd_config **config, qdrant_error *err);
/* A new collection's, completed by the server's defaults. */
qdrant_status qd_config_make(const Qdrant__CreateCollection *request, qd_config **config, qdrant_error *err);
/* The old one with the changes of a request. INVALID_ARGUMENT when it names a vector that is not there. */
qdrant_status qd_config_update(const qd_config *old, const Qdrant__UpdateCollection *request, qd_arena *scratch,
    qd_config **config, qdrant_error *err);
/* The old one with one more named vector (one of the two parameters is NULL), or without it. */
qdrant_status qd_config_add_vector(const qd_config *old, const char *name, const Qdrant__VectorParams *dense,
    const Qdrant__SparseVectorParams *sparse, qd_arena *scratch, qd_config **config, qdrant_error *err);
qdrant_status qd_config_remove_vector(
    const qd_config *old, const char *name, qd_arena *scratch, qd_config **config, qdrant_error *err);

qd_config *qd_config_ref(qd_config *config);
void qd_config_unref(qd_config *config); /* NULL is fine */

/* Brings the two fields of an optimizer's number of threads, an old one and a new one, to say the same: the server
 * tells both and lets the old one win. threads is used when the new one is not there. */
void qd_config_fill_threads(Qdrant__OptimizersConfigDiff *optimizer, Qdrant__MaxOptimizationThreads *threads);

/* The parameters of a vector; NULL when there is none of the name. */
const Qdrant__VectorParams *qd_config_dense(const qd_config *config, const char *name);
const Qdrant__SparseVectorParams *qd_config_sparse(const qd_config *config, const char *name);

#endif

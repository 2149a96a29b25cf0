#ifndef QD_CONFIG_H
#define QD_CONFIG_H

#include "core/arena.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"

/* What Collections/Get tells of a collection's settings: the request's, completed by the server's defaults. A deep copy
 * in arena. NO_MEMORY. */
qdrant_status qd_config_make(const Qdrant__CreateCollection *request, qd_arena *arena,
    const Qdrant__CollectionConfig **config, qdrant_error *err);

#endif

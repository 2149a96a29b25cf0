#ifndef QD_COLLECTION_NAME_H
#define QD_COLLECTION_NAME_H

#include "qdrant/error.h"

/* What holds for the name of any collection that is written to or searched: not empty, at most 255 bytes (it is a
 * folder's name on the server), UTF-8. */
qdrant_status qd_collection_check(const char *collection, qdrant_error *err);

#endif

#ifndef QDRANT_MEMORY_H
#define QDRANT_MEMORY_H

#include "qdrant/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The collections of an embedded client (":memory:") in a file and back. The file is the embedded engine's own: a
 * server does not read it. Any thread; not inside a callback. Both block; calls of other threads go on meanwhile. */

/* Writes one collection, by its name or an alias, or all of them with their aliases when collection is NULL. What is
 * written is each collection as it was at one moment. The file is made beside path under the name "PATH.part", flushed
 * to disk, and only then put in the place of path, which may exist.
 * Errors: INVALID_ARGUMENT names the argument; UNSUPPORTED for a client of a server; NOT_FOUND; INTERNAL names the file
 * that cannot be written; CLOSED, FORKED, NO_MEMORY. */
QDRANT_API qdrant_status qdrant_memory_save(
    qdrant_client *client, const char *collection, const char *path, qdrant_error *err);

/* Puts the collections of a file in place of those of the same names; calls that are under way end with what was there
 * before. collection: the name that the collection in the file gets, which must be the only one; NULL: they keep their
 * own, and aliases come with them. Nothing is changed unless the whole file is sound.
 * Errors: as above, NOT_FOUND when the file cannot be read; INVALID_ARGUMENT when it is none of these files, is cut or
 * damaged. */
QDRANT_API qdrant_status qdrant_memory_load(
    qdrant_client *client, const char *path, const char *collection, qdrant_error *err);

#ifdef __cplusplus
}
#endif

#endif

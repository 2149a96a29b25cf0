#ifndef QD_PAYLOAD_EDIT_H
#define QD_PAYLOAD_EDIT_H

#include "memory/payload.h"

/* Changes to stored payloads. The old payload (NULL: none) stays as it is; *made is a new one for qd_free, NULL when
 * nothing is left. scratch holds what is needed on the way. INVALID_ARGUMENT when it would be nested too deep,
 * NO_MEMORY. */

/* Entries put into the object at key, or into the payload itself when key is NULL. What is on the way to key and is no
 * object or list becomes one; a null takes its entry away. */
qdrant_status qd_payload_merge(const Qdrant__Struct *payload, const qd_path *key, size_t n_entries,
    qd_payload_entry *const *entries, qd_arena *scratch, Qdrant__Struct **made, qdrant_error *err);

/* Without the values at the paths. A single element of a list stays: the places of those behind it would change. */
qdrant_status qd_payload_remove(const Qdrant__Struct *payload, const qd_path *paths, size_t n_paths, qd_arena *scratch,
    Qdrant__Struct **made, qdrant_error *err);

#endif

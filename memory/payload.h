#ifndef QD_PAYLOAD_H
#define QD_PAYLOAD_H

#include "core/arena.h"
#include "memory/path.h"
#include "qdrant/error.h"
#include "qdrant/pb/points.pb-c.h"

/* A stored payload is a Struct with all that is below it in one block of memory: qd_free frees it. Its values are never
 * NULL, a kind that was not set is null, and of equal keys the last one stays. No payload is NULL. */

/* Values may be nested this deep, as deep as the server's decoder goes. */
#define QD_PAYLOAD_MAX_DEPTH 100

/* The entries of any map<string, Value>: generated types differ in their descriptor only. */
typedef Qdrant__Struct__FieldsEntry qd_payload_entry;

/* Copies a point's payload. *payload is NULL when it is empty. INVALID_ARGUMENT, NO_MEMORY. */
qdrant_status qd_payload_copy(
    size_t n_entries, qd_payload_entry *const *entries, Qdrant__Struct **payload, qdrant_error *err);

/* What of a payload a reply has. */
typedef enum qd_payload_mode {
  QD_PAYLOAD_NONE,
  QD_PAYLOAD_ALL,
  QD_PAYLOAD_INCLUDE,
  QD_PAYLOAD_EXCLUDE
} qd_payload_mode;

typedef struct qd_payload_selector {
  qd_payload_mode mode;
  const qd_path *paths; /* INCLUDE, EXCLUDE */
  size_t n_paths;
} qd_payload_selector;

/* Reads a request's selector, NULL giving by_default; paths lie in arena and point into the message. */
qdrant_status qd_payload_selector_read(const Qdrant__WithPayloadSelector *message, qd_payload_mode by_default,
    qd_arena *arena, qd_payload_selector *selector, qdrant_error *err);

/* Deep copies of the selected entries, each with the descriptor given, in arena. NO_MEMORY. */
qdrant_status qd_payload_reply(const Qdrant__Struct *payload, const qd_payload_selector *selector,
    const ProtobufCMessageDescriptor *entry_type, qd_arena *arena, size_t *n_entries, qd_payload_entry ***entries,
    qdrant_error *err);

#endif

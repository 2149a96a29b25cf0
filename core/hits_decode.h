#ifndef QD_HITS_DECODE_H
#define QD_HITS_DECODE_H

#include "core/arena.h"
#include "qdrant/columns.h"
#include "qdrant/error.h"

/* Hits read straight from an encoded QueryBatchResponse or QueryResponse: ids and scores in arrays, each point's bytes
 * kept for later. */
typedef struct qd_hits_page {
  size_t n_queries;
  size_t n_hits;
  size_t *starts;         /* n_queries + 1 */
  float *scores;          /* n_hits */
  uint64_t *nums;         /* n_hits; 0 where the id is a UUID */
  qdrant_uuid *uuids;     /* n_hits, or NULL when no id is one */
  uint8_t *is_uuid;       /* one byte a hit, or NULL */
  const uint8_t **points; /* n_hits: where the encoded ScoredPoint begins, inside bytes */
  uint32_t *point_bytes;  /* n_hits */
} qd_hits_page;

/* bytes stay borrowed by the page; its arrays lie in arena. is_batch: QueryBatchResponse, else QueryResponse (one
 * query). Unknown fields are skipped; bytes that are no such message give BAD_REPLY. */
qdrant_status qd_hits_decode(
    const uint8_t *bytes, size_t n_bytes, int is_batch, qd_arena *arena, qd_hits_page *page, qdrant_error *err);

/* Payload of an encoded ScoredPoint as the text of a JSON object, ended by NUL, in arena. */
qdrant_status qd_point_payload_json(
    const uint8_t *point, size_t n_bytes, qd_arena *arena, const char **json, size_t *n_json, qdrant_error *err);

#endif

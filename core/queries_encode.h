#ifndef QD_QUERIES_ENCODE_H
#define QD_QUERIES_ENCODE_H

#include "core/body.h"
#include "qdrant/search.h"

/* QueryBatchPoints from columns: queries [first, first + n) counted from the batch's own first. The bytes equal
 * protobuf-c's packing of the same message. Everything is checked; INVALID_ARGUMENT names the query, the rule and the
 * value. max_bytes: INVALID_ARGUMENT beyond. */
qdrant_status qd_queries_encode(const char *collection, const qdrant_query_batch *queries, size_t first, size_t n,
    qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err);

/* The same checks without encoding, for all queries. */
qdrant_status qd_queries_check(const char *collection, const qdrant_query_batch *queries, qdrant_error *err);

#endif

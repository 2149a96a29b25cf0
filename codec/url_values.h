#ifndef QD_URL_VALUES_H
#define QD_URL_VALUES_H

#include "codec/route_table.h"
#include "core/arena.h"
#include "qdrant/error.h"

/* What of a request REST has in the URL: parts of the path and query parameters. In users' JSON they are top-level
 * keys. */
typedef enum qd_url_key {
  QD_URL_COLLECTION_NAME,
  QD_URL_FIELD_NAME,
  QD_URL_VECTOR_NAME,
  QD_URL_SNAPSHOT_NAME,
  QD_URL_POINT_ID, /* of no RPC's own route (codec/route_point.h) */
  QD_URL_WAIT,     /* from here on query parameters */
  QD_URL_ORDERING,
  QD_URL_TIMEOUT,
  QD_URL_CONSISTENCY,
  QD_N_URL_KEYS
} qd_url_key;

/* As texts, not encoded; NULL where there is none. */
typedef struct qd_url_values {
  const char *texts[QD_N_URL_KEYS];
} qd_url_values;

const char *qd_url_key_name(qd_url_key key);                  /* in queries, paths and users' JSON */
const char *qd_url_key_expected(qd_url_key key);              /* what its value must be, in words */
qd_url_key qd_url_key_find(const char *name, size_t n_bytes); /* QD_N_URL_KEYS: none */
int qd_url_key_is_of(qd_url_key key, const qd_rpc *rpc);      /* whether the RPC's URL may have it */

int qd_url_number_parse(const char *text, uint64_t *number); /* digits alone, at most 2^64 - 1 */
/* A number as text, in arena. NO_MEMORY. */
qdrant_status qd_url_number_print(uint64_t number, qd_arena *arena, const char **text, qdrant_error *err);

/* The values of a request, borrowed or in arena. INVALID_ARGUMENT names a value that a URL cannot say. */
qdrant_status qd_url_values_take(
    const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena, qd_url_values *values, qdrant_error *err);

/* Adds a timeout where the RPC takes one and the values have none. */
qdrant_status qd_url_values_default_timeout(
    const qd_rpc *rpc, uint32_t timeout_s, qd_arena *arena, qd_url_values *values, qdrant_error *err);

/* Puts values into a request, which then borrows those of the path. INVALID_ARGUMENT names a value and what was
 * expected. */
qdrant_status qd_url_values_put(
    const qd_rpc *rpc, const qd_url_values *values, qd_arena *arena, ProtobufCMessage *request, qdrant_error *err);

/* A shallow copy of the request without them, in arena: what the body says. NULL when out of memory. */
ProtobufCMessage *qd_url_values_strip(const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena);

#endif

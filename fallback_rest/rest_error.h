#ifndef QD_REST_ERROR_H
#define QD_REST_ERROR_H

#include "fallback_rest/http.h"

/* Turns the end of an exchange with Qdrant into err, as the same end over gRPC would read: status, delivery, the
 * server's own words. Whatever is between us and Qdrant is told by its first line. needs_json: an answer of success
 * that is none is a bad reply. Returns err->status, OK included. */
qdrant_status qd_rest_explain(
    const qd_http_exchange *exchange, const char *endpoint, int needs_json, qdrant_error *err);

#endif

#ifndef QD_ROUTE_POINT_H
#define QD_ROUTE_POINT_H

#include "codec/url_values.h"
#include "core/text.h"
#include "qdrant/error.h"
#include "qdrant/pb/points.pb-c.h"

/* GET /collections/{collection_name}/points/{id}: the one form of an RPC, Points/Get, that only REST has. Its result is
 * the point itself. For servers. */

/* Other verbs on such a path are other routes, with words of their own in the place of the id. */
int qd_route_point_has_path(const char *target);

/* The request for the one point with its payload and vectors, and what else the URL says, which is not yet in it.
 * INVALID_ARGUMENT. */
qdrant_status qd_route_point_read(
    const char *target, qd_arena *arena, qd_url_values *values, ProtobufCMessage **request, qdrant_error *err);

/* NOT_FOUND in the server's words when the reply is empty. */
qdrant_status qd_route_point_write(
    const char *target, const Qdrant__GetResponse *reply, qd_text *text, qdrant_error *err);

#endif

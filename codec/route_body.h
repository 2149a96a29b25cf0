#ifndef QD_ROUTE_BODY_H
#define QD_ROUTE_BODY_H

#include "codec/message_json.h"
#include "codec/url_values.h"

/* A request as what its URL says and the JSON of the rest, which clients, servers and users' JSON have in common. */

/* Appends the JSON of what the URL does not say. */
qdrant_status qd_route_body_write(const qd_rpc *rpc, const ProtobufCMessage *request, qd_text *text, qdrant_error *err);

/* Puts what a URL says into the request that was read from the body. It borrows from values. INVALID_ARGUMENT. */
qdrant_status qd_route_body_join(
    const qd_rpc *rpc, const qd_url_values *values, qd_arena *arena, ProtobufCMessage *request, qdrant_error *err);

#endif

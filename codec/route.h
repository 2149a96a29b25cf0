#ifndef QD_ROUTE_H
#define QD_ROUTE_H

#include "codec/message_json.h"
#include "core/rpc.h"

/* The REST twin of each RPC (routes.def): verb, path, query parameters, where the result lies. Both sides: a client
 * writes requests and reads replies, a server the other way round, and users' JSON has a request in one object. */

typedef struct qd_rest_request {
  const char *verb;   /* "GET", "PUT" ...; static */
  const char *target; /* path and query, percent-encoded, begins with "/"; dot segments in names survive */
  const char *body;   /* JSON, ended by NUL; NULL: none */
  size_t n_body;
} qd_rest_request;

/* Client: the HTTP request of an RPC. server_timeout_s: value of `?timeout=` where the message has none and the route
 * takes one; 0: none. max_bytes bounds the body (INVALID_ARGUMENT names size, limit and what to do). Texts lie
 * in arena. */
qdrant_status qd_route_write_request(const qd_rpc *rpc, const ProtobufCMessage *request, uint32_t server_timeout_s,
    size_t max_bytes, qd_arena *arena, qd_rest_request *out, qdrant_error *err);

/* Client: the reply message of a successful HTTP answer (2xx). BAD_REPLY. */
qdrant_status qd_route_read_reply(
    const qd_rpc *rpc, const char *body, size_t n_body, qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err);

/* Server: the RPC a request line means (one point asked for by its id in the path is Points/Get), NULL when none;
 * *has_path tells 405 from 404. target: as it came. */
const qd_rpc *qd_route_find(const char *verb, const char *target, int *has_path);

/* Server: the request message of an HTTP request that qd_route_find gave rpc for. INVALID_ARGUMENT in the server's
 * words ("Format error in JSON body: ..."). */
qdrant_status qd_route_read_request(const qd_rpc *rpc, const char *target, const char *body, size_t n_body,
    qd_arena *arena, ProtobufCMessage **request, qdrant_error *err);

/* Server: the envelope {"result":...,"status":"ok","time":...} around a reply (HealthCheck's has none). */
qdrant_status qd_route_write_reply(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err);
/* The same for the answer to a target: where it asks for one point the result is that point, or NOT_FOUND. */
qdrant_status qd_route_write_answer(
    const qd_rpc *rpc, const char *target, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err);

/* User: a request in one JSON object, the body's keys beside those of the URL (`collection_name`, `wait`, `ordering`,
 * `timeout`, `consistency`, ...), and the inverse; the reply's `result` alone. */
qdrant_status qd_route_read_user(const qd_rpc *rpc, const char *json, size_t n_bytes, qd_arena *arena,
    ProtobufCMessage **request, qdrant_error *err);
qdrant_status qd_route_write_user(const qd_rpc *rpc, const ProtobufCMessage *request, qd_text *text, qdrant_error *err);
qdrant_status qd_route_write_result(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err);

#endif

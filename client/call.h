#ifndef QD_CALL_H
#define QD_CALL_H

#include "client/client.h"
#include "core/rpc.h"

/* Calls with an encoded request, for the columnar functions. body: its reference is taken, on failure too. The
 * request's `timeout` field is left to the library. */
qdrant_status qd_call_body(qdrant_client *client, qdrant_rpc rpc, qd_body *body, const qd_settings *settings,
    qdrant_reply **reply, qdrant_error *err);

/* may_wait: for a place among the calls in flight, until the deadline; else AGAIN. */
qdrant_status qd_call_body_start(qdrant_client *client, qdrant_rpc rpc, qd_body *body, const qd_settings *settings,
    int may_wait, const qdrant_then *then, qdrant_error *err);

/* A call that has no message. row: a name and a retry class, static; http, with a static verb, is copied. */
qdrant_status qd_call_http(qdrant_client *client, const qd_rpc *row, const qd_http_request *http,
    const qd_settings *settings, qdrant_reply **reply, qdrant_error *err);

/* UNSUPPORTED: the client has no REST transport. row: a name for the error. */
qdrant_status qd_call_check_rest(const qdrant_client *client, const qd_rpc *row, qdrant_error *err);

/* What every public entry checks first. Blocking ones are refused inside a callback, which runs on the very thread that
 * would have to end them. */
qdrant_status qd_call_check_entry(const qdrant_client *client, int is_blocking, qdrant_error *err);

/* Exactly one of done and queue. */
qdrant_status qd_call_check_then(const qdrant_then *then, qdrant_error *err);

#endif

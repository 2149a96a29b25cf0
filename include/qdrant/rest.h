#ifndef QDRANT_REST_H
#define QDRANT_REST_H

#include "qdrant/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What only Qdrant's REST API has. These calls go to the client's REST port, also when it prefers gRPC; UNSUPPORTED
 * when there is none (":memory:", rest_fallback off). Deadlines, retries, cancelling and errors are those of every
 * call. */

typedef struct qdrant_rest_request {
  size_t size;        /* sizeof(qdrant_rest_request) */
  const char *verb;   /* "GET", "POST", "PUT", "PATCH" or "DELETE" */
  const char *target; /* path and query, percent-encoded, beginning with "/", as "/collections/a%20b/cluster?timeout=3";
                       * the URL's prefix is put before it */
  const char *body;   /* JSON; NULL: none */
  size_t n_body;
  int is_repeatable; /* making the call twice does no harm: it may be tried again after an unclear failure */
} qdrant_rest_request;

#define QDRANT_REST_REQUEST_INIT QDRANT_SIZED(qdrant_rest_request)

/* Makes any REST call and waits for its end; not inside a callback (FAILED_PRECONDITION). Everything is borrowed. On
 * success (HTTP 2xx) *reply is the caller's: read it with qdrant_reply_text or qdrant_reply_result. Errors: as for any
 * call, err->remote_code being the HTTP status; INVALID_ARGUMENT names the member. */
QDRANT_API qdrant_status qdrant_rest_call(qdrant_client *client, const qdrant_rest_request *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

/* The answer's text as it came, ended by NUL, owned by reply. n_bytes may be NULL. NULL with *err filled when reply is
 * none of a REST call (INVALID_ARGUMENT) or memory is short. */
QDRANT_API const char *qdrant_reply_text(qdrant_reply *reply, size_t *n_bytes, qdrant_error *err);

/* The JSON of the answer's `result`, likewise. BAD_REPLY when the answer is no JSON object with a result. */
QDRANT_API const char *qdrant_reply_result(qdrant_reply *reply, size_t *n_bytes, qdrant_error *err);

/* Answers in plain text, for qdrant_reply_text. */

/* Figures in the text format of Prometheus. GET /metrics. */
QDRANT_API qdrant_status qdrant_rest_metrics(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Whether the server can take calls; UNAVAILABLE while it cannot. GET /readyz. */
QDRANT_API qdrant_status qdrant_rest_readiness(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Whether the server's process works. GET /livez. */
QDRANT_API qdrant_status qdrant_rest_liveness(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

/* Answers in JSON, for qdrant_reply_result. */

/* What the server knows about itself: version, load, collections, requests. GET /telemetry. */
QDRANT_API qdrant_status qdrant_rest_telemetry(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Peers and state of the cluster; {"status":"disabled"} without one. GET /cluster. */
QDRANT_API qdrant_status qdrant_rest_cluster(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Telemetry of all peers. GET /cluster/telemetry. */
QDRANT_API qdrant_status qdrant_rest_cluster_telemetry(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Lets this peer catch up with the cluster's agreed state. POST /cluster/recover. */
QDRANT_API qdrant_status qdrant_rest_cluster_recover(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Takes a peer out of the cluster; is_forced: although it still has shards, which are lost. DELETE /cluster/peer/{id}.
 */
QDRANT_API qdrant_status qdrant_rest_peer_remove(qdrant_client *client, uint64_t peer_id, int is_forced,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* What the server found wrong with how it is used, such as missing payload indexes. GET /issues. */
QDRANT_API qdrant_status qdrant_rest_issues(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Forgets them. DELETE /issues. */
QDRANT_API qdrant_status qdrant_rest_issues_clear(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Limits of the whole server, and their change by a JSON object of n_bytes. GET and PUT /quotas. */
QDRANT_API qdrant_status qdrant_rest_quotas(
    qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_rest_quotas_set(qdrant_client *client, const char *json, size_t n_bytes,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
/* Optimizations of a collection, under way and done. GET /collections/{collection}/optimizations. */
QDRANT_API qdrant_status qdrant_rest_optimizations(qdrant_client *client, const char *collection,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

#ifdef __cplusplus
}
#endif
#endif

#include "qdrant/rest.h"

#include "client/call.h"
#include "client/reply.h"
#include "codec/percent.h"
#include "core/error.h"
#include "core/json_member.h"
#include "core/sized.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const size_t MAX_TARGET_BYTES = 8192;
static const char *const VERBS[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

/* Rows of calls that have no message: a name for errors and a class for retries. */
#define ROW(row_verb, row_path, repeat)                                                                                \
  { .id = QDRANT_N_RPCS, .name = row_verb " " row_path, .path = row_path, .retry_class = QD_RETRY_##repeat }

static const qd_rpc any_repeatable = ROW("a REST call", "that may be repeated", READ);
static const qd_rpc any_once = ROW("a REST call", "that is made once", ONCE);

static const char *find_verb(const char *verb) {
  for (size_t i = 0; verb != NULL && i < sizeof VERBS / sizeof *VERBS; i++)
    if (strcmp(verb, VERBS[i]) == 0)
      return VERBS[i];
  return NULL;
}

static int is_target(const char *target) {
  if (target == NULL || target[0] != '/')
    return 0;
  for (const char *at = target; *at != '\0'; at++)
    if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f || *at == '#')
      return 0;
  return 1;
}

static qdrant_status check_request(const qdrant_rest_request *request, qdrant_error *err) {
  if (find_verb(request->verb) == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "request.verb \"%.20s\": expected GET, POST, PUT, PATCH or DELETE",
        request->verb != NULL ? request->verb : "");
  if (!is_target(request->target))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "request.target \"%.100s\": expected a percent-encoded path that begins with \"/\"",
        request->target != NULL ? request->target : "");
  if (request->body == NULL && request->n_body > 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "request.body is NULL with n_body %zu", request->n_body);
  return QDRANT_OK;
}

/* One call of a row, whose target may have been completed. */
static qdrant_status call_row(qdrant_client *client, const qd_rpc *row, const qd_http_request *http,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qd_settings settings;
  if (reply == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "reply is NULL");
  *reply = NULL;
  qdrant_status status = qd_call_check_entry(client, 1, err);
  if (status == QDRANT_OK)
    status = qd_call_check_rest(client, row, err);
  if (status == QDRANT_OK)
    status = qd_settings_resolve(&client->options, options, &settings, err);
  return status == QDRANT_OK ? qd_call_http(client, row, http, &settings, reply, err) : status;
}

qdrant_status qdrant_rest_call(qdrant_client *client, const qdrant_rest_request *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qdrant_rest_request wanted;
  qd_error_clear(err);
  qdrant_status status =
      qd_sized_copy(&wanted, sizeof wanted, request, "qdrant_rest_request", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK)
    status = check_request(&wanted, err);
  if (status != QDRANT_OK)
    return status;
  qd_http_request http = {
      .verb = find_verb(wanted.verb), .target = wanted.target, .body = wanted.body, .n_body = wanted.n_body};
  return call_row(client, wanted.is_repeatable ? &any_repeatable : &any_once, &http, options, reply, err);
}

/* The calls whose target never changes: name, verb, path, retry class. */
#define FIXED_CALLS(CALL)                                                                                              \
  CALL(metrics, "GET", "/metrics", READ)                                                                               \
  CALL(readiness, "GET", "/readyz", READ)                                                                              \
  CALL(liveness, "GET", "/livez", READ)                                                                                \
  CALL(telemetry, "GET", "/telemetry", READ)                                                                           \
  CALL(cluster, "GET", "/cluster", READ)                                                                               \
  CALL(cluster_telemetry, "GET", "/cluster/telemetry", READ)                                                           \
  CALL(cluster_recover, "POST", "/cluster/recover", IDEMPOTENT)                                                        \
  CALL(issues, "GET", "/issues", READ)                                                                                 \
  CALL(issues_clear, "DELETE", "/issues", IDEMPOTENT)                                                                  \
  CALL(quotas, "GET", "/quotas", READ)

#define FIXED_CALL(call, call_verb, call_path, repeat)                                                                 \
  qdrant_status qdrant_rest_##call(                                                                                    \
      qdrant_client *client, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {            \
    static const qd_rpc row = ROW(call_verb, call_path, repeat);                                                       \
    qd_error_clear(err);                                                                                               \
    return call_row(client, &row, &(qd_http_request){.verb = call_verb, .target = call_path}, options, reply, err);    \
  }
FIXED_CALLS(FIXED_CALL)

qdrant_status qdrant_rest_peer_remove(qdrant_client *client, uint64_t peer_id, int is_forced,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  static const qd_rpc row = ROW("DELETE", "/cluster/peer/{peer_id}", ONCE);
  char target[64];
  qd_error_clear(err);
  snprintf(target, sizeof target, "/cluster/peer/%" PRIu64 "%s", peer_id, is_forced ? "?force=true" : "");
  return call_row(client, &row, &(qd_http_request){.verb = "DELETE", .target = target}, options, reply, err);
}

qdrant_status qdrant_rest_quotas_set(qdrant_client *client, const char *json, size_t n_bytes,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  static const qd_rpc row = ROW("PUT", "/quotas", IDEMPOTENT);
  qd_error_clear(err);
  if (json == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "json is NULL");
  qd_http_request http = {.verb = "PUT", .target = "/quotas", .body = json, .n_body = n_bytes};
  return call_row(client, &row, &http, options, reply, err);
}

qdrant_status qdrant_rest_optimizations(qdrant_client *client, const char *collection,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  static const qd_rpc row = ROW("GET", "/collections/{collection_name}/optimizations", READ);
  qd_text target;
  qd_error_clear(err);
  if (collection == NULL || collection[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: the collection's name is empty", row.name);
  qd_arena *arena = qd_arena_new(0);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", row.name);
  qd_text_init(&target, arena, MAX_TARGET_BYTES);
  qd_text_add(&target, "/collections/", 13);
  qd_percent_encode(&target, collection);
  qd_text_add(&target, "/optimizations", 14);
  const char *text = qd_text_end(&target);
  qdrant_status status =
      text == NULL ? qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", row.name)
                   : call_row(client, &row, &(qd_http_request){.verb = "GET", .target = text}, options, reply, err);
  qd_arena_free(arena);
  return status;
}

const char *qdrant_reply_text(qdrant_reply *reply, size_t *n_bytes, qdrant_error *err) {
  const uint8_t *bytes = NULL;
  size_t n = 0;
  qd_error_clear(err);
  if (reply == NULL || reply->rpc->reply != NULL) {
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s", reply == NULL ? "reply is NULL" : "the reply is none of a REST call");
    return NULL;
  }
  if (qd_reply_encoded(reply, &bytes, &n, err) != QDRANT_OK)
    return NULL;
  char *text = qd_arena_strndup(reply->arena, (const char *)bytes, n);
  if (text == NULL)
    qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a reply of %zu bytes was read", n);
  if (n_bytes != NULL)
    *n_bytes = n;
  return text;
}

const char *qdrant_reply_result(qdrant_reply *reply, size_t *n_bytes, qdrant_error *err) {
  size_t n_text = 0;
  size_t n_result = 0;
  const char *result = NULL;
  const char *text = qdrant_reply_text(reply, &n_text, err);
  if (text == NULL)
    return NULL;
  qdrant_error reason = {0};
  qdrant_status status = qd_json_member_text(text, n_text, "result", reply->arena, &result, &n_result, &reason);
  if (status == QDRANT_NO_MEMORY)
    qd_error_pass(err, &reason);
  else if (status != QDRANT_OK)
    qd_fail(err, QDRANT_BAD_REPLY, "reply to %s: %s", reply->rpc->name, reason.message);
  else if (result == NULL)
    qd_fail(err, QDRANT_BAD_REPLY, "reply to %s: it has no \"result\"; qdrant_reply_text gives it as it is",
        reply->rpc->name);
  if (n_bytes != NULL)
    *n_bytes = n_result;
  return result;
}

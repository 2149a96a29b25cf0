#include "client/server_version.h"

#include "client/call.h"
#include "client/client.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "core/message.h"
#include "core/since.h"
#include "core/sized.h"
#include "qdrant/calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Servers are replaced one after the other, and connections do not always break when they are. */
#define MAX_AGE_NS (600 * QD_NS_PER_S)

void qd_server_version_init(qd_server_version *version) {
  atomic_init(&version->number, 0);
  pthread_mutex_init(&version->lock, NULL);
}

void qd_server_version_destroy(qd_server_version *version) {
  pthread_mutex_destroy(&version->lock);
}

uint32_t qd_server_version_fresh(qd_server_version *version) {
  pthread_mutex_lock(&version->lock);
  int is_old = qd_now_ns() - version->heard_ns > MAX_AGE_NS;
  pthread_mutex_unlock(&version->lock);
  return is_old ? 0 : atomic_load(&version->number);
}

void qd_server_version_forget(qd_server_version *version) {
  atomic_store(&version->number, 0);
}

static uint32_t read_number(const char *text) {
  static atomic_int was_told;
  uint32_t number = qd_version_parse(text);
  if (number != 0)
    return number;
  qd_log_once(&was_told, QDRANT_LOG_WARN, "version",
      "the server says it is \"%.31s\", which is no version: it is taken for a new one", text);
  return qd_since_newest();
}

qdrant_status qd_server_version_take(
    qd_server_version *version, qdrant_reply *reply, uint32_t *oldest, qdrant_error *err) {
  const Qdrant__HealthCheckReply *answer = qdrant_health_check_response(reply, err);
  qdrant_status status = answer != NULL ? QDRANT_OK : err->status;
  if (answer != NULL) {
    uint32_t number = read_number(answer->version);
    *oldest = *oldest == 0 || number < *oldest ? number : *oldest;
    pthread_mutex_lock(&version->lock);
    snprintf(version->text, sizeof version->text, "%s", answer->version);
    pthread_mutex_unlock(&version->lock);
  }
  qdrant_reply_free(reply);
  return status;
}

void qd_server_version_set(qd_server_version *version, uint32_t oldest) {
  pthread_mutex_lock(&version->lock);
  version->heard_ns = qd_now_ns();
  pthread_mutex_unlock(&version->lock);
  atomic_store(&version->number, oldest);
}

static qdrant_status make_question(qdrant_client *client, qd_body **body, qdrant_error *err) {
  const Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  return qd_message_pack(&request.base, client->bodies, client->options.max_request_bytes, body, err);
}

qdrant_status qd_server_version_ask(
    qdrant_client *client, const qd_settings *settings, uint32_t *oldest, qdrant_error *err) {
  qd_body *body = NULL;
  qdrant_reply *reply = NULL;
  qdrant_status status = make_question(client, &body, err);
  if (status == QDRANT_OK)
    status = qd_call_body(client, QDRANT_RPC_HEALTH_CHECK, body, settings, &reply, err);
  return status == QDRANT_OK ? qd_server_version_take(&client->server_version, reply, oldest, err) : status;
}

qdrant_status qd_server_version_ask_start(
    qdrant_client *client, const qd_settings *settings, const qdrant_then *then, qdrant_error *err) {
  qd_body *body = NULL;
  qdrant_status status = make_question(client, &body, err);
  if (status != QDRANT_OK)
    return status;
  return qd_call_body_start(client, QDRANT_RPC_HEALTH_CHECK, body, settings, 0, then, err);
}

static qdrant_status check_ping(
    const qdrant_client *client, int64_t timeout_ms, const qdrant_pong *pong, qdrant_error *err) {
  if (timeout_ms < 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "timeout_ms is %" PRId64 "; it must not be negative", timeout_ms);
  if (pong != NULL && pong->size < 2 * sizeof(size_t))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "pong->size is %zu; set it to sizeof(qdrant_pong)", pong->size);
  return qd_call_check_entry(client, 1, err);
}

qdrant_status qdrant_client_ping(qdrant_client *client, int64_t timeout_ms, qdrant_pong *pong, qdrant_error *err) {
  qdrant_call_options once = QDRANT_CALL_OPTIONS_INIT;
  qd_settings settings;
  qdrant_error error = {0};
  qd_error_clear(err);
  qdrant_status status = check_ping(client, timeout_ms, pong, err);
  if (status != QDRANT_OK)
    return status;
  once.max_retries = -1;
  once.timeout_ms = timeout_ms > 0 ? timeout_ms : client->options.connect_timeout_ms;
  status = qd_settings_resolve(&client->options, &once, &settings, err);
  if (status != QDRANT_OK)
    return status;
  uint32_t oldest = 0;
  qdrant_pong heard = QDRANT_PONG_INIT;
  int64_t began_ns = qd_now_ns();
  status = qd_server_version_ask(client, &settings, &oldest, &error);
  if (status != QDRANT_OK)
    return qd_error_pass(err, &error);
  heard.time_ns = qd_now_ns() - began_ns;
  if (client->options.n_nodes == 1)
    qd_server_version_set(&client->server_version, oldest);
  qdrant_client_server_version(client, heard.version, sizeof heard.version);
  if (pong != NULL)
    qd_sized_give(pong, &heard, sizeof heard);
  return QDRANT_OK;
}

void qdrant_client_server_version(qdrant_client *client, char *version, size_t n_version) {
  if (version == NULL || n_version == 0)
    return;
  version[0] = '\0';
  if (client == NULL || qd_client_check_process(client, NULL) != QDRANT_OK)
    return;
  pthread_mutex_lock(&client->server_version.lock);
  snprintf(version, n_version, "%s", client->server_version.text);
  pthread_mutex_unlock(&client->server_version.lock);
}

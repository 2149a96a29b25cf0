#include "client/options.h"

#include "client/headers.h"
#include "client/option_number.h"
#include "client/option_text.h"
#include "client/options_endpoints.h"
#include "client/options_key.h"
#include "client/options_observe.h"
#include "client/options_reads.h"
#include "client/options_retry.h"
#include "client/options_tls.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"

#include <stdio.h>
#include <string.h>

#define MIB ((int64_t)1 << 20)
#define MAX_MESSAGE_BYTES INT64_C(0x7fffffff) /* protobuf's own limit */

enum number {
  CONNECT_TIMEOUT,
  CLOSE_TIMEOUT,
  KEEPALIVE,
  KEEPALIVE_TIMEOUT,
  CONNECTIONS,
  CALLS_IN_FLIGHT,
  BYTES_IN_FLIGHT,
  REQUEST_BYTES,
  REPLY_BYTES,
  MEMORY_THREADS
};

static const qd_number_rule rules[] = {
    [CONNECT_TIMEOUT] = {"connect_timeout_ms", 3000, 1, QD_HOUR_MS, QD_NO_OFF},
    [CLOSE_TIMEOUT] = {"close_timeout_ms", 1000, 1, QD_HOUR_MS, 0},
    [KEEPALIVE] = {"keepalive_ms", 10000, 10, QD_MAX_TIMEOUT_MS, -1},
    [KEEPALIVE_TIMEOUT] = {"keepalive_timeout_ms", 5000, 1, QD_HOUR_MS, QD_NO_OFF},
    [CONNECTIONS] = {"max_connections", 4, 1, 1000, QD_NO_OFF},
    [CALLS_IN_FLIGHT] = {"max_calls_in_flight", 1024, 1, 1000000, QD_NO_OFF},
    [BYTES_IN_FLIGHT] = {"max_bytes_in_flight", 256 * MIB, 1, INT64_MAX, QD_NO_OFF},
    [REQUEST_BYTES] = {"max_request_bytes", 512 * MIB, 1, MAX_MESSAGE_BYTES, QD_NO_OFF},
    [REPLY_BYTES] = {"max_reply_bytes", 512 * MIB, 1, MAX_MESSAGE_BYTES, QD_NO_OFF},
    [MEMORY_THREADS] = {"memory_threads", 2, 1, 256, QD_NO_OFF},
};

static int64_t clamp_size(size_t n_bytes) {
  return n_bytes > INT64_MAX ? INT64_MAX : (int64_t)n_bytes;
}

static qdrant_status resolve_numbers(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  const int64_t in[] = {
      [CONNECT_TIMEOUT] = given->connect_timeout_ms,
      [CLOSE_TIMEOUT] = given->close_timeout_ms,
      [KEEPALIVE] = given->keepalive_ms,
      [KEEPALIVE_TIMEOUT] = given->keepalive_timeout_ms,
      [CONNECTIONS] = given->max_connections,
      [CALLS_IN_FLIGHT] = given->max_calls_in_flight,
      [BYTES_IN_FLIGHT] = clamp_size(given->max_bytes_in_flight),
      [REQUEST_BYTES] = clamp_size(given->max_request_bytes),
      [REPLY_BYTES] = clamp_size(given->max_reply_bytes),
      [MEMORY_THREADS] = clamp_size(given->memory_threads),
  };
  int64_t out[sizeof in / sizeof in[0]];
  for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
    qdrant_status status = qd_option_number(&rules[i], in[i], &out[i], QDRANT_CONFIG_INVALID, err);
    if (status != QDRANT_OK)
      return status;
  }
  options->connect_timeout_ms = out[CONNECT_TIMEOUT];
  options->close_timeout_ms = out[CLOSE_TIMEOUT];
  options->keepalive_ms = out[KEEPALIVE];
  options->keepalive_timeout_ms = out[KEEPALIVE_TIMEOUT];
  options->n_connections = (uint32_t)out[CONNECTIONS];
  options->max_calls_in_flight = (uint32_t)out[CALLS_IN_FLIGHT];
  options->max_bytes_in_flight = (size_t)out[BYTES_IN_FLIGHT];
  options->max_request_bytes = (size_t)out[REQUEST_BYTES];
  options->max_reply_bytes = (size_t)out[REPLY_BYTES];
  options->memory_threads = (size_t)out[MEMORY_THREADS];
  return QDRANT_OK;
}

static qdrant_status copy_text(
    const char *text, size_t n_bytes, const char **copy, qd_arena *arena, qdrant_error *err) {
  *copy = qd_arena_strndup(arena, text, n_bytes);
  return *copy != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
}

static qdrant_status resolve_user_agent(const char *text, qd_options *options, qdrant_error *err) {
  char whole[256];
  size_t n_text = text != NULL ? strlen(text) : 0;
  if (text != NULL && qd_find_unprintable(text) >= 0)
    return qd_fail(
        err, QDRANT_CONFIG_INVALID, "user_agent: byte %ld is not printable ASCII", qd_find_unprintable(text));
  int n = snprintf(
      whole, sizeof whole, "%s%slibqdrant/%s", text != NULL ? text : "", text != NULL ? " " : "", qdrant_version());
  if (n < 0 || (size_t)n >= sizeof whole)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "user_agent has %zu bytes; at most %zu are allowed", n_text,
        sizeof whole - 1 - ((size_t)n - n_text));
  return copy_text(whole, (size_t)n, &options->user_agent, options->arena, err);
}

static int is_toggle(qdrant_toggle given) {
  return given == QDRANT_DEFAULT || given == QDRANT_ON || given == QDRANT_OFF;
}

typedef struct toggle_rule {
  const char *name;
  qdrant_toggle given;
  int is_on_by_default;
  int *is_on;
} toggle_rule;

static qdrant_status resolve_toggles(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  const toggle_rule toggles[] = {
      {"use_env_proxy", given->use_env_proxy, 0, &options->use_env_proxy},
      {"prefer_grpc", given->prefer_grpc, 1, &options->prefers_grpc},
      {"rest_fallback", given->rest_fallback, 1, &options->wants_fallback},
      {"rest_compression", given->rest_compression, 0, &options->has_rest_compression},
  };
  for (size_t i = 0; i < sizeof toggles / sizeof toggles[0]; i++) {
    const toggle_rule *each = &toggles[i];
    if (!is_toggle(each->given))
      return qd_fail(err, QDRANT_CONFIG_INVALID, "%s is %d; expected QDRANT_DEFAULT, QDRANT_ON or QDRANT_OFF",
          each->name, (int)each->given);
    *each->is_on = each->given == QDRANT_ON || (each->given == QDRANT_DEFAULT && each->is_on_by_default);
  }
  return QDRANT_OK;
}

static qdrant_status resolve_headers(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  qdrant_status status = qd_headers_check(given->headers, given->n_headers, "headers", QDRANT_CONFIG_INVALID, err);
  if (status != QDRANT_OK || given->n_headers == 0)
    return status;
  options->headers = qd_headers_copy(given->headers, given->n_headers, options->arena);
  options->n_headers = given->n_headers;
  return options->headers != NULL ? QDRANT_OK
                                  : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
}

qdrant_status qd_options_resolve(const qdrant_options *in, qd_options *options, qdrant_error *err) {
  qdrant_options given;
  memset(options, 0, sizeof *options);
  qdrant_status status = qd_sized_copy(&given, sizeof given, in, "qdrant_options", QDRANT_CONFIG_INVALID, err);
  if (status != QDRANT_OK)
    return status;
  options->arena = qd_arena_new(1024);
  if (options->arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
  if ((status = resolve_toggles(&given, options, err)) != QDRANT_OK ||
      (status = qd_options_resolve_endpoints(&given, options, err)) != QDRANT_OK ||
      (status = resolve_numbers(&given, options, err)) != QDRANT_OK ||
      (status = qd_options_resolve_reads(&given, options, err)) != QDRANT_OK ||
      (status = qd_options_resolve_retry(&given, options, err)) != QDRANT_OK ||
      (status = qd_options_resolve_observe(&given, options, err)) != QDRANT_OK ||
      (status = qd_options_resolve_key(&given, options, err)) != QDRANT_OK ||
      (status = resolve_headers(&given, options, err)) != QDRANT_OK ||
      (status = resolve_user_agent(given.user_agent, options, err)) != QDRANT_OK ||
      (status = qd_option_text("memory_snapshot_directory", given.memory_snapshot_directory,
           &options->memory_snapshot_directory, options->arena, err)) != QDRANT_OK)
    return status;
  return qd_options_resolve_tls(&given, options, err);
}

void qd_options_free(qd_options *options) {
  qd_options_wipe(options);
  qd_arena_free(options->arena);
  options->arena = NULL;
}

qdrant_status qd_settings_resolve(
    const qd_options *options, const qdrant_call_options *in, qd_settings *settings, qdrant_error *err) {
  qdrant_call_options given;
  qdrant_status status = qd_sized_copy(&given, sizeof given, in, "qdrant_call_options", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK)
    status = qd_settings_resolve_retry(options, &given, settings, err);
  if (status == QDRANT_OK)
    status = qd_headers_check(given.headers, given.n_headers, "call options: headers", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK && !is_toggle(given.checks))
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "call options: checks is %d; expected QDRANT_DEFAULT, QDRANT_ON or QDRANT_OFF", (int)given.checks);
  if (status != QDRANT_OK)
    return status;
  settings->wanted_endpoint = 0;
  settings->is_question = 0;
  settings->newer = (qd_newer_set){0};
  settings->is_checked = given.checks != QDRANT_OFF;
  settings->headers = given.headers;
  settings->n_headers = given.n_headers;
  settings->cancel = given.cancel;
  return QDRANT_OK;
}

#include "client/observe.h"

#include "client/headers.h"
#include "client/process.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"

#include <stdio.h>
#include <string.h>

static const char TRACEPARENT[] = "traceparent";

static qdrant_call_event make_event(const qd_operation *operation, int64_t since_ns) {
  return (qdrant_call_event){
      .size = sizeof(qdrant_call_event),
      .call_number = operation->observed->call_number,
      .rpc = operation->rpc->name,
      .attempt = operation->n_attempts,
      .request_bytes = operation->n_request_bytes,
      .elapsed_ns = since_ns > 0 ? qd_now_ns() - since_ns : 0,
      .sleep_ns = -1,
      .error = operation->error.status != QDRANT_OK ? &operation->error : NULL,
  };
}

static int has_header(const qd_operation *operation, const char *name) {
  for (size_t i = 0; i < operation->n_headers; i++)
    if (strcmp(operation->headers[i].name, name) == 0)
      return 1;
  return 0;
}

/* What a hook wrote need not be a text, nor fit for a header. */
static int is_sendable(qdrant_trace *trace) {
  static atomic_int was_told;
  trace->traceparent[sizeof trace->traceparent - 1] = '\0';
  if (qd_find_unprintable(trace->traceparent) < 0)
    return trace->traceparent[0] != '\0';
  qd_log_once(&was_told, QDRANT_LOG_WARN, "hooks",
      "call_start gave a traceparent with a byte that is not printable "
      "ASCII: it is not sent");
  return 0;
}

/* headers: one more than the call has. */
static void add_traceparent(qd_operation *operation, qdrant_header *headers) {
  qdrant_trace *trace = &operation->observed->trace;
  if (!is_sendable(trace) || has_header(operation, TRACEPARENT))
    return;
  if (operation->n_headers > 0)
    memcpy(headers, operation->headers, operation->n_headers * sizeof *headers);
  headers[operation->n_headers] = (qdrant_header){TRACEPARENT, trace->traceparent};
  operation->headers = headers;
  operation->n_headers++;
}

qdrant_status qd_observe_start(qd_operation *operation, qdrant_error *err) {
  qdrant_client *client = operation->client;
  const qdrant_hooks *hooks = client->options.hooks;
  if (hooks == NULL)
    return QDRANT_OK;
  qd_observed *observed = qd_arena_zalloc(operation->arena, sizeof *observed);
  qdrant_header *headers = qd_arena_alloc(operation->arena, (operation->n_headers + 1) * sizeof *headers);
  if (observed == NULL || headers == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", operation->rpc->name);
  observed->call_number = atomic_fetch_add(&client->n_observed, 1) + 1;
  observed->began_ns = qd_now_ns();
  operation->observed = observed;
  if (hooks->call_start == NULL)
    return QDRANT_OK;
  qdrant_call_event event = make_event(operation, 0);
  qd_callback_enter();
  hooks->call_start(hooks->user, &event, &observed->trace);
  qd_callback_leave();
  add_traceparent(operation, headers);
  return QDRANT_OK;
}

static void log_failure(const qd_operation *operation, int64_t duration_ns, int64_t sleep_ns) {
  char next[48] = "no other one follows";
  if (sleep_ns >= 0)
    snprintf(next, sizeof next, "the next one in %lld ms", (long long)(sleep_ns / QD_NS_PER_MS));
  qd_log(QDRANT_LOG_DEBUG, "calls", "%s: attempt %u ended after %lld ms with %s, %s: %s", operation->rpc->name,
      (unsigned)operation->n_attempts, (long long)(duration_ns / QD_NS_PER_MS),
      qdrant_status_name(operation->error.status), next, operation->error.message);
}

static void tell_attempt(qd_operation *operation, int64_t sleep_ns) {
  const qdrant_hooks *hooks = operation->client->options.hooks;
  if (hooks->attempt_end == NULL)
    return;
  qdrant_call_event event = make_event(operation, operation->attempt_began_ns);
  event.endpoint = qd_client_endpoint_at(operation->client, operation->endpoint);
  event.reply_bytes = operation->n_reply_bytes;
  event.sleep_ns = sleep_ns;
  qd_callback_enter();
  hooks->attempt_end(hooks->user, operation->observed->trace.span, &event);
  qd_callback_leave();
}

void qd_observe_attempt(qd_operation *operation, int64_t sleep_ns) {
  qdrant_client *client = operation->client;
  if (operation->n_observed == operation->n_attempts)
    return;
  operation->n_observed = operation->n_attempts;
  int64_t duration_ns = qd_now_ns() - operation->attempt_began_ns;
  qd_metrics_count(&client->metrics, operation->rpc->id, operation->endpoint, operation->error.status, duration_ns);
  if (operation->error.status == QDRANT_UNAVAILABLE)
    qd_server_version_forget(&client->server_version);
  if (operation->error.status != QDRANT_OK && qd_log_has(QDRANT_LOG_DEBUG))
    log_failure(operation, duration_ns, sleep_ns);
  if (operation->observed != NULL)
    tell_attempt(operation, sleep_ns);
}

void qd_observe_end(qd_operation *operation) {
  if (operation->observed == NULL)
    return;
  const qd_observed *observed = operation->observed;
  const qdrant_hooks *hooks = operation->client->options.hooks;
  qdrant_call_event event = make_event(operation, observed->began_ns);
  operation->observed = NULL;
  if (hooks->call_end == NULL)
    return;
  event.reply_bytes = operation->n_reply_bytes;
  qd_callback_enter();
  hooks->call_end(hooks->user, observed->trace.span, &event);
  qd_callback_leave();
}

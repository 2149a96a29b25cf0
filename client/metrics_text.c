/* A client's figures in Prometheus' text format. */
#include "client/client.h"
#include "client/metrics_page.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT_BYTES ((size_t)64 << 20)
#define DURATION "qdrant_client_attempt_duration_seconds"

/* Seconds without the zeros at the end, in every locale with a point. */
static void format_seconds(uint64_t ns, char text[32]) {
  int n = snprintf(text, 32, "%" PRIu64 ".%09" PRIu64, ns / (uint64_t)QD_NS_PER_S, ns % (uint64_t)QD_NS_PER_S);
  while (text[n - 1] == '0' && text[n - 2] != '.')
    text[--n] = '\0';
}

static void begin_duration(qd_metrics_page *to, const char *suffix, const qdrant_metric *metric) {
  qd_metrics_page_begin(to, DURATION, suffix);
  qd_metrics_page_label(to, "rpc", metric->rpc);
  qd_metrics_page_label(to, "endpoint", metric->endpoint);
  qd_metrics_page_label(to, "outcome", qdrant_status_name(metric->outcome));
}

static int add_duration(void *user, const qdrant_metric *metric) {
  qd_metrics_page *to = user;
  char seconds[32];
  uint64_t n = 0;
  for (size_t i = 0; i < QDRANT_N_BUCKETS; i++) {
    n += metric->buckets[i];
    format_seconds(qdrant_bucket_bound_ns(i), seconds);
    begin_duration(to, "_bucket", metric);
    qd_metrics_page_label(to, "le", i < QDRANT_N_BUCKETS - 1 ? seconds : "+Inf");
    qd_metrics_page_end_count(to, n);
  }
  format_seconds(metric->sum_ns, seconds);
  begin_duration(to, "_sum", metric);
  qd_metrics_page_end(to, seconds);
  begin_duration(to, "_count", metric);
  qd_metrics_page_end_count(to, n);
  return 1;
}

/* A figure of qdrant_stats. */
typedef struct figure {
  const char *name;
  const char *type;
  const char *help;
  size_t offset;
  int is_wide; /* uint64_t, not uint32_t */
} figure;

#define NARROW(member) offsetof(qdrant_stats, member), 0
#define WIDE(member) offsetof(qdrant_stats, member), 1

static const figure figures[] = {
    {"qdrant_client_connections", "gauge", "Connections of the pool.", NARROW(n_connections)},
    {"qdrant_client_connections_ready", "gauge", "Connections that are established.", NARROW(n_ready)},
    {"qdrant_client_calls_in_flight", "gauge", "Calls that have begun and not ended.", NARROW(n_calls_in_flight)},
    {"qdrant_client_attempts_total", "counter", "Attempts handed to the transport.", WIDE(n_calls)},
    {"qdrant_client_attempts_failed_total", "counter", "Attempts that did not end well.", WIDE(n_failed)},
    {"qdrant_client_retries_total", "counter", "Attempts after a call's first.", WIDE(n_retries)},
    {"qdrant_client_request_bytes_total", "counter", "Encoded requests handed to the transport.", WIDE(request_bytes)},
    {"qdrant_client_reply_bytes_total", "counter", "Encoded replies.", WIDE(reply_bytes)},
    {"qdrant_client_fallback_attempts_total", "counter", "Attempts carried by REST in place of gRPC.",
        WIDE(n_fallback)},
    {"qdrant_client_over_budget_total", "counter", "Calls not repeated because an endpoint's budget was used up.",
        WIDE(n_over_budget)},
    {"qdrant_client_leaked_calls_total", "counter", "Calls whose state a close had to leave behind in this process.",
        WIDE(n_leaked)},
};

static uint64_t read_figure(const qdrant_stats *stats, const figure *row) {
  uint32_t narrow = 0;
  uint64_t wide = 0;
  if (row->is_wide)
    memcpy(&wide, (const char *)stats + row->offset, sizeof wide);
  else
    memcpy(&narrow, (const char *)stats + row->offset, sizeof narrow);
  return row->is_wide ? wide : narrow;
}

static void add_figure(qd_metrics_page *to, const char *name, const char *type, const char *help, uint64_t value) {
  qd_metrics_page_head(to, name, type, help);
  qd_metrics_page_begin(to, name, "");
  qd_metrics_page_end_count(to, value);
}

/* A figure of an endpoint. */
static uint64_t read_state(const qdrant_endpoint_stats *stats) {
  return (uint64_t)stats->state;
}

static uint64_t read_in_flight(const qdrant_endpoint_stats *stats) {
  return stats->n_calls_in_flight;
}

static uint64_t read_ejections(const qdrant_endpoint_stats *stats) {
  return stats->n_ejections;
}

static uint64_t read_hedges(const qdrant_endpoint_stats *stats) {
  return stats->n_hedges;
}

typedef struct endpoint_figure {
  const char *name;
  const char *type;
  const char *help;
  uint64_t (*read)(const qdrant_endpoint_stats *stats);
} endpoint_figure;

static const endpoint_figure endpoint_figures[] = {
    {"qdrant_client_endpoint_state", "gauge", "0 connecting, 1 ready, 2 unreachable, 3 ejected.", read_state},
    {"qdrant_client_endpoint_calls_in_flight", "gauge", "Attempts under way.", read_in_flight},
    {"qdrant_client_endpoint_ejections_total", "counter", "Times it was left out for its failures.", read_ejections},
    {"qdrant_client_endpoint_hedges_total", "counter", "Reads that went there as the second of two.", read_hedges},
};

static qdrant_status add_endpoint_figure(
    qd_metrics_page *to, qdrant_client *client, const endpoint_figure *row, qdrant_error *err) {
  qd_metrics_page_head(to, row->name, row->type, row->help);
  for (size_t i = 0; i < qdrant_client_n_endpoints(client); i++) {
    qdrant_endpoint_stats stats = QDRANT_ENDPOINT_STATS_INIT;
    qdrant_status status = qdrant_client_endpoint_stats(client, i, &stats, err);
    if (status != QDRANT_OK)
      return status;
    qd_metrics_page_begin(to, row->name, "");
    qd_metrics_page_label(to, "endpoint", stats.url);
    qd_metrics_page_end_count(to, row->read(&stats));
  }
  return QDRANT_OK;
}

static uint64_t count_bytes_in_flight(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  size_t n_bytes = client->n_bytes_in_flight;
  pthread_mutex_unlock(&client->lock);
  return n_bytes;
}

static qdrant_status fill(qd_metrics_page *to, qdrant_client *client, qdrant_error *err) {
  qdrant_stats stats = QDRANT_STATS_INIT;
  qdrant_status status = qdrant_client_stats(client, &stats, err);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
    add_figure(to, figures[i].name, figures[i].type, figures[i].help, read_figure(&stats, &figures[i]));
  add_figure(to, "qdrant_client_bytes_in_flight", "gauge", "Encoded requests of the calls in flight.",
      count_bytes_in_flight(client));
  add_figure(to, "qdrant_client_lost_samples_total", "counter", "Attempts not counted below for lack of memory.",
      atomic_load(&client->metrics.n_lost));
  for (size_t i = 0; i < sizeof endpoint_figures / sizeof endpoint_figures[0]; i++)
    if ((status = add_endpoint_figure(to, client, &endpoint_figures[i], err)) != QDRANT_OK)
      return status;
  qd_metrics_page_head(to, DURATION, "histogram", "How long attempts took, by RPC, endpoint and outcome.");
  return qdrant_client_metrics(client, add_duration, to, err);
}

static qdrant_status give(qd_metrics_page *from, char **text, size_t *n_bytes, qdrant_error *err) {
  const char *whole = qd_text_end(&from->text);
  *text = whole != NULL ? qd_strndup(whole, from->text.n_bytes) : NULL;
  if (*text == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while metrics were written");
  if (n_bytes != NULL)
    *n_bytes = from->text.n_bytes;
  return QDRANT_OK;
}

qdrant_status qdrant_client_metrics_text(
    qdrant_client *client, const char *labels, char **text, size_t *n_bytes, qdrant_error *err) {
  qd_metrics_page made = {.labels = labels != NULL ? labels : ""};
  qdrant_status status = QDRANT_OK;
  qd_error_clear(err);
  if (client == NULL || text == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", client == NULL ? "client" : "text");
  *text = NULL;
  if (made.labels[0] != '\0' && (status = qd_metrics_labels_check(made.labels, err)) != QDRANT_OK)
    return status;
  qd_arena *arena = qd_arena_new(1 << 14);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while metrics were written");
  qd_text_init(&made.text, arena, MAX_TEXT_BYTES);
  status = fill(&made, client, err);
  if (status == QDRANT_OK)
    status = give(&made, text, n_bytes, err);
  qd_arena_free(arena);
  return status;
}

void qdrant_metrics_free(char *text) {
  qd_free(text);
}

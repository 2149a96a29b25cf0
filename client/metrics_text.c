/* A client's figures in Prometheus' text format. */
#include "client/client.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/text.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT_BYTES ((size_t)64 << 20)
#define DURATION "qdrant_client_attempt_duration_seconds"

/* One text under way. */
typedef struct page {
  qd_text text;
  const char *labels; /* of every sample; "": none */
} page;

static void add(page *to, const char *words) {
  qd_text_add(&to->text, words, strlen(words));
}

static void add_head(page *to, const char *name, const char *type, const char *help) {
  const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    add(to, parts[i]);
}

/* "name{labels", so that labels of the sample's own follow after a comma. */
static void begin_sample(page *to, const char *name, const char *suffix) {
  add(to, name);
  add(to, suffix);
  add(to, "{");
  add(to, to->labels);
}

static void add_label(page *to, const char *name, const char *value) {
  if (to->text.n_bytes > 0 && !to->text.has_failed && to->text.bytes[to->text.n_bytes - 1] != '{')
    add(to, ",");
  add(to, name);
  add(to, "=\"");
  for (; *value != '\0'; value++) {
    if (*value == '\n')
      add(to, "\\n");
    else if (*value == '"' || *value == '\\')
      qd_text_add(&to->text, (const char[]){'\\', *value}, 2);
    else
      qd_text_add(&to->text, value, 1);
  }
  add(to, "\"");
}

static void end_sample(page *to, uint64_t value) {
  add(to, "} ");
  qd_text_add_unsigned(&to->text, value);
  add(to, "\n");
}

/* Seconds without the zeros at the end, in every locale with a point. */
static void format_seconds(uint64_t ns, char text[32]) {
  int n = snprintf(text, 32, "%" PRIu64 ".%09" PRIu64, ns / (uint64_t)QD_NS_PER_S, ns % (uint64_t)QD_NS_PER_S);
  while (text[n - 1] == '0' && text[n - 2] != '.')
    text[--n] = '\0';
}

static void begin_duration(page *to, const char *suffix, const qdrant_metric *metric) {
  begin_sample(to, DURATION, suffix);
  add_label(to, "rpc", metric->rpc);
  add_label(to, "endpoint", metric->endpoint);
  add_label(to, "outcome", qdrant_status_name(metric->outcome));
}

static int add_duration(void *user, const qdrant_metric *metric) {
  page *to = user;
  char seconds[32];
  uint64_t n = 0;
  for (size_t i = 0; i < QDRANT_N_BUCKETS; i++) {
    n += metric->buckets[i];
    format_seconds(qdrant_bucket_bound_ns(i), seconds);
    begin_duration(to, "_bucket", metric);
    add_label(to, "le", i < QDRANT_N_BUCKETS - 1 ? seconds : "+Inf");
    end_sample(to, n);
  }
  format_seconds(metric->sum_ns, seconds);
  begin_duration(to, "_sum", metric);
  add(to, "} ");
  add(to, seconds);
  add(to, "\n");
  begin_duration(to, "_count", metric);
  end_sample(to, n);
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

static void add_figure(page *to, const char *name, const char *type, const char *help, uint64_t value) {
  add_head(to, name, type, help);
  begin_sample(to, name, "");
  end_sample(to, value);
}

static uint64_t count_bytes_in_flight(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  size_t n_bytes = client->n_bytes_in_flight;
  pthread_mutex_unlock(&client->lock);
  return n_bytes;
}

static qdrant_status fill(page *to, qdrant_client *client, qdrant_error *err) {
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
  add_head(to, DURATION, "histogram", "How long attempts took, by RPC, endpoint and outcome.");
  return qdrant_client_metrics(client, add_duration, to, err);
}

static int is_name_byte(char c, int is_first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!is_first && c >= '0' && c <= '9');
}

/* The end of one name="value" at the beginning of a text; NULL: there is none. */
static const char *skip_label(const char *at) {
  const char *begin = at;
  while (is_name_byte(*at, at == begin))
    at++;
  if (at == begin || at[0] != '=' || at[1] != '"')
    return NULL;
  for (at += 2; *at != '\0' && *at != '\n' && *at != '"'; at++)
    if (*at == '\\' && *++at == '\0')
      return NULL;
  return *at == '"' ? at + 1 : NULL;
}

static qdrant_status check_labels(const char *labels, qdrant_error *err) {
  const char *at = skip_label(labels);
  while (at != NULL && *at == ',')
    at = skip_label(at + 1);
  if (at != NULL && *at == '\0')
    return QDRANT_OK;
  return qd_fail(
      err, QDRANT_INVALID_ARGUMENT, "labels \"%.100s\": expected name=\"value\", several separated by commas", labels);
}

static qdrant_status give(page *from, char **text, size_t *n_bytes, qdrant_error *err) {
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
  page made = {.labels = labels != NULL ? labels : ""};
  qdrant_status status = QDRANT_OK;
  qd_error_clear(err);
  if (client == NULL || text == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", client == NULL ? "client" : "text");
  *text = NULL;
  if (made.labels[0] != '\0' && (status = check_labels(made.labels, err)) != QDRANT_OK)
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

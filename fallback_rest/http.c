#include "fallback_rest/http.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/headers.h"
#include "core/log.h"
#include "core/thread.h"
#include "core/wipe.h"
#include "fallback_rest/http_easy.h"
#include "fallback_rest/http_error.h"
#include "fallback_rest/http_puzzle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static int has_curl;

/* Clients whose thread a callback held up; kept in reach, so that a leak checker tells them from a mistake. */
static pthread_mutex_t leaked_lock = PTHREAD_MUTEX_INITIALIZER;
static qd_http *first_leaked;
static atomic_ullong n_leaked;

static void begin_curl(void) {
  has_curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

uint64_t qd_http_leaks(void) {
  return atomic_load(&n_leaked);
}

int qd_http_is_forked(const qd_http *http) {
  return http->process != (long)getpid();
}

const char *qd_http_endpoint(const qd_http *http) {
  return http->endpoint;
}

static const char *print(qd_arena *arena, const char *format, ...) QDRANT_PRINTF(2, 3);

/* Into the arena; NULL when out of memory. */
static const char *print(qd_arena *arena, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int n_bytes = vsnprintf(NULL, 0, format, values);
  va_end(values);
  char *text = n_bytes >= 0 ? qd_arena_alloc(arena, (size_t)n_bytes + 1) : NULL;
  if (text != NULL) {
    va_start(values, format);
    vsnprintf(text, (size_t)n_bytes + 1, format, values);
    va_end(values);
  }
  return text;
}

/* The certificate's name takes the host's place in the URL, so that it is what is asked for and checked; libcurl is
 * told where to go for it. */
static int write_addresses(qd_http *http, const qd_http_options *options) {
  const char *name = options->tls.server_name;
  const char *open = options->is_ipv6 ? "[" : "";
  const char *close = options->is_ipv6 ? "]" : "";
  unsigned port = options->port;
  const char *prefix = options->path_prefix != NULL ? options->path_prefix : "";
  http->endpoint = print(http->arena, "%s%s%s:%u", open, options->host, close, port);
  http->connect_to =
      name != NULL && http->endpoint != NULL ? print(http->arena, "%s:%u:%s", name, port, http->endpoint) : NULL;
  http->base_url = print(http->arena, "%s://%s%s%s:%u%s", options->is_tls ? "https" : "http", name != NULL ? "" : open,
      name != NULL ? name : options->host, name != NULL ? "" : close, port, prefix);
  return http->endpoint != NULL && http->base_url != NULL && (name == NULL || http->connect_to != NULL);
}

static int copy_headers(qd_http *http, const qd_http_options *options) {
  if (options->n_headers == 0)
    return 1;
  qdrant_header *copy = qd_arena_alloc(http->arena, options->n_headers * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < options->n_headers; i++) {
    copy[i].name = print(http->arena, "%s", options->headers[i].name);
    copy[i].value = print(http->arena, "%s", options->headers[i].value);
    if (copy[i].name == NULL || copy[i].value == NULL)
      return 0;
  }
  http->options.headers = copy;
  return copy != NULL;
}

static int copy_text(qd_http *http, const char *text, const char **copy) {
  *copy = text != NULL ? print(http->arena, "%s", text) : NULL;
  return text == NULL || *copy != NULL;
}

/* Numbers stay as they are; texts are copied or, once they have served, forgotten. */
static int fill(qd_http *http, const qd_http_options *options) {
  http->options = *options;
  http->options.host = NULL;
  http->options.path_prefix = NULL;
  http->options.api_key = NULL;
  http->options.headers = NULL;
  http->options.tls = (qd_tls_options){.verify = options->tls.verify};
  http->max_active = options->n_connections;
  http->idle = qd_arena_alloc(http->arena, options->n_connections * sizeof *http->idle);
  if (http->idle == NULL || !write_addresses(http, options) || !copy_headers(http, options) ||
      !copy_text(http, options->api_key, &http->options.api_key) ||
      !copy_text(http, options->user_agent, &http->options.user_agent))
    return 0;
  if (http->connect_to != NULL && (http->connect_list = curl_slist_append(NULL, http->connect_to)) == NULL)
    return 0;
  http->headers = qd_http_header_list(options->headers, options->n_headers, options->api_key, NULL, 0, 0);
  return http->headers != NULL;
}

void qd_http_free(qd_http *http) {
  if (http->wake_fd >= 0)
    close(http->wake_fd);
  qd_http_header_list_free(http->headers);
  curl_slist_free_all(http->connect_list);
  qd_diagnosis_free(http->diagnosis);
  qd_material_close(http->files);
  qd_wipe_text((char *)(uintptr_t)http->options.api_key);
  qd_headers_wipe(http->options.headers, http->options.n_headers);
  qd_arena_free(http->arena);
  qd_free(http);
}

static qd_http *new_http(void) {
  qd_http *http = qd_zalloc(sizeof *http);
  if (http == NULL)
    return NULL;
  pthread_mutex_init(&http->lock, NULL);
  qd_cond_init(&http->ended);
  http->process = (long)getpid();
  http->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  http->arena = qd_arena_new(1024);
  if (http->arena != NULL && http->wake_fd >= 0)
    return http;
  qd_http_free(http);
  return NULL;
}

static qdrant_status fail_no_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an HTTP client was opened");
}

qdrant_status qd_http_open(const qd_http_options *options, qd_http **http, qdrant_error *err) {
  pthread_once(&curl_once, begin_curl);
  if (!has_curl)
    return qd_fail(err, QDRANT_INTERNAL, "libcurl cannot be initialised");
  qd_http *opened = new_http();
  qdrant_status status = opened != NULL && fill(opened, options) ? QDRANT_OK : fail_no_memory(err);
  if (status == QDRANT_OK && options->is_tls)
    status = qd_material_open(&options->tls, &opened->files, err);
  if (status == QDRANT_OK && !qd_http_puzzle_open(opened, options))
    status = fail_no_memory(err);
  if (status == QDRANT_OK)
    *http = opened;
  else if (opened != NULL)
    qd_http_free(opened);
  return status;
}

/* Under the lock. */
static void wake(qd_http *http) {
  const uint64_t one = 1;
  if (!http->is_wake_pending && write(http->wake_fd, &one, sizeof one) == (ssize_t)sizeof one)
    http->is_wake_pending = 1;
}

void qd_http_wake(void *user) {
  qd_http *http = user;
  pthread_mutex_lock(&http->lock);
  wake(http);
  pthread_mutex_unlock(&http->lock);
}

static qdrant_status post(qd_http *http, qd_http_exchange *exchange, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  pthread_mutex_lock(&http->lock);
  if (http->is_closing)
    status = qd_fail(err, QDRANT_CLOSED, "the client is closed");
  else if (!http->has_thread && !qd_thread_start(&http->thread, "qdrant-http", qd_http_run, http))
    status = qd_fail(err, QDRANT_NO_MEMORY, "the thread that serves the connections cannot be started");
  if (status == QDRANT_OK) {
    http->has_thread = 1;
    qd_http_list_push(&http->posted, exchange);
    http->has_cancels |= atomic_load(&exchange->own.is_cancelled);
    wake(http);
  }
  pthread_mutex_unlock(&http->lock);
  return status;
}

static int needs_own_headers(const qd_http_exchange *exchange) {
  return exchange->n_headers > 0 || exchange->is_body_gzip;
}

qdrant_status qd_http_start(qd_http *http, qd_http_exchange *exchange, qdrant_error *err) {
  if (qd_http_is_forked(http))
    return qd_fail(err, QDRANT_FORKED, "the client was opened before fork and cannot be used in the child");
  if (needs_own_headers(exchange)) {
    exchange->own.header_list =
        qd_http_header_list(http->options.headers, http->options.n_headers, http->options.api_key, exchange->headers,
            exchange->n_headers, exchange->is_body_gzip ? QD_HTTP_GZIP_JSON : QD_HTTP_JSON);
    if (exchange->own.header_list == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu headers", exchange->n_headers);
  }
  qdrant_status status = post(http, exchange, err);
  if (status != QDRANT_OK)
    qd_http_header_list_free(exchange->own.header_list);
  return status;
}

void qd_http_cancel(qd_http *http, qd_http_exchange *exchange) {
  if (qd_http_is_forked(http))
    return;
  pthread_mutex_lock(&http->lock);
  atomic_store(&exchange->own.is_cancelled, 1);
  http->has_cancels = 1;
  wake(http);
  pthread_mutex_unlock(&http->lock);
}

void qd_http_stats(qd_http *http, qdrant_stats *stats) {
  uint32_t n_connections = http->options.n_connections;
  uint32_t n_open = atomic_load(&http->n_open);
  uint32_t n_most_open = atomic_load(&http->n_most_open);
  stats->n_connections += n_connections;
  stats->n_ready += n_open < n_connections ? n_open : n_connections;
  stats->n_used += n_most_open < n_connections ? n_most_open : n_connections;
}

static void leak(qd_http *http) {
  pthread_detach(http->thread);
  atomic_fetch_add(&n_leaked, 1);
  pthread_mutex_lock(&leaked_lock);
  http->next_leaked = first_leaked;
  first_leaked = http;
  pthread_mutex_unlock(&leaked_lock);
  qd_log(QDRANT_LOG_ERROR, "close", "the HTTP thread is held up by a callback: it is left behind");
}

/* Whether the thread, if there is one, is at its end. */
static int end_thread(qd_http *http, int64_t deadline_ns) {
  int has_time = 1;
  pthread_mutex_lock(&http->lock);
  http->is_closing = 1;
  wake(http);
  while (http->has_thread && !http->has_ended && has_time)
    has_time = qd_cond_wait(&http->ended, &http->lock, deadline_ns);
  int has_ended = !http->has_thread || http->has_ended;
  pthread_mutex_unlock(&http->lock);
  return has_ended;
}

/* libcurl's part stays in a child: letting go of it would say good-bye on the parent's connections. */
int qd_http_close(qd_http *http, int64_t deadline_ns, int is_child) {
  if (is_child || qd_http_is_forked(http)) {
    qd_http_free(http);
    return 1;
  }
  qd_diagnosis_stop(http->diagnosis);
  if (!end_thread(http, deadline_ns)) {
    leak(http);
    return 0;
  }
  if (http->has_thread)
    pthread_join(http->thread, NULL);
  pthread_cond_destroy(&http->ended);
  pthread_mutex_destroy(&http->lock);
  qd_http_free(http);
  return 1;
}

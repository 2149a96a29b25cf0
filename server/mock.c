#include "qdrant/mock.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"
#include "server/answers.h"
#include "server/calls.h"
#include "server/faults.h"
#include "server/listener.h"
#include "server/record.h"
#include "server/rest_server.h"

#include <grpc/grpc.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_THREADS = 2, MAX_THREADS = 256, MAX_URL_BYTES = 300 };
static const int64_t STOP_TIMEOUT_MS = 5000;

struct qdrant_mock {
  char *api_key;
  qd_listener *listener;
  qd_faults *faults;
  qd_record *record;
  qd_answers *answers;
  qd_calls *calls;
  qd_rest_server *rest; /* NULL: no REST port */
  char url[MAX_URL_BYTES];
};

static qdrant_status check_options(const qdrant_mock_options *options, qdrant_error *err) {
  if (options->n_threads > MAX_THREADS)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "options.n_threads must be at most %d, not %u", MAX_THREADS, options->n_threads);
  if (options->api_key != NULL && options->api_key[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.api_key must not be \"\": NULL means that no key is needed");
  if (options->host != NULL && strlen(options->host) > MAX_URL_BYTES - sizeof "http://[]:65535")
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.host must not be longer than a host name");
  return QDRANT_OK;
}

/* A server that listens on all addresses is reached on this machine's own. */
static const char *reachable_host(const char *host) {
  if (strcmp(host, "0.0.0.0") == 0)
    return "127.0.0.1";
  return strcmp(host, "::") == 0 ? "::1" : host;
}

static void write_url(qdrant_mock *mock, const char *host) {
  const char *reachable = reachable_host(host);
  const char *format = strchr(reachable, ':') == NULL ? "http://%s:%u" : "http://[%s]:%u";
  snprintf(mock->url, sizeof mock->url, format, reachable, (unsigned)qd_listener_port(mock->listener));
}

/* Of what was made; the calls have ended. */
static void free_parts(qdrant_mock *mock) {
  qd_listener_free(mock->listener);
  qd_answers_free(mock->answers);
  qd_record_free(mock->record);
  qd_faults_free(mock->faults);
  qd_free(mock->api_key);
  qd_free(mock);
  grpc_shutdown();
}

static qdrant_status make_parts(qdrant_mock *mock, const qdrant_mock_options *options, size_t n_threads) {
  mock->faults = qd_faults_new();
  mock->record = qd_record_new();
  mock->answers = qd_answers_new(n_threads);
  if (options->api_key != NULL)
    mock->api_key = qd_strdup(options->api_key);
  int has_all = mock->faults != NULL && mock->record != NULL && mock->answers != NULL &&
                (options->api_key == NULL || mock->api_key != NULL);
  return has_all ? QDRANT_OK : QDRANT_NO_MEMORY;
}

static qdrant_status start_rest(
    qdrant_mock *mock, const char *host, uint16_t port, size_t n_threads, qdrant_error *err) {
  qd_rest_server_parts parts = {.faults = mock->faults,
      .record = mock->record,
      .answers = mock->answers,
      .api_key = mock->api_key,
      .n_threads = n_threads};
  return qd_rest_server_start(host, port, &parts, &mock->rest, err);
}

static qdrant_status start(qdrant_mock *mock, const qdrant_mock_options *options, qdrant_error *err) {
  const char *host = options->host == NULL ? "127.0.0.1" : options->host;
  size_t n_threads = options->n_threads == 0 ? DEFAULT_THREADS : options->n_threads;
  if (make_parts(mock, options, n_threads) != QDRANT_OK)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant_status status = qd_listener_open(host, options->grpc_port, &mock->listener, err);
  if (status != QDRANT_OK)
    return status;
  write_url(mock, host);
  qd_calls_parts parts = {.listener = mock->listener,
      .faults = mock->faults,
      .record = mock->record,
      .answers = mock->answers,
      .api_key = mock->api_key,
      .n_threads = n_threads};
  status = qd_calls_start(&parts, &mock->calls, err);
  if (status != QDRANT_OK || options->rest == QDRANT_OFF)
    return status;
  return start_rest(mock, host, options->rest_port, n_threads, err);
}

/* A worker that is deep in a long search is left to end by itself, with all that it uses. */
static void stop(qdrant_mock *mock) {
  int64_t deadline_ns = qd_deadline_in_ms(STOP_TIMEOUT_MS);
  if (mock->listener != NULL)
    qd_listener_stop(mock->listener);
  int has_ended = qd_rest_server_stop(mock->rest, deadline_ns);
  if (mock->calls != NULL)
    has_ended &= qd_calls_stop(mock->calls, deadline_ns);
  if (has_ended)
    free_parts(mock);
}

qdrant_status qdrant_mock_start(const qdrant_mock_options *options, qdrant_mock **mock, qdrant_error *err) {
  qdrant_mock_options wanted;
  qd_error_clear(err);
  if (mock == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "mock must not be NULL");
  *mock = NULL;
  qdrant_status status =
      qd_sized_copy(&wanted, sizeof wanted, options, "qdrant_mock_options", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK)
    status = check_options(&wanted, err);
  if (status != QDRANT_OK)
    return status;
  qdrant_mock *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  grpc_init();
  status = start(made, &wanted, err);
  if (status == QDRANT_OK)
    *mock = made;
  else
    stop(made);
  return status;
}

void qdrant_mock_stop(qdrant_mock *mock) {
  if (mock != NULL)
    stop(mock);
}

uint16_t qdrant_mock_grpc_port(const qdrant_mock *mock) {
  return mock == NULL ? 0 : qd_listener_port(mock->listener);
}

uint16_t qdrant_mock_rest_port(const qdrant_mock *mock) {
  return mock == NULL || mock->rest == NULL ? 0 : qd_rest_server_port(mock->rest);
}

const char *qdrant_mock_url(const qdrant_mock *mock) {
  return mock == NULL ? NULL : mock->url;
}

qdrant_status qdrant_mock_add_fault(qdrant_mock *mock, const qdrant_mock_fault *fault, qdrant_error *err) {
  qdrant_mock_fault wanted;
  qd_error_clear(err);
  if (mock == NULL || fault == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s must not be NULL", mock == NULL ? "mock" : "fault");
  qdrant_status status =
      qd_sized_copy(&wanted, sizeof wanted, fault, "qdrant_mock_fault", QDRANT_INVALID_ARGUMENT, err);
  return status == QDRANT_OK ? qd_faults_add(mock->faults, &wanted, err) : status;
}

void qdrant_mock_clear_faults(qdrant_mock *mock) {
  if (mock != NULL)
    qd_faults_clear(mock->faults);
}

void qdrant_mock_drop_connections(qdrant_mock *mock) {
  if (mock != NULL) {
    qd_listener_drop_all(mock->listener);
    if (mock->rest != NULL)
      qd_rest_server_drop_all(mock->rest);
  }
}

void qdrant_mock_get_stats(qdrant_mock *mock, qdrant_mock_stats *stats) {
  if (mock == NULL || stats == NULL)
    return;
  qd_record_counts seen = qd_record_count(mock->record);
  qd_listener_counts connections = qd_listener_count(mock->listener);
  qd_rest_server_counts rest = {0};
  if (mock->rest != NULL)
    rest = qd_rest_server_count(mock->rest);
  qdrant_mock_stats all = {.n_calls = seen.n_calls,
      .n_connections = connections.n_accepted + rest.n_accepted,
      .n_open = connections.n_open + rest.n_open,
      .n_connections_used = connections.n_used + rest.n_used,
      .n_faults = seen.n_faults,
      .n_points = seen.n_points};
  qd_sized_give(stats, &all, sizeof all);
}

uint64_t qdrant_mock_count_calls(qdrant_mock *mock, const char *rpc) {
  qdrant_rpc id;
  if (mock == NULL || rpc == NULL || !qdrant_rpc_find(rpc, &id))
    return 0;
  return qd_record_count_calls(mock->record, id);
}

long qdrant_mock_last_header(qdrant_mock *mock, const char *rpc, const char *name, char *text, size_t n_bytes) {
  qdrant_rpc id;
  if (mock == NULL || rpc == NULL || name == NULL || (text == NULL && n_bytes > 0) || !qdrant_rpc_find(rpc, &id))
    return -1;
  return qd_record_header(mock->record, id, name, text, n_bytes);
}

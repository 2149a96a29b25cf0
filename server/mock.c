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
#include "server/tls_front.h"

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
  qd_rest_server *rest;     /* NULL: no REST port */
  qd_tls_front *grpc_front; /* NULL: no TLS */
  qd_tls_front *rest_front; /* NULL: no TLS, or no REST port */
  char url[MAX_URL_BYTES];
};

static qdrant_status check_options(const qdrant_mock_options *options, qdrant_error *err) {
  if (options->n_threads > MAX_THREADS)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "options.n_threads must be at most %d, not %u", MAX_THREADS, options->n_threads);
  if (options->api_key != NULL && options->api_key[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.api_key must not be \"\": NULL means that no key is needed");
  if ((options->tls_cert_pem == NULL) != (options->tls_key_pem == NULL))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.tls_cert_pem and tls_key_pem go together");
  if (options->tls_client_ca_pem != NULL && options->tls_cert_pem == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.tls_client_ca_pem needs tls_cert_pem");
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
  const char *scheme = mock->grpc_front != NULL ? "https" : "http";
  const char *format = strchr(reachable, ':') == NULL ? "%s://%s:%u" : "%s://[%s]:%u";
  snprintf(mock->url, sizeof mock->url, format, scheme, reachable, (unsigned)qdrant_mock_grpc_port(mock));
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

static qdrant_status make_parts(
    qdrant_mock *mock, const qdrant_mock_options *options, size_t n_threads, qdrant_error *err) {
  qd_answers_options answers = {.n_threads = n_threads,
      .version = options->version,
      .load_path = options->load_path,
      .applied_path = options->applied_path};
  mock->faults = qd_faults_new();
  mock->record = qd_record_new();
  if (options->api_key != NULL)
    mock->api_key = qd_strdup(options->api_key);
  if (mock->faults == NULL || mock->record == NULL || (options->api_key != NULL && mock->api_key == NULL))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  return qd_answers_new(&answers, &mock->answers, err);
}

/* Where the servers themselves listen: behind the fronts, if there are any. */
typedef struct places {
  const char *host;
  uint16_t grpc_port;
  uint16_t rest_port;
} places;

static places inner_places(const qdrant_mock_options *options) {
  if (options->tls_cert_pem != NULL)
    return (places){.host = "127.0.0.1"};
  return (places){.host = options->host, .grpc_port = options->grpc_port, .rest_port = options->rest_port};
}

static qdrant_status start_grpc(qdrant_mock *mock, places inner, size_t n_threads, qdrant_error *err) {
  qdrant_status status = qd_listener_open(inner.host, inner.grpc_port, &mock->listener, err);
  if (status != QDRANT_OK)
    return status;
  qd_calls_parts parts = {.listener = mock->listener,
      .faults = mock->faults,
      .record = mock->record,
      .answers = mock->answers,
      .api_key = mock->api_key,
      .n_threads = n_threads};
  return qd_calls_start(&parts, &mock->calls, err);
}

static qdrant_status start_rest(qdrant_mock *mock, places inner, size_t n_threads, qdrant_error *err) {
  qd_rest_server_parts parts = {.faults = mock->faults,
      .record = mock->record,
      .answers = mock->answers,
      .api_key = mock->api_key,
      .n_threads = n_threads};
  return qd_rest_server_start(inner.host, inner.rest_port, &parts, &mock->rest, err);
}

static qdrant_status start_fronts(qdrant_mock *mock, const qdrant_mock_options *options, qdrant_error *err) {
  qd_tls_identity identity = {.cert_pem = options->tls_cert_pem,
      .key_pem = options->tls_key_pem,
      .client_ca_pem = options->tls_client_ca_pem,
      .is_http2 = 1};
  qdrant_status status = qd_tls_front_start(
      options->host, options->grpc_port, qd_listener_port(mock->listener), &identity, &mock->grpc_front, err);
  if (status != QDRANT_OK || mock->rest == NULL)
    return status;
  identity.is_http2 = 0;
  return qd_tls_front_start(
      options->host, options->rest_port, qd_rest_server_port(mock->rest), &identity, &mock->rest_front, err);
}

/* options->host is set. */
static qdrant_status start(qdrant_mock *mock, const qdrant_mock_options *options, qdrant_error *err) {
  size_t n_threads = options->n_threads == 0 ? DEFAULT_THREADS : options->n_threads;
  places inner = inner_places(options);
  qdrant_status status = make_parts(mock, options, n_threads, err);
  if (status == QDRANT_OK)
    status = start_grpc(mock, inner, n_threads, err);
  if (status == QDRANT_OK && options->rest != QDRANT_OFF)
    status = start_rest(mock, inner, n_threads, err);
  if (status == QDRANT_OK && options->tls_cert_pem != NULL)
    status = start_fronts(mock, options, err);
  if (status == QDRANT_OK)
    write_url(mock, options->host);
  return status;
}

/* A worker that is deep in a long search is left to end by itself, with all that it uses. */
static void stop(qdrant_mock *mock) {
  int64_t deadline_ns = qd_deadline_in_ms(STOP_TIMEOUT_MS);
  qd_tls_front_stop(mock->grpc_front);
  qd_tls_front_stop(mock->rest_front);
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
  if (wanted.host == NULL)
    wanted.host = "127.0.0.1";
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
  if (mock == NULL)
    return 0;
  return mock->grpc_front != NULL ? qd_tls_front_port(mock->grpc_front) : qd_listener_port(mock->listener);
}

uint16_t qdrant_mock_rest_port(const qdrant_mock *mock) {
  if (mock == NULL || mock->rest == NULL)
    return 0;
  return mock->rest_front != NULL ? qd_tls_front_port(mock->rest_front) : qd_rest_server_port(mock->rest);
}

qdrant_status qdrant_mock_show_certificate(qdrant_mock *mock, const char *tls_cert_pem, const char *tls_key_pem,
    const char *tls_client_ca_pem, qdrant_error *err) {
  qd_error_clear(err);
  if (mock == NULL || tls_cert_pem == NULL || tls_key_pem == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "mock, tls_cert_pem and tls_key_pem must not be NULL");
  if (mock->grpc_front == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the server was started without TLS");
  qd_tls_identity identity = {
      .cert_pem = tls_cert_pem, .key_pem = tls_key_pem, .client_ca_pem = tls_client_ca_pem, .is_http2 = 1};
  qdrant_status status = qd_tls_front_show(mock->grpc_front, &identity, err);
  identity.is_http2 = 0;
  if (status == QDRANT_OK && mock->rest_front != NULL)
    status = qd_tls_front_show(mock->rest_front, &identity, err);
  return status;
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

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"
#include "server/rest_exchange.h"
#include "server/socket.h"

#include <sys/socket.h>
#include <unistd.h>

/* A connection may be idle for as long as with a real server. */
enum { IDLE_SECONDS = 5, MAX_WAITING_TASKS = 4096 };

static void *begin_target(void *self, const char *target, struct MHD_Connection *http) {
  return qd_rest_exchange_new(self, http, target);
}

/* What libmicrohttpd calls as a request comes in, and again when its suspended connection goes on. */
static enum MHD_Result take_part(void *self, struct MHD_Connection *http, const char *path, const char *verb,
    const char *version, const char *bytes, size_t *n_bytes, void **exchange_of) {
  qd_rest_exchange *exchange = *exchange_of;
  (void)self;
  (void)http;
  (void)path;
  (void)version;
  if (exchange == NULL)
    return MHD_NO;
  if (atomic_load(&exchange->state) == QD_REST_ANSWERED)
    return qd_rest_exchange_send(exchange);
  if (!exchange->has_begun)
    return qd_rest_exchange_begin(exchange, verb);
  if (*n_bytes == 0)
    return qd_rest_exchange_finish(exchange);
  enum MHD_Result result = qd_rest_exchange_keep(exchange, bytes, *n_bytes);
  *n_bytes = 0;
  return result;
}

static void end_exchange(
    void *self, struct MHD_Connection *http, void **exchange_of, enum MHD_RequestTerminationCode reason) {
  (void)self;
  (void)http;
  (void)reason;
  if (*exchange_of != NULL)
    qd_rest_exchange_free(*exchange_of);
  *exchange_of = NULL;
}

/* Names in paths stay as they came: the route decodes them. */
static size_t keep_escapes(void *self, struct MHD_Connection *http, char *text) {
  size_t n_bytes = 0;
  (void)self;
  (void)http;
  while (text[n_bytes] != '\0')
    n_bytes++;
  return n_bytes;
}

static void add_connection(qd_rest_server *server, struct MHD_Connection *http, void **context) {
  qd_rest_connection *connection = qd_zalloc(sizeof *connection);
  *context = connection; /* out of memory: it is served, but neither counted nor dropped */
  if (connection == NULL)
    return;
  connection->http = http;
  pthread_mutex_lock(&server->lock);
  connection->next = server->connections;
  server->connections = connection;
  server->counts.n_accepted++;
  server->counts.n_open++;
  pthread_mutex_unlock(&server->lock);
}

static void remove_connection(qd_rest_server *server, qd_rest_connection *connection) {
  if (connection == NULL)
    return;
  pthread_mutex_lock(&server->lock);
  qd_rest_connection **at = &server->connections;
  while (*at != connection)
    at = &(*at)->next;
  *at = connection->next;
  server->counts.n_open--;
  pthread_mutex_unlock(&server->lock);
  qd_free(connection);
}

static void watch_connection(
    void *self, struct MHD_Connection *http, void **context, enum MHD_ConnectionNotificationCode what) {
  if (what == MHD_CONNECTION_NOTIFY_STARTED)
    add_connection(self, http, context);
  else
    remove_connection(self, *context);
}

/* The lock is held until the task is queued, so that a stop either finds it there or keeps it from coming. */
int qd_rest_server_hand_out(qd_rest_server *server, qd_rest_exchange *exchange, int64_t due_ns) {
  pthread_mutex_lock(&server->lock);
  int is_taken =
      !atomic_load(&server->is_stopping) &&
      (qd_rest_exchange_is_stalled(exchange) || qd_workers_put(server->workers, &exchange->task, due_ns) == QDRANT_OK);
  if (is_taken) {
    exchange->previous = NULL;
    exchange->next = server->waiting;
    if (server->waiting != NULL)
      server->waiting->previous = exchange;
    server->waiting = exchange;
    atomic_store(&exchange->state, QD_REST_HANDED_OUT);
    MHD_suspend_connection(exchange->http);
  }
  pthread_mutex_unlock(&server->lock);
  return is_taken;
}

static void leave_locked(qd_rest_server *server, qd_rest_exchange *exchange) {
  if (exchange->previous != NULL)
    exchange->previous->next = exchange->next;
  else
    server->waiting = exchange->next;
  if (exchange->next != NULL)
    exchange->next->previous = exchange->previous;
  atomic_store(&exchange->state, QD_REST_ANSWERED);
  MHD_resume_connection(exchange->http);
  pthread_cond_broadcast(&server->changed);
}

void qd_rest_server_leave(qd_rest_server *server, qd_rest_exchange *exchange) {
  pthread_mutex_lock(&server->lock);
  leave_locked(server, exchange);
  pthread_mutex_unlock(&server->lock);
}

/* Takes the listening socket on success. */
static int start_daemon(qd_rest_server *server, int fd) {
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, take_part, server, MHD_OPTION_LISTEN_SOCKET, fd,
      MHD_OPTION_URI_LOG_CALLBACK, begin_target, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server,
      MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server, MHD_OPTION_NOTIFY_CONNECTION, watch_connection, server,
      MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
  return server->daemon != NULL;
}

static void free_server(qd_rest_server *server) {
  qd_workers_free(server->workers);
  pthread_cond_destroy(&server->changed);
  pthread_mutex_destroy(&server->lock);
  qd_free(server);
}

qdrant_status qd_rest_server_start(
    const char *host, uint16_t port, const qd_rest_server_parts *parts, qd_rest_server **server, qdrant_error *err) {
  int fd = -1;
  qd_rest_server *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  made->parts = *parts;
  atomic_init(&made->is_stopping, 0);
  pthread_mutex_init(&made->lock, NULL);
  qd_cond_init(&made->changed);
  qdrant_status status = qd_socket_listen(host, port, &fd, &made->port, err);
  if (status == QDRANT_OK)
    status = qd_workers_start(parts->n_threads, MAX_WAITING_TASKS, qd_rest_exchange_run, &made->workers, err);
  if (status == QDRANT_OK && !start_daemon(made, fd))
    status = qd_fail(err, QDRANT_NO_MEMORY, "the server's HTTP thread cannot be started");
  if (status == QDRANT_OK) {
    *server = made;
    return QDRANT_OK;
  }
  if (fd >= 0)
    close(fd);
  if (made->workers != NULL)
    qd_workers_stop(made->workers);
  free_server(made);
  return status;
}

uint16_t qd_rest_server_port(const qd_rest_server *server) {
  return server->port;
}

void qd_rest_server_drop_all(qd_rest_server *server) {
  pthread_mutex_lock(&server->lock);
  for (qd_rest_connection *at = server->connections; at != NULL; at = at->next) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(at->http, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != NULL)
      shutdown(info->connect_fd, SHUT_RDWR);
  }
  pthread_mutex_unlock(&server->lock);
}

qd_rest_server_counts qd_rest_server_count(qd_rest_server *server) {
  pthread_mutex_lock(&server->lock);
  qd_rest_server_counts counts = server->counts;
  pthread_mutex_unlock(&server->lock);
  return counts;
}

/* Calls that no worker will ever answer. */
static void drop_stalled(qd_rest_server *server) {
  pthread_mutex_lock(&server->lock);
  qd_rest_exchange *next = NULL;
  for (qd_rest_exchange *at = server->waiting; at != NULL; at = next) {
    next = at->next;
    if (qd_rest_exchange_is_stalled(at)) {
      at->is_dropped = 1;
      leave_locked(server, at);
    }
  }
  pthread_mutex_unlock(&server->lock);
}

static int wait_until_quiet(qd_rest_server *server, int64_t deadline_ns) {
  int has_time = 1;
  pthread_mutex_lock(&server->lock);
  while (server->waiting != NULL && has_time)
    has_time = qd_cond_wait(&server->changed, &server->lock, deadline_ns);
  int is_quiet = server->waiting == NULL;
  pthread_mutex_unlock(&server->lock);
  return is_quiet;
}

int qd_rest_server_stop(qd_rest_server *server, int64_t deadline_ns) {
  if (server == NULL)
    return 1;
  pthread_mutex_lock(&server->lock);
  atomic_store(&server->is_stopping, 1);
  pthread_mutex_unlock(&server->lock);
  qd_workers_stop(server->workers);
  qd_rest_server_drop_all(server);
  drop_stalled(server);
  if (!wait_until_quiet(server, deadline_ns))
    return 0;
  MHD_stop_daemon(server->daemon);
  free_server(server);
  return 1;
}

#include "server/listener.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/thread.h"
#include "server/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 64, PAUSE_MS = 100, FIRST_HANDED_FD = 32, N_HANDED_FDS = 512 };

struct qd_connection {
  qd_listener *listener;
  /* Under the listener's lock. */
  int refs;
  int fd; /* our duplicate; -1 once the connection is gone */
  int handed_fd;
  int is_open; /* neither gone nor dropped */
  int is_used;
};

struct qd_listener {
  pthread_mutex_t lock;  /* guards connections and counts */
  qd_connection **by_fd; /* at the number that gRPC was handed; each place holds a reference */
  size_t n_places;
  qd_listener_counts counts;
  /* Set before the thread starts. */
  grpc_server *server;
  grpc_server_credentials *credentials;
  int listening_fd;
  int epoll_fd;
  int wake_fd; /* readable: the thread shall end */
  uint16_t port;
  pthread_t thread;
  int has_thread;
  /* The thread's own. */
  int next_handed_fd;
};

static int watch(qd_listener *listener, int fd, uint32_t events, void *what) {
  struct epoll_event event = {.events = events, .data.ptr = what};
  return epoll_ctl(listener->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

qdrant_status qd_listener_open(const char *host, uint16_t port, qd_listener **listener, qdrant_error *err) {
  qd_listener *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  made->listening_fd = -1;
  made->next_handed_fd = FIRST_HANDED_FD;
  made->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  made->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pthread_mutex_init(&made->lock, NULL);
  qdrant_status status = qd_socket_listen(host, port, &made->listening_fd, &made->port, err);
  if (status != QDRANT_OK)
    goto fail;
  if (!watch(made, made->wake_fd, EPOLLIN, &made->wake_fd) || !watch(made, made->listening_fd, EPOLLIN, made)) {
    status = qd_fail(err, QDRANT_UNAVAILABLE, "cannot watch sockets: %s", strerror(errno));
    goto fail;
  }
  *listener = made;
  return QDRANT_OK;

fail:
  qd_listener_free(made);
  return status;
}

uint16_t qd_listener_port(const qd_listener *listener) {
  return listener->port;
}

static void unref_locked(qd_connection *connection) {
  if (--connection->refs == 0)
    qd_free(connection);
}

void qd_connection_unref(qd_connection *connection) {
  if (connection == NULL)
    return;
  qd_listener *listener = connection->listener;
  pthread_mutex_lock(&listener->lock);
  unref_locked(connection);
  pthread_mutex_unlock(&listener->lock);
}

static void drop_locked(qd_connection *connection) {
  if (!connection->is_open)
    return;
  connection->is_open = 0;
  connection->listener->counts.n_open--;
  shutdown(connection->fd, SHUT_RDWR);
}

void qd_connection_drop(qd_connection *connection) {
  qd_listener *listener = connection->listener;
  pthread_mutex_lock(&listener->lock);
  drop_locked(connection);
  pthread_mutex_unlock(&listener->lock);
}

void qd_listener_drop_all(qd_listener *listener) {
  pthread_mutex_lock(&listener->lock);
  for (size_t i = 0; i < listener->n_places; i++)
    if (listener->by_fd[i] != NULL)
      drop_locked(listener->by_fd[i]);
  pthread_mutex_unlock(&listener->lock);
}

qd_listener_counts qd_listener_count(qd_listener *listener) {
  pthread_mutex_lock(&listener->lock);
  qd_listener_counts counts = listener->counts;
  pthread_mutex_unlock(&listener->lock);
  return counts;
}

qd_connection *qd_listener_use(qd_listener *listener, const char *peer) {
  if (strncmp(peer, "fd:", 3) != 0)
    return NULL;
  size_t place = strtoul(peer + 3, NULL, 10);
  pthread_mutex_lock(&listener->lock);
  qd_connection *connection = place < listener->n_places ? listener->by_fd[place] : NULL;
  if (connection != NULL) {
    connection->refs++;
    listener->counts.n_used += !connection->is_used;
    connection->is_used = 1;
  }
  pthread_mutex_unlock(&listener->lock);
  return connection;
}

/* Gives our duplicate up: the peer has closed or gRPC has. */
static void retire_locked(qd_connection *connection) {
  qd_listener *listener = connection->listener;
  drop_locked(connection);
  /* epoll would go on reporting the socket for as long as gRPC has it open. */
  epoll_ctl(listener->epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
  close(connection->fd);
  connection->fd = -1;
  listener->by_fd[connection->handed_fd] = NULL;
  unref_locked(connection);
}

static int reserve_place(qd_listener *listener, size_t place) {
  if (place < listener->n_places)
    return 1;
  size_t n_places = place + N_HANDED_FDS; /* bounded by the process's limit of descriptors */
  qd_connection **larger = qd_realloc(listener->by_fd, n_places * sizeof(qd_connection *));
  if (larger == NULL)
    return 0;
  memset(larger + listener->n_places, 0, (n_places - listener->n_places) * sizeof(qd_connection *));
  listener->by_fd = larger;
  listener->n_places = n_places;
  return 1;
}

static int add_locked(qd_listener *listener, int fd, int handed_fd) {
  if (!reserve_place(listener, (size_t)handed_fd))
    return 0;
  /* A number that is free again: gRPC has closed that connection before we noticed. */
  if (listener->by_fd[handed_fd] != NULL)
    retire_locked(listener->by_fd[handed_fd]);
  qd_connection *connection = qd_zalloc(sizeof *connection);
  if (connection == NULL)
    return 0;
  *connection = (qd_connection){.listener = listener, .refs = 1, .fd = fd, .handed_fd = handed_fd, .is_open = 1};
  if (!watch(listener, fd, EPOLLRDHUP, connection)) {
    qd_free(connection);
    return 0;
  }
  listener->by_fd[handed_fd] = connection;
  listener->counts.n_accepted++;
  listener->counts.n_open++;
  return 1;
}

/* A call names its connection by this number only: taking the numbers in turn keeps that of a connection just closed
 * from meaning the next one. */
static int duplicate_in_turn(qd_listener *listener, int fd) {
  int handed_fd = fcntl(fd, F_DUPFD_CLOEXEC, listener->next_handed_fd);
  if (handed_fd < 0)
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
  int n_past = (handed_fd + 1 - FIRST_HANDED_FD) % N_HANDED_FDS;
  listener->next_handed_fd = FIRST_HANDED_FD + n_past;
  return handed_fd;
}

/* Takes fd. */
static void serve(qd_listener *listener, int fd) {
  int handed_fd = duplicate_in_turn(listener, fd);
  if (handed_fd < 0) {
    close(fd);
    return;
  }
  pthread_mutex_lock(&listener->lock);
  int is_added = add_locked(listener, fd, handed_fd);
  pthread_mutex_unlock(&listener->lock);
  if (is_added) {
    grpc_server_add_channel_from_fd(listener->server, handed_fd, listener->credentials);
  } else {
    close(fd);
    close(handed_fd);
  }
}

static void listen_again(qd_listener *listener, int is_listening) {
  struct epoll_event event = {.events = is_listening ? EPOLLIN : 0, .data.ptr = listener};
  epoll_ctl(listener->epoll_fd, EPOLL_CTL_MOD, listener->listening_fd, &event);
}

/* Accepts what waits. 0: it cannot, for want of descriptors or memory, and the socket stays readable. */
static int accept_waiting(qd_listener *listener) {
  for (;;) {
    int fd = qd_socket_accept(listener->listening_fd);
    if (fd >= 0)
      serve(listener, fd);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return 1;
    else if (errno != ECONNABORTED && errno != EINTR)
      return 0;
  }
}

static void end_connection(qd_connection *connection) {
  qd_listener *listener = connection->listener;
  pthread_mutex_lock(&listener->lock);
  retire_locked(connection);
  pthread_mutex_unlock(&listener->lock);
}

static void *watch_sockets(void *self) {
  qd_listener *listener = self;
  struct epoll_event events[MAX_EVENTS];
  int is_paused = 0;
  for (;;) {
    int n_events = epoll_wait(listener->epoll_fd, events, MAX_EVENTS, is_paused ? PAUSE_MS : -1);
    int is_readable = is_paused;
    for (int i = 0; i < n_events; i++) {
      if (events[i].data.ptr == &listener->wake_fd)
        return NULL;
      if (events[i].data.ptr == listener)
        is_readable = 1;
      else
        end_connection(events[i].data.ptr);
    }
    /* After the ends: accepting may retire a connection whose end lies in events. */
    if (!is_readable)
      continue;
    int has_paused = is_paused;
    is_paused = !accept_waiting(listener);
    if (is_paused != has_paused)
      listen_again(listener, !is_paused);
  }
}

qdrant_status qd_listener_start(qd_listener *listener, grpc_server *server, qdrant_error *err) {
  listener->server = server;
  listener->credentials = grpc_insecure_server_credentials_create();
  if (!qd_thread_start(&listener->thread, "mock-listener", watch_sockets, listener))
    return qd_fail(err, QDRANT_NO_MEMORY, "the server's listening thread cannot be started");
  listener->has_thread = 1;
  return QDRANT_OK;
}

void qd_listener_stop(qd_listener *listener) {
  uint64_t one = 1;
  if (listener->has_thread) {
    /* Cannot fail: a counter of one never overflows. */
    if (write(listener->wake_fd, &one, sizeof one) == (ssize_t)sizeof one)
      pthread_join(listener->thread, NULL);
    listener->has_thread = 0;
  }
  if (listener->listening_fd >= 0)
    close(listener->listening_fd);
  listener->listening_fd = -1;
}

static void close_if_open(int fd) {
  if (fd >= 0)
    close(fd);
}

void qd_listener_free(qd_listener *listener) {
  if (listener == NULL)
    return;
  qd_listener_stop(listener);
  for (size_t i = 0; i < listener->n_places; i++)
    if (listener->by_fd[i] != NULL)
      retire_locked(listener->by_fd[i]);
  if (listener->credentials != NULL)
    grpc_server_credentials_release(listener->credentials);
  close_if_open(listener->epoll_fd);
  close_if_open(listener->wake_fd);
  pthread_mutex_destroy(&listener->lock);
  qd_free(listener->by_fd);
  qd_free(listener);
}

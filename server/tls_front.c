#include "server/tls_front.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/thread.h"
#include "server/socket.h"
#include "server/tls_pump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct qd_tls_front {
  int listening_fd;
  int stop_fd; /* readable from stop on, for all threads */
  uint16_t port;
  uint16_t inner_port;
  pthread_t thread;
  int has_thread;
  pthread_mutex_t lock; /* guards the rest */
  pthread_cond_t ended; /* a connection's thread is at its end */
  SSL_CTX *context;
  size_t n_threads;
};

typedef struct connection {
  qd_tls_front *front;
  int fd;
} connection;

static int connect_inner(uint16_t port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int is_on = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof is_on);
  return fd;
}

static SSL *new_tls(qd_tls_front *front, int fd) {
  pthread_mutex_lock(&front->lock);
  SSL *tls = SSL_new(front->context);
  pthread_mutex_unlock(&front->lock);
  if (tls != NULL && SSL_set_fd(tls, fd) == 1)
    return tls;
  SSL_free(tls);
  return NULL;
}

static void *serve(void *user) {
  connection *served = user;
  qd_tls_front *front = served->front;
  int inner_fd = connect_inner(front->inner_port);
  SSL *tls = inner_fd >= 0 ? new_tls(front, served->fd) : NULL;
  if (tls != NULL)
    qd_tls_pump(tls, served->fd, inner_fd, front->stop_fd);
  SSL_free(tls);
  if (inner_fd >= 0)
    close(inner_fd);
  close(served->fd);
  qd_free(served);
  pthread_mutex_lock(&front->lock);
  front->n_threads--;
  pthread_cond_signal(&front->ended);
  pthread_mutex_unlock(&front->lock);
  return NULL;
}

/* Takes fd. */
static void begin_connection(qd_tls_front *front, int fd) {
  pthread_t thread;
  connection *begun = qd_alloc(sizeof *begun);
  pthread_mutex_lock(&front->lock);
  front->n_threads++;
  pthread_mutex_unlock(&front->lock);
  if (begun != NULL) {
    *begun = (connection){.front = front, .fd = fd};
    if (qd_thread_start(&thread, "mock-tls", serve, begun)) {
      pthread_detach(thread);
      return;
    }
  }
  qd_free(begun);
  close(fd);
  pthread_mutex_lock(&front->lock);
  front->n_threads--;
  pthread_mutex_unlock(&front->lock);
}

static void *listen_for(void *user) {
  qd_tls_front *front = user;
  struct pollfd fds[] = {{.fd = front->stop_fd, .events = POLLIN}, {.fd = front->listening_fd, .events = POLLIN}};
  while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
    if (fds[0].revents & POLLIN)
      break;
    int fd = qd_socket_accept(front->listening_fd);
    if (fd >= 0)
      begin_connection(front, fd);
  }
  return NULL;
}

qdrant_status qd_tls_front_start(const char *host, uint16_t port, uint16_t inner_port, const qd_tls_identity *identity,
    qd_tls_front **front, qdrant_error *err) {
  qd_tls_front *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  made->listening_fd = -1;
  made->inner_port = inner_port;
  made->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->ended, NULL);
  qdrant_status status = qd_tls_context_new(identity, &made->context, err);
  if (status == QDRANT_OK)
    status = qd_socket_listen(host, port, &made->listening_fd, &made->port, err);
  if (status == QDRANT_OK) {
    made->has_thread = made->stop_fd >= 0 && qd_thread_start(&made->thread, "mock-tls", listen_for, made);
    if (!made->has_thread)
      status = qd_fail(err, QDRANT_NO_MEMORY, "the server's TLS thread cannot be started");
  }
  if (status == QDRANT_OK)
    *front = made;
  else
    qd_tls_front_stop(made);
  return status;
}

uint16_t qd_tls_front_port(const qd_tls_front *front) {
  return front->port;
}

qdrant_status qd_tls_front_show(qd_tls_front *front, const qd_tls_identity *identity, qdrant_error *err) {
  SSL_CTX *context = NULL;
  qdrant_status status = qd_tls_context_new(identity, &context, err);
  if (status != QDRANT_OK)
    return status;
  pthread_mutex_lock(&front->lock);
  SSL_CTX *former = front->context;
  front->context = context;
  pthread_mutex_unlock(&front->lock);
  SSL_CTX_free(former); /* connections that use it hold references */
  return QDRANT_OK;
}

/* The threads end as soon as stop_fd is readable. */
static void end_threads(qd_tls_front *front) {
  const uint64_t one = 1;
  if (!front->has_thread || write(front->stop_fd, &one, sizeof one) != (ssize_t)sizeof one)
    return;
  pthread_join(front->thread, NULL);
  pthread_mutex_lock(&front->lock);
  while (front->n_threads > 0)
    pthread_cond_wait(&front->ended, &front->lock);
  pthread_mutex_unlock(&front->lock);
}

void qd_tls_front_stop(qd_tls_front *front) {
  if (front == NULL)
    return;
  end_threads(front);
  if (front->listening_fd >= 0)
    close(front->listening_fd);
  if (front->stop_fd >= 0)
    close(front->stop_fd);
  SSL_CTX_free(front->context);
  pthread_cond_destroy(&front->ended);
  pthread_mutex_destroy(&front->lock);
  qd_free(front);
}

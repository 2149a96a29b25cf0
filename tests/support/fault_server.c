#include "tests/support/fault_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 4096, STEP_MS = 20, READ_BYTES = 1 << 16, SMALL_BUFFER = 1 << 16 };

struct fault_server {
  fault_wire wire;
  uint16_t target_port;
  uint16_t port;
  int listen_fd;
  pthread_t thread;
  atomic_int is_ending;
  pthread_mutex_t lock; /* the rest, and descriptors of connections */
  const fault *what;
  int32_t n_left;
  size_t n_played;
  size_t n_connections;
  fault_connection *connections[MAX_CONNECTIONS];
};

int fault_write(int fd, const void *bytes, size_t n_bytes) {
  const uint8_t *at = bytes;
  while (n_bytes > 0) {
    ssize_t n_written = send(fd, at, n_bytes, MSG_NOSIGNAL);
    if (n_written <= 0)
      return 0;
    at += n_written;
    n_bytes -= (size_t)n_written;
  }
  return 1;
}

void fault_append(fault_bytes *bytes, const void *more, size_t n) {
  if (bytes->n + n > bytes->capacity) {
    bytes->capacity = (bytes->n + n) * 2;
    bytes->at = realloc(bytes->at, bytes->capacity);
  }
  if (n > 0)
    memcpy(bytes->at + bytes->n, more, n);
  bytes->n += n;
}

void fault_drop(fault_bytes *bytes, size_t n) {
  bytes->n -= n;
  memmove(bytes->at, bytes->at + n, bytes->n);
}

int fault_read(int fd, fault_bytes *bytes) {
  static _Thread_local uint8_t read[READ_BYTES];
  ssize_t n_read = recv(fd, read, sizeof read, 0);
  if (n_read <= 0)
    return 0;
  fault_append(bytes, read, (size_t)n_read);
  return 1;
}

int fault_await(const fault_connection *connection, int *has_client, int *has_target) {
  struct pollfd events[2] = {
      {.fd = connection->client_fd, .events = POLLIN}, {.fd = connection->target_fd, .events = POLLIN}};
  while (!atomic_load(&connection->server->is_ending)) {
    if (poll(events, 2, STEP_MS) <= 0)
      continue;
    *has_client = events[0].revents != 0;
    *has_target = events[1].revents != 0;
    return 1;
  }
  return 0;
}

const fault *fault_take(fault_server *server, fault_moment first, fault_moment second) {
  const fault *taken = NULL;
  pthread_mutex_lock(&server->lock);
  const fault *what = server->what;
  if (what != NULL && (what->moment == first || what->moment == second) && server->n_left != 0) {
    taken = what;
    server->n_left -= server->n_left > 0;
    server->n_played++;
  }
  pthread_mutex_unlock(&server->lock);
  if (taken != NULL && taken->delay_ms > 0)
    usleep(taken->delay_ms * 1000);
  return taken;
}

/* Until the client goes, or the server closes what it has stalled. */
static void stall(fault_connection *connection, int reads) {
  uint8_t sink[4096];
  struct pollfd event = {.fd = connection->client_fd, .events = reads ? POLLIN : 0};
  pthread_mutex_lock(&connection->server->lock);
  connection->is_stalled = 1;
  pthread_mutex_unlock(&connection->server->lock);
  while (!atomic_load(&connection->server->is_ending)) {
    if (poll(&event, 1, STEP_MS) <= 0)
      continue;
    if ((event.revents & (POLLHUP | POLLERR)) || (reads && recv(connection->client_fd, sink, sizeof sink, 0) <= 0))
      return;
  }
}

int fault_end(fault_connection *connection, const fault *what) {
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  if (what->then == FAULT_THEN_KEEP)
    return 1;
  if (what->then == FAULT_THEN_RESET)
    setsockopt(connection->client_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  if (what->then == FAULT_THEN_STALL || what->then == FAULT_THEN_STOP_READING)
    stall(connection, what->then == FAULT_THEN_STALL);
  return 0;
}

static struct sockaddr_in local_address(uint16_t port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int reach_target(uint16_t port) {
  struct sockaddr_in address = local_address(port);
  int one = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  close(fd);
  return -1;
}

/* A reset before the client has spoken may look as if nobody listened. */
static void await_first_word(const fault_connection *connection) {
  struct pollfd event = {.fd = connection->client_fd, .events = POLLIN};
  while (!atomic_load(&connection->server->is_ending) && poll(&event, 1, STEP_MS) == 0) {
  }
}

/* Faults of a connection as such. 0: it is over. */
static int begin_connection(fault_connection *connection) {
  const fault *what = fault_take(connection->server, FAULT_AT_ACCEPT, FAULT_AT_ACCEPT);
  if (what == NULL)
    return 1;
  if (what->then == FAULT_THEN_CLOSE || what->then == FAULT_THEN_RESET)
    await_first_word(connection);
  if (what->says == FAULT_SAYS_BYTES)
    fault_write(connection->client_fd, what->answer->body, strlen(what->answer->body));
  if (what->says == FAULT_SAYS_SETTINGS) {
    fault_bytes frame = {0};
    fault_put_frame(&frame, 4, 0, 0, NULL, 0);
    fault_write(connection->client_fd, frame.at, frame.n);
    free(frame.at);
  }
  return fault_end(connection, what);
}

static void end_connection(fault_connection *connection) {
  pthread_mutex_lock(&connection->server->lock);
  close(connection->client_fd);
  connection->client_fd = -1;
  pthread_mutex_unlock(&connection->server->lock);
  if (connection->target_fd >= 0)
    close(connection->target_fd);
  free(connection->from_client.at);
  free(connection->from_target.at);
}

static void *serve_connection(void *arg) {
  fault_connection *connection = arg;
  if (begin_connection(connection)) {
    connection->target_fd = reach_target(connection->server->target_port);
    if (connection->target_fd >= 0 && connection->server->wire == FAULT_HTTP1)
      fault_http1_serve(connection);
    else if (connection->target_fd >= 0)
      fault_http2_serve(connection);
  }
  end_connection(connection);
  return NULL;
}

static int add_connection(fault_server *server, int fd) {
  int one = 1;
  fault_connection *made = calloc(1, sizeof *made);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  *made = (fault_connection){.server = server, .client_fd = fd, .target_fd = -1};
  pthread_mutex_lock(&server->lock);
  int has_room = server->n_connections < MAX_CONNECTIONS;
  if (has_room && pthread_create(&made->thread, NULL, serve_connection, made) == 0)
    server->connections[server->n_connections++] = made;
  else
    abort();
  pthread_mutex_unlock(&server->lock);
  return has_room;
}

static void *accept_all(void *arg) {
  fault_server *server = arg;
  for (;;) {
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
      return NULL;
    add_connection(server, fd);
  }
}

/* A small buffer, inherited by what is accepted, so that a peer that stops reading is felt soon. */
static void open_port(fault_server *server) {
  int one = 1;
  int small = SMALL_BUFFER;
  struct sockaddr_in address = local_address(server->port);
  socklen_t n_bytes = sizeof address;
  server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(server->listen_fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (bind(server->listen_fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(server->listen_fd, 128) != 0)
    abort();
  getsockname(server->listen_fd, (struct sockaddr *)&address, &n_bytes);
  server->port = ntohs(address.sin_port);
  if (pthread_create(&server->thread, NULL, accept_all, server) != 0)
    abort();
}

static void close_port(fault_server *server) {
  shutdown(server->listen_fd, SHUT_RDWR);
  pthread_join(server->thread, NULL);
  close(server->listen_fd);
}

static void cut(fault_server *server, int only_stalled) {
  pthread_mutex_lock(&server->lock);
  for (size_t i = 0; i < server->n_connections; i++) {
    fault_connection *each = server->connections[i];
    if (each->client_fd >= 0 && (each->is_stalled || !only_stalled))
      shutdown(each->client_fd, SHUT_RDWR);
  }
  pthread_mutex_unlock(&server->lock);
}

fault_server *fault_server_start(fault_wire wire, uint16_t target_port) {
  fault_server *server = calloc(1, sizeof *server);
  server->wire = wire;
  server->target_port = target_port;
  pthread_mutex_init(&server->lock, NULL);
  open_port(server);
  return server;
}

uint16_t fault_server_port(const fault_server *server) {
  return server->port;
}

void fault_server_play(fault_server *server, const fault *what, int32_t count) {
  pthread_mutex_lock(&server->lock);
  server->what = what;
  server->n_left = count;
  pthread_mutex_unlock(&server->lock);
}

void fault_server_heal(fault_server *server) {
  fault_server_play(server, NULL, 0);
  cut(server, 1);
}

void fault_server_die(fault_server *server) {
  close_port(server);
  cut(server, 0);
}

void fault_server_come_back(fault_server *server) {
  open_port(server);
}

size_t fault_server_n_played(fault_server *server) {
  pthread_mutex_lock(&server->lock);
  size_t n_played = server->n_played;
  pthread_mutex_unlock(&server->lock);
  return n_played;
}

void fault_server_stop(fault_server *server) {
  close_port(server);
  atomic_store(&server->is_ending, 1);
  cut(server, 0);
  for (size_t i = 0; i < server->n_connections; i++) {
    pthread_join(server->connections[i]->thread, NULL);
    free(server->connections[i]);
  }
  pthread_mutex_destroy(&server->lock);
  free(server);
}

#include "bench/null_server.h"
#include "bench/socket.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, ZERO_BYTES = 64 * 1024, MAX_EVENTS = 64, MAX_CONNECTIONS = 1024 };

typedef struct tcp_connection {
  int fd;
  bool awaits_room;            /* registered for EPOLLOUT */
  size_t n_header;             /* bytes of the header that have come */
  null_frame_header header;    /* of the frame that is coming */
  uint64_t n_frame_bytes_left; /* that still have to come, once the header is whole */
  uint64_t n_reply_bytes_left; /* to send. Replies are zeros, so that a count is all there is to keep */
} tcp_connection;

typedef struct tcp_server {
  int epoll;
  int listener;
  int signals;
  bool is_stopping;
  null_counts *counts;
  tcp_connection *connections[MAX_CONNECTIONS]; /* by descriptor */
  uint8_t read_bytes[READ_BYTES];
  uint8_t zeros[ZERO_BYTES];
} tcp_server;

static size_t smaller(size_t a, uint64_t b) {
  return a < b ? a : (size_t)b;
}

static bool watch_descriptor(tcp_server *self, int fd, int action, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(self->epoll, action, fd, &event) == 0;
}

static void drop_connection(tcp_server *self, tcp_connection *at) {
  self->connections[at->fd] = NULL;
  close(at->fd);
  free(at);
}

static void accept_connection(tcp_server *self) {
  int fd = accept4(self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  tcp_connection *at = fd >= 0 && fd < MAX_CONNECTIONS ? calloc(1, sizeof *at) : NULL;
  if (!at || !watch_descriptor(self, fd, EPOLL_CTL_ADD, EPOLLIN)) {
    free(at);
    if (fd >= 0)
      close(fd);
    return;
  }
  bench_set_no_delay(fd);
  at->fd = fd;
  self->connections[fd] = at;
}

static void finish_frame(tcp_server *self, tcp_connection *at) {
  self->counts->calls++;
  self->counts->request_bytes += at->header.request_bytes;
  at->n_reply_bytes_left += at->header.reply_bytes;
  at->n_header = 0;
}

static size_t take_header(tcp_connection *at, const uint8_t *bytes, size_t n_bytes) {
  size_t n_step = smaller(n_bytes, sizeof at->header - at->n_header);
  memcpy((uint8_t *)&at->header + at->n_header, bytes, n_step);
  at->n_header += n_step;
  at->n_frame_bytes_left = at->header.request_bytes;
  return n_step;
}

static void take_bytes(tcp_server *self, tcp_connection *at, const uint8_t *bytes, size_t n_bytes) {
  while (n_bytes > 0) {
    size_t n_step;
    if (at->n_header < sizeof at->header) {
      n_step = take_header(at, bytes, n_bytes);
    } else {
      n_step = smaller(n_bytes, at->n_frame_bytes_left);
      at->n_frame_bytes_left -= n_step;
    }
    bytes += n_step;
    n_bytes -= n_step;
    if (at->n_header == sizeof at->header && at->n_frame_bytes_left == 0)
      finish_frame(self, at);
  }
}

/* One read an event: epoll reports what is left. False: the connection is over. */
static bool read_frames(tcp_server *self, tcp_connection *at) {
  ssize_t n_read = read(at->fd, self->read_bytes, READ_BYTES);
  if (n_read < 0)
    return errno == EAGAIN || errno == EINTR;
  take_bytes(self, at, self->read_bytes, (size_t)n_read);
  return n_read > 0;
}

/* Never blocks, so that a client that writes before it reads cannot lock both sides. */
static bool write_replies(tcp_server *self, tcp_connection *at) {
  while (at->n_reply_bytes_left > 0) {
    ssize_t n_written = send(at->fd, self->zeros, smaller(ZERO_BYTES, at->n_reply_bytes_left), MSG_NOSIGNAL);
    if (n_written < 0 && errno != EAGAIN)
      return false;
    if (n_written < 0)
      break;
    at->n_reply_bytes_left -= (uint64_t)n_written;
  }
  bool needs_room = at->n_reply_bytes_left > 0;
  if (needs_room == at->awaits_room)
    return true;
  at->awaits_room = needs_room;
  return watch_descriptor(self, at->fd, EPOLL_CTL_MOD, needs_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void handle_event(tcp_server *self, const struct epoll_event *event) {
  if (event->data.fd == self->signals) {
    self->is_stopping = true;
  } else if (event->data.fd == self->listener) {
    accept_connection(self);
  } else {
    tcp_connection *at = self->connections[event->data.fd];
    bool is_alive = !(event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || read_frames(self, at);
    if (!is_alive || !write_replies(self, at))
      drop_connection(self, at);
  }
}

static void serve_frames(tcp_server *self) {
  struct epoll_event events[MAX_EVENTS];
  while (!self->is_stopping) {
    int n_events = epoll_wait(self->epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < n_events; i++)
      handle_event(self, &events[i]);
  }
}

static int open_stop_signals(void) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  return signalfd(-1, &stop, SFD_CLOEXEC);
}

static bool open_server(tcp_server *self, uint16_t *port) {
  self->epoll = epoll_create1(EPOLL_CLOEXEC);
  self->listener = bench_listen(port);
  self->signals = open_stop_signals();
  return self->epoll >= 0 && self->listener >= 0 && self->signals >= 0 &&
         watch_descriptor(self, self->listener, EPOLL_CTL_ADD, EPOLLIN) &&
         watch_descriptor(self, self->signals, EPOLL_CTL_ADD, EPOLLIN);
}

static void close_server(tcp_server *self) {
  for (size_t i = 0; i < MAX_CONNECTIONS; i++)
    if (self->connections[i])
      drop_connection(self, self->connections[i]);
  const int descriptors[] = {self->epoll, self->listener, self->signals};
  for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
    if (descriptors[i] >= 0)
      close(descriptors[i]);
}

bool null_serve_tcp(uint16_t port, null_counts *counts) {
  tcp_server *self = calloc(1, sizeof *self);
  if (!self)
    return false;
  self->counts = counts;
  bool is_open = open_server(self, &port);
  if (is_open) {
    null_print_ready(0, port);
    serve_frames(self);
  }
  close_server(self);
  free(self);
  return is_open;
}

#include "tests/support/raw_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256, FRAME_HEAD_BYTES = 9, PREFACE_BYTES = 24, POLL_STEP_MS = 20 };
enum { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RST_STREAM = 3, FRAME_SETTINGS = 4, FRAME_PING = 6 };
enum { FRAME_GOAWAY = 7, FRAME_WINDOW_UPDATE = 8 };
enum { FLAG_ACK = 1, FLAG_END_STREAM = 1, FLAG_END_HEADERS = 4 };

typedef struct raw_connection {
  raw_peer *peer;
  int fd;
  int target_fd;
  pthread_t thread;
} raw_connection;

struct raw_peer {
  raw_options options;
  int listen_fd;
  uint16_t port;
  pthread_t thread;
  atomic_int is_paused;
  atomic_int is_ending;
  atomic_size_t n_accepted;
  pthread_mutex_t lock; /* connections */
  raw_connection connections[MAX_CONNECTIONS];
};

static int make_socket(struct sockaddr_in *address, uint16_t port) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(port);
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static uint16_t port_of(int fd) {
  struct sockaddr_in address;
  socklen_t n_bytes = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &n_bytes);
  return ntohs(address.sin_port);
}

/* The socket stays bound and never listens: connections are refused, nobody is given the port by chance, and a server
 * that allows itself an address in use may come and go on it. */
uint16_t unused_port(void) {
  struct sockaddr_in address;
  int one = 1;
  int fd = make_socket(&address, 0);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
      bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
    abort();
  return port_of(fd);
}

static int write_all(int fd, const void *bytes, size_t n_bytes) {
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

static int read_all(int fd, void *bytes, size_t n_bytes) {
  return recv(fd, bytes, n_bytes, MSG_WAITALL) == (ssize_t)n_bytes;
}

static void put_u32(uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++)
    out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static int write_frame(int fd, int type, int flags, uint32_t stream, const uint8_t *content, size_t n_bytes) {
  uint8_t head[FRAME_HEAD_BYTES] = {
      (uint8_t)(n_bytes >> 16), (uint8_t)(n_bytes >> 8), (uint8_t)n_bytes, (uint8_t)type, (uint8_t)flags};
  put_u32(head + 5, stream);
  return write_all(fd, head, sizeof head) && write_all(fd, content, n_bytes);
}

/* The largest windows there are, so that nothing but TCP holds a sender back. */
static int open_http2(int fd) {
  uint8_t settings[6] = {0, 4};
  uint8_t increment[4];
  put_u32(settings + 2, 0x7fffffff);
  put_u32(increment, 0x7fffffff - 65535);
  return write_frame(fd, FRAME_SETTINGS, 0, 0, settings, sizeof settings) &&
         write_frame(fd, FRAME_WINDOW_UPDATE, 0, 0, increment, sizeof increment);
}

typedef struct raw_frame {
  int type;
  int flags;
  uint32_t stream;
} raw_frame;

static uint32_t get_u32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The next frame, its content dropped; settings and pings are acknowledged. 0 at the end. */
static int read_frame(int fd, raw_frame *frame) {
  static _Thread_local uint8_t content[1 << 14];
  uint8_t head[FRAME_HEAD_BYTES];
  if (!read_all(fd, head, sizeof head))
    return 0;
  size_t n_bytes = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
  if (n_bytes > sizeof content || (n_bytes > 0 && !read_all(fd, content, n_bytes)))
    return 0;
  *frame = (raw_frame){.type = head[3], .flags = head[4], .stream = get_u32(head + 5)};
  if (frame->type == FRAME_SETTINGS && !(frame->flags & FLAG_ACK))
    write_frame(fd, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
  if (frame->type == FRAME_PING && !(frame->flags & FLAG_ACK))
    write_frame(fd, FRAME_PING, FLAG_ACK, 0, content, n_bytes);
  return 1;
}

static int begin_http2(int fd) {
  uint8_t preface[PREFACE_BYTES];
  return open_http2(fd) && read_all(fd, preface, sizeof preface);
}

/* Reads frames until a call begins; its stream, or 0 when the connection ended before. */
static uint32_t await_next_call(int fd) {
  raw_frame frame = {0};
  while (read_frame(fd, &frame))
    if (frame.type == FRAME_HEADERS)
      return frame.stream;
  return 0;
}

/* Reads frames until a whole request is there; its stream, or 0. */
static uint32_t await_request(int fd) {
  raw_frame frame = {0};
  while (read_frame(fd, &frame))
    if ((frame.type == FRAME_DATA || frame.type == FRAME_HEADERS) && (frame.flags & FLAG_END_STREAM))
      return frame.stream;
  return 0;
}

static uint32_t await_call(int fd) {
  return begin_http2(fd) ? await_next_call(fd) : 0;
}

static void read_to_end(int fd) {
  uint8_t sink[4096];
  while (recv(fd, sink, sizeof sink, 0) > 0) {
  }
}

static void await_end(const raw_connection *connection) {
  struct pollfd event = {.fd = connection->fd, .events = 0};
  while (!atomic_load(&connection->peer->is_ending) && poll(&event, 1, POLL_STEP_MS) >= 0 &&
         !(event.revents & (POLLHUP | POLLERR))) {
  }
}

static void answer_http1(int fd) {
  static const char answer[] = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  uint8_t first;
  if (read_all(fd, &first, 1))
    write_all(fd, answer, sizeof answer - 1);
  shutdown(fd, SHUT_WR);
  read_to_end(fd);
}

static void answer_headers(int fd, uint32_t stream) {
  /* HPACK: ":status: 200" from the static table, then content-type (name 31 there) as a literal. */
  static const uint8_t headers[] = {
      0x88, 0x0f, 0x10, 16, 'a', 'p', 'p', 'l', 'i', 'c', 'a', 't', 'i', 'o', 'n', '/', 'g', 'r', 'p', 'c'};
  write_frame(fd, FRAME_HEADERS, FLAG_END_HEADERS, stream, headers, sizeof headers);
}

/* Each call of the connection. HPACK: ":status: 404" from the static table. */
static void answer_not_found(int fd, uint32_t stream) {
  static const uint8_t headers[] = {0x8d};
  while (stream != 0 && write_frame(fd, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream, headers, 1))
    stream = await_next_call(fd);
}

static void answer_call(const raw_connection *connection, uint32_t stream) {
  uint8_t content[8] = {0};
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  switch (connection->peer->options.behaviour) {
  case RAW_CLOSE_AFTER_HEADERS: answer_headers(connection->fd, stream); break;
  case RAW_WEB: answer_not_found(connection->fd, stream); break;
  case RAW_RESET: setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard); break;
  case RAW_GOAWAY:
    put_u32(content + 4, 11);
    write_frame(connection->fd, FRAME_GOAWAY, 0, 0, content, sizeof content);
    read_to_end(connection->fd); /* a reset could overtake what was said */
    break;
  case RAW_RST_STREAM:
    put_u32(content, connection->peer->options.rst_code);
    write_frame(connection->fd, FRAME_RST_STREAM, 0, stream, content, 4);
    read_to_end(connection->fd);
    break;
  default: break;
  }
}

/* OK with an empty message. */
static void answer_ok(int fd, uint32_t stream) {
  static const uint8_t message[5] = {0};
  static const uint8_t trailers[] = {0x00, 11, 'g', 'r', 'p', 'c', '-', 's', 't', 'a', 't', 'u', 's', 1, '0'};
  answer_headers(fd, stream);
  write_frame(fd, FRAME_DATA, 0, stream, message, sizeof message);
  write_frame(fd, FRAME_HEADERS, FLAG_END_STREAM | FLAG_END_HEADERS, stream, trailers, sizeof trailers);
}

static void drain(const raw_connection *connection) {
  int fd = connection->fd;
  uint8_t goaway[8] = {0};
  uint32_t stream = begin_http2(fd) ? await_request(fd) : 0;
  if (connection == connection->peer->connections && stream != 0 && await_request(fd) != 0) {
    put_u32(goaway, stream);
    write_frame(fd, FRAME_GOAWAY, 0, 0, goaway, sizeof goaway);
  }
  for (; stream != 0; stream = await_request(fd))
    answer_ok(fd, stream);
}

/* Moves what is there from one socket to the other; 0 at the end. */
static int move_bytes(int from, int to) {
  uint8_t bytes[16384];
  ssize_t n_read = recv(from, bytes, sizeof bytes, 0);
  return n_read > 0 && write_all(to, bytes, (size_t)n_read);
}

static void relay(raw_connection *connection) {
  struct sockaddr_in address;
  raw_peer *peer = connection->peer;
  int target = make_socket(&address, peer->options.relay_port);
  struct pollfd events[2] = {{.fd = connection->fd, .events = POLLIN}, {.fd = target, .events = POLLIN}};
  int is_open = connect(target, (struct sockaddr *)&address, sizeof address) == 0;
  while (is_open && !atomic_load(&peer->is_ending)) {
    if (atomic_load(&peer->is_paused)) {
      usleep(POLL_STEP_MS * 1000);
      continue;
    }
    if (poll(events, 2, POLL_STEP_MS) < 0)
      break;
    is_open = (!events[0].revents || move_bytes(connection->fd, target)) &&
              (!events[1].revents || move_bytes(target, connection->fd));
  }
  close(target);
}

static void *serve_connection(void *arg) {
  raw_connection *connection = arg;
  uint8_t preface[PREFACE_BYTES];
  uint32_t stream = 0;
  switch (connection->peer->options.behaviour) {
  case RAW_SILENT: await_end(connection); break;
  case RAW_NEVER_READS:
    open_http2(connection->fd);
    await_end(connection);
    break;
  case RAW_HTTP1: answer_http1(connection->fd); break;
  case RAW_CLOSES: break;
  case RAW_OPENS_AND_CLOSES:
    open_http2(connection->fd);
    read_all(connection->fd, preface, sizeof preface);
    break;
  case RAW_RELAY: relay(connection); break;
  case RAW_DRAIN: drain(connection); break;
  default:
    stream = await_call(connection->fd);
    if (stream != 0)
      answer_call(connection, stream);
  }
  pthread_mutex_lock(&connection->peer->lock);
  close(connection->fd);
  connection->fd = -1;
  pthread_mutex_unlock(&connection->peer->lock);
  return NULL;
}

static void *accept_all(void *arg) {
  raw_peer *peer = arg;
  for (;;) {
    int fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    size_t at = atomic_load(&peer->n_accepted);
    if (fd < 0 || atomic_load(&peer->is_ending) || at == MAX_CONNECTIONS) {
      close(fd);
      return NULL;
    }
    raw_connection *connection = &peer->connections[at];
    connection->peer = peer;
    pthread_mutex_lock(&peer->lock);
    connection->fd = fd;
    pthread_mutex_unlock(&peer->lock);
    atomic_fetch_add(&peer->n_accepted, 1); /* before anything can be seen of the connection */
    if (pthread_create(&connection->thread, NULL, serve_connection, connection) != 0)
      abort();
  }
}

raw_peer *raw_peer_start(const raw_options *options) {
  struct sockaddr_in address;
  raw_peer *peer = calloc(1, sizeof *peer);
  int small = 4096;
  peer->options = *options;
  peer->listen_fd = make_socket(&address, 0);
  if (options->behaviour == RAW_NEVER_READS)
    setsockopt(peer->listen_fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (bind(peer->listen_fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(peer->listen_fd, 64) != 0)
    abort();
  peer->port = port_of(peer->listen_fd);
  pthread_mutex_init(&peer->lock, NULL);
  for (size_t i = 0; i < MAX_CONNECTIONS; i++)
    peer->connections[i].fd = -1;
  pthread_create(&peer->thread, NULL, accept_all, peer);
  return peer;
}

uint16_t raw_peer_port(const raw_peer *peer) {
  return peer->port;
}

size_t raw_peer_n_accepted(raw_peer *peer) {
  return atomic_load(&peer->n_accepted);
}

void raw_peer_pause(raw_peer *peer) {
  atomic_store(&peer->is_paused, 1);
}

void raw_peer_cut(raw_peer *peer) {
  pthread_mutex_lock(&peer->lock);
  for (size_t i = 0; i < MAX_CONNECTIONS; i++)
    if (peer->connections[i].fd >= 0)
      shutdown(peer->connections[i].fd, SHUT_RDWR);
  pthread_mutex_unlock(&peer->lock);
}

void raw_peer_stop(raw_peer *peer) {
  atomic_store(&peer->is_ending, 1);
  shutdown(peer->listen_fd, SHUT_RDWR);
  pthread_join(peer->thread, NULL);
  close(peer->listen_fd);
  raw_peer_cut(peer);
  for (size_t i = 0; i < atomic_load(&peer->n_accepted); i++)
    pthread_join(peer->connections[i].thread, NULL);
  pthread_mutex_destroy(&peer->lock);
  free(peer);
}

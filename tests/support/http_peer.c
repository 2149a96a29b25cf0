#include "tests/support/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 512, MAX_HEAD_BYTES = 1 << 16, STEP_MS = 20 };

typedef struct connection {
  http_peer *peer;
  size_t number;
  int fd;
  pthread_t thread;
  char head[MAX_HEAD_BYTES]; /* and what was read beyond it */
  size_t n_read;
} connection;

struct http_peer {
  http_peer_options options;
  int listen_fd;
  uint16_t port;
  pthread_t thread;
  atomic_int is_ending;
  atomic_size_t n_accepted;
  atomic_size_t n_open;
  atomic_size_t n_requests;
  pthread_mutex_t lock; /* one handler at a time */
  connection *connections[MAX_CONNECTIONS];
};

/* 0 when nothing came in time, the connection ended or the peer is ending. */
static int await_bytes(const connection *from, uint32_t max_ms) {
  struct pollfd event = {.fd = from->fd, .events = POLLIN};
  for (uint32_t waited_ms = 0; max_ms == 0 || waited_ms < max_ms; waited_ms += STEP_MS) {
    if (atomic_load(&from->peer->is_ending))
      return 0;
    if (poll(&event, 1, STEP_MS) > 0)
      return 1;
  }
  return 0;
}

static int write_all(int fd, const char *bytes, size_t n_bytes) {
  while (n_bytes > 0) {
    ssize_t n_written = send(fd, bytes, n_bytes, MSG_NOSIGNAL);
    if (n_written <= 0)
      return 0;
    bytes += n_written;
    n_bytes -= (size_t)n_written;
  }
  return 1;
}

/* Reads up to the empty line; the head's length, 0 at the end. */
static size_t read_head(connection *from) {
  for (;;) {
    const char *end = memmem(from->head, from->n_read, "\r\n\r\n", 4);
    if (end != NULL)
      return (size_t)(end - from->head) + 4;
    if (from->n_read == MAX_HEAD_BYTES || !await_bytes(from, from->peer->options.idle_ms))
      return 0;
    ssize_t n_bytes = recv(from->fd, from->head + from->n_read, MAX_HEAD_BYTES - from->n_read, 0);
    if (n_bytes <= 0)
      return 0;
    from->n_read += (size_t)n_bytes;
  }
}

/* The body, on the heap; takes what was read beyond the head first. NULL when it does not come. */
static uint8_t *read_body(connection *from, size_t n_head, size_t n_body) {
  uint8_t *body = malloc(n_body + 1);
  size_t n_there = from->n_read - n_head < n_body ? from->n_read - n_head : n_body;
  memcpy(body, from->head + n_head, n_there);
  from->n_read -= n_head + n_there;
  memmove(from->head, from->head + n_head + n_there, from->n_read);
  while (n_there < n_body) {
    ssize_t n_bytes = await_bytes(from, 0) ? recv(from->fd, body + n_there, n_body - n_there, 0) : 0;
    if (n_bytes <= 0) {
      free(body);
      return NULL;
    }
    n_there += (size_t)n_bytes;
  }
  return body;
}

void http_header(const http_request *request, const char *name, char *out, size_t n_out) {
  size_t n_name = strlen(name);
  out[0] = '\0';
  for (const char *line = strstr(request->head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, name, n_name) != 0 || line[2 + n_name] != ':')
      continue;
    const char *value = line + 3 + n_name;
    value += strspn(value, " ");
    snprintf(out, n_out, "%.*s", (int)strcspn(value, "\r"), value);
  }
}

static void await_end(const connection *from) {
  struct pollfd event = {.fd = from->fd, .events = 0};
  while (
      !atomic_load(&from->peer->is_ending) && poll(&event, 1, STEP_MS) >= 0 && !(event.revents & (POLLHUP | POLLERR))) {
  }
}

static int send_answer(const connection *to, const http_answer *answer) {
  char head[4096];
  if (answer->raw != NULL)
    return write_all(to->fd, answer->raw, strlen(answer->raw));
  size_t n_body = answer->n_body > 0 ? answer->n_body : strlen(answer->body);
  int n_head = snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\ncontent-length: %zu\r\n%s\r\n", answer->code, n_body,
      answer->headers != NULL ? answer->headers : "");
  return write_all(to->fd, head, (size_t)n_head) && write_all(to->fd, answer->body, n_body - answer->n_withheld);
}

static int end_answer(const connection *to, const http_answer *answer) {
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  if (answer->then == HTTP_RESET)
    setsockopt(to->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  if (answer->then == HTTP_STALL)
    await_end(to);
  return answer->then == HTTP_KEEP;
}

static void ask_handler(connection *from, http_request *request, http_answer *answer) {
  http_peer *peer = from->peer;
  pthread_mutex_lock(&peer->lock);
  request->number = atomic_fetch_add(&peer->n_requests, 1) + 1;
  if (peer->options.handler != NULL)
    peer->options.handler(peer->options.user, request, answer);
  pthread_mutex_unlock(&peer->lock);
  if (answer->delay_ms > 0)
    usleep(answer->delay_ms * 1000);
}

static void drop_the_rest(const connection *from) {
  char sink[4096];
  while (await_bytes(from, 0) && recv(from->fd, sink, sizeof sink, 0) > 0) {
  }
}

static void answer_early(connection *from, http_request *request, http_answer *answer) {
  ask_handler(from, request, answer);
  send_answer(from, answer);
  drop_the_rest(from);
}

/* Whether the connection goes on. */
static int serve_one(connection *from) {
  char verb[16] = "";
  char target[4096] = "";
  char head[MAX_HEAD_BYTES + 1];
  char length[32];
  http_answer answer = {.code = 200, .body = "{}"};
  size_t n_head = read_head(from);
  if (n_head == 0)
    return 0;
  memcpy(head, from->head, n_head);
  head[n_head] = '\0';
  sscanf(head, "%15s %4095s", verb, target);
  http_request request = {.verb = verb, .target = target, .head = head, .connection = from->number};
  if (from->peer->options.stops_reading)
    await_end(from);
  if (from->peer->options.answers_early)
    answer_early(from, &request, &answer);
  if (from->peer->options.stops_reading || from->peer->options.answers_early)
    return 0;
  http_header(&request, "content-length", length, sizeof length);
  request.n_body = (size_t)strtoul(length, NULL, 10);
  uint8_t *body = read_body(from, n_head, request.n_body);
  if (body == NULL)
    return 0;
  request.body = body;
  ask_handler(from, &request, &answer);
  free(body);
  return send_answer(from, &answer) && end_answer(from, &answer);
}

static void *serve_connection(void *arg) {
  connection *from = arg;
  http_peer *peer = from->peer;
  uint32_t n_served = 0;
  while (serve_one(from) && (peer->options.max_requests == 0 || ++n_served < peer->options.max_requests)) {
  }
  close(from->fd);
  atomic_fetch_sub(&peer->n_open, 1);
  return NULL;
}

static void *accept_all(void *arg) {
  http_peer *peer = arg;
  for (;;) {
    int one = 1;
    int fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    size_t at = atomic_load(&peer->n_accepted);
    if (fd < 0 || atomic_load(&peer->is_ending) || at == MAX_CONNECTIONS) {
      close(fd);
      return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection *made = calloc(1, sizeof *made);
    made->peer = peer;
    made->fd = fd;
    made->number = at + 1;
    peer->connections[at] = made;
    atomic_fetch_add(&peer->n_open, 1);
    atomic_store(&peer->n_accepted, at + 1);
    if (pthread_create(&made->thread, NULL, serve_connection, made) != 0)
      abort();
  }
}

http_peer *http_peer_start(const http_peer_options *options) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
  socklen_t n_bytes = sizeof address;
  int one = 1;
  http_peer *peer = calloc(1, sizeof *peer);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  peer->options = *options;
  peer->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(peer->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(peer->listen_fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(peer->listen_fd, 64) != 0)
    abort();
  getsockname(peer->listen_fd, (struct sockaddr *)&address, &n_bytes);
  peer->port = ntohs(address.sin_port);
  pthread_mutex_init(&peer->lock, NULL);
  if (pthread_create(&peer->thread, NULL, accept_all, peer) != 0)
    abort();
  return peer;
}

uint16_t http_peer_port(const http_peer *peer) {
  return peer->port;
}

size_t http_peer_n_requests(http_peer *peer) {
  return atomic_load(&peer->n_requests);
}

size_t http_peer_n_connections(http_peer *peer) {
  return atomic_load(&peer->n_accepted);
}

size_t http_peer_n_open(http_peer *peer) {
  return atomic_load(&peer->n_open);
}

void http_peer_stop(http_peer *peer) {
  atomic_store(&peer->is_ending, 1);
  shutdown(peer->listen_fd, SHUT_RDWR);
  pthread_join(peer->thread, NULL);
  close(peer->listen_fd);
  for (size_t i = 0; i < atomic_load(&peer->n_accepted); i++) {
    pthread_join(peer->connections[i]->thread, NULL);
    free(peer->connections[i]);
  }
  pthread_mutex_destroy(&peer->lock);
  free(peer);
}

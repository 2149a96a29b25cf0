#include "bench/floor_tcp.h"

#include "bench/encode.h"
#include "bench/measure.h"
#include "bench/null_server.h"
#include "bench/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, STUCK_AFTER_MS = 30000, MAX_IN_FLIGHT = 256, MAX_CONNECTIONS = 64 };

/* Replies come in the order of the requests, so a connection is a ring of start times. */
typedef struct tcp_lane {
  uint64_t started_ns[MAX_IN_FLIGHT];
  uint32_t oldest;
  uint32_t n_in_flight;
  uint32_t max_in_flight;
  size_t n_reply_bytes; /* of the oldest call's reply that have come */
} tcp_lane;

typedef struct tcp_floor {
  bench_buffer request;
  size_t reply_bytes;
  uint32_t n_lanes;
  tcp_lane lanes[MAX_CONNECTIONS];
  struct pollfd sockets[MAX_CONNECTIONS];
  uint8_t read_bytes[READ_BYTES];
  uint64_t n_to_start;
  uint64_t n_done;
  uint64_t *latency_ns;
} tcp_floor;

static bool encode_sizes(tcp_floor *self, const bench_case *which) {
  bench_buffer reply = {0};
  bool has_encoded = bench_encode_request(which, &self->request) && bench_encode_reply(which, &reply);
  self->reply_bytes = reply.n;
  bench_buffer_free(&reply);
  return has_encoded;
}

static bool connect_lanes(tcp_floor *self, const bench_case *which, uint16_t port, bench_error *err) {
  for (uint32_t i = 0; i < which->n_connections; i++) {
    int fd = bench_connect(port);
    if (fd < 0)
      return bench_fail(err, "connect: %s", strerror(errno));
    self->sockets[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    self->lanes[i].max_in_flight = (which->in_flight + which->n_connections - 1 - i) / which->n_connections;
    self->n_lanes++;
  }
  return true;
}

bool bench_tcp_open(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  if (which->in_flight > MAX_IN_FLIGHT || which->n_connections > MAX_CONNECTIONS)
    return bench_fail(err, "at most %d in flight over %d connections", MAX_IN_FLIGHT, MAX_CONNECTIONS);
  tcp_floor *self = calloc(1, sizeof *self);
  *state = self;
  if (!self || !encode_sizes(self, which))
    return bench_fail(err, "out of memory");
  return connect_lanes(self, which, port, err);
}

static bool write_all(int fd, struct iovec *parts, int n_parts) {
  while (n_parts > 0) {
    ssize_t n_written = writev(fd, parts, n_parts);
    if (n_written < 0 && errno != EINTR)
      return false;
    size_t n_left = n_written < 0 ? 0 : (size_t)n_written;
    for (; n_parts > 0 && n_left >= parts->iov_len; parts++, n_parts--)
      n_left -= parts->iov_len;
    if (n_parts > 0) {
      parts->iov_base = (uint8_t *)parts->iov_base + n_left;
      parts->iov_len -= n_left;
    }
  }
  return true;
}

static bool start_call(tcp_floor *self, uint32_t i) {
  tcp_lane *lane = &self->lanes[i];
  null_frame_header header = {.request_bytes = (uint32_t)self->request.n, .reply_bytes = (uint32_t)self->reply_bytes};
  struct iovec parts[] = {
      {.iov_base = &header, .iov_len = sizeof header}, {.iov_base = self->request.data, .iov_len = self->request.n}};
  lane->started_ns[(lane->oldest + lane->n_in_flight) % MAX_IN_FLIGHT] = bench_now_ns();
  lane->n_in_flight++;
  self->n_to_start--;
  return write_all(self->sockets[i].fd, parts, 2);
}

static bool fill_lane(tcp_floor *self, uint32_t i) {
  while (self->n_to_start > 0 && self->lanes[i].n_in_flight < self->lanes[i].max_in_flight)
    if (!start_call(self, i))
      return false;
  return true;
}

static bool read_replies(tcp_floor *self, uint32_t i) {
  tcp_lane *lane = &self->lanes[i];
  ssize_t n_read = read(self->sockets[i].fd, self->read_bytes, READ_BYTES);
  if (n_read <= 0)
    return n_read < 0 && errno == EINTR;
  lane->n_reply_bytes += (size_t)n_read;
  uint64_t now_ns = bench_now_ns();
  while (lane->n_in_flight > 0 && lane->n_reply_bytes >= self->reply_bytes) {
    self->latency_ns[self->n_done++] = now_ns - lane->started_ns[lane->oldest];
    lane->n_reply_bytes -= self->reply_bytes;
    lane->oldest = (lane->oldest + 1) % MAX_IN_FLIGHT;
    lane->n_in_flight--;
  }
  return true;
}

/* With one connection there is nothing to choose from, and a poll would be a system call that nobody needs. */
static bool await_replies(tcp_floor *self) {
  if (self->n_lanes == 1) {
    self->sockets[0].revents = POLLIN;
    return true;
  }
  return poll(self->sockets, self->n_lanes, STUCK_AFTER_MS) > 0;
}

bool bench_tcp_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err) {
  tcp_floor *self = state;
  bool is_alive = true;
  self->n_to_start = n_calls;
  self->n_done = 0;
  self->latency_ns = latency_ns;
  for (uint32_t i = 0; is_alive && i < self->n_lanes; i++)
    is_alive = fill_lane(self, i);
  while (is_alive && self->n_done < n_calls) {
    is_alive = await_replies(self);
    for (uint32_t i = 0; is_alive && i < self->n_lanes; i++)
      if (self->sockets[i].revents)
        is_alive = read_replies(self, i) && fill_lane(self, i);
  }
  return is_alive || bench_fail(err, "the connection broke or hung");
}

void bench_tcp_close(void *state) {
  tcp_floor *self = state;
  for (uint32_t i = 0; i < self->n_lanes; i++)
    close(self->sockets[i].fd);
  bench_buffer_free(&self->request);
  free(self);
}

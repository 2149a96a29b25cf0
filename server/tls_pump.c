#include "server/tls_pump.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 16384, LINGER_MS = 1000 };

typedef struct pipe_end {
  char bytes[BUFFER_BYTES];
  size_t n_bytes;
  size_t n_passed; /* of them */
} pipe_end;

typedef struct pump {
  SSL *tls;
  int outer_fd;
  int inner_fd;
  int stop_fd;
  short outer_events; /* what the TLS side waits for */
  int is_over;
  pipe_end in;  /* from the client to the server behind */
  pipe_end out; /* and back */
} pump;

static int is_empty(const pipe_end *end) {
  return end->n_passed == end->n_bytes;
}

/* Notes what TLS waits for; an end of the connection ends the pump. */
static int take_result(pump *pumped, int result) {
  if (result > 0)
    return result;
  int reason = SSL_get_error(pumped->tls, result);
  if (reason == SSL_ERROR_WANT_READ)
    pumped->outer_events |= POLLIN;
  else if (reason == SSL_ERROR_WANT_WRITE)
    pumped->outer_events |= POLLOUT;
  else
    pumped->is_over = 1;
  ERR_clear_error();
  return 0;
}

static int is_blocked(void) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Each of these four moves bytes over one of the borders: 1 if it did. */
static int read_outer(pump *pumped) {
  if (!is_empty(&pumped->in))
    return 0;
  int n = take_result(pumped, SSL_read(pumped->tls, pumped->in.bytes, BUFFER_BYTES));
  pumped->in.n_bytes = (size_t)n;
  pumped->in.n_passed = 0;
  return n > 0;
}

static int write_inner(pump *pumped) {
  pipe_end *in = &pumped->in;
  if (is_empty(in))
    return 0;
  ssize_t n = send(pumped->inner_fd, in->bytes + in->n_passed, in->n_bytes - in->n_passed, MSG_NOSIGNAL);
  if (n < 0 && !is_blocked())
    pumped->is_over = 1;
  in->n_passed += n > 0 ? (size_t)n : 0;
  return n > 0;
}

static int read_inner(pump *pumped) {
  if (!is_empty(&pumped->out))
    return 0;
  ssize_t n = recv(pumped->inner_fd, pumped->out.bytes, BUFFER_BYTES, 0);
  if (n == 0 || (n < 0 && !is_blocked()))
    pumped->is_over = 1;
  pumped->out.n_bytes = n > 0 ? (size_t)n : 0;
  pumped->out.n_passed = 0;
  return n > 0;
}

static int write_outer(pump *pumped) {
  pipe_end *out = &pumped->out;
  if (is_empty(out))
    return 0;
  int n = take_result(pumped, SSL_write(pumped->tls, out->bytes + out->n_passed, (int)(out->n_bytes - out->n_passed)));
  out->n_passed += (size_t)n;
  return n > 0;
}

/* 0 when the pump is to end. A socket from which nothing is wanted is left out: its end would be told again and again.
 */
static int wait_for(pump *pumped, short inner_events, int timeout_ms) {
  struct pollfd fds[] = {{.fd = pumped->stop_fd, .events = POLLIN},
      {.fd = pumped->outer_events != 0 ? pumped->outer_fd : -1, .events = pumped->outer_events},
      {.fd = inner_events != 0 ? pumped->inner_fd : -1, .events = inner_events}};
  int n_ready = poll(fds, 3, timeout_ms);
  if ((n_ready < 0 && errno != EINTR) || n_ready == 0)
    return 0;
  return (fds[0].revents & POLLIN) == 0;
}

static int shake_hands(pump *pumped) {
  for (;;) {
    pumped->outer_events = 0;
    if (take_result(pumped, SSL_accept(pumped->tls)) > 0)
      return 1;
    if (pumped->is_over || !wait_for(pumped, 0, -1))
      return 0;
  }
}

/* What the client sent meanwhile is read away: a socket closed with bytes unread is reset, and the alert that says what
 * was wrong would be lost with it. */
static void linger(pump *pumped) {
  shutdown(pumped->outer_fd, SHUT_WR);
  pumped->outer_events = POLLIN;
  while (wait_for(pumped, 0, LINGER_MS))
    if (recv(pumped->outer_fd, pumped->in.bytes, BUFFER_BYTES, 0) <= 0 && !is_blocked())
      return;
}

static void carry(pump *pumped) {
  while (!pumped->is_over) {
    pumped->outer_events = 0;
    int has_moved = read_outer(pumped);
    has_moved |= write_inner(pumped);
    has_moved |= read_inner(pumped);
    has_moved |= write_outer(pumped);
    short inner_events = (short)((is_empty(&pumped->in) ? 0 : POLLOUT) | (is_empty(&pumped->out) ? POLLIN : 0));
    if (!has_moved && !pumped->is_over && !wait_for(pumped, inner_events, -1))
      return;
  }
}

void qd_tls_pump(SSL *tls, int outer_fd, int inner_fd, int stop_fd) {
  pump pumped = {.tls = tls, .outer_fd = outer_fd, .inner_fd = inner_fd, .stop_fd = stop_fd};
  if (!shake_hands(&pumped)) {
    linger(&pumped);
    return;
  }
  carry(&pumped);
  SSL_shutdown(tls);
  ERR_clear_error();
}

#include "server/socket.h"

#include "core/error.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int bind_address(const struct addrinfo *address) {
  int on = 1;
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  /* A port whose last connections are still in TIME_WAIT can be taken again; one that listens cannot. */
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
    return fd;
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

static uint16_t read_port(int fd) {
  struct sockaddr_storage bound = {0};
  socklen_t n_bytes = sizeof bound;
  if (getsockname(fd, (struct sockaddr *)&bound, &n_bytes) != 0)
    return 0;
  if (bound.ss_family == AF_INET6)
    return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
  return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

qdrant_status qd_socket_listen(const char *host, uint16_t port, int *fd, uint16_t *bound_port, qdrant_error *err) {
  char service[8];
  struct addrinfo *addresses = NULL;
  struct addrinfo wish = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  snprintf(service, sizeof service, "%u", (unsigned)port);
  int failure = getaddrinfo(host, service, &wish, &addresses);
  if (failure != 0)
    return qd_fail(err, QDRANT_UNAVAILABLE, "cannot listen on host \"%.200s\": %s", host, gai_strerror(failure));
  int made = bind_address(addresses);
  int reason = errno;
  freeaddrinfo(addresses);
  if (made < 0)
    return qd_fail(
        err, QDRANT_UNAVAILABLE, "cannot listen on %.200s port %u: %s", host, (unsigned)port, strerror(reason));
  *fd = made;
  *bound_port = read_port(made);
  return QDRANT_OK;
}

int qd_socket_accept(int listening_fd) {
  int on = 1;
  int fd = accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0)
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

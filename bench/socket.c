#include "bench/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 64 };

static struct sockaddr_in loopback_address(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static bool bind_and_listen(int fd, uint16_t *port) {
  struct sockaddr_in address = loopback_address(*port);
  socklen_t n_address = sizeof address;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, n_address) != 0 || listen(fd, BACKLOG) != 0)
    return false;
  if (getsockname(fd, (struct sockaddr *)&address, &n_address) != 0)
    return false;
  *port = ntohs(address.sin_port);
  return true;
}

int bench_listen(uint16_t *port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && !bind_and_listen(fd, port)) {
    close(fd);
    return -1;
  }
  return fd;
}

int bench_connect(uint16_t port) {
  struct sockaddr_in address = loopback_address(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return -1;
  }
  bench_set_no_delay(fd);
  return fd;
}

void bench_set_no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

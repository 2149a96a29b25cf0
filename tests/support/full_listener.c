#include "tests/support/full_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { N_FILLERS = 4 };

full_listener full_listener_open_at(const char *host, uint16_t port) {
  int one = 1;
  full_listener made = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(host)};
  socklen_t n_bytes = sizeof address;
  setsockopt(made.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(made.fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(made.fd, 0) != 0)
    abort();
  getsockname(made.fd, (struct sockaddr *)&address, &n_bytes);
  made.port = ntohs(address.sin_port);
  for (int i = 0; i < N_FILLERS; i++) {
    made.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)!connect(made.fillers[i], (struct sockaddr *)&address, sizeof address);
  }
  return made;
}

full_listener full_listener_open(void) {
  return full_listener_open_at("127.0.0.1", 0);
}

void full_listener_close(full_listener *listener) {
  for (int i = 0; i < N_FILLERS; i++)
    close(listener->fillers[i]);
  close(listener->fd);
}

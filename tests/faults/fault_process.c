/* A server of its own process, to be stopped with SIGSTOP: hands everything on to a port of 127.0.0.1, prints the port
 * that it listens on, and ends with its parent. */
#include "tests/support/fault_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int n_args, char **args) {
  if (n_args != 3)
    return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  fault_wire wire = strcmp(args[1], "http1") == 0 ? FAULT_HTTP1 : FAULT_HTTP2;
  fault_server *server = fault_server_start(wire, (uint16_t)strtoul(args[2], NULL, 10));
  printf("%u\n", fault_server_port(server));
  fflush(stdout);
  for (;;)
    pause();
}

/* Loopback TCP for the floor and for the null server's bare face. */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <stdint.h>

/* Both return a descriptor or -1 with errno set. Port 0 lets the system choose; the choice goes to *port. */
int bench_listen(uint16_t *port);
int bench_connect(uint16_t port);

/* Small frames leave at once. */
void bench_set_no_delay(int fd);

#endif

#ifndef TEST_FULL_LISTENER_H
#define TEST_FULL_LISTENER_H

#include <stdint.h>

/* A port of 127.0.0.1 whose queue of connections is full and never emptied: connecting to it takes for ever, as behind
 * a firewall that drops. */
typedef struct full_listener {
  int fd;
  int fillers[4];
  uint16_t port;
} full_listener;

full_listener full_listener_open(void);

/* The same at another address of this machine and a port that is free; 0: any. */
full_listener full_listener_open_at(const char *host, uint16_t port);

void full_listener_close(full_listener *listener);

#endif

#ifndef QD_TORTURE_BED_H
#define QD_TORTURE_BED_H

#include "qdrant/client.h"
#include "qdrant/mock.h"

#include <sys/types.h>

/* Whose allocations fail: the client's alone, the server being another process, or the client's and the server's. */
typedef struct torture_transport {
  const char *name;
  int has_server;
  int is_rest;
  int is_server_tortured;
} torture_transport;

/* "memory", "grpc", "rest", "served grpc", "served rest"; NULL for a name that is none. */
const torture_transport *torture_transport_find(const char *name);

/* A client and the empty server that it talks to. */
typedef struct torture_bed {
  const torture_transport *transport;
  qdrant_client *client;
  char url[64];
  uint16_t rest_port;
  qdrant_mock *mock; /* in this process; NULL: none */
  pid_t pid;         /* of a server in another process; 0: none */
  int stop_fd;       /* which ends it when it is closed */
} torture_bed;

/* Fails the process with a message when it cannot be. */
void bed_open(torture_bed *bed, const torture_transport *transport);
/* The options that its client was opened with. */
qdrant_options bed_options(const torture_bed *bed);
void bed_close(torture_bed *bed);

/* The server of another process: what main does when it is called with "--serve". Answers its exit status. */
int bed_serve(void);

#endif

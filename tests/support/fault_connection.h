#ifndef QD_TEST_FAULT_CONNECTION_H
#define QD_TEST_FAULT_CONNECTION_H

#include "tests/support/fault_server.h"

#include <pthread.h>

/* One connection of a fault server: its client, the server behind, and what the two said that is not handed on yet. */
typedef struct fault_bytes {
  uint8_t *at;
  size_t n;
  size_t capacity;
} fault_bytes;

typedef struct fault_connection {
  fault_server *server;
  int client_fd;
  int target_fd;
  pthread_t thread;
  int is_stalled; /* the server's lock */
  fault_bytes from_client;
  fault_bytes from_target;
} fault_connection;

/* Each speaks its protocol until the connection is over. */
void fault_http1_serve(fault_connection *connection);
void fault_http2_serve(fault_connection *connection);

/* The fault that begins at this moment, or NULL; counted as played. */
const fault *fault_take(fault_server *server, fault_moment first, fault_moment second);

/* The end of a fault: what `then` says. Returns 0 when the connection is over. */
int fault_end(fault_connection *connection, const fault *what);

/* Waits until one of the two has something to read (target may be -1). 0: the server ends, or both are gone. */
int fault_await(const fault_connection *connection, int *has_client, int *has_target);

int fault_write(int fd, const void *bytes, size_t n_bytes);

/* Appends what can be read now; 0 at the end. */
int fault_read(int fd, fault_bytes *bytes);
void fault_drop(fault_bytes *bytes, size_t n);
void fault_append(fault_bytes *bytes, const void *more, size_t n);

/* The answer as text of HTTP/1, whole frames of HTTP/2; to be freed by the caller. */
fault_bytes fault_answer_http1(const fault_answer *answer);
fault_bytes fault_answer_http2(const fault_answer *answer, uint32_t stream);

/* One frame of HTTP/2. */
void fault_put_frame(fault_bytes *out, int type, int flags, uint32_t stream, const void *content, size_t n_bytes);

#endif

#ifndef TEST_GRPC_PEER_H
#define TEST_GRPC_PEER_H

#include <grpc/grpc.h>
#include <stddef.h>
#include <stdint.h>

/* A small gRPC server for the transport's tests: any method, one answer a call, told by a handler. */
typedef struct grpc_peer grpc_peer;

/* What came in; lives until the handler returns. */
typedef struct peer_request {
  const char *method;
  const char *peer; /* the client's socket as gRPC names it */
  const uint8_t *bytes;
  size_t n_bytes;
  const grpc_metadata_array *headers;
} peer_request;

/* What goes out: OK with n_reply_bytes zero bytes unless the handler says otherwise. Texts are borrowed. */
typedef struct peer_answer {
  grpc_status_code code;
  const char *text;
  const char *trailer_name; /* NULL: no trailer */
  const char *trailer_value;
  size_t n_reply_bytes;
  int has_no_message;
  int is_withheld; /* never answered: the call stays open until the client or the peer's end cancels it */
} peer_answer;

/* On the peer's thread, one call at a time. */
typedef void (*peer_handler)(void *user, const peer_request *request, peer_answer *answer);

typedef struct peer_options {
  uint16_t port;        /* 0: any free one */
  const char *host;     /* NULL: 127.0.0.1 */
  const char *cert_pem; /* NULL: plaintext */
  const char *key_pem;
  peer_handler handler; /* NULL: answers OK with an empty message */
  void *user;
} peer_options;

/* NULL when the port cannot be had. */
grpc_peer *grpc_peer_start(const peer_options *options);
uint16_t grpc_peer_port(const grpc_peer *peer);

/* Calls that came in, and different sockets that they came from. */
size_t grpc_peer_n_calls(grpc_peer *peer);
size_t grpc_peer_n_callers(grpc_peer *peer);

/* The value of a header, or NULL; borrowed text valid until the next call of this function on this thread. */
const char *peer_header(const peer_request *request, const char *name);

/* Ends every connection and call. */
void grpc_peer_stop(grpc_peer *peer);

/* Established TCP connections whose server side is this port of 127.0.0.1, from the system's table. */
size_t count_established(uint16_t port);

#endif

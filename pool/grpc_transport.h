#ifndef QD_GRPC_TRANSPORT_H
#define QD_GRPC_TRANSPORT_H

#include "core/transport.h"
#include "tls/tls_options.h"

/* The gRPC transport's face. */
typedef struct qd_grpc_options {
  const char *host; /* without brackets */
  uint16_t port;
  int is_tls;
  const char *api_key;          /* trimmed and valid; NULL: none */
  const qdrant_header *headers; /* valid, lower case */
  size_t n_headers;
  const char *user_agent; /* whole, NULL: core's own */
  qd_tls_options tls;     /* nothing of it matters without is_tls */
  int use_env_proxy;
  int32_t n_connections;
  int64_t connect_timeout_ms;
  int64_t keepalive_ms; /* -1: none */
  int64_t keepalive_timeout_ms;
  size_t max_reply_bytes;
} qd_grpc_options;

/* Everything is copied. Connections begin at once, in the background. CONFIG_INVALID (certificate files), NO_MEMORY,
 * FORKED. */
qdrant_status qd_grpc_open(const qd_grpc_options *options, qd_transport *transport, qdrant_error *err);

/* Calls whose state had to be left behind by a close since the process began. */
uint64_t qd_grpc_leaked_calls(void);

/* True in a child of a process that had initialised gRPC: nothing of gRPC may be touched there. */
int qd_grpc_is_forked_child(void);

#endif

#ifndef QD_REST_TRANSPORT_H
#define QD_REST_TRANSPORT_H

#include "core/transport.h"

/* The REST transport: the same messages over libcurl. One thread carries all transfers; requests are encoded in the
 * caller's thread, replies are decoded in that of whoever reads them. Texts are borrowed until open returns. */
typedef struct qd_rest_options {
  const char *host;
  uint16_t port;
  int is_ipv6;
  int is_tls;
  const char *path_prefix; /* of a reverse proxy: "/qdrant"; NULL or "": none */
  const char *api_key;
  const qdrant_header *headers;
  size_t n_headers;
  const char *user_agent;
  const char *tls_ca_path;
  const char *tls_server_name;
  int use_env_proxy;
  int is_compressed; /* gzip for bodies and replies */
  uint32_t n_connections;
  int64_t connect_timeout_ms;
  int64_t keepalive_ms;
  size_t max_reply_bytes;
} qd_rest_options;

qdrant_status qd_rest_open(const qd_rest_options *options, qd_transport *transport, qdrant_error *err);

#endif

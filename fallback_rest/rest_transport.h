#ifndef QD_REST_TRANSPORT_H
#define QD_REST_TRANSPORT_H

#include "fallback_rest/http.h"

/* The REST transport: the same messages as JSON over HTTP. Requests are encoded in the thread that starts the call,
 * replies are decoded in that of whoever reads them. */
typedef struct qd_rest_options {
  qd_http_options http;
  int is_compressed; /* bodies are sent packed; the server takes gzip, a proxy in between may not */
  size_t max_reply_bytes;
} qd_rest_options;

/* Everything is copied. Connections are made when calls need them. CONFIG_INVALID (the CA file), NO_MEMORY. */
qdrant_status qd_rest_open(const qd_rest_options *options, qd_transport *transport, qdrant_error *err);

/* Transports that a close had to leave behind because a callback did not return, since the process began. */
uint64_t qd_rest_leaks(void);

#endif

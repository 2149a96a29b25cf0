#ifndef QD_URL_H
#define QD_URL_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

#define QD_MAX_HOST_BYTES 253 /* RFC 1035: a name of the DNS */

/* Where a client connects to. */
typedef struct qd_url {
  int is_memory; /* ":memory:"; nothing else is set then */
  int is_tls;
  int is_ipv6;                      /* host is an IPv6 address, kept without its brackets */
  char host[QD_MAX_HOST_BYTES + 1]; /* lower case */
  uint16_t port;                    /* as written; 0: none */
  const char *path;                 /* REST's prefix, of no meaning to gRPC; in the text that was read; "": none */
  size_t n_path;                    /* without slashes at its end */
} qd_url;

/* Reads http://HOST[:PORT][/PATH], https://... or ":memory:". CONFIG_INVALID names the URL and what was expected; a URL
 * that may carry credentials (user:password@, ?key=) is refused without printing it. */
qdrant_status qd_url_parse(const char *text, qd_url *url, qdrant_error *err);

/* The ports of both transports by the rule for all users: an explicit port wins; a port 6333 in the URL is REST's and
 * 6334 gRPC's; any other is gRPC's, and then REST's is not known (0), unless gRPC's is said apart: then it is REST's.
 */
typedef struct qd_ports {
  uint16_t grpc;
  uint16_t rest;
} qd_ports;
qd_ports qd_url_ports(const qd_url *url, uint16_t grpc_port, uint16_t rest_port);

/* Writes "http://host:port" with brackets where needed, or ":memory:". */
#define QD_MAX_ENDPOINT_BYTES (QD_MAX_HOST_BYTES + 18)
void qd_url_format(const qd_url *url, uint16_t port, char text[QD_MAX_ENDPOINT_BYTES]);

#endif

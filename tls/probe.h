#ifndef QD_PROBE_H
#define QD_PROBE_H

#include "tls/finding.h"
#include "tls/material.h"

#include <stdint.h>

/* What a connection was that failed. */
typedef struct qd_probe_question {
  char address[64]; /* numeric, without brackets */
  uint16_t port;
  int is_tls;
  int is_http2;     /* the protocol offered: gRPC's or REST's */
  const char *name; /* which the certificate must carry, or a numeric address */
  qdrant_tls_verify verify;
  int64_t timeout_ms;
  qd_material *material; /* NULL without TLS */
} qd_probe_question;

/* Makes the connection once more to see why it fails: gRPC core only says that it did, and says nothing of alerts that
 * come after the handshake. Nothing is sent on it but the handshake. Blocks up to timeout_ms, or until stop_fd is
 * readable. */
void qd_probe(const qd_probe_question *question, int stop_fd, qd_finding *finding);

#endif

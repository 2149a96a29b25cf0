#ifndef QD_LINE_H
#define QD_LINE_H

#include "pool/grpc_transport.h"
#include "tls/material.h"

#include <grpc/grpc.h>
#include <stdatomic.h>

/* One gRPC channel of core's, with the certificates of one moment. Counted: the channel that uses it holds a reference,
 * and each call that is just being created on it. */
typedef struct qd_line {
  atomic_uint refs;
  grpc_channel *core;
  void *methods[QDRANT_N_RPCS]; /* registered once, so that a call does not look its path up */
  uint64_t generation;          /* of the certificates */
} qd_line;

/* What lines are made from. */
typedef struct qd_line_plan {
  qd_arena *arena;
  char *target;             /* in gRPC's notation */
  qd_grpc_options options;  /* texts that are needed lie in arena */
  qd_material_files *files; /* NULL: no TLS */
} qd_line_plan;

/* Reads the certificates and copies the options. CONFIG_INVALID, NO_MEMORY. To be closed also after a failure. */
qdrant_status qd_line_plan_open(qd_line_plan *plan, const qd_grpc_options *options, qdrant_error *err);
void qd_line_plan_close(qd_line_plan *plan);

/* The certificates that hold for a connection made now; NULL: no TLS. */
qd_material *qd_line_plan_material(const qd_line_plan *plan);

/* A line that begins to connect when it is watched. NULL when out of memory. */
qd_line *qd_line_new(const qd_line_plan *plan, const qd_material *material);
qd_line *qd_line_ref(qd_line *line);
void qd_line_unref(qd_line *line); /* NULL is fine */

/* "host:port" with brackets where an IPv6 address needs them. Owned by the caller (qd_free); NULL when out of memory.
 */
char *qd_endpoint_text(const char *host, uint16_t port);

#endif

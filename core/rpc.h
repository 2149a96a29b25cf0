#ifndef QD_RPC_H
#define QD_RPC_H

#include "qdrant/rpc.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

/* Whether a call may be made again when it is not known if the server carried it out (reliability: an ambiguous
 * failure). */
typedef enum qd_retry_class {
  QD_RETRY_READ,
  QD_RETRY_IDEMPOTENT,
  QD_RETRY_SELECTOR,
  QD_RETRY_DDL,
  QD_RETRY_ONCE
} qd_retry_class;

/* A row of rpc.def. */
typedef struct qd_rpc {
  qdrant_rpc id;
  const char *name; /* "Points/Upsert" */
  const char *path; /* "/qdrant.Points/Upsert" */
  const ProtobufCMessageDescriptor *request;
  const ProtobufCMessageDescriptor *reply;
  qd_retry_class retry_class;
  uint32_t timeout_field; /* number of the request's uint64 `timeout`, whole seconds; 0: it has none */
} qd_rpc;

const qd_rpc *qd_rpc_row(qdrant_rpc id);                          /* NULL for a number that is none */
const qd_rpc *qd_rpc_find_path(const char *path, size_t n_bytes); /* by "/qdrant.Points/Upsert"; NULL when unknown */

#endif

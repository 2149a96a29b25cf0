#include "core/rpc.h"

#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"

#include <string.h>

static const qd_rpc rows[] = {
#define QD_RPC_ROW(NAME, call, service, method, Request, request_type, Reply, reply_type, retry, timeout, text)        \
  {.id = QDRANT_RPC_##NAME,                                                                                            \
      .name = service "/" method,                                                                                      \
      .path = "/qdrant." service "/" method,                                                                           \
      .request = &qdrant__##request_type##__descriptor,                                                                \
      .reply = &qdrant__##reply_type##__descriptor,                                                                    \
      .retry_class = QD_RETRY_##retry,                                                                                 \
      .timeout_field = timeout},
#include "core/rpc.def"
#undef QD_RPC_ROW
};

_Static_assert(sizeof rows / sizeof rows[0] == QDRANT_N_RPCS, "qdrant/rpc.h is older than core/rpc.def");

const qd_rpc *qd_rpc_row(qdrant_rpc id) {
  return (unsigned)id < QDRANT_N_RPCS ? &rows[id] : NULL;
}

const qd_rpc *qd_rpc_find_path(const char *path, size_t n_bytes) {
  for (size_t i = 0; i < QDRANT_N_RPCS; i++)
    if (strlen(rows[i].path) == n_bytes && memcmp(rows[i].path, path, n_bytes) == 0)
      return &rows[i];
  return NULL;
}

const char *qdrant_rpc_name(qdrant_rpc rpc) {
  const qd_rpc *row = qd_rpc_row(rpc);
  return row == NULL ? NULL : row->name;
}

int qdrant_rpc_find(const char *name, qdrant_rpc *rpc) {
  for (size_t i = 0; name != NULL && rpc != NULL && i < QDRANT_N_RPCS; i++) {
    if (strcmp(rows[i].name, name) == 0) {
      *rpc = rows[i].id;
      return 1;
    }
  }
  return 0;
}

#include "codec/route_table.h"

enum { NO_BODY, BODY, WAITS };

static const qd_route rows[] = {
#define QD_ROUTE_ROW(NAME, verb_text, path_text, body, kind)                                                           \
  [QDRANT_RPC_##NAME] = {.verb = verb_text,                                                                            \
      .path = path_text,                                                                                               \
      .has_body = body == BODY,                                                                                        \
      .always_waits = body == WAITS,                                                                                   \
      .answer = QD_ANSWER_##kind},
#include "codec/routes.def"
#undef QD_ROUTE_ROW
};

_Static_assert(sizeof rows / sizeof rows[0] == QDRANT_N_RPCS, "codec/routes.def has not the rows of core/rpc.def");

const qd_route *qd_route_row(qdrant_rpc id) {
  return &rows[id];
}

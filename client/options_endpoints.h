#ifndef QD_OPTIONS_ENDPOINTS_H
#define QD_OPTIONS_ENDPOINTS_H

#include "client/options.h"

/* Where the client connects to: url or endpoints, their ports, and whether REST may stand in for gRPC there. After the
 * toggles. CONFIG_INVALID, NO_MEMORY. */
qdrant_status qd_options_resolve_endpoints(const qdrant_options *given, qd_options *options, qdrant_error *err);

#endif

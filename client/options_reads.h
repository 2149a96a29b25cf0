#ifndef QD_OPTIONS_READS_H
#define QD_OPTIONS_READS_H

#include "client/options.h"

/* What holds for reads alone: hedge_*, route_affinity, read_consistency. After the endpoints and the number of
 * connections. CONFIG_INVALID, NO_MEMORY. */
qdrant_status qd_options_resolve_reads(const qdrant_options *given, qd_options *options, qdrant_error *err);

#endif

#ifndef QD_READS_H
#define QD_READS_H

#include "client/options.h"
#include "core/rpc.h"

/* What the client's options add to reads. */

/* The headers of a call, copied into arena: those of its own, and of a read the route affinity if it has none. 0 when
 * out of memory. */
int qd_reads_copy_headers(const qd_options *options, const qd_rpc *rpc, const qd_settings *settings, qd_arena *arena,
    qdrant_header **headers, size_t *n_headers);

/* The request itself, or a copy that says the client's consistency in a field that the user left out; its fields stay
 * the request's. NULL when out of memory. */
const ProtobufCMessage *qd_reads_fill(const qd_options *options, const ProtobufCMessage *request, qd_arena *arena);

#endif

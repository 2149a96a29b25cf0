#ifndef QD_MEMORY_TRANSPORT_H
#define QD_MEMORY_TRANSPORT_H

#include "core/transport.h"

/* A transport over an engine of its own, empty at first, dropped at close. snapshot_directory: where Snapshots/Create
 * writes; NULL: a temporary directory that goes with it. */
qdrant_status qd_memory_open(
    size_t n_threads, const char *snapshot_directory, qd_transport *transport, qdrant_error *err);

#endif

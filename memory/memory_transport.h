#ifndef QD_MEMORY_TRANSPORT_H
#define QD_MEMORY_TRANSPORT_H

#include "core/transport.h"

/* A transport over an engine of its own, empty at first, dropped at close. */
qdrant_status qd_memory_open(size_t n_threads, qd_transport *transport, qdrant_error *err);

#endif

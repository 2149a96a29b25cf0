#ifndef QD_OPTIONS_TLS_H
#define QD_OPTIONS_TLS_H

#include "client/options.h"

/* Takes in all tls_*, once the url is known: they contradict "http://" and ":memory:". CONFIG_INVALID, NO_MEMORY. */
qdrant_status qd_options_resolve_tls(const qdrant_options *given, qd_options *options, qdrant_error *err);

#endif

#ifndef QD_OPTIONS_OBSERVE_H
#define QD_OPTIONS_OBSERVE_H

#include "client/options.h"

/* Takes in hooks and newer_fields. CONFIG_INVALID, NO_MEMORY. */
qdrant_status qd_options_resolve_observe(const qdrant_options *given, qd_options *options, qdrant_error *err);

#endif

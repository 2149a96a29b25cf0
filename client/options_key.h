#ifndef QD_OPTIONS_KEY_H
#define QD_OPTIONS_KEY_H

#include "client/options.h"

/* Takes in api_key, trimmed, or api_key_provider. CONFIG_INVALID never shows the key; NO_MEMORY. */
qdrant_status qd_options_resolve_key(const qdrant_options *given, qd_options *options, qdrant_error *err);

/* Overwrites what is secret in the options: the key, and values of headers. */
void qd_options_wipe(qd_options *options);

#endif

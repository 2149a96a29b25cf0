#ifndef QD_OPTION_TOGGLE_H
#define QD_OPTION_TOGGLE_H

#include "qdrant/client.h"

/* Puts fallback in the place of DEFAULT. INVALID_ARGUMENT when it is no toggle; name is the option's. */
qdrant_status qd_option_toggle(const char *name, qdrant_toggle *toggle, qdrant_toggle fallback, qdrant_error *err);

#endif

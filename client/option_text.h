#ifndef QD_OPTION_TEXT_H
#define QD_OPTION_TEXT_H

#include "core/arena.h"
#include "qdrant/error.h"

/* Copies a text of the options into arena; NULL stays NULL. CONFIG_INVALID when it is empty, NO_MEMORY. */
qdrant_status qd_option_text(const char *name, const char *text, const char **copy, qd_arena *arena, qdrant_error *err);

#endif

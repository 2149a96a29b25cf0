#ifndef QD_CLONE_H
#define QD_CLONE_H

#include "core/arena.h"

/* A deep copy of any message in arena. NULL when out of memory. */
void *qd_message_clone(const void *message, qd_arena *arena);

#endif

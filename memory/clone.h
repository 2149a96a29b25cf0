#ifndef QD_CLONE_H
#define QD_CLONE_H

#include "core/arena.h"

/* A deep copy of a message in arena. NULL when out of memory. */
void *qd_message_clone(const void *message, qd_arena *arena);

/* A deep copy with the fields of another message of its type put over it: numbers and texts replace, messages are
 * merged, lists are joined. base may be NULL. NULL when out of memory. */
void *qd_message_merge(const void *base, const void *change, qd_arena *arena);

#endif

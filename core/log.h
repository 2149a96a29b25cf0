#ifndef QD_LOG_H
#define QD_LOG_H

#include "qdrant/log.h"

#include <stdatomic.h>

/* Whether anyone wants lines of this level: spares making a text in vain. */
int qd_log_has(qdrant_log_level level);

/* Hands one line to the sink. subject: static. Never with a lock held that a thread of the library waits for; a text
 * that may hold a key is the caller's sin. */
void qd_log(qdrant_log_level level, const char *subject, const char *format, ...) QDRANT_PRINTF(3, 4);

/* The same, but only once for each *was_told, which begins as 0. */
void qd_log_once(atomic_int *was_told, qdrant_log_level level, const char *subject, const char *format, ...)
    QDRANT_PRINTF(4, 5);

#endif

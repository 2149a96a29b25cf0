#ifndef QD_REASON_H
#define QD_REASON_H

#include "qdrant/error.h"

#include <stddef.h>

/* What a server said, over any transport. */
typedef struct qd_refusal {
  qdrant_status status;
  const char *text; /* need not end in NUL */
  size_t n_text;
  int has_retry_after;
  int is_storage_full; /* trailer or header "qdrant-insufficient-storage", or HTTP 507 */
  int is_too_large;    /* HTTP 413 */
} qd_refusal;

/* The reason behind a server's refusal, NONE when its status says it all. What fails before a server answers is told
 * by the transport that knows how. */
qdrant_reason qd_reason_find(const qd_refusal *refusal);

#endif

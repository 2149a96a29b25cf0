#include "core/reason.h"

#include <string.h>

enum { RETRY_AFTER = 1, STORAGE_FULL = 2, TOO_LARGE = 4 };

typedef struct reason_row {
  qdrant_status status;
  unsigned flags;       /* that must be there */
  const char *fragment; /* of the server's text; "" fits all */
  qdrant_reason reason;
} reason_row;

/* The first row that fits decides. RESOURCE_EXHAUSTED alone has five causes, each of which wants another reaction; a
 * broken connection between two nodes comes as one of them. */
static const reason_row rows[] = {
    {QDRANT_RESOURCE_EXHAUSTED, 0, "h2 protocol error", QDRANT_REASON_NODE_LINK},
    {QDRANT_INTERNAL, 0, "h2 protocol error", QDRANT_REASON_NODE_LINK},
    {QDRANT_UNAVAILABLE, 0, "h2 protocol error", QDRANT_REASON_NODE_LINK},
    {QDRANT_RESOURCE_EXHAUSTED, STORAGE_FULL, "", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_RESOURCE_EXHAUSTED, TOO_LARGE, "", QDRANT_REASON_NEVER_PASSES},
    {QDRANT_RESOURCE_EXHAUSTED, 0, "No space left", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_RESOURCE_EXHAUSTED, 0, "no space left", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_RESOURCE_EXHAUSTED, 0, "larger than rate limiter capacity", QDRANT_REASON_NEVER_PASSES},
    {QDRANT_RESOURCE_EXHAUSTED, RETRY_AFTER, "", QDRANT_REASON_RATE_LIMITED},
    {QDRANT_RESOURCE_EXHAUSTED, 0, "Rate limiting exceeded", QDRANT_REASON_RATE_LIMITED},
    {QDRANT_INTERNAL, STORAGE_FULL, "", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_INTERNAL, 0, "No space left", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_INTERNAL, 0, "exceeds available disk space", QDRANT_REASON_STORAGE_FULL},
    {QDRANT_INTERNAL, 0, "Please retry", QDRANT_REASON_REPLICA_FAILED},
    {QDRANT_OUT_OF_RANGE, 0, "message length too large", QDRANT_REASON_NEVER_PASSES},   /* its gRPC layer */
    {QDRANT_INVALID_ARGUMENT, 0, "is larger than allowed", QDRANT_REASON_NEVER_PASSES}, /* its HTTP layer */
};

static unsigned flags_of(const qd_refusal *refusal) {
  return (refusal->has_retry_after ? RETRY_AFTER : 0U) | (refusal->is_storage_full ? STORAGE_FULL : 0U) |
         (refusal->is_too_large ? TOO_LARGE : 0U);
}

static int fits(const reason_row *row, const qd_refusal *refusal) {
  return row->status == refusal->status && (row->flags & flags_of(refusal)) == row->flags &&
         memmem(refusal->text, refusal->n_text, row->fragment, strlen(row->fragment)) != NULL;
}

qdrant_reason qd_reason_find(const qd_refusal *refusal) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (fits(&rows[i], refusal))
      return rows[i].reason;
  return QDRANT_REASON_NONE;
}

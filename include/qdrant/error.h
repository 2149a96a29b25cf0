#ifndef QDRANT_ERROR_H
#define QDRANT_ERROR_H

#include "qdrant/export.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function returns: QDRANT_OK or the reason why not. Rows, numbers and texts: status.def. */
typedef enum qdrant_status {
#define QDRANT_STATUS_ROW(name, number, text) QDRANT_##name = number,
#include "qdrant/status.def"
#undef QDRANT_STATUS_ROW
  QDRANT_STATUS_MAX = 0x7fffffff /* fixes the width of the type for other languages */
} qdrant_status;

/* Why a call failed, where the status alone does not tell what to do: a limit of rate wants patience, a batch that no
 * limit will ever pass wants to be cut, a full disk wants room. Rows, numbers and texts: reason.def. */
typedef enum qdrant_reason {
#define QDRANT_REASON_ROW(name, number, text) QDRANT_REASON_##name = number,
#include "qdrant/reason.def"
#undef QDRANT_REASON_ROW
  QDRANT_REASON_MAX = 0x7fffffff
} qdrant_reason;

/* What is known about a request that did not end well. A write that is MAYBE is never reported as done or as not
 * applied. */
typedef enum qdrant_delivery {
  QDRANT_NOT_SENT = 0, /* nothing left this process, or the server said that it did not look at it */
  QDRANT_MAYBE = 1,    /* the server may have received and applied it */
  QDRANT_ANSWERED = 2  /* the server itself refused it; parts of a write may still be applied */
} qdrant_delivery;

/* One error, 512 bytes, owned by the caller (on the stack, say). NULL is allowed wherever one is taken. Each public
 * function clears it first; the first failure inside a call fills it. Its content means something only after a function
 * did not return QDRANT_OK. */
typedef struct qdrant_error {
  qdrant_status status;
  qdrant_delivery delivery;
  int32_t remote_code;     /* gRPC or HTTP status as received; 0 when no server was asked */
  uint8_t is_retryable;    /* another attempt may help */
  uint8_t is_permanent;    /* no other attempt can help, e.g. a refused certificate */
  uint16_t reason;         /* a qdrant_reason */
  uint32_t retry_after_ms; /* the server's wish; 0 when it had none */
  uint32_t n_attempts;     /* how often the call was tried; 0 when it never began */
  uint8_t spare[16];
  char message[472]; /* UTF-8 text, always ended by NUL, cut at a character if too long */
} qdrant_error;

/* The constant's name without its prefix, as "NOT_FOUND"; "UNKNOWN_STATUS" for a number that has no row. Static text.
 */
QDRANT_API const char *qdrant_status_name(qdrant_status status);

/* A short English description of a status. Static text, never NULL. */
QDRANT_API const char *qdrant_status_text(qdrant_status status);

/* The constant's name without its prefix, as "RATE_LIMITED", and what to do about it in one line ("" for NONE). Static
 * texts, never NULL. */
QDRANT_API const char *qdrant_reason_name(qdrant_reason reason);
QDRANT_API const char *qdrant_reason_text(qdrant_reason reason);

/* "NOT_SENT", "MAYBE" or "ANSWERED". Static text. */
QDRANT_API const char *qdrant_delivery_name(qdrant_delivery delivery);

#ifdef __cplusplus
}
#endif
#endif

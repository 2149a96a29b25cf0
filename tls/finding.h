#ifndef QD_FINDING_H
#define QD_FINDING_H

#include "qdrant/error.h"

#include <stddef.h>

/* Which check of a TLS connection failed. */
typedef struct qd_finding {
  qdrant_reason reason; /* NONE: nothing was found out */
  int is_fine;          /* it failed, but when it was looked at it was well: another attempt may help */
  char text[160];       /* in OpenSSL's words, or the library's */
} qd_finding;

/* Looks in what OpenSSL, libcurl or gRPC core said about a failed handshake for words that tell; TLS_OTHER if none do.
 */
qdrant_reason qd_finding_reason(const char *text, size_t n_text);

void qd_finding_set(qd_finding *finding, qdrant_reason reason, const char *text);

/* Fills in what a finding means for a call: UNAVAILABLE, permanent (unless is_fine), the reason, and a text with what
 * to do. The delivery is left alone. */
void qd_finding_explain(const qd_finding *finding, const char *endpoint, qdrant_error *err);

#endif

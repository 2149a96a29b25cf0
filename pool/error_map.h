#ifndef QD_ERROR_MAP_H
#define QD_ERROR_MAP_H

#include "qdrant/error.h"
#include "tls/finding.h"

#include <grpc/grpc.h>
#include <stddef.h>

/* How gRPC core ended a call. */
typedef struct qd_ending {
  grpc_status_code code;
  grpc_slice text;
  const grpc_metadata_array *initial;
  const grpc_metadata_array *trailing;
  int has_message;
  int is_cancel_asked;
  int has_send_failed; /* the request's batch ended without success: the server cannot have all of it */
  const char *endpoint;
  size_t max_reply_bytes;
  const qd_finding *finding; /* of a look at the connection; NULL, or NONE: there is none */
} qd_ending;

/* Turns it into err: status, delivery, remote_code, retry_after_ms, is_retryable, is_permanent, reason and the text.
 * Returns err->status, OK included. */
qdrant_status qd_ending_explain(const qd_ending *ending, qdrant_error *err);

/* Whether it is known that the server answered, so that no later event can change the delivery. */
int qd_ending_is_answered(const qd_ending *ending);

/* Whether no gRPC server could be spoken to: nobody is there, or somebody who speaks something else. */
int qd_ending_is_unreachable(const qd_ending *ending);

/* Whether no connection could be made, for a reason that core does not know or keeps to itself. */
int qd_ending_is_puzzling(const qd_ending *ending);

#endif

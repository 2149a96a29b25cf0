#ifndef QD_TRANSFER_RUN_H
#define QD_TRANSFER_RUN_H

#include "client/call.h"
#include "core/transfer.h"
#include "qdrant/snapshot.h"

/* A transfer of the user's: its attempts and the waits between them, all in the calling thread. */
typedef struct qd_transfer_run {
  qdrant_client *client;
  const qd_rpc *row; /* a name for errors and a class for retries */
  qdrant_transfer_options options;
  int64_t deadline_ns;
  uint32_t max_attempts;
  uint32_t n_attempts;      /* in all */
  uint32_t n_vain_attempts; /* in a row that brought nothing new */
  int has_renewed_key;      /* once is enough */
  qdrant_delivery delivery;
} qd_transfer_run;

/* Checks what every such function checks, and reads the options. INVALID_ARGUMENT, UNSUPPORTED, FORKED, CLOSED. */
qdrant_status qd_transfer_run_init(qd_transfer_run *run, qdrant_client *client, const qd_rpc *row,
    const qdrant_transfer_options *options, qdrant_error *err);

/* Makes one attempt. goes_on, user and the limits are filled in here; the caller's progress is told n_before more. */
qdrant_status qd_transfer_attempt(qd_transfer_run *run, qd_transfer *transfer, uint64_t n_before);

/* After a failed attempt: waits and answers whether another one is due. has_moved: it brought something new. */
int qd_transfer_is_again(qd_transfer_run *run, const qdrant_error *error, int has_moved);

#endif

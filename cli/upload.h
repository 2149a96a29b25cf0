#ifndef QD_CLI_UPLOAD_H
#define QD_CLI_UPLOAD_H

#include "qdrant/upsert.h"

/* Upserts batches with several calls in flight, and keeps account of every point. */
typedef struct qd_upload qd_upload;

typedef struct qd_upload_counts {
  uint64_t n_done;       /* stored */
  uint64_t n_maybe;      /* sent, outcome unknown */
  uint64_t n_refused;    /* the server answered with an error */
  uint64_t n_calls;      /* that ended */
  char first_failed[48]; /* place of the first batch, in the order they were put, that is not stored; "" when there is
                            none */
} qd_upload_counts;

/* collection and options are borrowed for as long as the upload lives. max_in_flight: 0 means the client's connections.
 */
qdrant_status qd_upload_new(qdrant_client *client, const char *collection, size_t max_in_flight,
    const qdrant_upsert_options *options, qd_upload **upload, qdrant_error *err);

/* Starts a call for batch, which may be reused at once; waits while too many are in flight. place: where the batch came
 * from, copied. Not OK: this or an earlier batch failed, and this one is not sent. */
qdrant_status qd_upload_put(qd_upload *upload, const qdrant_point_batch *batch, const char *place, qdrant_error *err);

/* Waits for what is in flight. Not OK: the failure of the batch that was put first of those that failed. */
qdrant_status qd_upload_finish(qd_upload *upload, qdrant_error *err);

/* Points that are stored so far. */
const qd_upload_counts *qd_upload_so_far(const qd_upload *upload);

/* Calls still in flight go on unheard: finish first. NULL is fine. */
void qd_upload_free(qd_upload *upload);

#endif

#ifndef QD_ACCOUNT_H
#define QD_ACCOUNT_H

#include "qdrant/upsert.h"

/* The account of an upsert: each of its points is in exactly one of the four counts at any time. */
typedef struct qd_account {
  qdrant_upsert_result result;
  qdrant_error error; /* of the call that failed first */
} qd_account;

/* All points are not sent. */
void qd_account_begin(qd_account *account, size_t n_points);

/* Points [first, first + n) have been answered; takes the reply. One that does not say that the write was taken counts
 * as a failure. */
void qd_account_reply(qd_account *account, size_t first, size_t n, qdrant_reply *reply);

/* The call of points [first, first + n) failed. */
void qd_account_error(qd_account *account, size_t first, size_t n, const qdrant_error *error);

/* How far the server took a write: more is less far, 0 is not at all. The least far of several calls is told. */
int qd_update_rank(qdrant_update_status status);

#endif

#ifndef QD_CQ_H
#define QD_CQ_H

#include "qdrant/call.h"

/* Room for one completion, reserved when a call starts, so that its end cannot fail for lack of memory. */
typedef struct qd_cq_item qd_cq_item;

/* NULL when out of memory. Keeps the queue alive and counts as in flight until it is posted or given back. */
qd_cq_item *qd_cq_reserve(qdrant_cq *queue, void *user);
void qd_cq_unreserve(qd_cq_item *item); /* NULL is fine */

/* Queues the end of the call; takes the reply. */
void qd_cq_post(qd_cq_item *item, qdrant_reply *reply, const qdrant_error *error);

#endif

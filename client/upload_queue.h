#ifndef QD_UPLOAD_QUEUE_H
#define QD_UPLOAD_QUEUE_H

#include "client/upload_batch.h"

/* Batches one after the other; each is in one queue at most. */
typedef struct qd_upload_queue {
  qd_upload_batch *first;
  qd_upload_batch *last;
} qd_upload_queue;

void qd_upload_queue_push(qd_upload_queue *queue, qd_upload_batch *batch);

/* In the order of sequences, which the others in the queue have. */
void qd_upload_queue_insert(qd_upload_queue *queue, qd_upload_batch *batch);

void qd_upload_queue_remove(qd_upload_queue *queue, qd_upload_batch *batch);

/* The first one, taken off; NULL when there is none. */
qd_upload_batch *qd_upload_queue_take(qd_upload_queue *queue);

/* The lowest sequence in it, if it is below `than`; else `than`. */
uint64_t qd_upload_queue_lowest(const qd_upload_queue *queue, uint64_t than);

#endif

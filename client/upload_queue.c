#include "client/upload_queue.h"

/* Behind `left`; NULL: at the front. */
static void link_behind(qd_upload_queue *queue, qd_upload_batch *left, qd_upload_batch *batch) {
  batch->previous = left;
  batch->next = left != NULL ? left->next : queue->first;
  if (left != NULL)
    left->next = batch;
  else
    queue->first = batch;
  if (batch->next != NULL)
    batch->next->previous = batch;
  else
    queue->last = batch;
}

void qd_upload_queue_push(qd_upload_queue *queue, qd_upload_batch *batch) {
  link_behind(queue, queue->last, batch);
}

void qd_upload_queue_insert(qd_upload_queue *queue, qd_upload_batch *batch) {
  qd_upload_batch *left = NULL;
  for (qd_upload_batch *each = queue->first; each != NULL && each->sequence < batch->sequence; each = each->next)
    left = each;
  link_behind(queue, left, batch);
}

void qd_upload_queue_remove(qd_upload_queue *queue, qd_upload_batch *batch) {
  if (batch->previous != NULL)
    batch->previous->next = batch->next;
  else
    queue->first = batch->next;
  if (batch->next != NULL)
    batch->next->previous = batch->previous;
  else
    queue->last = batch->previous;
  batch->next = NULL;
  batch->previous = NULL;
}

qd_upload_batch *qd_upload_queue_take(qd_upload_queue *queue) {
  qd_upload_batch *batch = queue->first;
  if (batch != NULL)
    qd_upload_queue_remove(queue, batch);
  return batch;
}

uint64_t qd_upload_queue_lowest(const qd_upload_queue *queue, uint64_t than) {
  for (const qd_upload_batch *each = queue->first; each != NULL; each = each->next)
    if (each->sequence < than)
      than = each->sequence;
  return than;
}

#include "client/cancel.h"

#include "client/operation.h"
#include "core/alloc.h"

#define REASON "the call was cancelled"

struct qdrant_cancel {
  atomic_uint refs;
  pthread_mutex_t lock; /* guards the rest and the operations' links; no other is held with it */
  int is_fired;
  qd_operation *operations;
};

qdrant_cancel *qdrant_cancel_new(void) {
  qdrant_cancel *cancel = qd_zalloc(sizeof *cancel);
  if (cancel == NULL)
    return NULL;
  atomic_init(&cancel->refs, 1);
  pthread_mutex_init(&cancel->lock, NULL);
  return cancel;
}

qdrant_cancel *qdrant_cancel_ref(qdrant_cancel *cancel) {
  if (cancel != NULL)
    atomic_fetch_add(&cancel->refs, 1);
  return cancel;
}

void qdrant_cancel_free(qdrant_cancel *cancel) {
  if (cancel == NULL || atomic_fetch_sub(&cancel->refs, 1) > 1)
    return;
  pthread_mutex_destroy(&cancel->lock);
  qd_free(cancel);
}

static void link_operation(qdrant_cancel *cancel, qd_operation *operation) {
  operation->is_in_cancel = 1;
  operation->next_of_cancel = cancel->operations;
  operation->previous_of_cancel = NULL;
  if (cancel->operations != NULL)
    cancel->operations->previous_of_cancel = operation;
  cancel->operations = operation;
}

static void unlink_operation(qdrant_cancel *cancel, qd_operation *operation) {
  if (!operation->is_in_cancel)
    return;
  operation->is_in_cancel = 0;
  if (operation->next_of_cancel != NULL)
    operation->next_of_cancel->previous_of_cancel = operation->previous_of_cancel;
  if (operation->previous_of_cancel != NULL)
    operation->previous_of_cancel->next_of_cancel = operation->next_of_cancel;
  else
    cancel->operations = operation->next_of_cancel;
}

void qd_cancel_join(qdrant_cancel *cancel, qd_operation *operation) {
  operation->cancel = qdrant_cancel_ref(cancel);
  pthread_mutex_lock(&cancel->lock);
  int is_fired = cancel->is_fired;
  if (!is_fired)
    link_operation(cancel, operation);
  pthread_mutex_unlock(&cancel->lock);
  if (is_fired)
    qd_operation_cancel(operation, REASON);
}

void qd_cancel_leave(qd_operation *operation) {
  qdrant_cancel *cancel = operation->cancel;
  if (cancel == NULL)
    return;
  pthread_mutex_lock(&cancel->lock);
  unlink_operation(cancel, operation);
  pthread_mutex_unlock(&cancel->lock);
}

/* Takes one operation off the list with a reference, since cancelling may run its end, which locks the token. */
static qd_operation *take_operation(qdrant_cancel *cancel) {
  pthread_mutex_lock(&cancel->lock);
  cancel->is_fired = 1;
  qd_operation *operation = cancel->operations;
  if (operation != NULL) {
    unlink_operation(cancel, operation);
    qd_operation_ref(operation);
  }
  pthread_mutex_unlock(&cancel->lock);
  return operation;
}

void qdrant_cancel_fire(qdrant_cancel *cancel) {
  qd_operation *operation = NULL;
  if (cancel == NULL)
    return;
  while ((operation = take_operation(cancel)) != NULL) {
    qd_operation_cancel(operation, REASON);
    qd_operation_unref(operation);
  }
}

int qd_cancel_is_fired(qdrant_cancel *cancel) {
  if (cancel == NULL)
    return 0;
  pthread_mutex_lock(&cancel->lock);
  int is_fired = cancel->is_fired;
  pthread_mutex_unlock(&cancel->lock);
  return is_fired;
}

#include "server/faults.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"

#include <pthread.h>
#include <string.h>

enum { MAX_REMOTE_STATUS = 16 };

struct qd_faults {
  pthread_mutex_t lock;
  qd_fault *first;
};

qd_faults *qd_faults_new(void) {
  qd_faults *faults = qd_zalloc(sizeof *faults);
  if (faults != NULL)
    pthread_mutex_init(&faults->lock, NULL);
  return faults;
}

void qd_faults_free(qd_faults *faults) {
  if (faults == NULL)
    return;
  qd_faults_clear(faults);
  pthread_mutex_destroy(&faults->lock);
  qd_free(faults);
}

void qd_fault_unref(qd_fault *fault) {
  if (fault == NULL || atomic_fetch_sub(&fault->refs, 1) != 1)
    return;
  qd_free(fault->message);
  qd_free(fault);
}

static int answers_a_status(qdrant_fault_kind kind) {
  return kind == QDRANT_FAULT_STATUS || kind == QDRANT_FAULT_APPLY_THEN_FAIL;
}

static qdrant_status check_fault(const qdrant_mock_fault *fault, qdrant_rpc *rpc, qdrant_error *err) {
  if (fault->rpc != NULL && !qdrant_rpc_find(fault->rpc, rpc))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "fault.rpc must be the name of an RPC such as \"Points/Upsert\" or NULL, not \"%.100s\"", fault->rpc);
  if ((int)fault->kind < QDRANT_FAULT_STATUS || fault->kind > QDRANT_FAULT_STALL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "fault.kind must be one of qdrant_fault_kind, not %d", fault->kind);
  if (fault->count < -1)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "fault.count must be -1, 0 or more, not %d", fault->count);
  if (answers_a_status(fault->kind) && ((int)fault->status < 1 || (int)fault->status > MAX_REMOTE_STATUS))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "fault.status must be one that a server can answer, CANCELLED (1) to UNAUTHENTICATED (16), not %d",
        fault->status);
  if (fault->delay_ms > QD_MAX_TIMEOUT_MS)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "fault.delay_ms must be at most 86400000 (a day), not %u", fault->delay_ms);
  return QDRANT_OK;
}

static qd_fault *copy_fault(const qdrant_mock_fault *from, qdrant_rpc rpc) {
  qd_fault *fault = qd_zalloc(sizeof *fault);
  if (fault == NULL)
    return NULL;
  atomic_init(&fault->refs, 1);
  fault->kind = from->kind;
  fault->status = from->status;
  fault->delay_ns = from->delay_ms * QD_NS_PER_MS;
  fault->retry_after_s = from->retry_after_s;
  fault->is_for_any_rpc = from->rpc == NULL;
  fault->rpc = rpc;
  fault->n_skipped = from->skip;
  fault->n_left = from->count == 0 ? 1 : from->count;
  fault->message = qd_strdup(from->message == NULL ? "" : from->message);
  if (fault->message == NULL) {
    qd_free(fault);
    return NULL;
  }
  return fault;
}

qdrant_status qd_faults_add(qd_faults *faults, const qdrant_mock_fault *fault, qdrant_error *err) {
  qdrant_rpc rpc = QDRANT_RPC_HEALTH_CHECK;
  qdrant_status status = check_fault(fault, &rpc, err);
  if (status != QDRANT_OK)
    return status;
  qd_fault *added = copy_fault(fault, rpc);
  if (added == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  pthread_mutex_lock(&faults->lock);
  qd_fault **end = &faults->first;
  while (*end != NULL)
    end = &(*end)->next;
  *end = added;
  pthread_mutex_unlock(&faults->lock);
  return QDRANT_OK;
}

void qd_faults_clear(qd_faults *faults) {
  pthread_mutex_lock(&faults->lock);
  qd_fault *fault = faults->first;
  faults->first = NULL;
  pthread_mutex_unlock(&faults->lock);
  while (fault != NULL) {
    qd_fault *next = fault->next;
    qd_fault_unref(fault);
    fault = next;
  }
}

/* Whether the fault meets this call; counts a call that it lets pass. */
static int meets(qd_fault *fault, qdrant_rpc rpc) {
  if (!fault->is_for_any_rpc && fault->rpc != rpc)
    return 0;
  if (fault->n_skipped == 0)
    return 1;
  fault->n_skipped--;
  return 0;
}

qd_fault *qd_faults_take(qd_faults *faults, qdrant_rpc rpc) {
  pthread_mutex_lock(&faults->lock);
  qd_fault **place = &faults->first;
  while (*place != NULL && !meets(*place, rpc))
    place = &(*place)->next;
  qd_fault *fault = *place;
  if (fault != NULL && fault->n_left != -1 && --fault->n_left == 0)
    *place = fault->next; /* used up: the list's reference is the caller's now */
  else if (fault != NULL)
    atomic_fetch_add(&fault->refs, 1);
  pthread_mutex_unlock(&faults->lock);
  return fault;
}

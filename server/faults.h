#ifndef QD_FAULTS_H
#define QD_FAULTS_H

#include "core/rpc.h"
#include "qdrant/mock.h"

#include <stdatomic.h>

/* The script of what to do to calls. Thread-safe. */
typedef struct qd_faults qd_faults;

typedef struct qd_fault {
  atomic_int refs;
  qdrant_fault_kind kind;
  qdrant_status status;
  int64_t delay_ns;
  uint32_t retry_after_s;
  char *message; /* never NULL */
  /* The list's, under its lock. */
  int is_for_any_rpc;
  qdrant_rpc rpc;
  uint32_t n_skipped; /* calls still to be let pass */
  int32_t n_left;     /* -1: without end */
  struct qd_fault *next;
} qd_fault;

qd_faults *qd_faults_new(void); /* NULL when out of memory */
void qd_faults_free(qd_faults *faults);

/* INVALID_ARGUMENT names the member; NO_MEMORY. */
qdrant_status qd_faults_add(qd_faults *faults, const qdrant_mock_fault *fault, qdrant_error *err);
void qd_faults_clear(qd_faults *faults);

/* The fault that a call of rpc meets, counted; NULL when there is none. To be given back with qd_fault_unref. */
qd_fault *qd_faults_take(qd_faults *faults, qdrant_rpc rpc);
void qd_fault_unref(qd_fault *fault); /* NULL is fine */

#endif

#ifndef QD_STAGED_H
#define QD_STAGED_H

#include "memory/job.h"

/* A vector of a request, checked and ready for its field. */
typedef struct qd_staged_vector {
  qd_vector_field *field;
  const float *values;    /* DENSE: in the request */
  qd_vector_block *block; /* SPARSE, MULTI: owned */
} qd_staged_vector;

/* The vectors of one point of a request. */
typedef struct qd_staged_vectors {
  qd_staged_vector *items; /* in the job's arena */
  size_t n;
} qd_staged_vectors;

/* The reading of a request's vectors. */
typedef struct qd_staging {
  qd_job *job;
  const qd_field_list *fields; /* of the collection */
  int is_upsert;               /* wrong dimensions are refused at once */
  qdrant_error refusal;        /* what the server finds out only when it carries the operation out: the first of them */
} qd_staging;

/* Reads those of one point; `at` is its place in the request. What was read before a failure is in staged and is to be
 * freed. A vector that becomes staging's refusal is left out. INVALID_ARGUMENT in the server's words, NO_MEMORY. */
qdrant_status qd_staged_vectors_read(
    qd_staging *staging, const Qdrant__Vectors *message, size_t at, qd_staged_vectors *staged);
/* Frees what was not put. */
void qd_staged_vectors_free(qd_staged_vectors *staged);

/* Moves them into a slot to be filled. What is for a field that was taken away meanwhile is dropped with it. */
void qd_staged_vectors_put(qd_staged_vectors *staged, qd_point_store *store, uint32_t slot);

#endif

#ifndef QD_MEMORY_REPLY_H
#define QD_MEMORY_REPLY_H

#include "memory/collection.h"
#include "memory/job.h"
#include "memory/payload.h"

/* Which vectors a reply has. */
typedef struct qd_vector_selector {
  int has_all;
  int has_names; /* only these, which the message holds */
  size_t n_names;
  char *const *names;
} qd_vector_selector;

/* What is told of each point. */
typedef struct qd_reply_parts {
  qd_payload_selector payload;
  qd_vector_selector vectors;
} qd_reply_parts;

/* Reads both selectors of a request; either may be NULL. */
qdrant_status qd_reply_parts_read(qd_job *job, const Qdrant__WithPayloadSelector *with_payload,
    qd_payload_mode by_default, const Qdrant__WithVectorsSelector *with_vectors, qd_reply_parts *parts);

/* INVALID_ARGUMENT when a vector is asked for that the collection does not have; the server sees it only when it has
 * points to tell of. */
qdrant_status qd_reply_parts_check(qd_job *job, const qd_view *view, const qd_reply_parts *parts);

/* The point in a slot, deeply copied into the job's arena; the collection is locked. NULL, with the error filled, when
 * out of memory. */
Qdrant__RetrievedPoint *qd_reply_retrieved(
    qd_job *job, const qd_view *view, uint32_t slot, const qd_reply_parts *parts);
Qdrant__ScoredPoint *qd_reply_scored(qd_job *job, const qd_view *view, uint32_t slot, const qd_reply_parts *parts);

#endif

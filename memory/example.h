#ifndef QD_EXAMPLE_H
#define QD_EXAMPLE_H

#include "memory/job.h"

/* What a query is about: a vector, or a point that has the vector. */
typedef struct qd_example {
  const Qdrant__PointId *message; /* the point as the request names it; NULL when it gives a vector */
  qd_id id;
  qd_vector vector; /* the point's once it is resolved */
  int is_missing;   /* the point is there but has no such vector */
} qd_example;

/* Borrows from the message, or lies in the job's arena. */
qdrant_status qd_example_read(qd_job *job, const Qdrant__VectorInput *message, qd_example *example);

/* The same of the deprecated calls' messages. */
qdrant_status qd_example_read_id(qd_job *job, const Qdrant__PointId *message, qd_example *example);
qdrant_status qd_example_read_vector(qd_job *job, const Qdrant__Vector *message, qd_example *example);

/* Finds the vector of an example that is a point. It is borrowed from the view, or copied into the job's arena when it
 * is to outlive that. NOT_FOUND when there is no such point, INVALID_ARGUMENT when there is no such vector name. */
qdrant_status qd_example_resolve(
    qd_job *job, const qd_view *view, const char *vector_name, int has_to_last, qd_example *example);

#endif

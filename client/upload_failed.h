#ifndef QD_UPLOAD_FAILED_H
#define QD_UPLOAD_FAILED_H

#include "qdrant/uploader.h"

/* Ranges of points that are not stored, in order and apart from each other. Never forgets one: when there is no memory,
 * or too many are there, neighbours become one under the first one's error, points between them included. */
typedef struct qd_failed {
  qdrant_failed_range *items; /* the spare, or owned */
  size_t n;
  size_t capacity;
  qdrant_failed_range spare; /* room for one without memory: the struct must stay where it is */
} qd_failed;

#define QD_FAILED_MAX 10000

void qd_failed_init(qd_failed *failed);
void qd_failed_free(qd_failed *failed);

/* The points of range were in none before. One that touches its neighbour and has the same error joins it. */
void qd_failed_add(qd_failed *failed, const qdrant_failed_range *range);

/* Points [first, end) are stored by now, or are about to be added again. */
void qd_failed_remove(qd_failed *failed, uint64_t first, uint64_t end);

#endif

#ifndef QD_RATE_LIMIT_H
#define QD_RATE_LIMIT_H

#include "qdrant/error.h"

#include <pthread.h>
#include <stdint.h>

/* How many points a minute may be asked for or written: buckets of tokens that fill up again over a minute. */

typedef enum qd_rate { QD_RATE_READS, QD_RATE_WRITES, QD_N_RATES } qd_rate;

typedef struct qd_rate_limits {
  pthread_mutex_t lock; /* a leaf, guards the rest */
  struct qd_bucket {
    uint64_t capacity; /* tokens a minute; 0: no limit */
    double n_tokens;
    int64_t filled_ns;
  } buckets[QD_N_RATES];
} qd_rate_limits;

int qd_rate_limits_init(qd_rate_limits *limits); /* without limits; 0 when out of memory */
void qd_rate_limits_destroy(qd_rate_limits *limits);

/* Another limit, with a full bucket. */
void qd_rate_limits_set(qd_rate_limits *limits, qd_rate rate, uint64_t capacity);

/* Takes tokens. RESOURCE_EXHAUSTED in the server's words says when they are there, if ever. */
qdrant_status qd_rate_limits_take(qd_rate_limits *limits, qd_rate rate, uint64_t n_tokens, qdrant_error *err);

#endif

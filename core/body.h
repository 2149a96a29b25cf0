#ifndef QD_BODY_H
#define QD_BODY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* An encoded request: immutable bytes once written, reference-counted, so that every attempt and every transport can
 * hold it without a copy. Memory comes from a pool and goes back to it: at 400 KB a request, fresh pages cost more than
 * filling them. */
typedef struct qd_body_pool qd_body_pool;

typedef struct qd_body {
  uint8_t *bytes;
  size_t n_bytes;
  size_t capacity;
  atomic_int refs;
  qd_body_pool *pool;    /* referenced while somebody holds the body */
  struct qd_body *newer; /* both: in the pool's list of free bodies */
  struct qd_body *older;
} qd_body;

/* max_kept_bytes: of free buffers. Reference-counted: transports may hold bodies longer than the client lives. */
qd_body_pool *qd_body_pool_new(size_t max_kept_bytes);
qd_body_pool *qd_body_pool_ref(qd_body_pool *pool);
void qd_body_pool_unref(qd_body_pool *pool);

/* A body of exactly n_bytes, content undefined, one reference. NULL when out of memory. Thread-safe. */
qd_body *qd_body_new(qd_body_pool *pool, size_t n_bytes);
qd_body *qd_body_ref(qd_body *body);
void qd_body_unref(qd_body *body); /* NULL is fine; the last one gives the memory back to the pool */

#endif

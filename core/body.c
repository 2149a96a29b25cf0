#include "core/body.h"

#include "core/alloc.h"

#include <pthread.h>

enum {
  GRAIN_BYTES = 4096,
  MAX_LOOKED_AT = 32 /* kept bodies looked at before a new one is made: bounds the time under the mutex */
};

struct qd_body_pool {
  atomic_int refs;
  size_t max_kept_bytes;
  pthread_mutex_t mutex; /* guards what follows */
  qd_body *newest;       /* the last one given back: it is the warmest */
  qd_body *oldest;       /* the first to go when room is needed */
  size_t kept_bytes;
};

qd_body_pool *qd_body_pool_new(size_t max_kept_bytes) {
  qd_body_pool *pool = qd_zalloc(sizeof *pool);
  if (pool == NULL)
    return NULL;
  atomic_init(&pool->refs, 1);
  pool->max_kept_bytes = max_kept_bytes;
  pthread_mutex_init(&pool->mutex, NULL);
  return pool;
}

qd_body_pool *qd_body_pool_ref(qd_body_pool *pool) {
  atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
  return pool;
}

static void free_bodies(qd_body *bodies) {
  while (bodies != NULL) {
    qd_body *older = bodies->older;
    qd_free(bodies);
    bodies = older;
  }
}

void qd_body_pool_unref(qd_body_pool *pool) {
  if (pool == NULL || atomic_fetch_sub_explicit(&pool->refs, 1, memory_order_acq_rel) > 1)
    return;
  free_bodies(pool->newest);
  pthread_mutex_destroy(&pool->mutex);
  qd_free(pool);
}

/* The mutex is held. */
static void unlink_body(qd_body_pool *pool, qd_body *body) {
  if (body->newer != NULL)
    body->newer->older = body->older;
  else
    pool->newest = body->older;
  if (body->older != NULL)
    body->older->newer = body->newer;
  else
    pool->oldest = body->newer;
  body->newer = NULL;
  body->older = NULL;
  pool->kept_bytes -= body->capacity;
}

/* The mutex is held. */
static void link_body(qd_body_pool *pool, qd_body *body) {
  body->older = pool->newest;
  if (pool->newest != NULL)
    pool->newest->newer = body;
  else
    pool->oldest = body;
  pool->newest = body;
  pool->kept_bytes += body->capacity;
}

/* Large enough, and not so large that a small request holds the memory of a big one. */
static int is_fitting(const qd_body *body, size_t n_bytes) {
  return body->capacity >= n_bytes && (body->capacity - n_bytes <= n_bytes || body->capacity <= GRAIN_BYTES);
}

static qd_body *take_kept(qd_body_pool *pool, size_t n_bytes) {
  pthread_mutex_lock(&pool->mutex);
  qd_body *body = pool->newest;
  for (int i = 0; i < MAX_LOOKED_AT && body != NULL && !is_fitting(body, n_bytes); i++)
    body = body->older;
  if (body != NULL && !is_fitting(body, n_bytes))
    body = NULL;
  if (body != NULL)
    unlink_body(pool, body);
  pthread_mutex_unlock(&pool->mutex);
  return body;
}

/* Room for a little more than asked, so that requests of about one size share their memory. */
static size_t capacity_for(size_t n_bytes) {
  return (n_bytes + n_bytes / 8 + GRAIN_BYTES) & ~(size_t)(GRAIN_BYTES - 1);
}

static qd_body *make_body(size_t n_bytes) {
  if (n_bytes > SIZE_MAX / 2)
    return NULL;
  size_t capacity = capacity_for(n_bytes);
  qd_body *body = qd_alloc(sizeof *body + capacity);
  if (body == NULL)
    return NULL;
  *body = (qd_body){.bytes = (uint8_t *)(body + 1), .capacity = capacity};
  return body;
}

qd_body *qd_body_new(qd_body_pool *pool, size_t n_bytes) {
  qd_body *body = take_kept(pool, n_bytes);
  if (body == NULL)
    body = make_body(n_bytes);
  if (body == NULL)
    return NULL;
  body->n_bytes = n_bytes;
  body->pool = qd_body_pool_ref(pool);
  atomic_store_explicit(&body->refs, 1, memory_order_relaxed);
  return body;
}

qd_body *qd_body_ref(qd_body *body) {
  atomic_fetch_add_explicit(&body->refs, 1, memory_order_relaxed);
  return body;
}

/* Takes the oldest bodies out until `room` more bytes fit; returns them as a list, to be freed without the mutex. The
 * mutex is held. */
static qd_body *make_room(qd_body_pool *pool, size_t room) {
  qd_body *evicted = NULL;
  while (pool->oldest != NULL && pool->kept_bytes + room > pool->max_kept_bytes) {
    qd_body *body = pool->oldest;
    unlink_body(pool, body);
    body->older = evicted;
    evicted = body;
  }
  return evicted;
}

void qd_body_unref(qd_body *body) {
  if (body == NULL || atomic_fetch_sub_explicit(&body->refs, 1, memory_order_acq_rel) > 1)
    return;
  qd_body_pool *pool = body->pool;
  qd_body *freed = body;
  if (body->capacity <= pool->max_kept_bytes) {
    pthread_mutex_lock(&pool->mutex);
    freed = make_room(pool, body->capacity);
    link_body(pool, body);
    pthread_mutex_unlock(&pool->mutex);
  }
  free_bodies(freed);
  qd_body_pool_unref(pool);
}

#include "memory/rate_limit.h"

#include "core/deadline.h"
#include "core/error.h"

#include <inttypes.h>
#include <math.h>

static const char *const rate_names[QD_N_RATES] = {[QD_RATE_READS] = "Read", [QD_RATE_WRITES] = "Write"};

int qd_rate_limits_init(qd_rate_limits *limits) {
  for (int i = 0; i < QD_N_RATES; i++)
    limits->buckets[i] = (struct qd_bucket){0};
  return pthread_mutex_init(&limits->lock, NULL) == 0;
}

void qd_rate_limits_destroy(qd_rate_limits *limits) {
  pthread_mutex_destroy(&limits->lock);
}

void qd_rate_limits_set(qd_rate_limits *limits, qd_rate rate, uint64_t capacity) {
  pthread_mutex_lock(&limits->lock);
  limits->buckets[rate] = (struct qd_bucket){capacity, (double)capacity, qd_now_ns()};
  pthread_mutex_unlock(&limits->lock);
}

static double tokens_a_second(const struct qd_bucket *bucket) {
  return (double)bucket->capacity / 60;
}

static void fill(struct qd_bucket *bucket) {
  int64_t now_ns = qd_now_ns();
  double gained = (double)(now_ns - bucket->filled_ns) / (double)QD_NS_PER_S * tokens_a_second(bucket);
  bucket->n_tokens = fmin((double)bucket->capacity, bucket->n_tokens + gained);
  bucket->filled_ns = now_ns;
}

static qdrant_status take(struct qd_bucket *bucket, const char *name, uint64_t n_tokens, qdrant_error *err) {
  if (bucket->capacity == 0)
    return QDRANT_OK;
  if (n_tokens > bucket->capacity)
    return qd_fail(err, QDRANT_RESOURCE_EXHAUSTED,
        "Rate limiting exceeded: %s rate limit exceeded, request larger than rate limiter capacity, please try to "
        "split your request",
        name);
  fill(bucket);
  if (bucket->n_tokens >= (double)n_tokens) {
    bucket->n_tokens -= (double)n_tokens;
    return QDRANT_OK;
  }
  uint32_t wait_s = (uint32_t)ceil(((double)n_tokens - bucket->n_tokens) / tokens_a_second(bucket));
  qd_fail(err, QDRANT_RESOURCE_EXHAUSTED,
      "Rate limiting exceeded: %s rate limit exceeded: Operation requires %" PRIu64
      " tokens but only %.1f were available. Retry after %" PRIu32 "s",
      name, n_tokens, bucket->n_tokens, wait_s);
  if (err != NULL)
    err->retry_after_ms = wait_s * 1000;
  return QDRANT_RESOURCE_EXHAUSTED;
}

qdrant_status qd_rate_limits_take(qd_rate_limits *limits, qd_rate rate, uint64_t n_tokens, qdrant_error *err) {
  pthread_mutex_lock(&limits->lock);
  qdrant_status status = take(&limits->buckets[rate], rate_names[rate], n_tokens, err);
  pthread_mutex_unlock(&limits->lock);
  return status;
}

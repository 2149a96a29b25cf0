#include "client/retry.h"

#include "client/budget.h"
#include "core/deadline.h"

#include <stdatomic.h>

#define LEAST_CAP_MS 5000

enum {
  NEVER = 1,      /* no other attempt ends better */
  READS_ONLY = 2, /* of what may have been carried out */
  ONCE_MORE = 4   /* a second attempt, no third */
};

enum { ANY_REASON = 0xffff };

/* What is done about a failure. */
typedef struct retry_rule {
  qdrant_status status; /* OK: any */
  unsigned reason;      /* or ANY_REASON */
  unsigned flags;
} retry_rule;

/* The first that fits decides; what none fits is not tried again. */
static const retry_rule rules[] = {
    {QDRANT_OK, QDRANT_REASON_NEVER_PASSES, NEVER},
    {QDRANT_OK, QDRANT_REASON_STORAGE_FULL, NEVER},
    {QDRANT_OK, QDRANT_REASON_CLIENT_LIMIT, NEVER},
    {QDRANT_OK, QDRANT_REASON_NODE_LINK, 0},
    {QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_RATE_LIMITED, 0},
    {QDRANT_UNAVAILABLE, ANY_REASON, 0},
    {QDRANT_DEADLINE_EXCEEDED, ANY_REASON, 0},
    {QDRANT_INTERNAL, QDRANT_REASON_REPLICA_FAILED, 0},
    {QDRANT_INTERNAL, QDRANT_REASON_CONNECTION_LOST, 0},
    {QDRANT_INTERNAL, ANY_REASON, READS_ONLY | ONCE_MORE},
};

static const retry_rule *find_rule(const qdrant_error *error) {
  if (error->is_permanent)
    return NULL;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    int fits_status = rules[i].status == QDRANT_OK || rules[i].status == error->status;
    int fits_reason = rules[i].reason == ANY_REASON || rules[i].reason == error->reason;
    if (fits_status && fits_reason)
      return rules[i].flags & NEVER ? NULL : &rules[i];
  }
  return NULL;
}

int qd_retry_may_help(const qdrant_error *error) {
  return find_rule(error) != NULL;
}

int qd_retry_is_repeatable(qd_retry_class retry_class, qdrant_repeat repeat) {
  switch (retry_class) {
  case QD_RETRY_READ:
  case QD_RETRY_IDEMPOTENT: return repeat != QDRANT_REPEAT_NOT_SENT;
  case QD_RETRY_SELECTOR: return repeat == QDRANT_REPEAT_ALWAYS;
  default: return 0;
  }
}

/* What the server answered may still be applied in parts (one shard of many), so it counts like MAYBE. */
static int may_repeat(const qd_retry_case *given, const retry_rule *rule) {
  if (given->delivery == QDRANT_NOT_SENT)
    return 1;
  if ((rule->flags & READS_ONLY) && given->retry_class != QD_RETRY_READ)
    return 0;
  return qd_retry_is_repeatable(given->retry_class, given->repeat);
}

/* A change of collections, aliases and their like shows whether it was made; looking is worth it after the last
 * attempt, too. */
static int may_read_back(const qd_retry_case *given) {
  return given->retry_class == QD_RETRY_DDL && given->max_attempts > 1 && given->repeat != QDRANT_REPEAT_NOT_SENT &&
         given->delivery != QDRANT_NOT_SENT;
}

/* "There is one already" and "there is none" of a second attempt may be the first one's doing. */
static int is_own_echo(const qd_retry_case *given) {
  switch (given->error->status) {
  case QDRANT_ALREADY_EXISTS:
  case QDRANT_NOT_FOUND:
  case QDRANT_INVALID_ARGUMENT:
  case QDRANT_FAILED_PRECONDITION: return given->n_attempts > 1 && given->delivery == QDRANT_MAYBE;
  default: return 0;
  }
}

static int has_attempts_left(const qd_retry_case *given, const retry_rule *rule) {
  uint32_t max_attempts = given->max_attempts;
  if ((rule->flags & ONCE_MORE) && max_attempts > 2)
    max_attempts = 2;
  return given->max_attempts > 1 && (given->error->retry_after_ms > 0 || given->n_attempts < max_attempts);
}

/* Full jitter: anything between nothing and the exponential limit; never less than the server asked for. */
static int64_t choose_sleep(const qd_retry_case *given) {
  int64_t cap_ms = 4 * given->delay_ms > LEAST_CAP_MS ? 4 * given->delay_ms : LEAST_CAP_MS;
  int64_t limit_ms = given->delay_ms;
  for (uint32_t i = 1; i < given->n_attempts && limit_ms < cap_ms; i++)
    limit_ms *= 2;
  int64_t limit_ns = (limit_ms < cap_ms ? limit_ms : cap_ms) * QD_NS_PER_MS;
  int64_t sleep_ns = (int64_t)(given->random % (uint64_t)(limit_ns + 1));
  return sleep_ns + (int64_t)given->error->retry_after_ms * QD_NS_PER_MS;
}

static qd_retry_decision try_after_wait(const qd_retry_case *given) {
  qd_retry_decision decision = {.sleep_ns = choose_sleep(given)};
  decision.is_again = decision.sleep_ns < given->left_ns;
  decision.is_wished = given->error->retry_after_ms > 0;
  if (!decision.is_wished)
    decision.n_tokens = given->error->status == QDRANT_DEADLINE_EXCEEDED ? QD_TIMEOUT_TOKENS : QD_RETRY_TOKENS;
  return decision;
}

qd_retry_decision qd_retry_decide(const qd_retry_case *given) {
  qd_retry_decision decision = {0};
  const retry_rule *rule = find_rule(given->error);
  if (rule != NULL && may_repeat(given, rule) && has_attempts_left(given, rule)) {
    decision = try_after_wait(given);
  } else if (rule != NULL && may_read_back(given)) {
    decision = try_after_wait(given);
    decision.must_read_back = 1;
  } else if (rule == NULL && may_read_back(given) && is_own_echo(given)) {
    decision.is_again = decision.must_read_back = given->left_ns > 0;
  }
  return decision;
}

qdrant_delivery qd_delivery_merge(qdrant_delivery earlier, qdrant_delivery later) {
  if (earlier == QDRANT_MAYBE || later == QDRANT_MAYBE)
    return QDRANT_MAYBE;
  return earlier == QDRANT_ANSWERED ? QDRANT_ANSWERED : later;
}

uint64_t qd_random_next(_Atomic uint64_t *state) {
  const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = atomic_fetch_add(state, step) + step;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

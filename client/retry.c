#include "client/retry.h"

#include "core/deadline.h"

#include <stdatomic.h>

#define BASE_NS (100 * QD_NS_PER_MS)
#define CAP_NS (5 * QD_NS_PER_S)

#define CLASS(name) (1u << QD_RETRY_##name)
#define REPEATABLE (CLASS(READ) | CLASS(IDEMPOTENT))
#define ALL (REPEATABLE | CLASS(SELECTOR) | CLASS(DDL) | CLASS(ONCE))

/* Which classes of calls are repeated after a status, by what is known of the delivery. What the server answered may
 * still be applied in parts (one shard of many), so it counts like MAYBE. */
typedef struct retry_rule {
  qdrant_status status;
  int needs_retry_after; /* without the server's wish to be asked later another attempt meets the same answer */
  unsigned classes[3];   /* by qdrant_delivery */
} retry_rule;

static const retry_rule rules[] = {
    {QDRANT_UNAVAILABLE, 0, {ALL, REPEATABLE, REPEATABLE}},
    {QDRANT_RESOURCE_EXHAUSTED, 1, {ALL, REPEATABLE, REPEATABLE}},
};

static const retry_rule *find_rule(const qdrant_error *error) {
  if (error->is_permanent)
    return NULL;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (rules[i].status == error->status)
      return rules[i].needs_retry_after && error->retry_after_ms == 0 ? NULL : &rules[i];
  return NULL;
}

int qd_retry_may_help(const qdrant_error *error) {
  return find_rule(error) != NULL;
}

/* Full jitter: anything between nothing and the exponential limit. */
static int64_t choose_sleep(const qd_retry_case *given) {
  uint32_t n_doublings = given->n_attempts > 0 ? given->n_attempts - 1 : 0;
  int64_t limit_ns = n_doublings >= 6 ? CAP_NS : BASE_NS << n_doublings;
  if (limit_ns > CAP_NS)
    limit_ns = CAP_NS;
  int64_t sleep_ns = (int64_t)(given->random % (uint64_t)(limit_ns + 1));
  return sleep_ns + (int64_t)given->error->retry_after_ms * QD_NS_PER_MS;
}

qd_retry_decision qd_retry_decide(const qd_retry_case *given) {
  qd_retry_decision decision = {0, 0};
  const retry_rule *rule = find_rule(given->error);
  if (rule == NULL || given->n_attempts >= given->max_attempts)
    return decision;
  if ((rule->classes[given->delivery] & (1u << given->retry_class)) == 0)
    return decision;
  decision.sleep_ns = choose_sleep(given);
  decision.is_again = decision.sleep_ns < given->left_ns;
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

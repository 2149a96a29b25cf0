#include "endpoints/hedge.h"

/* What quiet times leave for a bad moment. */
#define MAX_TOKENS 10.0

int64_t qd_hedge_begin_read(qd_hedge *hedge, qdrant_rpc rpc) {
  if (hedge->tokens + hedge->fraction <= MAX_TOKENS)
    hedge->tokens += hedge->fraction;
  return hedge->delay_ns > 0 ? hedge->delay_ns : qd_latency_p95_ns(&hedge->latencies[rpc]);
}

void qd_hedge_note(qd_hedge *hedge, qdrant_rpc rpc, int64_t duration_ns) {
  qd_latency_note(&hedge->latencies[rpc], duration_ns);
}

int qd_hedge_pay(qd_hedge *hedge) {
  const double cost = 1.0 - 1e-9; /* sums of fractions are not exact */
  if (hedge->tokens < cost)
    return 0;
  hedge->tokens -= cost;
  return 1;
}

#ifndef QD_BUDGET_H
#define QD_BUDGET_H

#include <stdatomic.h>

/* How many retries an endpoint bears: a bucket of tokens. Retries take some, calls that succeed at once give one back,
 * so that a server that fails everything sees little more than one attempt a call. Any thread; no lock, and no write
 * while the bucket is full. */
typedef struct qd_budget {
  int capacity; /* 0: no limit */
  atomic_int n_tokens;
} qd_budget;

/* What a retry costs, and one after a timeout, since that has kept the server busy for longer. */
enum { QD_RETRY_TOKENS = 5, QD_TIMEOUT_TOKENS = 10 };

void qd_budget_init(qd_budget *budget, int capacity);
int qd_budget_take(qd_budget *budget, int n_tokens); /* 1, or 0 when there are fewer */
void qd_budget_give(qd_budget *budget);

#endif

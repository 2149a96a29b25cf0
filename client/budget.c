#include "client/budget.h"

void qd_budget_init(qd_budget *budget, int capacity) {
  budget->capacity = capacity;
  atomic_init(&budget->n_tokens, capacity);
}

int qd_budget_take(qd_budget *budget, int n_tokens) {
  int n = atomic_load(&budget->n_tokens);
  if (budget->capacity == 0)
    return 1;
  do {
    if (n < n_tokens)
      return 0;
  } while (!atomic_compare_exchange_weak(&budget->n_tokens, &n, n - n_tokens));
  return 1;
}

void qd_budget_give(qd_budget *budget) {
  int n = atomic_load_explicit(&budget->n_tokens, memory_order_relaxed);
  while (n < budget->capacity && !atomic_compare_exchange_weak(&budget->n_tokens, &n, n + 1))
    continue;
}

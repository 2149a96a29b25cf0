#ifndef QD_RETRY_H
#define QD_RETRY_H

#include "core/rpc.h"
#include "qdrant/client.h"
#include "qdrant/error.h"

/* Whether and when a call that failed is tried again. Pure, so that a table of cases can test it. */
typedef struct qd_retry_case {
  qd_retry_class retry_class; /* of this request */
  qdrant_repeat repeat;
  const qdrant_error *error; /* of the attempt that just failed */
  qdrant_delivery delivery;  /* of all attempts so far, the worst */
  uint32_t n_attempts;       /* made so far, but for those after which the server asked for a wait */
  uint32_t max_attempts;
  int64_t delay_ms; /* the longest first wait */
  int64_t left_ns;  /* until the call's deadline */
  uint64_t random;  /* uniform; spreads the waits of many clients */
} qd_retry_case;

typedef struct qd_retry_decision {
  int is_again;
  int must_read_back; /* with is_again: first it is read whether the call was carried out; only if not, it is repeated
                       */
  int is_wished;      /* the server asked for the wait: neither attempts nor the budget are charged */
  int n_tokens;       /* what it takes from the endpoint's budget */
  int64_t sleep_ns;   /* before */
} qd_retry_decision;

qd_retry_decision qd_retry_decide(const qd_retry_case *given);

/* Whether another attempt may help at all: what qdrant_error.is_retryable says. */
int qd_retry_may_help(const qdrant_error *error);

/* Whether a request may be made again although an earlier one may have been carried out. */
int qd_retry_is_repeatable(qd_retry_class retry_class, qdrant_repeat repeat);

/* What is known of a call whose attempts ended so. A later attempt that was not sent takes nothing back. */
qdrant_delivery qd_delivery_merge(qdrant_delivery earlier, qdrant_delivery later);

/* The next number of a sequence whose whole state is *state (splitmix64); thread-safe. */
uint64_t qd_random_next(_Atomic uint64_t *state);

#endif

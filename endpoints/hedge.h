#ifndef QD_HEDGE_H
#define QD_HEDGE_H

#include "endpoints/latency.h"
#include "qdrant/rpc.h"

/* When a read goes out a second time, and how often that may happen. Pure. */
typedef struct qd_hedge {
  int64_t delay_ns; /* how late a read is; 0: later than 95 of 100 of its kind */
  double fraction;  /* of reads that may go out twice */
  double tokens;    /* a read earns the fraction, a second attempt costs one */
  qd_latency latencies[QDRANT_N_RPCS];
} qd_hedge;

/* A read begins: after how long it is late; 0: not known yet, it must do with one attempt. */
int64_t qd_hedge_begin_read(qd_hedge *hedge, qdrant_rpc rpc);

/* An attempt took so long, or was taken back after so long. */
void qd_hedge_note(qd_hedge *hedge, qdrant_rpc rpc, int64_t duration_ns);

/* Pays for a second attempt; 0 when there is not enough. */
int qd_hedge_pay(qd_hedge *hedge);

#endif

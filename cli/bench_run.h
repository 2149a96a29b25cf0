#ifndef QD_CLI_BENCH_RUN_H
#define QD_CLI_BENCH_RUN_H

#include "qdrant/call.h"

#include <stddef.h>
#include <stdint.h>

/* A closed loop of calls: so many in flight, the next begins when one ends. */
typedef struct qd_bench_load {
  qdrant_client *client;
  size_t n_calls, max_in_flight;
  /* Starts call number i; not OK: it was not taken. */
  qdrant_status (*start)(void *bench, size_t i, const qdrant_then *then, qdrant_error *err);
  /* Reads a reply as a user would; takes it. */
  qdrant_status (*take)(void *bench, qdrant_reply *reply, qdrant_error *err);
  void *bench;
} qd_bench_load;

/* What a load took. */
typedef struct qd_bench_figures {
  uint64_t n_done, n_failed; /* calls */
  double seconds, cpu_seconds;
  uint64_t request_bytes;
  double p50_us, p99_us;
  qdrant_error first_error; /* of the calls that failed */
} qd_bench_figures;

/* Runs the load to its end. Not OK: it could not be run; calls that fail are counted instead. */
qdrant_status qd_bench_run(const qd_bench_load *load, qd_bench_figures *figures, qdrant_error *err);

/* The most memory that the process has had, in MiB. */
double qd_bench_max_rss_mib(void);

#endif

/* The processes of a run: the null server on one core, a contender on another. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include "bench/contender.h"

#include <stdio.h>
#include <sys/types.h>

enum { BENCH_CLIENT_CORE = 0, BENCH_SERVER_CORE = 1 };

/* False where the machine has too few cores; then nothing is pinned, and the report says so. */
bool bench_can_pin(void);

typedef struct bench_server {
  pid_t pid;
  FILE *output;
  uint16_t port;
} bench_server;

/* What the null server says it received, warm-up included. */
typedef struct bench_counts {
  uint64_t calls;
  uint64_t items;
  uint64_t request_bytes;
} bench_counts;

bool bench_server_start(bench_server *server, const char *program, bench_peer peer, uint32_t limit, bench_error *err);

/* Ends the server in any case; false when it did not give its counts. */
bool bench_server_stop(bench_server *server, bench_counts *counts, bench_error *err);

/* One contender's measured calls. */
typedef struct bench_result {
  uint64_t n_warm_up_calls;
  uint64_t n_calls;
  uint64_t cpu_ns;
  uint64_t wall_ns;
  uint64_t p50_ns;
  uint64_t p99_ns;
  uint64_t max_rss_kib;
} bench_result;

/* Runs the contender in a forked process of its own; false with the reason when it failed, died or took more than some
 * minutes. */
bool bench_contender_run(
    const bench_contender *contender, const bench_case *which, uint16_t port, bench_result *result, bench_error *err);

#endif

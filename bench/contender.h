/* What is measured (a case), by whom (a contender). A new contender is one file with three functions and one row in
 * bench/hotpath.c. */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_COLLECTION "bench"

typedef enum bench_work { BENCH_UPSERT, BENCH_QUERY_BATCH, BENCH_QUERY } bench_work;

typedef struct bench_case {
  const char *name;
  bench_work work;
  uint32_t n_items; /* points or queries in one call */
  uint32_t dim;
  uint32_t limit; /* hits a query */
  uint32_t in_flight;
  uint32_t n_connections;
  uint64_t n_calls; /* measured ones; warm-up comes on top */
} bench_case;

typedef struct bench_error {
  char text[256];
} bench_error;

/* Writes the text and returns false, so that a failing function can return it. */
bool bench_fail(bench_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef enum bench_peer { BENCH_PEER_GRPC, BENCH_PEER_TCP } bench_peer;

/* open, run (warm-up), run (measured), close: in this order, by one thread of a fresh process pinned to one core,
 * against a fresh null server on 127.0.0.1:port. Only the second run is inside the figures, with every thread of the
 * process. */
typedef struct bench_contender {
  const char *name;
  const char *about;
  bench_peer peer;
  bool is_floor; /* ratios are taken to the best gRPC floor of the case */

  /* Bytes by which a request may differ from the reference encoding, for a timeout field and the like. */
  size_t max_size_difference;

  /* Whether the case suits it; NULL: every case does. */
  bool (*takes)(const bench_case *which);

  /* Prepares what a long-lived program prepares once. *state is handed to run and close; close is called whenever it is
   * not NULL, after a failure too. */
  bool (*open)(const bench_case *which, uint16_t port, void **state, bench_error *err);

  /* Makes exactly n_calls calls, keeping the case's in_flight unless fewer remain, and writes the latency of each, in
   * any order, to latency_ns[0..n_calls). Returns after the last reply has been checked and, where a user would, read.
   */
  bool (*run)(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);

  void (*close)(void *state);
} bench_contender;

#endif

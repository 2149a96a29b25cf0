/* Clocks, statistics and JSON text of the benchmark. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* User and system time of all threads of this process, and its largest resident size so far. */
typedef struct bench_usage {
  uint64_t cpu_ns;
  uint64_t wall_ns; /* CLOCK_MONOTONIC */
  uint64_t max_rss_kib;
} bench_usage;

uint64_t bench_now_ns(void);
bench_usage bench_usage_now(void);

/* Sorts values in place; fraction 0.5 is the median, 0.99 the 99th percentile (nearest rank). 0 of none. */
uint64_t bench_percentile(uint64_t *values, size_t n_values, double fraction);

/* Of the rounds: the median, and the largest distance of a round from it as a share of it. */
typedef struct bench_summary {
  double median;
  double spread;
} bench_summary;

enum { BENCH_MAX_ROUNDS = 99 };
bench_summary bench_summarise(const double *rounds, size_t n_rounds);

/* Writes the text with quotes and escapes. */
void bench_json_text(FILE *out, const char *text);

/* Writes ,"key":value with enough digits for any figure here; the comma unless is_first. */
void bench_json_number(FILE *out, bool is_first, const char *key, double value);

#endif

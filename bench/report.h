/* Figures out of results, as a table or as JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/contender.h"
#include "bench/measure.h"
#include "bench/process.h"

enum { BENCH_MAX_CONTENDERS = 16 };

/* All rounds of one contender in one case. */
typedef struct bench_row {
  const bench_contender *contender;
  bench_result rounds[BENCH_MAX_ROUNDS];
} bench_row;

/* Rows whose contender failed in some round are left out by the caller, so every row has n_rounds results. */
typedef struct bench_table {
  const bench_case *which;
  size_t request_bytes; /* of the reference encoding */
  size_t reply_bytes;
  size_t n_rounds;
  size_t n_rows;
  bench_row rows[BENCH_MAX_CONTENDERS];
} bench_table;

/* What the figures belong to: they mean nothing without it. */
typedef struct bench_setting {
  const char *command;
  bool is_pinned;
  size_t n_rounds;
} bench_setting;

void bench_print_setting(FILE *out, const bench_setting *setting);
void bench_print_table(FILE *out, const bench_table *table);

/* One object: begin, a table each, end. */
void bench_json_begin(FILE *out, const bench_setting *setting);
void bench_json_table(FILE *out, const bench_table *table, bool is_first);
void bench_json_end(FILE *out);

#endif

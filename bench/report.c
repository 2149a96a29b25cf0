#include "bench/report.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

typedef double (*metric_function)(const bench_result *result, const bench_table *table);

typedef struct metric {
  const char *key;
  const char *title;
  int digits;
  metric_function of;
} metric;

static double cpu_us_per_item(const bench_result *result, const bench_table *table) {
  return (double)result->cpu_ns / 1e3 / (double)result->n_calls / table->which->n_items;
}

static double cpu_us_per_call(const bench_result *result, const bench_table *table) {
  (void)table;
  return (double)result->cpu_ns / 1e3 / (double)result->n_calls;
}

static double request_mb_per_cpu_s(const bench_result *result, const bench_table *table) {
  return (double)table->request_bytes * (double)result->n_calls * 1e3 / (double)result->cpu_ns;
}

static double calls_per_s(const bench_result *result, const bench_table *table) {
  (void)table;
  return (double)result->n_calls * 1e9 / (double)result->wall_ns;
}

static double p50_us(const bench_result *result, const bench_table *table) {
  (void)table;
  return (double)result->p50_ns / 1e3;
}

static double p99_us(const bench_result *result, const bench_table *table) {
  (void)table;
  return (double)result->p99_ns / 1e3;
}

static double max_rss_mib(const bench_result *result, const bench_table *table) {
  (void)table;
  return (double)result->max_rss_kib / 1024;
}

/* Columns of the table and keys of the JSON. */
static const metric metrics[] = {
    {"cpu_us_per_item", "us CPU/item", 3, cpu_us_per_item},
    {"cpu_us_per_call", "us CPU/call", 1, cpu_us_per_call},
    {"mb_per_cpu_s", "MB/CPU-s", 0, request_mb_per_cpu_s},
    {"calls_per_s", "calls/s", 0, calls_per_s},
    {"p50_us", "p50 us", 1, p50_us},
    {"p99_us", "p99 us", 1, p99_us},
    {"max_rss_mib", "RSS MiB", 1, max_rss_mib},
};

/* Given against the best gRPC floor of the same round. */
static const metric ratios[] = {
    {"cpu_to_floor", "CPU/floor", 2, cpu_us_per_call},
    {"p50_to_floor", "p50/floor", 2, p50_us},
};

enum { N_METRICS = sizeof metrics / sizeof *metrics, N_RATIOS = sizeof ratios / sizeof *ratios, COLUMN_WIDTH = 12 };

static bool is_grpc_floor(const bench_contender *contender) {
  return contender->is_floor && contender->peer == BENCH_PEER_GRPC;
}

/* 0 when no floor ran. */
static double best_floor(const bench_table *table, size_t round, metric_function of) {
  double best = 0;
  for (size_t i = 0; i < table->n_rows; i++) {
    if (!is_grpc_floor(table->rows[i].contender))
      continue;
    double value = of(&table->rows[i].rounds[round], table);
    if (best <= 0 || value < best)
      best = value;
  }
  return best;
}

static void collect_metric(const bench_table *table, const bench_row *row, metric_function of, double *values) {
  for (size_t round = 0; round < table->n_rounds; round++)
    values[round] = of(&row->rounds[round], table);
}

/* Within each round: the machine's speed drifts from round to round more than from one run to the next. */
static void collect_ratio(const bench_table *table, const bench_row *row, metric_function of, double *values) {
  for (size_t round = 0; round < table->n_rounds; round++) {
    double floor = best_floor(table, round, of);
    values[round] = floor > 0 ? of(&row->rounds[round], table) / floor : 0;
  }
}

static void format_date(char text[32]) {
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void bench_print_setting(FILE *out, const bench_setting *setting) {
  char date[32];
  format_date(date);
  fprintf(out, "%s\n%s, %zu rounds, %s\n", setting->command, date, setting->n_rounds,
      setting->is_pinned ? "client on core 0, null server on core 1"
                         : "NOT PINNED: this process may not use cores 0 and 1");
  fputs("Medians of the rounds; +- is the largest distance of a round from the median. Ratios are taken within a "
        "round, to the best\n"
        "gRPC floor. Compare figures of one run only.\n",
      out);
}

static void print_heading(FILE *out, const bench_table *table) {
  const bench_case *which = table->which;
  fprintf(out,
      "\n%s: %" PRIu64 " calls of %zu bytes, replies of %zu bytes, %" PRIu32 " in flight over %" PRIu32
      " connections\n",
      which->name, which->n_calls, table->request_bytes, table->reply_bytes, which->in_flight, which->n_connections);
  fprintf(out, "%-14s", "");
  for (size_t i = 0; i < N_METRICS; i++)
    fprintf(out, "%*s%s", COLUMN_WIDTH, metrics[i].title, i == 0 ? "     +-" : "");
  for (size_t i = 0; i < N_RATIOS; i++)
    fprintf(out, "%*s     +-", COLUMN_WIDTH, ratios[i].title);
  fputc('\n', out);
}

static void print_row(FILE *out, const bench_table *table, const bench_row *row) {
  double values[BENCH_MAX_ROUNDS];
  fprintf(out, "%-14s", row->contender->name);
  for (size_t i = 0; i < N_METRICS; i++) {
    collect_metric(table, row, metrics[i].of, values);
    bench_summary summary = bench_summarise(values, table->n_rounds);
    fprintf(out, "%*.*f", COLUMN_WIDTH, metrics[i].digits, summary.median);
    if (i == 0)
      fprintf(out, " %5.0f%%", summary.spread * 100);
  }
  for (size_t i = 0; i < N_RATIOS; i++) {
    collect_ratio(table, row, ratios[i].of, values);
    bench_summary summary = bench_summarise(values, table->n_rounds);
    fprintf(out, "%*.*f %5.0f%%", COLUMN_WIDTH, ratios[i].digits, summary.median, summary.spread * 100);
  }
  fputc('\n', out);
}

void bench_print_table(FILE *out, const bench_table *table) {
  print_heading(out, table);
  for (size_t i = 0; i < table->n_rows; i++)
    print_row(out, table, &table->rows[i]);
  fflush(out);
}

static void json_metric(FILE *out, const char *key, const double *values, size_t n_values) {
  bench_summary summary = bench_summarise(values, n_values);
  fprintf(out, ",\"%s\":{", key);
  bench_json_number(out, true, "median", summary.median);
  bench_json_number(out, false, "spread", summary.spread);
  fputs(",\"rounds\":[", out);
  for (size_t i = 0; i < n_values; i++)
    fprintf(out, "%s%.6g", i ? "," : "", values[i]);
  fputs("]}", out);
}

static void json_row(FILE *out, const bench_table *table, const bench_row *row) {
  double values[BENCH_MAX_ROUNDS];
  fputs("{\"name\":", out);
  bench_json_text(out, row->contender->name);
  for (size_t i = 0; i < N_METRICS; i++) {
    collect_metric(table, row, metrics[i].of, values);
    json_metric(out, metrics[i].key, values, table->n_rounds);
  }
  for (size_t i = 0; i < N_RATIOS; i++) {
    collect_ratio(table, row, ratios[i].of, values);
    json_metric(out, ratios[i].key, values, table->n_rounds);
  }
  fputc('}', out);
}

void bench_json_begin(FILE *out, const bench_setting *setting) {
  char date[32];
  format_date(date);
  fputs("{\"command\":", out);
  bench_json_text(out, setting->command);
  fputs(",\"date\":", out);
  bench_json_text(out, date);
  bench_json_number(out, false, "rounds", (double)setting->n_rounds);
  fprintf(out, ",\"is_pinned\":%s,\"cases\":[", setting->is_pinned ? "true" : "false");
}

void bench_json_table(FILE *out, const bench_table *table, bool is_first) {
  const bench_case *which = table->which;
  fputs(is_first ? "{\"name\":" : ",{\"name\":", out);
  bench_json_text(out, which->name);
  bench_json_number(out, false, "items", which->n_items);
  bench_json_number(out, false, "dim", which->dim);
  bench_json_number(out, false, "calls", (double)which->n_calls);
  bench_json_number(out, false, "request_bytes", (double)table->request_bytes);
  bench_json_number(out, false, "reply_bytes", (double)table->reply_bytes);
  bench_json_number(out, false, "in_flight", which->in_flight);
  bench_json_number(out, false, "connections", which->n_connections);
  fputs(",\"contenders\":[", out);
  for (size_t i = 0; i < table->n_rows; i++) {
    fputs(i ? "," : "", out);
    json_row(out, table, &table->rows[i]);
  }
  fputs("]}", out);
}

void bench_json_end(FILE *out) {
  fputs("]}\n", out);
}

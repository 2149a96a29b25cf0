#include "bench/measure.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t timeval_ns(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

uint64_t bench_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bench_usage bench_usage_now(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (bench_usage){
      .cpu_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime),
      .wall_ns = bench_now_ns(),
      .max_rss_kib = (uint64_t)usage.ru_maxrss,
  };
}

static int compare_uint64(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a;
  uint64_t right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

static int compare_double(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

uint64_t bench_percentile(uint64_t *values, size_t n_values, double fraction) {
  if (n_values == 0)
    return 0;
  qsort(values, n_values, sizeof *values, compare_uint64);
  size_t rank = (size_t)(fraction * (double)n_values);
  return values[rank < n_values ? rank : n_values - 1];
}

bench_summary bench_summarise(const double *rounds, size_t n_rounds) {
  double sorted[BENCH_MAX_ROUNDS];
  if (n_rounds == 0)
    return (bench_summary){0};
  memcpy(sorted, rounds, n_rounds * sizeof *sorted);
  qsort(sorted, n_rounds, sizeof *sorted, compare_double);
  double median = (sorted[(n_rounds - 1) / 2] + sorted[n_rounds / 2]) / 2;
  double below = median - sorted[0];
  double above = sorted[n_rounds - 1] - median;
  return (bench_summary){.median = median, .spread = median > 0 ? (below > above ? below : above) / median : 0};
}

void bench_json_text(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\')
      fprintf(out, "\\%c", byte);
    else if (byte < 0x20)
      fprintf(out, "\\u%04x", byte);
    else
      fputc(byte, out);
  }
  fputc('"', out);
}

void bench_json_number(FILE *out, bool is_first, const char *key, double value) {
  fprintf(out, "%s\"%s\":%.6g", is_first ? "" : ",", key, value);
}

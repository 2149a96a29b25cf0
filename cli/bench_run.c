#include "cli/bench_run.h"

#include "cli/fail.h"
#include "cli/progress.h"

#include <stdlib.h>
#include <sys/resource.h>

enum { completions_at_once = 64 };

/* One call in flight. */
typedef struct slot {
  int64_t began_ns;
  struct slot *next_free;
} slot;

typedef struct runner {
  const qd_bench_load *load;
  qd_bench_figures *figures;
  qdrant_cq *queue;
  slot *slots, *free_slots;
  size_t n_in_flight, n_started, n_ended;
  int64_t *latencies_ns;
} runner;

static int64_t cpu_now_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

double qd_bench_max_rss_mib(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024.0;
}

static uint64_t sent_bytes(qdrant_client *client) {
  qdrant_stats stats = {.size = sizeof stats};
  return qdrant_client_stats(client, &stats, NULL) == QDRANT_OK ? stats.request_bytes : 0;
}

static void note_end(runner *run, qdrant_status status, const qdrant_error *error) {
  run->figures->n_done += status == QDRANT_OK;
  if (status != QDRANT_OK && run->figures->n_failed++ == 0)
    run->figures->first_error = *error;
}

static void take_completion(runner *run, qdrant_completion *completion) {
  slot *used = completion->user;
  qdrant_status status = completion->error.status;
  if (status == QDRANT_OK)
    status = run->load->take(run->load->bench, completion->reply, &completion->error);
  run->latencies_ns[run->n_ended++] = qd_clock_now() - used->began_ns;
  note_end(run, status, &completion->error);
  used->next_free = run->free_slots;
  run->free_slots = used;
  run->n_in_flight--;
}

static void wait_some(runner *run) {
  qdrant_completion ended[completions_at_once];
  size_t n = qdrant_cq_wait(run->queue, ended, completions_at_once, -1);
  for (size_t i = 0; i < n; i++)
    take_completion(run, &ended[i]);
}

/* Starts calls while there is room. Not OK: none can be started at all. */
static qdrant_status start_some(runner *run, qdrant_error *err) {
  while (run->n_started < run->load->n_calls && run->free_slots) {
    slot *taken = run->free_slots;
    qdrant_then then = {.queue = run->queue, .user = taken};
    taken->began_ns = qd_clock_now();
    qdrant_status status = run->load->start(run->load->bench, run->n_started, &then, err);
    if (status == QDRANT_AGAIN && run->n_in_flight > 0)
      return QDRANT_OK; /* the limit in bytes is reached first; a call that ends makes room */
    if (status != QDRANT_OK)
      return status;
    run->free_slots = taken->next_free;
    run->n_in_flight++;
    run->n_started++;
  }
  return QDRANT_OK;
}

static qdrant_status run_calls(runner *run, qdrant_error *err) {
  qdrant_status status;
  do {
    status = start_some(run, err);
    if (run->n_in_flight > 0)
      wait_some(run);
  } while (status == QDRANT_OK && (run->n_started < run->load->n_calls || run->n_in_flight > 0));
  while (run->n_in_flight > 0)
    wait_some(run);
  return status;
}

static int compare_ns(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* The latency that the given part of n calls does not pass, in microseconds. */
static double percentile_us(const int64_t *sorted_ns, size_t n, double part) {
  return n == 0 ? 0 : (double)sorted_ns[(size_t)((double)(n - 1) * part + 0.5)] / 1e3;
}

static qdrant_status prepare(runner *run, qdrant_error *err) {
  run->slots = calloc(run->load->max_in_flight, sizeof *run->slots);
  run->latencies_ns = malloc(run->load->n_calls * sizeof *run->latencies_ns);
  if (!run->slots || !run->latencies_ns)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu calls", run->load->n_calls);
  for (size_t i = 0; i < run->load->max_in_flight; i++) {
    run->slots[i].next_free = run->free_slots;
    run->free_slots = &run->slots[i];
  }
  return qdrant_cq_new(run->load->client, &run->queue, err);
}

qdrant_status qd_bench_run(const qd_bench_load *load, qd_bench_figures *figures, qdrant_error *err) {
  runner run = {.load = load, .figures = figures};
  *figures = (qd_bench_figures){.n_done = 0};
  qdrant_status status = prepare(&run, err);
  if (status == QDRANT_OK) {
    uint64_t bytes_before = sent_bytes(load->client);
    int64_t cpu_before_us = cpu_now_us();
    int64_t began_ns = qd_clock_now();
    status = run_calls(&run, err);
    figures->seconds = (double)(qd_clock_now() - began_ns) / 1e9;
    figures->cpu_seconds = (double)(cpu_now_us() - cpu_before_us) / 1e6;
    figures->request_bytes = sent_bytes(load->client) - bytes_before;
    qsort(run.latencies_ns, run.n_ended, sizeof *run.latencies_ns, compare_ns);
    figures->p50_us = percentile_us(run.latencies_ns, run.n_ended, 0.50);
    figures->p99_us = percentile_us(run.latencies_ns, run.n_ended, 0.99);
  }
  qdrant_cq_free(run.queue);
  free(run.slots);
  free(run.latencies_ns);
  return status;
}

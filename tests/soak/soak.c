/* Mixed load with random faults for a time: every answer is checked, and memory, descriptors and threads are watched.
 *
 * usage: soak [SECONDS [SEED]]
 *
 * With SOAK_MISCOUNT in the environment the test expects a wrong count, so that it has to fail. */
#include "core/deadline.h"
#include "tests/faults/leaks.h"
#include "tests/soak/bed.h"
#include "tests/soak/load.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { N_READERS = 4, N_WRITERS = 3, N_WORKERS = N_READERS + N_WRITERS + 1 };
enum { N_SAMPLES = 200, N_DISTURBED_MS = 40, N_KEPT = 12 };
/* How much more there may be in the last fifth of the time than in the second one, on the average. Descriptors and
 * threads depend on which clients are open; what is left of them at the end is judged exactly. */
enum { MORE_KIB = 16384, MORE_DESCRIPTORS = 100, MORE_THREADS = 30 };

/* What the heap holds where AddressSanitizer is: it keeps freed memory, so that the resident set says nothing. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

typedef struct soak_sample {
  size_t memory_kib;
  size_t n_descriptors;
  size_t n_threads;
} soak_sample;

typedef struct soak_watch {
  soak_sample samples[N_SAMPLES];
  size_t n;
} soak_watch;

static void take_sample(soak_watch *watch) {
  soak_sample *sample = &watch->samples[watch->n++];
  sample->memory_kib = __sanitizer_get_current_allocated_bytes != NULL
                           ? __sanitizer_get_current_allocated_bytes() / 1024
                           : resident_kib();
  sample->n_descriptors = count_descriptors();
  sample->n_threads = count_threads();
}

/* The average of one fifth of the samples, numbered from 0. */
static soak_sample average(const soak_watch *watch, size_t fifth) {
  soak_sample sum = {0};
  size_t n = watch->n / 5;
  for (size_t i = fifth * n; i < (fifth + 1) * n; i++) {
    sum.memory_kib += watch->samples[i].memory_kib;
    sum.n_descriptors += watch->samples[i].n_descriptors;
    sum.n_threads += watch->samples[i].n_threads;
  }
  return (soak_sample){sum.memory_kib / n, sum.n_descriptors / n, sum.n_threads / n};
}

static int has_grown(size_t before, size_t after, size_t allowed, const char *what) {
  int is_too_much = after > before + allowed;
  printf("soak: %s: %zu in the second fifth, %zu in the last; %zu more are allowed%s\n", what, before, after, allowed,
      is_too_much ? ": FAILED" : "");
  return is_too_much;
}

static int judge_growth(const soak_watch *watch) {
  soak_sample before = average(watch, 1);
  soak_sample after = average(watch, 4);
  int n_grown = has_grown(before.memory_kib, after.memory_kib, MORE_KIB, "memory, KiB");
  n_grown += has_grown(before.n_descriptors, after.n_descriptors, MORE_DESCRIPTORS, "descriptors");
  n_grown += has_grown(before.n_threads, after.n_threads, MORE_THREADS, "threads");
  return n_grown;
}

static void begin_worker(soak_worker *worker, size_t number) {
  void *(*run)(void *) = number < N_READERS ? soak_read : number < N_READERS + N_WRITERS ? soak_write : soak_upload;
  worker->number = number;
  if (pthread_create(&worker->thread, NULL, run, worker) != 0)
    exit(2);
}

/* Disturbs the servers all the time, and takes samples. */
static void disturb_and_watch(soak_bed *bed, random_source *random, int64_t n_s, soak_watch *watch) {
  int64_t began_ns = qd_now_ns();
  int64_t step_ns = n_s * QD_NS_PER_S / N_SAMPLES;
  while (watch->n < N_SAMPLES) {
    soak_bed_disturb(bed, random);
    usleep((unsigned)random_below(random, 2 * N_DISTURBED_MS) * 1000U);
    if (qd_now_ns() - began_ns >= (int64_t)(watch->n + 1) * step_ns)
      take_sample(watch);
  }
}

static void print_tally(soak_tally *tally, int64_t n_s, uint64_t seed, uint64_t n_faults) {
  printf("soak: %" PRId64 " s, seed %" PRIu64 ": %" PRIuFAST64 " reads, %" PRIuFAST64 " upserts, %" PRIuFAST64
         " uploads (%" PRIuFAST64 " wholly done), %" PRIuFAST64 " attempts, %" PRIuFAST64 " of them retries, %" PRIu64
         " faults met, %" PRIuFAST64 " calls failed as told, %" PRIuFAST64 " clients opened and closed; %" PRIuFAST64
         " wrong answers\n",
      n_s, seed, tally->n_reads, tally->n_writes, tally->n_uploads, tally->n_uploads_whole, tally->n_attempts,
      tally->n_retries, n_faults, tally->n_failed, tally->n_clients, tally->n_wrong);
}

int main(int n_args, char **args) {
  static soak_bed bed;
  static soak_worker workers[N_WORKERS];
  static soak_tally tally;
  static soak_watch watch;
  atomic_int is_over = 0;
  int64_t n_s = n_args > 1 ? strtoll(args[1], NULL, 10) : 600;
  uint64_t seed = n_args > 2 ? strtoull(args[2], NULL, 10) : 1;
  random_source random = {.state = seed};
  size_t n_descriptors = count_descriptors() + N_KEPT;
  bed.n_expected = SOAK_N_BASE + (getenv("SOAK_MISCOUNT") != NULL);
  soak_bed_begin(&bed, &random);
  for (size_t i = 0; i < N_WORKERS; i++) {
    workers[i] =
        (soak_worker){.bed = &bed, .tally = &tally, .is_over = &is_over, .random = {.state = random_u64(&random)}};
    begin_worker(&workers[i], i);
  }
  disturb_and_watch(&bed, &random, n_s, &watch);
  atomic_store(&is_over, 1);
  for (size_t i = 0; i < N_WORKERS; i++)
    pthread_join(workers[i].thread, NULL);
  uint64_t n_faults = soak_bed_n_faults(&bed);
  soak_bed_end(&bed);
  const char *leaks = await_no_leaks(n_descriptors);
  print_tally(&tally, n_s, seed, n_faults);
  int n_grown = judge_growth(&watch);
  printf("soak: left at the end: %s\n", leaks[0] != '\0' ? leaks : "nothing");
  return tally.n_wrong > 0 || n_grown > 0 || leaks[0] != '\0' || tally.n_reads == 0 || tally.n_writes == 0;
}

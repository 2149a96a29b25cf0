/* The contract's cases with allocations failing:
 *   torture_cases TRANSPORT [--all] [--seed N] [--sample N] [FILE...]
 * Two beds play each case: one twice and in peace, whose answers are the expected ones; the other with the N-th
 * allocation failing alone and with all from the N-th on, for a seeded sample of N or (--all) every N. Each tortured
 * call ends with NO_MEMORY or one of the expected answers; afterwards the same client gives the expected answer, and
 * the cases that follow find the data as it must be. A call that does not end is ended by SIGALRM; leaks are
 * AddressSanitizer's to find. */
#include "tests/support/torture.h"
#include "tests/torture/bed.h"
#include "tests/torture/play.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A call that lasts so long hangs: twice its timeout. */
enum { HANG_S = 40, MAX_EVERY = 4000 };

typedef struct run {
  const torture_transport *transport;
  torture_bed beds[2]; /* one in peace, one tortured */
  uint64_t seed;
  size_t n_sample; /* failures a case; SIZE_MAX: every one */
  size_t n_cases;
  size_t n_plays;   /* tortured */
  size_t n_failed;  /* allocations */
  size_t n_endured; /* plays that ended with an expected answer in spite of a failure */
  size_t n_wrong;
} run;

/* What a case should answer the first time, and from then on. */
typedef struct expectation {
  play_answer answers[2];
  size_t n_allocations; /* the most of the two */
} expectation;

/* splitmix64, so that a seed means the same everywhere. */
static uint64_t next_random(uint64_t *seed) {
  uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* Behind a server that is tortured too the server is to meet what a client would refuse. */
static qdrant_toggle checks_of(const run *r) {
  return r->transport->is_server_tortured ? QDRANT_OFF : QDRANT_DEFAULT;
}

static expectation expect(run *r, const torture_case *of) {
  expectation expected = {.n_allocations = 0};
  for (size_t i = 0; i < 2; i++) {
    torture_start(SIZE_MAX, 0);
    expected.answers[i] = play(r->beds[0].client, of, (play_way)(i == 0 ? PLAY_BLOCKING : PLAY_QUEUE), checks_of(r));
    size_t n = torture_n_allocations();
    torture_stop();
    expected.n_allocations = n > expected.n_allocations ? n : expected.n_allocations;
  }
  return expected;
}

static int is_expected(const torture_case *of, const expectation *expected, const play_answer *answer) {
  return play_is_same(of, &expected->answers[0], answer) || play_is_same(of, &expected->answers[1], answer);
}

static void complain(
    run *r, const torture_case *of, const expectation *expected, const play_answer *got, const char *when) {
  const play_answer *last = &expected->answers[1];
  r->n_wrong++;
  printf("%s: %s: %s: %s: %s %.600s\n  instead of %s %.600s\n", r->transport->name, qdrant_rpc_name(of->rpc), of->name,
      when, qdrant_status_name(got->err.status), got->text != NULL ? got->text : got->err.message,
      qdrant_status_name(last->err.status), last->text != NULL ? last->text : last->err.message);
}

/* What a call may end with when memory was missing on the way. A server without memory answers an error of its own. */
static int is_honest(const run *r, const play_answer *answer) {
  qdrant_status status = answer->err.status;
  if (status == QDRANT_NO_MEMORY)
    return 1;
  return r->transport->is_server_tortured && answer->err.message[0] != '\0' &&
         (status == QDRANT_RESOURCE_EXHAUSTED || status == QDRANT_INTERNAL || status == QDRANT_UNAVAILABLE);
}

/* Named by the alarm: what hangs. */
static char current[256];

static void say_hang(int number) {
  (void)number;
  static const char words[] = "hangs: ";
  if (write(STDOUT_FILENO, words, sizeof words - 1) > 0 && write(STDOUT_FILENO, current, strlen(current)) > 0)
    abort();
  abort();
}

static void play_tortured(run *r, const torture_case *of, const expectation *expected, size_t n_allowed, int is_once) {
  play_way way = (play_way)(next_random(&r->seed) % N_PLAY_WAYS);
  snprintf(current, sizeof current, "%s: allocation %zu failing (%s), way %d", of->name, n_allowed,
      is_once ? "alone" : "and all after it", (int)way);
  alarm(HANG_S);
  torture_start(n_allowed, is_once ? 1 : SIZE_MAX);
  play_answer got = play(r->beds[1].client, of, way, checks_of(r));
  size_t n_failed = torture_stop();
  r->n_plays += n_failed > 0;
  r->n_failed += n_failed;
  int is_right = is_expected(of, expected, &got);
  r->n_endured += is_right && n_failed > 0;
  if (!is_right && !(n_failed > 0 && is_honest(r, &got)))
    complain(r, of, expected, &got, current);
  play_free(&got);
}

/* Both kinds of failure at each of n places, or at as many as the sample has room for. */
static void torture_case_of(run *r, const torture_case *of, const expectation *expected) {
  size_t n = expected->n_allocations;
  if (n <= r->n_sample / 2 || r->n_sample == SIZE_MAX) {
    for (size_t i = 0; i < 2 * n && i < MAX_EVERY; i++)
      play_tortured(r, of, expected, i / 2, i % 2 == 0);
    return;
  }
  for (size_t i = 0; i < r->n_sample; i++)
    play_tortured(r, of, expected, (size_t)(next_random(&r->seed) % n), i % 2 == 0);
}

/* The client works again, and has done what it was asked to. */
static void play_in_peace(run *r, const torture_case *of, const expectation *expected) {
  for (int i = 0; i < 2; i++) {
    play_answer got = play(r->beds[1].client, of, PLAY_BLOCKING, checks_of(r));
    int is_right = i == 0 ? is_expected(of, expected, &got) : play_is_same(of, &expected->answers[1], &got);
    if (!is_right)
      complain(r, of, expected, &got, "in peace again");
    play_free(&got);
  }
}

static void run_scenario(run *r, const char *path) {
  torture_scenario scenario = scenario_read(path);
  for (size_t i = 0; i < 2; i++)
    bed_open(&r->beds[i], r->transport);
  for (size_t i = 0; i < scenario.n_cases; i++) {
    expectation expected = expect(r, &scenario.cases[i]);
    torture_case_of(r, &scenario.cases[i], &expected);
    play_in_peace(r, &scenario.cases[i], &expected);
    play_free(&expected.answers[0]);
    play_free(&expected.answers[1]);
  }
  r->n_cases += scenario.n_cases;
  for (size_t i = 0; i < 2; i++)
    bed_close(&r->beds[i]);
  alarm(0);
  scenario_free(&scenario);
}

static int usage(void) {
  fputs("usage: torture_cases TRANSPORT [--all] [--seed N] [--sample N] FILE...\n", stderr);
  return 2;
}

int main(int argc, char **argv) {
  run r = {.seed = 20261124, .n_sample = 26};
  int i = 2;
  if (argc > 1 && strcmp(argv[1], "--serve") == 0)
    return bed_serve();
  if (argc < 3 || (r.transport = torture_transport_find(argv[1])) == NULL)
    return usage();
  for (; i < argc && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "--all") == 0)
      r.n_sample = SIZE_MAX;
    else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
      r.seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--sample") == 0 && i + 1 < argc)
      r.n_sample = strtoull(argv[++i], NULL, 10);
    else
      return usage();
  }
  signal(SIGALRM, say_hang);
  for (; i < argc; i++)
    run_scenario(&r, argv[i]);
  printf("%s: %zu cases, %zu tortured calls (%zu of them answered all the same), %zu allocations failed, %zu wrong\n",
      r.transport->name, r.n_cases, r.n_plays, r.n_endured, r.n_failed, r.n_wrong);
  return r.n_wrong > 0;
}

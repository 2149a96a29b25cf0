/* Every promise of faults.def on one transport, the program's argument: the fault, the call, its outcome; then the same
 * client on the healthy server; then nothing left of it. */
#include "core/deadline.h"
#include "qdrant/calls.h"
#include "tests/faults/fault_calls.h"
#include "tests/faults/leaks.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
  LONG_MS = 20000,
  SILENCE_MS = 700,
  BULK_MS = 1000,
  DEAF_MS = 1500 /* a large request takes time to make */,
  CONNECT_MS = 300,
  PATIENCE_MS = 800,
  MANY_RETRIES = 100,
  FEW_RETRIES = 10, /* fewer than fit in before keepalive ends a silent connection */
  N_CONNECTIONS = 2
};
enum { STEP_US = 5000, NAME_BYTES = 80, MAX_LATE_MS = 5000, N_KEPT = 12 };

/* How often a write may have been carried out. */
typedef enum fault_count { NEVER, EXACTLY_ONCE, ONCE_OR_AGAIN, AS_OFTEN_AS_TRIED } fault_count;

typedef struct promised {
  qdrant_status status;
  qdrant_delivery delivery;
  qdrant_reason reason;
  fault_count n_applied;
} promised;

typedef struct promise {
  enum fault_number kind;
  fault_transport transport;
  int is_once;
  promised read;
  promised write;
} promise;

#define DONE                                                                                                           \
  { .n_applied = EXACTLY_ONCE }
#define AGAIN                                                                                                          \
  { .n_applied = ONCE_OR_AGAIN }
#define FAILS(status_, delivery_, reason_, count)                                                                      \
  { .status = QDRANT_##status_, .delivery = QDRANT_##delivery_, .reason = QDRANT_REASON_##reason_, .n_applied = count }
#define UNSENT(status, reason) FAILS(status, NOT_SENT, reason, NEVER)
#define MAYBE(status, reason) FAILS(status, MAYBE, reason, AS_OFTEN_AS_TRIED)
#define REFUSED(status, reason) FAILS(status, ANSWERED, reason, NEVER)

enum { STAYS, ONCE };

static const promise promises[] = {
#define QD_PROMISE(kind, transport, is_once, ...) {KIND_##kind, OVER_##transport, is_once, __VA_ARGS__},
#include "tests/faults/faults.def"
#undef QD_PROMISE
};

enum { N_PROMISES = sizeof promises / sizeof promises[0] };

typedef struct fault_case {
  const promise *promised;
  fault_operation operation;
  char name[NAME_BYTES];
} fault_case;

static fault_bed *bed; /* the whole program's */
/* What came of the cases. */
static struct {
  int64_t worst_late_ns;
  size_t n_ok;
  size_t n_failed[3]; /* by qdrant_delivery */
  uint64_t n_writes;  /* calls */
  uint64_t n_applied; /* how often the server carried one out */
  uint64_t n_again;   /* of them those that it had carried out before */
} tally;

static size_t n_descriptors; /* open before the first case, and what gRPC may keep for the next */

static const promised *promised_of(const fault_case *given) {
  return given->operation == READ_POINTS ? &given->promised->read : &given->promised->write;
}

/* Only time ends what meets silence: an attempt's when the call is to succeed, the call's when it is to fail. Over gRPC
 * a connection on which nothing is said from the start is none, and ends with connect_timeout_ms. */
static int meets_silence(const fault_case *given) {
  const fault_kind *kind = &fault_kinds[given->promised->kind];
  return kind->is_silence && (given->promised->transport == OVER_REST || kind->of_http2.moment != FAULT_AT_ACCEPT);
}

/* A bulk upload tries until its time is over, but for what is permanent. */
static int64_t choose_timeout(const fault_case *given) {
  if (promised_of(given)->status == QDRANT_OK)
    return LONG_MS;
  if (fault_kinds[given->promised->kind].is_deaf)
    return DEAF_MS;
  if (meets_silence(given))
    return SILENCE_MS;
  int is_patient = given->operation == BULK_POINTS && fault_kinds[given->promised->kind].stage != STAGE_TLS;
  return is_patient ? BULK_MS : LONG_MS;
}

/* Of an attempt; 0: endless. */
static int64_t choose_patience(const fault_case *given) {
  if (!meets_silence(given))
    return 0;
  return fault_kinds[given->promised->kind].is_deaf ? DEAF_MS : PATIENCE_MS;
}

/* Whether nothing else ends an attempt to connect. */
static int needs_connect_timeout(const fault_case *given) {
  const fault_kind *kind = &fault_kinds[given->promised->kind];
  return kind->stage == STAGE_BACKLOG || (kind->is_silence && fault_bed_is_of_connections(bed));
}

static qdrant_client *open_client(const fault_case *given) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  int is_ok = promised_of(given)->status == QDRANT_OK;
  fault_bed_dial(bed, &options);
  options.max_connections = N_CONNECTIONS;
  options.connect_timeout_ms = needs_connect_timeout(given) ? CONNECT_MS : LONG_MS;
  options.close_timeout_ms = -1;
  options.retry_delay_ms = 1;
  options.max_retries = !is_ok ? 0 : meets_silence(given) ? FEW_RETRIES : MANY_RETRIES;
  options.attempt_timeout_ms = is_ok ? choose_patience(given) : 0;
  options.max_reply_bytes = 256 << 10;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  return client;
}

static void warm_up(qdrant_client *client) {
  fault_outcome outcome = fault_call(bed, client, READ_POINTS, 0, LONG_MS);
  if (outcome.error.status != QDRANT_OK)
    print_error("before the fault: %s: %s\n", qdrant_status_name(outcome.error.status), outcome.error.message);
  assert_int_equal(outcome.error.status, QDRANT_OK);
}

/* A bulk upload may have cut its batch, and run out of time for some of the pieces. */
static void check_account(const fault_case *given, const fault_outcome *outcome) {
  const uint64_t of_delivery[] = {[QDRANT_NOT_SENT] = outcome->n_not_sent,
      [QDRANT_MAYBE] = outcome->n_maybe,
      [QDRANT_ANSWERED] = outcome->n_refused};
  int is_ok = outcome->error.status == QDRANT_OK;
  assert_int_equal(outcome->n_done, is_ok ? outcome->n_points : 0);
  assert_int_equal(outcome->n_done + outcome->n_maybe + outcome->n_refused + outcome->n_not_sent, outcome->n_points);
  if (!is_ok && given->operation != BULK_POINTS)
    assert_int_equal(of_delivery[outcome->error.delivery], outcome->n_points);
}

static int is_as_promised(const fault_case *given, const qdrant_error *error) {
  const promised *expected = promised_of(given);
  if (expected->status == QDRANT_OK || error->status == QDRANT_OK)
    return error->status == expected->status;
  if (given->operation == BULK_POINTS && error->status == QDRANT_DEADLINE_EXCEEDED) /* in the middle of an attempt */
    return error->delivery == expected->delivery || error->delivery == QDRANT_MAYBE;
  return error->delivery == expected->delivery && error->status == expected->status &&
         error->reason == expected->reason;
}

static void check_outcome(const fault_case *given, const fault_outcome *outcome) {
  const promised *expected = promised_of(given);
  const qdrant_error *error = &outcome->error;
  if (!is_as_promised(given, error))
    fail_msg("promised %s %s %s; got %s %s %s after %u attempts: %s", qdrant_status_name(expected->status),
        qdrant_delivery_name(expected->delivery), qdrant_reason_name(expected->reason),
        qdrant_status_name(error->status), qdrant_delivery_name(error->delivery),
        qdrant_reason_name((qdrant_reason)error->reason), outcome->n_attempts, error->message);
}

static void check_applied(uint64_t n_applied, uint32_t n_sent, fault_count expected) {
  const uint64_t least[] = {[EXACTLY_ONCE] = 1, [ONCE_OR_AGAIN] = 1, [AS_OFTEN_AS_TRIED] = 0};
  const uint64_t most[] = {[EXACTLY_ONCE] = 1, [ONCE_OR_AGAIN] = n_sent, [AS_OFTEN_AS_TRIED] = n_sent};
  if (n_applied < least[expected] || n_applied > most[expected])
    fail_msg("carried out %llu times though sent %u times, not %llu to %llu", (unsigned long long)n_applied, n_sent,
        (unsigned long long)least[expected], (unsigned long long)most[expected]);
}

/* A client that knows that its connections are gone sends nothing. */
static void await_unready(qdrant_client *client) {
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  qdrant_stats stats = QDRANT_STATS_INIT;
  do {
    assert_int_equal(qdrant_client_stats(client, &stats, NULL), QDRANT_OK);
  } while (stats.n_ready > 0 && usleep(STEP_US) == 0 && !qd_deadline_has_passed(deadline_ns));
}

/* The server is healthy again: the same client must find that out. */
static void await_recovery(qdrant_client *client) {
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  fault_outcome outcome;
  do {
    outcome = fault_call(bed, client, READ_POINTS, 0, LONG_MS);
  } while (outcome.error.status != QDRANT_OK && usleep(STEP_US) == 0 && !qd_deadline_has_passed(deadline_ns));
  if (outcome.error.status != QDRANT_OK)
    fail_msg("the client does not recover: %s: %s", qdrant_status_name(outcome.error.status), outcome.error.message);
}

static fault_outcome call_under_fault(const fault_case *given, qdrant_client *client) {
  size_t n_points = fault_kinds[given->promised->kind].is_deaf ? BED_MANY_POINTS : BED_FEW_POINTS;
  return fault_call(bed, client, given->operation, n_points, choose_timeout(given));
}

static void count(const fault_case *given, const fault_outcome *outcome) {
  if (outcome->late_ns > tally.worst_late_ns)
    tally.worst_late_ns = outcome->late_ns;
  if (outcome->error.status == QDRANT_OK)
    tally.n_ok++;
  else
    tally.n_failed[outcome->error.delivery]++;
  if (given->operation == READ_POINTS)
    return;
  uint64_t n_applied = fault_bed_n_applied(bed, outcome->n_points);
  tally.n_writes++;
  tally.n_applied += n_applied;
  tally.n_again += n_applied > 1 ? n_applied - 1 : 0;
}

static void check_case(const fault_case *given, const fault_outcome *outcome) {
  count(given, outcome);
  assert_true(outcome->late_ns < MAX_LATE_MS * QD_NS_PER_MS);
  check_outcome(given, outcome);
  if (given->operation == READ_POINTS)
    return;
  check_account(given, outcome);
  /* An attempt that moves over to REST has gone out twice. */
  uint32_t n_sent = outcome->n_attempts * (given->promised->transport == OVER_FAILOVER ? 2 : 1);
  check_applied(fault_bed_n_applied(bed, outcome->n_points), n_sent, promised_of(given)->n_applied);
}

static void run_case(void **state) {
  const fault_case *given = *state;
  qdrant_client *client = NULL;
  fault_bed_open(bed, &fault_kinds[given->promised->kind], given->promised->transport);
  if (!fault_bed_is_of_connections(bed)) {
    client = open_client(given);
    warm_up(client);
  }
  fault_bed_begin(bed, given->promised->is_once);
  if (client == NULL)
    client = open_client(given);
  if (bed->kind->stage == STAGE_DIES && given->promised->transport != OVER_REST)
    await_unready(client);
  fault_outcome outcome = call_under_fault(given, client);
  size_t n_met = fault_bed_n_met(bed);
  fault_bed_heal(bed);
  await_recovery(client);
  qdrant_client_close(client);
  fault_bed_close(bed);
  check_case(given, &outcome);
  assert_true(n_met > 0);
  assert_string_equal(await_no_leaks(n_descriptors), "");
}

static size_t list_cases(fault_transport transport, const char *only, fault_case *cases,
    struct CMUnitTest tests[N_PROMISES * N_FAULT_OPERATIONS]) {
  size_t n = 0;
  for (size_t i = 0; i < N_PROMISES; i++)
    for (int operation = READ_POINTS; operation < N_FAULT_OPERATIONS; operation++) {
      fault_case *made = &cases[n];
      *made = (fault_case){.promised = &promises[i], .operation = (fault_operation)operation};
      snprintf(made->name, sizeof made->name, "test_%s_%s_%s_%s", fault_kinds[promises[i].kind].name,
          fault_transport_names[transport], promises[i].is_once ? "once" : "stays",
          fault_operation_name(made->operation));
      if (promises[i].transport != transport || (only != NULL && strstr(made->name, only) == NULL))
        continue;
      tests[n++] = (struct CMUnitTest){.name = made->name, .test_func = run_case, .initial_state = made};
    }
  return n;
}

static void print_tally(const char *name, size_t n, int n_failed) {
  printf("%s: %zu cases of faults, %d not as promised: %zu succeeded, %zu failed NOT_SENT, %zu MAYBE, %zu ANSWERED; "
         "%" PRIu64 " writes were carried out %" PRIu64 " times, %" PRIu64
         " times again; the latest return %.1f ms after a deadline\n",
      name, n, n_failed, tally.n_ok, tally.n_failed[QDRANT_NOT_SENT], tally.n_failed[QDRANT_MAYBE],
      tally.n_failed[QDRANT_ANSWERED], tally.n_writes, tally.n_applied, tally.n_again,
      (double)tally.worst_late_ns / (double)QD_NS_PER_MS);
}

int main(int n_args, char **args) {
  static fault_case cases[N_PROMISES * N_FAULT_OPERATIONS];
  static struct CMUnitTest tests[N_PROMISES * N_FAULT_OPERATIONS];
  fault_transport transport = fault_transport_of(n_args > 1 ? args[1] : "grpc");
  size_t n = list_cases(transport, n_args > 2 ? args[2] : NULL, cases, tests);
  bed = fault_bed_new();
  n_descriptors = count_descriptors() + N_KEPT;
  int n_failed = _cmocka_run_group_tests("promises of faults.def", tests, n, NULL, NULL);
  fault_bed_free(bed);
  print_tally(fault_transport_names[transport], n, n_failed);
  return n_failed;
}

/* What the uploader makes of failures: which batches go on, what is reported of each point, and where an upload can be
 * resumed. The transport is a fake that does as its script says. */
#include "tests/support/uploads.h"

#include "qdrant/build.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static uploads up;
static char directory[64];
static char checkpoint_path[96];

static int open_fake(void **state) {
  (void)state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.retry_delay_ms = 1;
  uploads_open_fake(&up, &options);
  up.options.max_points = 10;
  strcpy(directory, "/tmp/qd_uploaderXXXXXX");
  assert_non_null(mkdtemp(directory));
  snprintf(checkpoint_path, sizeof checkpoint_path, "%s/checkpoint", directory);
  return 0;
}

static int close_fake(void **state) {
  (void)state;
  uploads_close(&up);
  unlink(checkpoint_path);
  return rmdir(directory);
}

static void begin(const fake_step *steps, size_t n_steps) {
  fake_script(up.fake, steps, n_steps);
  uploads_begin(&up);
}

static void finish(qdrant_status expected) {
  qdrant_status status = qdrant_uploader_finish(up.uploader, 20000, &up.err);
  if (status != expected)
    fail_msg("%s instead of %s: %s", qdrant_status_name(status), qdrant_status_name(expected), up.err.message);
}

static void assert_fates(size_t done, size_t maybe, size_t refused, size_t not_sent) {
  assert_int_equal(uploads_count(&up, FATE_DONE), done);
  assert_int_equal(uploads_count(&up, FATE_MAYBE), maybe);
  assert_int_equal(uploads_count(&up, FATE_REFUSED), refused);
  assert_int_equal(uploads_count(&up, FATE_NOT_SENT), not_sent);
}

static void test_uploader_failure_stops_what_has_not_begun(void **state) {
  (void)state;
  static const fake_step steps[] = {
      {.delay_ms = 20}, {.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED, .delay_ms = 5}};
  up.options.max_in_flight = 2;
  begin(steps, 2);
  assert_int_equal(uploads_add(&up, 0, 50, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, -1, &up.err), QDRANT_OK);
  assert_int_equal(uploads_add(&up, 50, 10, -1, NULL), QDRANT_NOT_FOUND);
  finish(QDRANT_NOT_FOUND);
  assert_non_null(strstr(up.err.message, "points 10 to 19: scripted NOT_FOUND"));
  assert_int_equal(uploads_progress(&up).first_unacked, 10);
  assert_int_equal(uploads_progress(&up).n_failed_batches, 4);
  uploads_end(&up, 50);
  assert_fates(10, 0, 10, 30); /* the first was on its way and came home */
  assert_int_equal(fake_n_requests(up.fake), 2);
  assert_int_equal(up.last_error.status, QDRANT_ABORTED);
  assert_non_null(strstr(up.last_error.message, "scripted NOT_FOUND"));
}

static void test_uploader_failure_that_does_not_stop_others_go_on(void **state) {
  (void)state;
  static const fake_step steps[] = {{0}, {.status = QDRANT_INTERNAL, .delivery = QDRANT_MAYBE}};
  up.options.stops_on_error = QDRANT_OFF;
  up.options.max_in_flight = 1;
  begin(steps, 2);
  assert_int_equal(uploads_add(&up, 0, 50, -1, NULL), QDRANT_OK);
  finish(QDRANT_INTERNAL);
  assert_int_equal(up.err.delivery, QDRANT_MAYBE);
  size_t n_ranges = 0;
  const qdrant_failed_range *failed = qdrant_uploader_failed(up.uploader, &n_ranges);
  assert_int_equal(n_ranges, 1);
  assert_int_equal(failed[0].first_point, 10);
  assert_int_equal(failed[0].n_points, 10);
  uploads_end(&up, 50);
  assert_fates(40, 10, 0, 0);
}

static void test_uploader_failed_points_added_again_all_done(void **state) {
  (void)state;
  static const fake_step steps[] = {{0}, {.status = QDRANT_INTERNAL, .delivery = QDRANT_MAYBE}};
  up.options.stops_on_error = QDRANT_OFF;
  up.options.max_in_flight = 1;
  begin(steps, 2);
  assert_int_equal(uploads_add(&up, 0, 50, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, -1, &up.err), QDRANT_OK);
  assert_int_equal(uploads_progress(&up).first_unacked, 10);
  assert_int_equal(qdrant_uploader_seek(up.uploader, 10, &up.err), QDRANT_OK);
  assert_int_equal(uploads_add(&up, 10, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_OK);
  assert_int_equal(uploads_progress(&up).first_unacked, 50);
  uploads_end(&up, 50);
  assert_fates(50, 0, 0, 0);
}

#define INVALID                                                                                                        \
  { .status = QDRANT_INVALID_ARGUMENT, .delivery = QDRANT_ANSWERED }

static void read_ids(size_t request, uint64_t *ids, size_t n) {
  const fake_request *asked = fake_request_at(up.fake, request);
  Qdrant__UpsertPoints *message = (Qdrant__UpsertPoints *)protobuf_c_message_unpack(
      &qdrant__upsert_points__descriptor, NULL, asked->body->n_bytes, asked->body->bytes);
  assert_non_null(message);
  assert_int_equal(message->n_points, n);
  assert_true(message->has_wait && message->wait);
  assert_non_null(message->ordering);
  for (size_t i = 0; i < n; i++)
    ids[i] = message->points[i]->id->num;
  protobuf_c_message_free_unpacked(&message->base, NULL);
}

static void test_uploader_invalid_batch_cut_to_the_bad_point(void **state) {
  (void)state;
  static const fake_step steps[] = {INVALID, INVALID, {0}, INVALID, {0}}; /* 0-3, 0-1, 0, 1, 2-3 */
  static const qdrant_upsert_options strong = {.size = sizeof strong, .ordering = QDRANT_ORDERING_STRONG};
  uint64_t ids[4];
  up.options.upsert = &strong; /* what comes behind the points is in each part, too */
  begin(steps, 5);
  assert_int_equal(uploads_add(&up, 0, 4, -1, NULL), QDRANT_OK);
  finish(QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(up.err.message, "points 1 to 1: "));
  assert_int_equal(uploads_progress(&up).n_calls, 5);
  uploads_end(&up, 4);
  assert_fates(3, 0, 1, 0);
  assert_int_equal(up.fates[1], FATE_REFUSED);
  read_ids(1, ids, 2);
  assert_int_equal(ids[1], up.ids[1]);
  read_ids(2, ids, 1);
  assert_int_equal(ids[0], up.ids[0]);
  read_ids(4, ids, 2);
  assert_int_equal(ids[0], up.ids[2]);
}

static void test_uploader_not_bisecting_whole_batch_refused(void **state) {
  (void)state;
  static const fake_step steps[] = {INVALID};
  up.options.bisects = QDRANT_OFF;
  begin(steps, 1);
  assert_int_equal(uploads_add(&up, 0, 4, -1, NULL), QDRANT_OK);
  finish(QDRANT_INVALID_ARGUMENT);
  uploads_end(&up, 4);
  assert_fates(0, 0, 4, 0);
  assert_int_equal(fake_n_requests(up.fake), 1);
}

static void test_uploader_cut_batch_other_failure_ends_it(void **state) {
  (void)state;
  static const fake_step steps[] = {INVALID, {0}, {.status = QDRANT_UNAUTHENTICATED, .delivery = QDRANT_NOT_SENT}};
  begin(steps, 3);
  assert_int_equal(uploads_add(&up, 0, 4, -1, NULL), QDRANT_OK);
  finish(QDRANT_UNAUTHENTICATED);
  uploads_end(&up, 4);
  assert_fates(2, 0, 2, 0); /* not "not sent": the server has seen and refused them once */
}

/* Each needs a smaller request or never helps. */
static void test_uploader_which_failures_are_cut(void **state) {
  (void)state;
  static const struct {
    fake_step step;
    int is_cut;
  } cases[] = {
      {INVALID, 1},
      {{.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .reason = QDRANT_REASON_NEVER_PASSES}, 1},
      {{.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_NOT_SENT, .reason = QDRANT_REASON_CLIENT_LIMIT}, 1},
      {{.status = QDRANT_OUT_OF_RANGE, .delivery = QDRANT_ANSWERED}, 1},
      {{.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .reason = QDRANT_REASON_STORAGE_FULL}, 0},
      {{.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED}, 0},
      {{.status = QDRANT_PERMISSION_DENIED, .delivery = QDRANT_ANSWERED}, 0},
      {{.status = QDRANT_UNAUTHENTICATED, .delivery = QDRANT_ANSWERED}, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    begin(&cases[i].step, 1);
    assert_int_equal(uploads_add(&up, 0, 4, -1, NULL), QDRANT_OK);
    finish(cases[i].is_cut ? QDRANT_OK : cases[i].step.status);
    assert_int_equal(uploads_progress(&up).n_calls, cases[i].is_cut ? 3 : 1);
    uploads_end(&up, 4);
  }
}

static void test_uploader_answer_says_how_far_the_write_is(void **state) {
  (void)state;
  static const struct {
    int answer;
    qdrant_status status;
    upload_fate fate;
  } cases[] = {
      {QDRANT__UPDATE_STATUS__Completed, QDRANT_OK, FATE_DONE},
      {QDRANT__UPDATE_STATUS__Acknowledged, QDRANT_OK, FATE_DONE},
      {QDRANT__UPDATE_STATUS__WaitTimeout, QDRANT_OK, FATE_DONE},
      {QDRANT__UPDATE_STATUS__ClockRejected, QDRANT_ABORTED, FATE_REFUSED},
      {QDRANT__UPDATE_STATUS__UnknownUpdateStatus, QDRANT_UNKNOWN, FATE_MAYBE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    up.answer_status = cases[i].answer;
    begin(NULL, 0);
    assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
    finish(cases[i].status);
    uploads_end(&up, 10);
    assert_int_equal(uploads_count(&up, cases[i].fate), 10);
    if (cases[i].fate == FATE_DONE)
      assert_int_equal((int)up.last_status, cases[i].answer);
  }
}

static void test_uploader_overload_waited_for_and_window_halved(void **state) {
  (void)state;
  static fake_step steps[7];
  for (size_t i = 0; i < 6; i++)
    steps[i] = (fake_step){.kind = FAKE_INSIDE, .status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE};
  begin(steps, 7);
  assert_int_equal(uploads_progress(&up).max_in_flight, 8); /* two a connection */
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_OK);
  assert_int_equal(uploads_progress(&up).n_attempts, 7); /* more than a call's own retries */
  assert_int_equal(uploads_progress(&up).max_in_flight, 4);
  uploads_end(&up, 10);
  assert_fates(10, 0, 0, 0);
}

static void test_uploader_batch_timeout_bounds_patience(void **state) {
  (void)state;
  static fake_step steps[400];
  for (size_t i = 0; i < 400; i++)
    steps[i] = (fake_step){.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT};
  up.options.batch_timeout_ms = 60;
  begin(steps, 400);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_UNAVAILABLE);
  assert_int_equal(up.err.delivery, QDRANT_NOT_SENT);
  uploads_end(&up, 10);
  assert_fates(0, 0, 0, 10);
}

/* The fake has no points to give back. */
static void test_uploader_verified_points_not_there_maybe(void **state) {
  (void)state;
  up.options.verifies = QDRANT_ON;
  begin(NULL, 0);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_UNKNOWN);
  assert_int_equal(up.err.reason, QDRANT_REASON_NOT_VERIFIED);
  assert_int_equal(fake_request_at(up.fake, 1)->rpc, QDRANT_RPC_POINTS_GET);
  uploads_end(&up, 10);
  assert_fates(0, 10, 0, 0);
}

static void test_uploader_verifying_fails_maybe(void **state) {
  (void)state;
  static const fake_step steps[] = {{0}, {.status = QDRANT_PERMISSION_DENIED, .delivery = QDRANT_ANSWERED}};
  up.options.verifies = QDRANT_ON;
  begin(steps, 2);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_PERMISSION_DENIED);
  assert_int_equal(up.err.reason, QDRANT_REASON_NOT_VERIFIED);
  assert_non_null(strstr(up.err.message, "could not be read back"));
  uploads_end(&up, 10);
  assert_fates(0, 10, 0, 0);
}

static qdrant_checkpoint *read_checkpoint(void) {
  const qdrant_checkpoint *checkpoint = NULL;
  if (qdrant_checkpoint_read(checkpoint_path, &checkpoint, &up.err) != QDRANT_OK)
    fail_msg("%s", up.err.message);
  return (qdrant_checkpoint *)checkpoint;
}

static void test_uploader_checkpoint_says_what_is_left(void **state) {
  (void)state;
  static const fake_step steps[] = {{0}, {.status = QDRANT_INTERNAL, .delivery = QDRANT_MAYBE}, {0}, {0}};
  up.options.stops_on_error = QDRANT_OFF;
  up.options.max_in_flight = 1;
  up.options.checkpoint_path = checkpoint_path;
  up.options.source = "numbers 50";
  begin(steps, 4);
  assert_int_equal(uploads_add(&up, 0, 40, -1, NULL), QDRANT_OK);
  finish(QDRANT_INTERNAL);
  qdrant_checkpoint *checkpoint = read_checkpoint();
  assert_string_equal(checkpoint->collection, "uploads");
  assert_string_equal(checkpoint->source, "numbers 50");
  assert_string_equal(checkpoint->library, qdrant_version());
  assert_int_equal(checkpoint->first_unreported, 40);
  assert_int_equal(checkpoint->n_done, 30);
  assert_int_equal(checkpoint->n_failed, 1);
  assert_int_equal(checkpoint->failed[0], 10);
  assert_int_equal(checkpoint->failed[1], 10);
  assert_true(checkpoint->is_complete);
  qdrant_checkpoint_free(checkpoint);
  uploads_end(&up, 40);
}

static void test_uploader_freed_early_checkpoint_not_complete(void **state) {
  (void)state;
  static const fake_step steps[] = {{0}, {.kind = FAKE_STALL}};
  up.options.max_in_flight = 1;
  up.options.checkpoint_path = checkpoint_path;
  begin(steps, 2);
  assert_int_equal(uploads_add(&up, 0, 40, -1, NULL), QDRANT_OK);
  fake_wait_requests(up.fake, 2);
  uploads_end(&up, 40);
  qdrant_checkpoint *checkpoint = read_checkpoint();
  assert_false(checkpoint->is_complete);
  assert_int_equal(checkpoint->n_done, 10);
  assert_int_equal(checkpoint->first_unreported, 40);
  assert_int_equal(checkpoint->n_failed, 1); /* sent or not: to be added again */
  assert_int_equal(checkpoint->failed[0], 10);
  assert_int_equal(checkpoint->failed[1], 30);
  qdrant_checkpoint_free(checkpoint);
}

static void test_uploader_resumed_failed_ranges_kept_until_done(void **state) {
  (void)state;
  static const uint64_t failed[] = {3, 2, 20, 5};
  static const qdrant_checkpoint resumed = {
      .size = sizeof resumed, .first_unreported = 30, .n_done = 23, .failed = failed, .n_failed = 2};
  up.options.resumed = &resumed;
  up.options.first_point = 30;
  up.options.checkpoint_path = checkpoint_path;
  begin(NULL, 0);
  assert_int_equal(uploads_progress(&up).first_unacked, 3);
  assert_int_equal(uploads_progress(&up).first_unreported, 30);
  assert_int_equal(qdrant_uploader_seek(up.uploader, 3, &up.err), QDRANT_OK);
  assert_int_equal(uploads_add(&up, 3, 2, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_seek(up.uploader, 30, &up.err), QDRANT_OK);
  assert_int_equal(uploads_add(&up, 30, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, -1, &up.err), QDRANT_OK);
  assert_int_equal(uploads_progress(&up).first_unacked, 20);
  finish(QDRANT_OK);
  qdrant_checkpoint *checkpoint = read_checkpoint();
  assert_int_equal(checkpoint->first_unreported, 40);
  assert_int_equal(checkpoint->n_done, 35);
  assert_int_equal(checkpoint->n_failed, 1);
  assert_int_equal(checkpoint->failed[0], 20);
  assert_int_equal(checkpoint->failed[1], 5);
  qdrant_checkpoint_free(checkpoint);
  uploads_end(&up, 0);
}

/* While it goes on, the file is written by whoever waits, and is true each time. */
static void test_uploader_checkpoint_written_on_the_way(void **state) {
  (void)state;
  static fake_step steps[11];
  uint64_t n_seen = 0;
  steps[10].kind = FAKE_STALL;
  up.options.max_in_flight = 1;
  up.options.checkpoint_path = checkpoint_path;
  up.options.checkpoint_ms = 1;
  begin(steps, 11);
  assert_int_equal(uploads_add(&up, 0, 200, -1, NULL), QDRANT_OK);
  for (int i = 0; i < 2000 && n_seen < 100; i++) {
    assert_int_equal(qdrant_uploader_flush(up.uploader, 5, &up.err), QDRANT_DEADLINE_EXCEEDED);
    qdrant_checkpoint *checkpoint = read_checkpoint();
    n_seen = checkpoint->first_unreported;
    assert_int_equal(checkpoint->n_done, n_seen);
    assert_false(checkpoint->is_complete);
    qdrant_checkpoint_free(checkpoint);
  }
  assert_int_equal(n_seen, 100);
  uploads_end(&up, 200);
}

static void test_uploader_checkpoint_cannot_be_written_finish_says_so(void **state) {
  (void)state;
  char path[128];
  snprintf(path, sizeof path, "%s/none/checkpoint", directory);
  up.options.checkpoint_path = path;
  begin(NULL, 0);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish(QDRANT_IO_ERROR);
  assert_non_null(strstr(up.err.message, path));
  uploads_end(&up, 10);
  assert_fates(10, 0, 0, 0);
}

enum { N_SEEDS = 60, N_RANDOM_STEPS = 600, N_RANDOM_POINTS = 400 };

static fake_step random_step(random_source *random) {
  static const fake_step bad[] = {INVALID, {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE},
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT},
      {.status = QDRANT_INTERNAL, .delivery = QDRANT_MAYBE}, {.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED},
      {.status = QDRANT_RESOURCE_EXHAUSTED,
          .delivery = QDRANT_ANSWERED,
          .reason = QDRANT_REASON_RATE_LIMITED,
          .retry_after_ms = 2}};
  static const fake_kind kinds[] = {FAKE_ANSWER, FAKE_ANSWER, FAKE_INSIDE};
  fake_step step = {0};
  if (random_is(random, 4))
    step = bad[random_below(random, sizeof bad / sizeof bad[0])];
  step.kind = kinds[random_below(random, 3)];
  if (step.delivery == QDRANT_NOT_SENT && step.status != QDRANT_OK && random_is(random, 2))
    step.kind = FAKE_REFUSE;
  step.delay_ms = random_is(random, 5) ? (uint32_t)random_below(random, 4) : 0;
  return step;
}

static qdrant_toggle random_toggle(random_source *random) {
  return random_is(random, 2) ? QDRANT_ON : QDRANT_OFF;
}

/* What the uploader counted, what it kept as failed and what it reported are one story. */
static void assert_consistent(size_t n_added) {
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.n_added, n_added);
  assert_int_equal(progress.n_waiting, 0);
  assert_int_equal(progress.n_batches, up.n_reports);
  assert_int_equal(progress.n_done, uploads_count(&up, FATE_DONE));
  assert_int_equal(progress.n_maybe, uploads_count(&up, FATE_MAYBE));
  assert_int_equal(progress.n_refused, uploads_count(&up, FATE_REFUSED));
  assert_int_equal(progress.n_not_sent, uploads_count(&up, FATE_NOT_SENT));
  assert_int_equal(progress.first_unreported, n_added);
  size_t first_unacked = 0, n_ranges = 0, n_failed = 0;
  while (first_unacked < n_added && up.fates[first_unacked] == FATE_DONE)
    first_unacked++;
  assert_int_equal(progress.first_unacked, first_unacked);
  const qdrant_failed_range *failed = qdrant_uploader_failed(up.uploader, &n_ranges);
  for (size_t i = 0; i < n_ranges; i++)
    for (uint64_t j = 0; j < failed[i].n_points; j++, n_failed++)
      assert_int_not_equal(up.fates[failed[i].first_point + j], FATE_DONE);
  assert_int_equal(n_failed, n_added - progress.n_done);
}

static void test_uploader_random_faults_one_report_each(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  static fake_step steps[N_RANDOM_STEPS];
  for (size_t seed = 0; seed < N_SEEDS; seed++) {
    uploads_close(&up);
    unlink(checkpoint_path);
    rmdir(directory);
    open_fake(NULL);
    for (size_t i = 0; i < N_RANDOM_STEPS; i++)
      steps[i] = random_step(&random);
    for (size_t i = 0; i < N_RANDOM_POINTS; i++)
      up.ids[i] = random_is(&random, 8) ? random_below(&random, 50) : 1000 + i;
    up.options.max_points = 1 + (uint32_t)random_below(&random, 40);
    up.options.max_in_flight = 1 + (uint32_t)random_below(&random, 8);
    up.options.adapts = random_toggle(&random);
    up.options.bisects = random_toggle(&random);
    up.options.stops_on_error = random_is(&random, 3) ? QDRANT_ON : QDRANT_OFF;
    up.options.checkpoint_path = random_is(&random, 2) ? checkpoint_path : NULL;
    up.options.max_buffered_bytes = random_is(&random, 2) ? 5000 : 0;
    up.cancels_after = random_is(&random, 4) ? 1 + random_below(&random, 10) : 0;
    begin(steps, N_RANDOM_STEPS);
    size_t n_added = 0, n = 0;
    qdrant_status status = QDRANT_OK;
    while (status == QDRANT_OK && n_added < N_RANDOM_POINTS) {
      size_t n_left = N_RANDOM_POINTS - n_added, n_wanted = 1 + random_below(&random, 100);
      status = uploads_add(&up, n_added, n_wanted < n_left ? n_wanted : n_left, -1, &n);
      n_added += n;
    }
    int is_finished = !random_is(&random, 5);
    if (is_finished) {
      qdrant_uploader_finish(up.uploader, -1, &up.err);
      assert_consistent(n_added);
    }
    uploads_end(&up, n_added);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_uploader_failure_stops_what_has_not_begun),
      TEST(test_uploader_failure_that_does_not_stop_others_go_on),
      TEST(test_uploader_failed_points_added_again_all_done),
      TEST(test_uploader_invalid_batch_cut_to_the_bad_point),
      TEST(test_uploader_not_bisecting_whole_batch_refused),
      TEST(test_uploader_cut_batch_other_failure_ends_it),
      TEST(test_uploader_which_failures_are_cut),
      TEST(test_uploader_answer_says_how_far_the_write_is),
      TEST(test_uploader_overload_waited_for_and_window_halved),
      TEST(test_uploader_batch_timeout_bounds_patience),
      TEST(test_uploader_verified_points_not_there_maybe),
      TEST(test_uploader_verifying_fails_maybe),
      TEST(test_uploader_checkpoint_says_what_is_left),
      TEST(test_uploader_freed_early_checkpoint_not_complete),
      TEST(test_uploader_resumed_failed_ranges_kept_until_done),
      TEST(test_uploader_checkpoint_written_on_the_way),
      TEST(test_uploader_checkpoint_cannot_be_written_finish_says_so),
      TEST(test_uploader_random_faults_one_report_each),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

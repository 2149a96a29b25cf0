/* What the uploader does with points: batches, numbers, memory, ends. The transport is a fake that takes every upsert
 * unless a script says otherwise. */
#include "tests/support/uploads.h"

#include "core/error.h"
#include "qdrant/build.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uploads up;

static int open_fake(void **state) {
  (void)state;
  uploads_open_fake(&up, NULL);
  return 0;
}

static int close_fake(void **state) {
  (void)state;
  uploads_close(&up);
  return 0;
}

/* The ids in request i. */
static size_t read_request(size_t i, uint64_t *ids, size_t max) {
  const fake_request *request = fake_request_at(up.fake, i);
  Qdrant__UpsertPoints *message = (Qdrant__UpsertPoints *)protobuf_c_message_unpack(
      &qdrant__upsert_points__descriptor, NULL, request->body->n_bytes, request->body->bytes);
  assert_non_null(message);
  assert_string_equal(message->collection_name, "uploads");
  size_t n = message->n_points < max ? message->n_points : max;
  for (size_t j = 0; j < n; j++)
    ids[j] = message->points[j]->id->num;
  n = message->n_points;
  protobuf_c_message_free_unpacked(&message->base, NULL);
  return n;
}

static void finish_ok(void) {
  assert_int_equal(qdrant_uploader_finish(up.uploader, 10000, &up.err), QDRANT_OK);
}

static void test_uploader_add_pieces_of_any_size_all_done(void **state) {
  (void)state;
  size_t n_added = 0;
  up.options.max_points = 100;
  up.options.total_points = 2050;
  uploads_begin(&up);
  for (size_t first = 0; first < 2050; first += 41) {
    assert_int_equal(uploads_add(&up, first, 41, -1, &n_added), QDRANT_OK);
    assert_int_equal(n_added, 41);
  }
  finish_ok();
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.n_added, 2050);
  assert_int_equal(progress.n_done, 2050);
  assert_int_equal(progress.n_waiting, 0);
  assert_int_equal(progress.n_batches, 21);
  assert_int_equal(progress.n_calls, 21);
  assert_int_equal(progress.n_failed_batches, 0);
  assert_int_equal(progress.n_in_flight, 0);
  assert_int_equal(progress.first_unacked, 2050);
  assert_int_equal(progress.first_unreported, 2050);
  assert_int_equal(progress.left_ms, 0);
  assert_int_equal(up.last_status, QDRANT_UPDATE_COMPLETED);
  uploads_end(&up, 2050);
  assert_int_equal(uploads_count(&up, FATE_DONE), 2050);
}

static void test_uploader_max_bytes_bounds_each_request(void **state) {
  (void)state;
  uint64_t ids[4];
  up.options.max_bytes = 300;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 200, -1, NULL), QDRANT_OK);
  finish_ok();
  size_t n = fake_n_requests(up.fake), n_points = 0;
  assert_true(n > 10);
  for (size_t i = 0; i < n; i++) {
    assert_true(fake_request_at(up.fake, i)->body->n_bytes <= 300);
    n_points += read_request(i, ids, 4);
  }
  assert_int_equal(n_points, 200);
  uploads_end(&up, 200);
}

static void test_uploader_point_larger_than_max_bytes_refused(void **state) {
  (void)state;
  size_t n_added = 9;
  up.options.max_bytes = 20;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 5, -1, &n_added), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(up.err.message, "point 0 alone"));
  assert_int_equal(n_added, 0);
  finish_ok();
  uploads_end(&up, 0);
  assert_int_equal(up.n_reports, 0);
}

static void test_uploader_add_caller_may_reuse_memory(void **state) {
  (void)state;
  uint64_t ids[2];
  uploads_begin(&up);
  for (size_t i = 0; i < 10; i++)
    assert_int_equal(uploads_add(&up, i, 1, -1, NULL), QDRANT_OK);
  memset(up.values, 0x7f, sizeof up.values);
  up.ids[0] = 5;
  finish_ok();
  read_request(0, ids, 2);
  assert_int_equal(ids[0], 100);
  assert_int_equal(ids[1], 101);
  uploads_end(&up, 10);
}

static void test_uploader_add_bad_float_those_before_it_taken(void **state) {
  (void)state;
  for (size_t bad = 0; bad < 150; bad += 49) {
    size_t n_added = 0;
    up.options.max_points = 100;
    uploads_begin(&up);
    float was = up.values[bad * UPLOAD_DIM + 2];
    up.values[bad * UPLOAD_DIM + 2] = NAN;
    assert_int_equal(uploads_add(&up, 0, 150, -1, &n_added), QDRANT_INVALID_ARGUMENT);
    char says[32];
    snprintf(says, sizeof says, "point %zu", bad);
    assert_non_null(strstr(up.err.message, says));
    assert_int_equal(n_added, bad);
    up.values[bad * UPLOAD_DIM + 2] = was;
    assert_int_equal(uploads_add(&up, bad, 150 - bad, -1, &n_added), QDRANT_OK);
    finish_ok();
    uploads_end(&up, 150);
    assert_int_equal(uploads_count(&up, FATE_DONE), 150);
  }
}

/* What cannot even be planned: here offsets that go backwards. */
static void test_uploader_add_bad_column_those_before_it_taken(void **state) {
  (void)state;
  size_t n_added = 0;
  int32_t ends[61];
  qdrant_vector_column column;
  for (int32_t i = 0; i <= 60; i++)
    ends[i] = i == 38 ? 0 : i;
  qdrant_payload_column text = {
      .key = "text", .values = "012345678901234567890123456789012345678901234567890123456789", .offsets = ends};
  qdrant_point_batch batch = uploads_batch(&up, 0, 60, &column);
  batch.payload = &text;
  batch.n_payload = 1;
  uploads_begin(&up);
  assert_int_equal(qdrant_uploader_add(up.uploader, &batch, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(up.err.message, "point 37"));
  assert_int_equal(n_added, 37);
  finish_ok();
  uploads_end(&up, 37);
  assert_int_equal(uploads_count(&up, FATE_DONE), 37);
}

static void test_uploader_add_wrong_batch_none_taken(void **state) {
  (void)state;
  size_t n_added = 3;
  qdrant_vector_column column;
  qdrant_point_batch batch = uploads_batch(&up, 0, 10, &column);
  batch.ids = NULL;
  uploads_begin(&up);
  assert_int_equal(qdrant_uploader_add(up.uploader, &batch, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(n_added, 0);
  assert_int_equal(qdrant_uploader_add(up.uploader, NULL, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_uploader_add(NULL, &batch, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(uploads_add(&up, 0, 10, -2, &n_added), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(uploads_add(&up, 0, 0, -1, &n_added), QDRANT_OK);
  uploads_end(&up, 0);
}

static void test_uploader_add_messages_as_columns(void **state) {
  (void)state;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__PointStruct *points[30];
  size_t n_added = 0;
  uint64_t ids[30];
  for (size_t i = 0; i < 30; i++) {
    points[i] = qdrant_point(arena, qdrant_point_id_num(arena, up.ids[i]),
        qdrant_vectors_dense(arena, up.values + i * UPLOAD_DIM, UPLOAD_DIM));
  }
  uploads_begin(&up);
  assert_int_equal(qdrant_uploader_add_messages(up.uploader, points, 30, -1, &n_added, &up.err), QDRANT_OK);
  assert_int_equal(n_added, 30);
  Qdrant__PointStruct *bad[] = {points[1], NULL, points[2]};
  assert_int_equal(qdrant_uploader_add_messages(up.uploader, bad, 3, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(up.err.message, "point 1: it is NULL"));
  assert_int_equal(n_added, 1);
  assert_int_equal(qdrant_uploader_add_messages(up.uploader, NULL, 3, -1, &n_added, &up.err), QDRANT_INVALID_ARGUMENT);
  finish_ok();
  assert_int_equal(read_request(0, ids, 30), 30);
  assert_memory_equal(ids, up.ids, sizeof ids);
  uploads_end(&up, 31);
  qdrant_arena_free(arena);
}

static qdrant_status next_hundred(void *user, qdrant_point_batch *batch, qdrant_error *err) {
  static qdrant_vector_column column;
  size_t *at = user;
  if (*at == 700)
    return qd_fail(err, QDRANT_DATA_LOSS, "the source is broken");
  *batch = uploads_batch(&up, *at, *at < 500 ? 100 : 0, &column);
  *at += 100;
  return QDRANT_OK;
}

static void test_uploader_pull_until_the_end_or_an_error(void **state) {
  (void)state;
  size_t at = 0;
  uploads_begin(&up);
  assert_int_equal(qdrant_uploader_pull(up.uploader, next_hundred, &at, &up.err), QDRANT_OK);
  assert_int_equal(uploads_progress(&up).n_added, 500);
  at = 700;
  assert_int_equal(qdrant_uploader_pull(up.uploader, next_hundred, &at, &up.err), QDRANT_DATA_LOSS);
  assert_int_equal(qdrant_uploader_pull(up.uploader, NULL, &at, &up.err), QDRANT_INVALID_ARGUMENT);
  finish_ok();
  uploads_end(&up, 500);
}

/* Two points with one id in one piece: different batches, the later one behind the earlier. */
static void test_uploader_equal_ids_in_one_piece_later_batch_waits(void **state) {
  (void)state;
  static const fake_step steps[] = {{.delay_ms = 30}};
  uint64_t ids[8];
  up.ids[5] = up.ids[2];
  fake_script(up.fake, steps, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 8, -1, NULL), QDRANT_OK);
  finish_ok();
  assert_int_equal(fake_n_requests(up.fake), 2);
  assert_int_equal(fake_most_at_once(up.fake), 1);
  assert_int_equal(read_request(0, ids, 8), 5);
  assert_int_equal(read_request(1, ids, 8), 3);
  assert_int_equal(ids[0], up.ids[2]);
  uploads_end(&up, 8);
  assert_int_equal(uploads_count(&up, FATE_DONE), 8);
}

static void test_uploader_batches_without_common_ids_overlap(void **state) {
  (void)state;
  static const fake_step steps[] = {{.delay_ms = 30}, {.delay_ms = 30}, {.delay_ms = 30}};
  up.options.max_points = 10;
  up.ids[25] = up.ids[0]; /* the third waits for the first; the fourth does not wait for the third */
  fake_script(up.fake, steps, 3);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 40, -1, NULL), QDRANT_OK);
  finish_ok();
  uint64_t ids[2];
  assert_int_equal(fake_most_at_once(up.fake), 3);
  read_request(2, ids, 1);
  assert_int_equal(ids[0], up.ids[30]);
  read_request(3, ids, 1);
  assert_int_equal(ids[0], up.ids[20]);
  uploads_end(&up, 40);
}

/* A point that cannot be sent after all had taken the place of an earlier batch's id. */
static void test_uploader_bad_point_later_one_still_waits(void **state) {
  (void)state;
  static const fake_step steps[] = {{.delay_ms = 50}};
  uint64_t ids[1];
  up.options.max_points = 10;
  fake_script(up.fake, steps, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  up.ids[20] = up.ids[0];
  up.values[20 * UPLOAD_DIM] = INFINITY;
  assert_int_equal(uploads_add(&up, 20, 1, -1, NULL), QDRANT_INVALID_ARGUMENT);
  up.values[20 * UPLOAD_DIM] = 1;
  assert_int_equal(uploads_add(&up, 20, 10, -1, NULL), QDRANT_OK);
  finish_ok();
  assert_int_equal(fake_most_at_once(up.fake), 1);
  read_request(1, ids, 1);
  assert_int_equal(ids[0], up.ids[0]);
  uploads_end(&up, 20);
}

static void test_uploader_max_in_flight_bounds_calls(void **state) {
  (void)state;
  static fake_step steps[20];
  for (size_t i = 0; i < 20; i++)
    steps[i].delay_ms = 5;
  up.options.max_points = 10;
  up.options.max_in_flight = 3;
  up.options.adapts = QDRANT_OFF;
  fake_script(up.fake, steps, 20);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 200, -1, NULL), QDRANT_OK);
  assert_int_equal(uploads_progress(&up).max_in_flight, 3);
  finish_ok();
  assert_int_equal(fake_most_at_once(up.fake), 3);
  uploads_end(&up, 200);
}

static void test_uploader_without_room_again_and_memory_bounded(void **state) {
  (void)state;
  static const fake_step stall = {.kind = FAKE_STALL};
  size_t n_added = 0;
  up.options.max_points = 10;
  up.options.max_in_flight = 1;
  up.options.max_buffered_bytes = 3000;
  fake_script(up.fake, &stall, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 1000, 0, &n_added), QDRANT_AGAIN);
  assert_non_null(strstr(up.err.message, "max_buffered_bytes"));
  assert_true(n_added > 20 && n_added < 60);
  size_t n_more = 1;
  assert_int_equal(uploads_add(&up, n_added, 1000, 20, &n_more), QDRANT_AGAIN); /* waited in vain */
  assert_int_equal(n_more, 0);
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.n_added, n_added);
  assert_int_equal(progress.n_waiting, n_added);
  uploads_end(&up, n_added);
  assert_int_equal(uploads_count(&up, FATE_MAYBE), 10);
  assert_int_equal(uploads_count(&up, FATE_NOT_SENT), n_added - 10);
}

static void test_uploader_room_smaller_than_a_batch_still_goes(void **state) {
  (void)state;
  up.options.max_points = 50;
  up.options.max_buffered_bytes = 1;
  uploads_begin(&up);
  for (size_t i = 0; i < 100; i += 20)
    assert_int_equal(uploads_add(&up, i, 20, -1, NULL), QDRANT_OK);
  finish_ok();
  uploads_end(&up, 100);
  assert_int_equal(uploads_count(&up, FATE_DONE), 100);
}

/* The client's own limits: others use all its places. */
static void test_uploader_client_without_places_waits_for_them(void **state) {
  (void)state;
  uploads_close(&up);
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.max_calls_in_flight = 1;
  uploads_open_fake(&up, &options);
  static const fake_step stall = {.kind = FAKE_STALL};
  fake_script(up.fake, &stall, 1);
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_cancel *cancel = qdrant_cancel_new();
  qdrant_cq *queue = NULL;
  qdrant_call_options call = QDRANT_CALL_OPTIONS_INIT;
  call.cancel = cancel;
  assert_int_equal(qdrant_cq_new(up.client, &queue, &up.err), QDRANT_OK);
  qdrant_then then = {.queue = queue};
  assert_int_equal(
      qdrant_call_start(up.client, QDRANT_RPC_COLLECTIONS_LIST, &request.base, &call, &then, &up.err), QDRANT_OK);
  up.options.max_points = 10;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 50, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, 1, &up.err), QDRANT_DEADLINE_EXCEEDED);
  qdrant_cancel_fire(cancel);
  finish_ok();
  uploads_end(&up, 50);
  assert_int_equal(uploads_count(&up, FATE_DONE), 50);
  qdrant_cq_free(queue);
  qdrant_cancel_free(cancel);
}

static void test_uploader_rate_cap_spreads_batches(void **state) {
  (void)state;
  up.options.max_points = 10;
  up.options.max_points_per_s = 500;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 50, -1, NULL), QDRANT_OK);
  finish_ok();
  assert_true(uploads_progress(&up).elapsed_ns >= 80 * 1000000); /* four waits of 20 ms */
  uploads_end(&up, 50);
}

static void test_uploader_seek_numbers_go_on_there(void **state) {
  (void)state;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_seek(up.uploader, 15, &up.err), QDRANT_OK); /* 10 to 14 are left out for good */
  assert_int_equal(uploads_add(&up, 15, 5, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, -1, &up.err), QDRANT_OK);
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.first_unreported, 20);
  assert_int_equal(progress.n_done, 15);
  assert_int_equal(qdrant_uploader_seek(up.uploader, UINT64_MAX, &up.err), QDRANT_INVALID_ARGUMENT);
  finish_ok();
  uploads_end(&up, 10);
  assert_int_equal(up.fates[10], FATE_NONE);
  assert_int_equal(up.fates[15], FATE_DONE);
}

static void test_uploader_finish_nothing_can_be_added(void **state) {
  (void)state;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  finish_ok();
  assert_int_equal(uploads_add(&up, 10, 10, -1, NULL), QDRANT_FAILED_PRECONDITION);
  finish_ok();
  uploads_end(&up, 10);
}

static void test_uploader_finish_in_time_or_it_goes_on(void **state) {
  (void)state;
  static const fake_step slow = {.delay_ms = 60};
  fake_script(up.fake, &slow, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_finish(up.uploader, 1, &up.err), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(uploads_progress(&up).n_waiting, 10);
  finish_ok();
  uploads_end(&up, 10);
}

static void test_uploader_free_with_work_left_all_reported(void **state) {
  (void)state;
  static const fake_step steps[] = {{.kind = FAKE_STALL}, {.kind = FAKE_STALL}};
  up.options.max_points = 10;
  up.options.max_in_flight = 2;
  fake_script(up.fake, steps, 2);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 45, -1, NULL), QDRANT_OK);
  uploads_end(&up, 45);
  assert_int_equal(up.n_reports, 5);
  assert_int_equal(uploads_count(&up, FATE_MAYBE), 20);
  assert_int_equal(uploads_count(&up, FATE_NOT_SENT), 25);
}

/* A transport that breaks its word keeps nobody waiting for ever. */
static void test_uploader_free_while_transport_hangs_given_up(void **state) {
  (void)state;
  static const fake_step hang = {.kind = FAKE_HANG};
  fake_script(up.fake, &hang, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, 5, &up.err), QDRANT_DEADLINE_EXCEEDED);
  uploads_end(&up, 10);
  assert_int_equal(uploads_count(&up, FATE_MAYBE), 10);
}

static void test_uploader_flush_call_overdue_given_up(void **state) {
  (void)state;
  static const fake_step hang = {.kind = FAKE_HANG};
  up.options.batch_timeout_ms = 50;
  fake_script(up.fake, &hang, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(up.err.delivery, QDRANT_MAYBE);
  uploads_end(&up, 10);
}

static void test_uploader_cancel_waiting_ones_not_sent(void **state) {
  (void)state;
  static const fake_step stall = {.kind = FAKE_STALL};
  up.options.max_points = 10;
  up.options.max_in_flight = 1;
  fake_script(up.fake, &stall, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 30, -1, NULL), QDRANT_OK);
  qdrant_uploader_cancel(up.uploader);
  qdrant_uploader_cancel(up.uploader);
  assert_int_equal(uploads_add(&up, 30, 10, -1, NULL), QDRANT_CANCELLED);
  assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_CANCELLED);
  uploads_end(&up, 30);
  assert_int_equal(uploads_count(&up, FATE_MAYBE), 10);
  assert_int_equal(uploads_count(&up, FATE_NOT_SENT), 20);
}

static void test_uploader_cancel_inside_a_report_ends_it(void **state) {
  (void)state;
  up.options.max_points = 10;
  up.options.max_in_flight = 1;
  up.cancels_after = 3;
  uploads_begin(&up);
  uploads_add(&up, 0, 200, -1, NULL);
  qdrant_status status = qdrant_uploader_finish(up.uploader, -1, &up.err);
  qdrant_upload_progress progress = uploads_progress(&up);
  /* The third report may come before a fourth batch was added: then nothing is left to cancel. */
  assert_int_equal(status, progress.n_added > 30 ? QDRANT_CANCELLED : QDRANT_OK);
  assert_int_equal(progress.n_done, 30);
  assert_int_equal(progress.n_not_sent, progress.n_added - 30);
  uploads_end(&up, progress.n_added);
}

static void test_uploader_users_token_ends_it(void **state) {
  (void)state;
  static const fake_step stall = {.kind = FAKE_STALL};
  up.options.cancel = qdrant_cancel_new();
  fake_script(up.fake, &stall, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, 1, &up.err), QDRANT_DEADLINE_EXCEEDED);
  qdrant_cancel_fire(up.options.cancel);
  assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_CANCELLED);
  uploads_end(&up, 10);
  uploads_begin(&up); /* fired already */
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_CANCELLED);
  uploads_end(&up, 0);
  qdrant_cancel_free(up.options.cancel);
}

static void test_uploader_new_bad_options_named(void **state) {
  (void)state;
  static const qdrant_upsert_options no_wait = {.size = sizeof no_wait, .wait = QDRANT_OFF};
  static const qdrant_upsert_options updates = {.size = sizeof updates, .update_mode = QDRANT_UPDATE_MODE_UPDATE_ONLY};
  char *long_source = calloc(1, 5000);
  memset(long_source, 'x', 4999);
  const struct {
    qdrant_uploader_options options;
    const char *says;
  } cases[] = {
      {{.size = sizeof(size_t)}, "size"},
      {{.size = sizeof(qdrant_uploader_options), .adapts = (qdrant_toggle)7}, "adapts"},
      {{.size = sizeof(qdrant_uploader_options), .bisects = (qdrant_toggle)7}, "bisects"},
      {{.size = sizeof(qdrant_uploader_options), .batch_timeout_ms = -1}, "batch_timeout_ms"},
      {{.size = sizeof(qdrant_uploader_options), .checkpoint_ms = -1}, "checkpoint_ms"},
      {{.size = sizeof(qdrant_uploader_options), .max_points_per_s = -1}, "max_points_per_s"},
      {{.size = sizeof(qdrant_uploader_options), .max_points_per_s = (double)NAN}, "max_points_per_s"},
      {{.size = sizeof(qdrant_uploader_options), .first_point = UINT64_MAX}, "first_point"},
      {{.size = sizeof(qdrant_uploader_options), .source = long_source}, "source"},
      {{.size = sizeof(qdrant_uploader_options), .verifies = QDRANT_ON, .upsert = &no_wait}, "verifies"},
      {{.size = sizeof(qdrant_uploader_options), .verifies = QDRANT_ON, .upsert = &updates}, "verifies"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(
        qdrant_uploader_new(up.client, "c", &cases[i].options, &up.uploader, &up.err), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(up.err.message, cases[i].says));
    assert_null(up.uploader);
  }
  assert_int_equal(qdrant_uploader_new(up.client, "", NULL, &up.uploader, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_uploader_new(NULL, "c", NULL, &up.uploader, &up.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_uploader_new(up.client, "c", NULL, NULL, &up.err), QDRANT_INVALID_ARGUMENT);
  free(long_source);
}

static void test_uploader_forked_child_refused_and_freed(void **state) {
  (void)state;
  static const fake_step stall = {.kind = FAKE_STALL};
  int status = 0;
  fake_script(up.fake, &stall, 1);
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 10, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_flush(up.uploader, 1, &up.err), QDRANT_DEADLINE_EXCEEDED);
  pid_t child = fork();
  if (child == 0) {
    int is_refused = uploads_add(&up, 0, 10, -1, NULL) == QDRANT_FORKED &&
                     qdrant_uploader_finish(up.uploader, -1, &up.err) == QDRANT_FORKED;
    qdrant_uploader_cancel(up.uploader);
    qdrant_uploader_free(up.uploader);
    _exit(is_refused && up.n_reports == 0 ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  uploads_end(&up, 10);
  assert_int_equal(up.n_reports, 1);
}

/* Whether it knows all that it was given to do, with whatever memory there was. */
static qdrant_status upload_little(void *user) {
  (void)user;
  qdrant_error err = {0};
  up.options.max_points = 7;
  memset(up.n_reported, 0, sizeof up.n_reported);
  up.n_reports = 0;
  qdrant_status status = qdrant_uploader_new(up.client, "uploads", &up.options, &up.uploader, &err);
  if (status != QDRANT_OK)
    return status;
  size_t n_added = 0;
  status = uploads_add(&up, 0, 30, -1, &n_added);
  qdrant_status end = qdrant_uploader_finish(up.uploader, -1, &err);
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.n_added, n_added);
  assert_int_equal(progress.n_waiting, 0);
  assert_true(end == QDRANT_OK ? progress.n_done == n_added : progress.n_done < n_added);
  uploads_end(&up, 0);
  return status == QDRANT_OK ? end : status;
}

/* Lenient: an arena that cannot grow a cache, say, costs nothing. */
static void test_uploader_without_memory_says_so_reports_once(void **state) {
  (void)state;
  uploads_close(&up);
  uploads_open_fake(&up, NULL);
  static fake_step inside[1] = {{.kind = FAKE_INSIDE}};
  fake_script(up.fake, inside, 1);
  torture_lenient(upload_little, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_uploader_add_pieces_of_any_size_all_done),
      TEST(test_uploader_max_bytes_bounds_each_request),
      TEST(test_uploader_point_larger_than_max_bytes_refused),
      TEST(test_uploader_add_caller_may_reuse_memory),
      TEST(test_uploader_add_bad_float_those_before_it_taken),
      TEST(test_uploader_add_bad_column_those_before_it_taken),
      TEST(test_uploader_add_wrong_batch_none_taken),
      TEST(test_uploader_add_messages_as_columns),
      TEST(test_uploader_pull_until_the_end_or_an_error),
      TEST(test_uploader_equal_ids_in_one_piece_later_batch_waits),
      TEST(test_uploader_batches_without_common_ids_overlap),
      TEST(test_uploader_bad_point_later_one_still_waits),
      TEST(test_uploader_max_in_flight_bounds_calls),
      TEST(test_uploader_without_room_again_and_memory_bounded),
      TEST(test_uploader_room_smaller_than_a_batch_still_goes),
      TEST(test_uploader_client_without_places_waits_for_them),
      TEST(test_uploader_rate_cap_spreads_batches),
      TEST(test_uploader_seek_numbers_go_on_there),
      TEST(test_uploader_finish_nothing_can_be_added),
      TEST(test_uploader_finish_in_time_or_it_goes_on),
      TEST(test_uploader_free_with_work_left_all_reported),
      TEST(test_uploader_free_while_transport_hangs_given_up),
      TEST(test_uploader_flush_call_overdue_given_up),
      TEST(test_uploader_cancel_waiting_ones_not_sent),
      TEST(test_uploader_cancel_inside_a_report_ends_it),
      TEST(test_uploader_users_token_ends_it),
      TEST(test_uploader_new_bad_options_named),
      TEST(test_uploader_forked_child_refused_and_freed),
      TEST(test_uploader_without_memory_says_so_reports_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Uploads into the embedded engine, and over gRPC and REST into the test server, whose data show what arrived. */
#include "tests/support/uploads.h"

#include "qdrant/build.h"
#include "qdrant/mock.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uploads up;
static qdrant_mock *mock;

typedef enum server { IN_MEMORY, OVER_GRPC, OVER_REST, N_SERVERS } server;

static void open_server(server which) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = ":memory:";
  options.retry_delay_ms = 1;
  mock = NULL;
  if (which != IN_MEMORY) {
    assert_int_equal(qdrant_mock_start(NULL, &mock, &up.err), QDRANT_OK);
    options.url = qdrant_mock_url(mock);
    options.rest_port = qdrant_mock_rest_port(mock);
    options.prefer_grpc = which == OVER_GRPC ? QDRANT_ON : QDRANT_OFF;
    options.rest_fallback = QDRANT_OFF;
  }
  uploads_open_url(&up, &options);
  up.options.max_points = 100;
}

static void close_server(void) {
  uploads_close(&up);
  qdrant_mock_stop(mock);
}

static void finish_ok(void) {
  if (qdrant_uploader_finish(up.uploader, 60000, &up.err) != QDRANT_OK)
    fail_msg("%s: %s", qdrant_status_name(up.err.status), up.err.message);
}

static void test_uploader_every_server_all_points_stored(void **state) {
  (void)state;
  for (server which = 0; which < N_SERVERS; which++) {
    open_server(which);
    up.options.verifies = QDRANT_ON;
    uploads_begin(&up);
    assert_int_equal(uploads_add(&up, 0, 1234, -1, NULL), QDRANT_OK);
    finish_ok();
    assert_int_equal(uploads_progress(&up).n_calls, 26); /* each batch once written, once read */
    uploads_end(&up, 1234);
    assert_int_equal(uploads_count(&up, FATE_DONE), 1234);
    assert_int_equal(uploads_stored(&up), 1234);
    close_server();
  }
}

static void test_uploader_uuids_verified_as_numbers_are(void **state) {
  (void)state;
  static qdrant_uuid uuids[300];
  qdrant_vector_column column;
  for (size_t i = 0; i < 300; i++)
    uuids[i].bytes[15] = (uint8_t)i, uuids[i].bytes[0] = (uint8_t)(i / 256 + 1);
  for (server which = 0; which < N_SERVERS; which++) {
    open_server(which);
    up.options.verifies = QDRANT_ON;
    uploads_begin(&up);
    qdrant_point_batch batch = uploads_batch(&up, 0, 300, &column);
    batch.ids = NULL;
    batch.uuids = uuids;
    assert_int_equal(qdrant_uploader_add(up.uploader, &batch, -1, NULL, &up.err), QDRANT_OK);
    finish_ok();
    uploads_end(&up, 300);
    assert_int_equal(uploads_stored(&up), 300);
    close_server();
  }
}

static int is_bad(size_t i) {
  return i == 17 || i == 99 || i == 100 || i == 555;
}

/* Some have a float too few: only the server can tell. */
static void test_uploader_bad_points_alone_refused(void **state) {
  (void)state;
  static Qdrant__PointStruct *points[600];
  for (server which = 0; which < N_SERVERS; which++) {
    qdrant_arena *arena = qdrant_arena_new();
    open_server(which);
    up.options.stops_on_error = QDRANT_OFF;
    uploads_begin(&up);
    for (size_t i = 0; i < 600; i++)
      points[i] = qdrant_point(arena, qdrant_point_id_num(arena, up.ids[i]),
          qdrant_vectors_dense(arena, up.values + i * UPLOAD_DIM, is_bad(i) ? UPLOAD_DIM - 1 : UPLOAD_DIM));
    assert_int_equal(qdrant_uploader_add_messages(up.uploader, points, 600, -1, NULL, &up.err), QDRANT_OK);
    qdrant_arena_free(arena);
    assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(up.err.message, "points 17 to 17: "));
    size_t n_ranges = 0;
    const qdrant_failed_range *failed = qdrant_uploader_failed(up.uploader, &n_ranges);
    assert_int_equal(n_ranges, 3); /* 99 and 100 are next to each other, of different batches, for one reason */
    assert_int_equal(failed[1].first_point, 99);
    assert_int_equal(failed[1].n_points, 2);
    uploads_end(&up, 600);
    for (size_t i = 0; i < 600; i++)
      assert_int_equal(up.fates[i], is_bad(i) ? FATE_REFUSED : FATE_DONE);
    assert_true(up.most_calls <= 29); /* 2 log2 100 for each of two bad ones, and the first */
    assert_int_equal(uploads_stored(&up), 596);
    close_server();
  }
}

static void add_fault(qdrant_fault_kind kind, uint32_t skip, int32_t count, uint32_t delay_ms) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = "Points/Upsert";
  fault.kind = kind;
  fault.skip = skip;
  fault.count = count;
  fault.delay_ms = delay_ms;
  fault.status = QDRANT_UNAVAILABLE;
  assert_int_equal(qdrant_mock_add_fault(mock, &fault, &up.err), QDRANT_OK);
}

static void add_random_faults(random_source *random) {
  static const qdrant_fault_kind kinds[] = {QDRANT_FAULT_STATUS, QDRANT_FAULT_DELAY, QDRANT_FAULT_APPLY_THEN_FAIL};
  for (int i = 0; i < 12; i++)
    add_fault(kinds[random_below(random, 3)], (uint32_t)random_below(random, 10), 1 + (int32_t)random_below(random, 2),
        (uint32_t)random_below(random, 15));
}

/* Of points with one id the last one added wins, however often batches are repeated and however late they are. */
static void test_uploader_equal_ids_under_faults_last_one_wins(void **state) {
  (void)state;
  enum { N_POINTS = 600, N_IDS = 150 };
  random_source random = random_begin(__func__);
  for (server which = OVER_GRPC; which < N_SERVERS; which++) {
    size_t last[N_IDS] = {0};
    open_server(which);
    up.options.max_points = 15;
    for (size_t i = 0; i < N_POINTS; i++) {
      size_t id = random_below(&random, N_IDS);
      up.ids[i] = id;
      last[id] = i + 1;
    }
    add_random_faults(&random);
    uploads_begin(&up);
    assert_int_equal(uploads_add(&up, 0, N_POINTS, -1, NULL), QDRANT_OK);
    finish_ok();
    uploads_end(&up, N_POINTS);
    for (size_t id = 0; id < N_IDS; id++)
      assert_int_equal(uploads_stored_as(&up, id), (long)last[id] - 1);
    close_server();
  }
}

/* What is reported as done is there; what is not there is not reported as done. */
static void test_uploader_connections_dropped_nothing_lost(void **state) {
  (void)state;
  for (server which = OVER_GRPC; which < N_SERVERS; which++) {
    open_server(which);
    up.options.max_points = 20;
    up.options.stops_on_error = QDRANT_OFF;
    add_fault(QDRANT_FAULT_DROP, 3, 2, 0);
    add_fault(QDRANT_FAULT_APPLY_THEN_DROP, 2, 2, 0);
    uploads_begin(&up);
    assert_int_equal(uploads_add(&up, 0, 1000, -1, NULL), QDRANT_OK);
    finish_ok();
    assert_true(uploads_progress(&up).n_attempts > uploads_progress(&up).n_calls);
    uploads_end(&up, 1000);
    assert_int_equal(uploads_count(&up, FATE_DONE), 1000);
    assert_int_equal(uploads_stored(&up), 1000);
    close_server();
  }
}

static void test_uploader_no_such_collection_one_call(void **state) {
  (void)state;
  for (server which = 0; which < N_SERVERS; which++) {
    open_server(which);
    up.options.max_in_flight = 1;
    assert_int_equal(qdrant_uploader_new(up.client, "none", &up.options, &up.uploader, &up.err), QDRANT_OK);
    assert_int_equal(uploads_add(&up, 0, 100, -1, NULL), QDRANT_OK);
    assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_NOT_FOUND);
    assert_int_equal(uploads_progress(&up).n_calls, 1);
    uploads_end(&up, 100);
    close_server();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uploader_every_server_all_points_stored),
      cmocka_unit_test(test_uploader_uuids_verified_as_numbers_are),
      cmocka_unit_test(test_uploader_bad_points_alone_refused),
      cmocka_unit_test(test_uploader_equal_ids_under_faults_last_one_wins),
      cmocka_unit_test(test_uploader_connections_dropped_nothing_lost),
      cmocka_unit_test(test_uploader_no_such_collection_one_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

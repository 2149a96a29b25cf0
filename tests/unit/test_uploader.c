#include "tests/support/uploads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uploads up;

static void test_uploader_many_points_all_done(void **state) {
  (void)state;
  uploads_open_fake(&up, NULL);
  up.options.max_points = 100;
  up.options.total_points = 2050;
  uploads_begin(&up);
  size_t n_added = 0;
  for (size_t first = 0; first < 2050; first += 41) {
    assert_int_equal(uploads_add(&up, first, 41, -1, &n_added), QDRANT_OK);
    assert_int_equal(n_added, 41);
  }
  assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_OK);
  qdrant_upload_progress progress = uploads_progress(&up);
  assert_int_equal(progress.n_done, 2050);
  assert_int_equal(progress.n_waiting, 0);
  assert_int_equal(progress.n_batches, 21);
  assert_int_equal(progress.first_unacked, 2050);
  assert_int_equal(progress.left_ms, 0);
  uploads_end(&up, 2050);
  assert_int_equal(uploads_count(&up, FATE_DONE), 2050);
  uploads_close(&up);
}

static void test_uploader_in_memory_every_point_stored(void **state) {
  (void)state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = ":memory:";
  uploads_open_url(&up, &options);
  up.options.max_points = 64;
  up.options.verifies = QDRANT_ON;
  uploads_begin(&up);
  assert_int_equal(uploads_add(&up, 0, 1000, -1, NULL), QDRANT_OK);
  assert_int_equal(qdrant_uploader_finish(up.uploader, -1, &up.err), QDRANT_OK);
  uploads_end(&up, 1000);
  assert_int_equal(uploads_count(&up, FATE_DONE), 1000);
  assert_int_equal(uploads_stored(&up), 1000);
  uploads_close(&up);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uploader_many_points_all_done),
      cmocka_unit_test(test_uploader_in_memory_every_point_stored),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/support/torture.h"

#include "core/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAX_ALLOCATIONS = 20000 };

/* Present when the program is built with AddressSanitizer (leak checking included). */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

static atomic_size_t n_allocations;
static atomic_size_t n_failed;
static size_t first_failing;
static size_t first_allowed_again;

static int allow_by_count(void *user, size_t n_bytes) {
  (void)user;
  (void)n_bytes;
  size_t number = atomic_fetch_add(&n_allocations, 1);
  if (number < first_failing || number >= first_allowed_again)
    return 1;
  atomic_fetch_add(&n_failed, 1);
  return 0;
}

void torture_start(size_t n_allowed, size_t n_failing) {
  atomic_store(&n_allocations, 0);
  atomic_store(&n_failed, 0);
  first_failing = n_allowed;
  first_allowed_again = n_failing > SIZE_MAX - n_allowed ? SIZE_MAX : n_allowed + n_failing;
  qd_alloc_set_hook(allow_by_count, NULL);
}

size_t torture_n_allocations(void) {
  return atomic_load(&n_allocations);
}

size_t torture_stop(void) {
  qd_alloc_set_hook(NULL, NULL);
  return atomic_load(&n_failed);
}

/* Whether the run met a failure. */
static int run_once(torture_body body, void *user, size_t n_allowed, size_t n_failing, int is_lenient) {
  torture_start(n_allowed, n_failing);
  qdrant_status status = body(user);
  int has_failed = torture_stop() > 0;
  int is_fine = has_failed ? status == QDRANT_NO_MEMORY || (is_lenient && status == QDRANT_OK) : status == QDRANT_OK;
  if (!is_fine)
    fail_msg("allocation %zu failing (%s): status %s", n_allowed, n_failing == 1 ? "alone" : "and all after it",
        qdrant_status_name(status));
  return has_failed;
}

static void torture_all(torture_body body, void *user, int is_lenient) {
  static const size_t n_failing[] = {1, SIZE_MAX};
  assert_false(run_once(body, user, SIZE_MAX, 1, is_lenient));
  for (size_t i = 0; i < 2; i++) {
    size_t n_allowed = 0;
    while (run_once(body, user, n_allowed, n_failing[i], is_lenient))
      assert_true(++n_allowed < MAX_ALLOCATIONS);
    assert_true(n_allowed > 0); /* what allocates nothing needs no torture */
  }
  if (__lsan_do_recoverable_leak_check != NULL)
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
}

void torture(torture_body body, void *user) {
  torture_all(body, user, 0);
}

void torture_lenient(torture_body body, void *user) {
  torture_all(body, user, 1);
}

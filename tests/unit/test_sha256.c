#include "core/sha256.h"
#include "tests/support/made_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* SHA-256 of "abc" and of "ac", as FIPS 180-4 and sha256sum have them. */
static const char of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_ac[] = "f45de51cdef30991551e41e882dd7b5404799648a0a00753f44fc966e6153fc1";

static void check_ends(const char *bytes, uint64_t max_bytes, const char *want) {
  made_file file = made_file_of(bytes, strlen(bytes));
  char text[QD_SHA256_TEXT_BYTES];
  qdrant_error err = {.message = ""};
  assert_int_equal(qd_sha256_ends(file.fd, "file", strlen(bytes), max_bytes, text, &err), QDRANT_OK);
  assert_string_equal(text, want);
  made_file_drop(&file);
}

static void test_qd_sha256_file_gives_the_known_hash(void **state) {
  (void)state;
  made_file file = made_file_of("abc", 3);
  char text[QD_SHA256_TEXT_BYTES];
  qdrant_error err = {.message = ""};
  assert_int_equal(qd_sha256_file(file.path, text, &err), QDRANT_OK);
  assert_string_equal(text, of_abc);
  made_file_drop(&file);
}

static void test_qd_sha256_ends_of_a_short_file_is_that_of_all_of_it(void **state) {
  (void)state;
  check_ends("abc", 2, of_abc);
  check_ends("abc", 3, of_abc);
  check_ends("abc", 100, of_abc);
  check_ends("ac", 1, of_ac);
}

static void test_qd_sha256_ends_of_a_long_file_leaves_the_middle_out(void **state) {
  (void)state;
  check_ends("abc", 1, of_ac);
  check_ends("a, the middle, c", 1, of_ac);
}

static void test_qd_sha256_ends_of_a_file_that_became_shorter_is_an_error(void **state) {
  (void)state;
  made_file file = made_file_of("abc", 3);
  char text[QD_SHA256_TEXT_BYTES];
  qdrant_error err = {.message = ""};
  assert_int_equal(qd_sha256_ends(file.fd, "file", 4, 100, text, &err), QDRANT_IO_ERROR);
  assert_string_equal(err.message, "cannot read file: it became shorter");
  made_file_drop(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_sha256_file_gives_the_known_hash),
      cmocka_unit_test(test_qd_sha256_ends_of_a_short_file_is_that_of_all_of_it),
      cmocka_unit_test(test_qd_sha256_ends_of_a_long_file_leaves_the_middle_out),
      cmocka_unit_test(test_qd_sha256_ends_of_a_file_that_became_shorter_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ingest/matrix.h"
#include "tests/support/made_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A .npy file being put together. */
typedef struct npy {
  char bytes[512];
  size_t n;
} npy;

static npy make_npy(int version, const char *header, const void *rows, size_t n_rows) {
  npy file = {.n = 0};
  size_t n_header = strlen(header), n_length = version == 1 ? 2 : 4;
  memcpy(file.bytes, "\x93NUMPY", 6);
  file.bytes[6] = (char)version;
  memcpy(file.bytes + 8, &(uint32_t){(uint32_t)n_header}, n_length);
  memcpy(file.bytes + 8 + n_length, header, n_header);
  memcpy(file.bytes + 8 + n_length + n_header, rows, n_rows);
  file.n = 8 + n_length + n_header + n_rows;
  return file;
}

/* Opens bytes as a format and reads up to max rows at once; the message of the failure is in err. */
static qdrant_status read_file(const void *bytes, size_t n_bytes, qdrant_source_format format, float *rows, size_t max,
    size_t *n, uint32_t *dim, qdrant_error *err) {
  made_file file = made_file_of(bytes, n_bytes);
  qd_input *input = NULL;
  qd_matrix matrix;
  qdrant_status status = qd_input_open(file.path, &input, err);
  assert_int_equal(status, QDRANT_OK);
  status = qd_matrix_open(&matrix, input, format, err);
  *dim = matrix.dim;
  *n = 0;
  if (status == QDRANT_OK)
    status = qd_matrix_read(&matrix, rows, max, n, err);
  qd_input_close(input);
  made_file_drop(&file);
  return status;
}

static void check_rows(const npy *file, const float *want, size_t n_want, uint32_t want_dim) {
  float rows[16];
  size_t n;
  uint32_t dim;
  qdrant_error err = {.message = ""};
  assert_int_equal(read_file(file->bytes, file->n, QDRANT_SOURCE_NPY, rows, 4, &n, &dim, &err), QDRANT_OK);
  assert_int_equal(dim, want_dim);
  assert_int_equal(n, n_want);
  assert_memory_equal(rows, want, n_want * want_dim * sizeof *want);
}

static void check_refused(const npy *file, const char *why) {
  float rows[16];
  size_t n;
  uint32_t dim;
  qdrant_error err = {.message = ""};
  assert_int_equal(
      read_file(file->bytes, file->n, QDRANT_SOURCE_NPY, rows, 4, &n, &dim, &err), QDRANT_INVALID_ARGUMENT);
  if (!strstr(err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static const float two_rows[] = {1.0f, -2.5f, 0.125f, 3e38f};
static const char header_f4[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }   \n";

static void test_qd_matrix_read_of_npy_versions_gives_the_rows(void **state) {
  (void)state;
  for (int version = 1; version <= 3; version++) {
    npy file = make_npy(version, header_f4, two_rows, sizeof two_rows);
    check_rows(&file, two_rows, 2, 2);
  }
}

static void test_qd_matrix_read_of_doubles_rounds_them(void **state) {
  (void)state;
  const double doubles[] = {1.0, -2.5, 0.1, 1e-50};
  const float want[] = {1.0f, -2.5f, 0.1f, 0.0f};
  npy file = make_npy(1, "{\"shape\":(2,2),\"descr\":\"<f8\",\"fortran_order\":False}", doubles, sizeof doubles);
  check_rows(&file, want, 2, 2);
}

static void test_qd_matrix_read_of_halves_gives_their_values(void **state) {
  (void)state;
  const uint16_t halves[] = {0x3c00, 0xc100, 0x0001, 0x8400, 0x7bff, 0x8000};
  const float want[] = {1.0f, -2.5f, 5.9604645e-8f, -6.1035156e-5f, 65504.0f, -0.0f};
  npy file = make_npy(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 6)}", halves, sizeof halves);
  check_rows(&file, want, 1, 6);
}

static void test_qd_matrix_read_of_infinite_half_is_refused(void **state) {
  (void)state;
  const uint16_t halves[] = {0x3c00, 0x7c00};
  npy file = make_npy(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2)}", halves, sizeof halves);
  check_refused(&file, "row 1 of 1: float 2 is inf; a vector takes finite floats");
}

static void test_qd_matrix_read_of_double_beyond_float_is_refused(void **state) {
  (void)state;
  const double doubles[] = {1.0, 1e39};
  npy file = make_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}", doubles, sizeof doubles);
  check_refused(&file, "float 2 is inf");
}

static void test_qd_matrix_open_of_no_rows_is_an_empty_matrix(void **state) {
  (void)state;
  npy file = make_npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2)}", "", 0);
  check_rows(&file, two_rows, 0, 2);
}

static void test_qd_npy_open_of_bad_headers_says_what_is_wrong(void **state) {
  (void)state;
  static const struct {
    const char *header, *why;
  } cases[] = {
      {"", "cannot be read"},
      {"{", "cannot be read"},
      {"{}", "cannot be read"},
      {"{'descr': '<f4', 'fortran_order': False}", "cannot be read"},
      {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 2)}", "cannot be read at fortran_order"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2}", "cannot be read at shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2)}", "cannot be read at shape"},
      {"{'descr': '<f4 and many more letters', 'fortran_order': False, 'shape': (2, 2)}", "cannot be read at descr"},
      {"{'descr': '<f4', 'colour': 'red', 'fortran_order': False, 'shape': (2, 2)}", "cannot be read at colour"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", "dtype '|u1'"},
      {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 2)}", "several fields"},
      {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", "columns come first"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "array of 0 dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 65537)}", "rows of 65537 floats"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}", "promises 3 rows of 8 bytes, 16 follow"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2)}", "promises"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    npy file = make_npy(1, cases[i].header, two_rows, sizeof two_rows);
    check_refused(&file, cases[i].why);
  }
}

static void test_qd_npy_open_of_every_shorter_file_is_refused(void **state) {
  (void)state;
  npy file = make_npy(2, header_f4, two_rows, sizeof two_rows);
  for (size_t n = file.n; n-- > 0;) {
    npy cut = file;
    cut.n = n;
    check_refused(&cut, n < 6 ? "is not a .npy file" : n < 8 ? "is not a .npy file" : "truncated");
  }
}

static void test_qd_npy_open_of_header_beyond_64_kib_is_refused(void **state) {
  (void)state;
  npy file = make_npy(2, header_f4, two_rows, sizeof two_rows);
  memcpy(file.bytes + 8, &(uint32_t){65537}, 4);
  check_refused(&file, "a .npy header of 65537 bytes; at most 65536 are read");
}

static void test_qd_matrix_read_of_fvecs_gives_the_rows(void **state) {
  (void)state;
  const struct {
    uint32_t dim;
    float row[2];
  } rows[] = {{2, {1, 2}}, {2, {3, 4}}};
  const float want[] = {1, 2, 3, 4};
  float got[4];
  size_t n;
  uint32_t dim;
  qdrant_error err = {.message = ""};
  assert_int_equal(read_file(rows, sizeof rows, QDRANT_SOURCE_FVECS, got, 5, &n, &dim, &err), QDRANT_OK);
  assert_int_equal(n, 2);
  assert_memory_equal(got, want, sizeof want);
}

static void test_qd_fvecs_open_of_bad_files_says_what_is_wrong(void **state) {
  (void)state;
  const struct {
    uint32_t words[6];
    size_t n_bytes;
    const char *why;
  } cases[] = {
      {{0}, 0, "has 0 bytes"},
      {{0}, 4, "row 1 says that it has 0 floats"},
      {{65537}, 4, "row 1 says that it has 65537 floats"},
      {{0xffffffff}, 8, "row 1 says that it has 4294967295 floats"},
      {{1, 0x3f800000, 1}, 12, "truncated"},
      {{1, 0x3f800000, 2, 0x3f800000}, 16, "row 2 of 2: has 2 floats, the first row has 1"},
      {{1, 0x7f800001}, 8, "row 1 of 1: float 1 is nan"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    float got[6];
    size_t n;
    uint32_t dim;
    qdrant_error err = {.message = ""};
    assert_int_equal(read_file(cases[i].words, cases[i].n_bytes, QDRANT_SOURCE_FVECS, got, 3, &n, &dim, &err),
        QDRANT_INVALID_ARGUMENT);
    if (!strstr(err.message, cases[i].why))
      fail_msg("\"%s\" does not say \"%s\"", err.message, cases[i].why);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_matrix_read_of_npy_versions_gives_the_rows),
      cmocka_unit_test(test_qd_matrix_read_of_doubles_rounds_them),
      cmocka_unit_test(test_qd_matrix_read_of_halves_gives_their_values),
      cmocka_unit_test(test_qd_matrix_read_of_infinite_half_is_refused),
      cmocka_unit_test(test_qd_matrix_read_of_double_beyond_float_is_refused),
      cmocka_unit_test(test_qd_matrix_open_of_no_rows_is_an_empty_matrix),
      cmocka_unit_test(test_qd_npy_open_of_bad_headers_says_what_is_wrong),
      cmocka_unit_test(test_qd_npy_open_of_every_shorter_file_is_refused),
      cmocka_unit_test(test_qd_npy_open_of_header_beyond_64_kib_is_refused),
      cmocka_unit_test(test_qd_matrix_read_of_fvecs_gives_the_rows),
      cmocka_unit_test(test_qd_fvecs_open_of_bad_files_says_what_is_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

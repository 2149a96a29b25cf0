#include "qdrant/source.h"
#include "tests/support/made_file.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* A source over bytes in memory. */
typedef struct opened {
  made_file file;
  qdrant_source *source;
  qdrant_error err;
} opened;

static opened open_bytes(const void *bytes, size_t n, const qdrant_source_options *options) {
  opened in = {.file = made_file_of(bytes, n)};
  assert_int_equal(qdrant_source_open(in.file.path, options, &in.source, &in.err), QDRANT_OK);
  return in;
}

static opened open_lines(const char *text, uint32_t max_points) {
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.max_points = max_points;
  return open_bytes(text, strlen(text), &options);
}

static void close_opened(opened *in) {
  qdrant_source_close(in->source);
  made_file_drop(&in->file);
}

/* The next piece has just these ids. */
static void check_ids(opened *in, const uint64_t *ids, size_t n) {
  qdrant_point_batch batch;
  assert_int_equal(qdrant_source_next(in->source, &batch, &in->err), QDRANT_OK);
  assert_int_equal(batch.n_points, n);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(batch.ids[i], ids[i]);
}

#define CHECK_IDS(in, ...)                                                                                             \
  check_ids(in, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Nothing comes any more. */
static void check_end(opened *in) {
  check_ids(in, NULL, 0);
}

static void check_refused(opened *in, qdrant_status status, const char *why) {
  qdrant_point_batch batch;
  assert_int_equal(qdrant_source_next(in->source, &batch, &in->err), status);
  assert_int_equal(batch.n_points, 0);
  if (!strstr(in->err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", in->err.message, why);
}

static void check_place(const opened *in, uint64_t point, const char *want) {
  char place[48];
  qdrant_source_place(in->source, point, place, sizeof place);
  assert_string_equal(place, want);
}

static const char five_lines[] = "{\"id\":1,\"vector\":[1,1]}\n{\"id\":2,\"vector\":[2]}\n\n"
                                 "{\"id\":3,\"vector\":[3,3]}\n\n\n{\"id\":4}\n{\"id\":5,\"vector\":[5,5]}";

static void test_qdrant_source_next_behind_a_bad_line_goes_on(void **state) {
  (void)state;
  opened in = open_lines(five_lines, 10);
  CHECK_IDS(&in, 1);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 2: \"vector\": 1 floats; those before have 2");
  assert_int_equal(qdrant_source_position(in.source), 2);
  CHECK_IDS(&in, 3);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 7: \"vector\" is missing");
  CHECK_IDS(&in, 5);
  assert_int_equal(qdrant_source_position(in.source), 5);
  check_end(&in);
  close_opened(&in);
}

static void test_qdrant_source_place_counts_blank_lines(void **state) {
  (void)state;
  opened in = open_lines(five_lines, 10);
  assert_int_equal(qdrant_source_seek(in.source, 5, &in.err), QDRANT_OK);
  check_place(&in, 0, "line 1");
  check_place(&in, 1, "line 2");
  check_place(&in, 2, "line 4");
  check_place(&in, 3, "line 7");
  check_place(&in, 4, "line 8");
  close_opened(&in);
}

static void test_qdrant_source_seek_of_lines_goes_to_the_point(void **state) {
  (void)state;
  opened in = open_lines(five_lines, 1);
  assert_int_equal(qdrant_source_seek(in.source, 4, &in.err), QDRANT_OK);
  CHECK_IDS(&in, 5);
  assert_int_equal(qdrant_source_seek(in.source, 2, &in.err), QDRANT_OK);
  CHECK_IDS(&in, 3);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 7: ");
  assert_int_equal(qdrant_source_seek(in.source, 5, &in.err), QDRANT_OK);
  check_end(&in);
  assert_int_equal(qdrant_source_seek(in.source, 6, &in.err), QDRANT_OUT_OF_RANGE);
  assert_non_null(strstr(in.err.message, "point 6: there are 5"));
  close_opened(&in);
}

/* A .npy of rows of one float; the float is the row's number. */
static made_file make_npy(size_t n_rows) {
  char bytes[1024] = "\x93NUMPY\1\0";
  int n = snprintf(bytes + 10, 256, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, 1)}\n", n_rows);
  bytes[8] = (char)n;
  for (size_t i = 0; i < n_rows; i++)
    memcpy(bytes + 10 + n + i * sizeof(float), &(float){(float)i}, sizeof(float));
  return made_file_of(bytes, 10 + (size_t)n + n_rows * sizeof(float));
}

static opened open_npy(size_t n_rows, const qdrant_source_options *options) {
  opened in = {.file = make_npy(n_rows)};
  assert_int_equal(qdrant_source_open(in.file.path, options, &in.source, &in.err), QDRANT_OK);
  return in;
}

static void test_qdrant_source_seek_of_rows_gives_their_ids(void **state) {
  (void)state;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.first_id = 100;
  options.has_first_id = 1;
  options.max_points = 2;
  opened in = open_npy(5, &options);
  assert_int_equal(qdrant_source_format_of(in.source), QDRANT_SOURCE_NPY);
  assert_int_equal(qdrant_source_n_points(in.source), 5);
  qdrant_point_batch batch;
  for (uint64_t row = 5; row-- > 0;) {
    assert_int_equal(qdrant_source_seek(in.source, row, &in.err), QDRANT_OK);
    assert_int_equal(qdrant_source_position(in.source), row);
    assert_int_equal(qdrant_source_next(in.source, &batch, &in.err), QDRANT_OK);
    assert_int_equal(batch.ids[0], 100 + row);
    assert_true((uint64_t)batch.vectors[0].values[0] == row);
    assert_int_equal(batch.n_points, row < 4 ? 2 : 1);
  }
  assert_int_equal(qdrant_source_seek(in.source, 5, &in.err), QDRANT_OK);
  check_end(&in);
  assert_int_equal(qdrant_source_seek(in.source, 6, &in.err), QDRANT_OUT_OF_RANGE);
  check_place(&in, 3, "row 4");
  close_opened(&in);
}

static void test_qdrant_source_next_behind_a_bad_row_goes_on(void **state) {
  (void)state;
  const struct {
    uint32_t dim;
    uint32_t bits;
  } rows[] = {{1, 0x3f800000}, {1, 0x7fc00000}, {2, 0}, {1, 0x40000000}};
  opened in = open_bytes(rows, sizeof rows, NULL);
  CHECK_IDS(&in, 1);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "row 2 of 4: float 1 is nan");
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "row 3 of 4: has 2 floats, the first row has 1");
  CHECK_IDS(&in, 4);
  check_end(&in);
  close_opened(&in);
}

static void test_qdrant_source_open_of_ids_beyond_64_bits_is_refused(void **state) {
  (void)state;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  made_file file = make_npy(2);
  qdrant_source *source = NULL;
  qdrant_error err;
  options.first_id = UINT64_MAX;
  options.has_first_id = 1;
  assert_int_equal(qdrant_source_open(file.path, &options, &source, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "would pass 2^64 - 1"));
  assert_null(source);
  made_file_drop(&file);
}

static void test_qdrant_source_open_of_first_bytes_tells_the_formats_apart(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
    qdrant_source_format format;
  } cases[] = {
      {"\1\0\0\0\0\0\0\0", 8, QDRANT_SOURCE_FVECS},
      {"{\"id\": 1", 8, QDRANT_SOURCE_JSONL},
      {"", 0, QDRANT_SOURCE_JSONL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    opened in = open_bytes(cases[i].bytes, cases[i].n, NULL);
    assert_int_equal(qdrant_source_format_of(in.source), cases[i].format);
    close_opened(&in);
  }
}

static void test_qdrant_source_open_of_bad_arguments_names_them(void **state) {
  (void)state;
  qdrant_source *source = NULL;
  qdrant_error err;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  assert_int_equal(qdrant_source_open(NULL, NULL, &source, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_source_open("/nowhere/x.npy", NULL, &source, &err), QDRANT_NOT_FOUND);
  assert_string_equal(err.message, "/nowhere/x.npy: No such file or directory");
  assert_int_equal(qdrant_source_open("/", NULL, &source, &err), QDRANT_IO_ERROR);
  options.max_points = 1000001;
  assert_int_equal(qdrant_source_open("/dev/null", &options, &source, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "max_points 1000001"));
  options.max_points = 0;
  options.format = (qdrant_source_format)4;
  assert_int_equal(qdrant_source_open("/dev/null", &options, &source, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "format 4"));
  assert_null(source);
}

static const qdrant_source_vector *find(const qdrant_source_vector *vectors, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (vectors[i].name && strcmp(vectors[i].name, name) == 0)
      return &vectors[i];
  fail_msg("no vector %s", name);
  return NULL;
}

static void test_qdrant_source_schema_of_lines_has_all_of_the_first_piece(void **state) {
  (void)state;
  opened in = open_lines("{\"id\":1,\"vector\":{\"a\":[1,2,3],\"b\":{\"indices\":[1],\"values\":[1]}}}\n"
                         "{\"id\":2,\"vector\":{\"c\":[[1,2],[3,4]],\"d\":[5]}}\n",
      10);
  const qdrant_source_vector *found;
  size_t n;
  assert_int_equal(qdrant_source_schema(in.source, &found, &n, &in.err), QDRANT_OK);
  assert_int_equal(n, 4);
  assert_int_equal(find(found, n, "a")->dim, 3);
  assert_int_equal(find(found, n, "b")->kind, QDRANT_SPARSE);
  assert_int_equal(find(found, n, "c")->kind, QDRANT_MULTI);
  assert_int_equal(find(found, n, "c")->dim, 2);
  assert_int_equal(qdrant_source_position(in.source), 0);
  qdrant_point_batch batch;
  assert_int_equal(qdrant_source_next(in.source, &batch, &in.err), QDRANT_OK);
  assert_int_equal(batch.n_points, 2);
  for (size_t i = 0; i < batch.n_vectors; i++)
    if (strcmp(batch.vectors[i].name, "d") == 0) {
      assert_int_equal(batch.vectors[i].validity[0], 2);
      assert_true(batch.vectors[i].values[1] > 4.9f);
    }
  close_opened(&in);
}

static void test_qdrant_source_next_of_a_bad_line_leaves_no_column_behind(void **state) {
  (void)state;
  opened in = open_lines("{\"id\":1,\"vector\":[1,2,3],\"x\":1}\n{\"id\":2,\"vector\":[1,2]}\n", 10);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 1: \"x\" is none of");
  CHECK_IDS(&in, 2);
  close_opened(&in);
}

static void test_qdrant_source_schema_without_floats_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "", "{\"id\":1}", "{\"id\":1,\"vector\":[]}", "{\"id\":1,\"vector\":[[]]}", "{\"id\":1,\"vector\":{}}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    opened in = open_lines(texts[i], 10);
    const qdrant_source_vector *found;
    size_t n;
    assert_int_equal(qdrant_source_schema(in.source, &found, &n, &in.err), QDRANT_INVALID_ARGUMENT);
    close_opened(&in);
  }
}

static void test_qdrant_source_expect_of_other_vectors_is_refused(void **state) {
  (void)state;
  static const struct {
    qdrant_source_vector vector;
    const char *why;
  } cases[] = {
      {{NULL, QDRANT_DENSE, 2}, "rows of 1 floats; the collection takes 2"},
      {{NULL, QDRANT_MULTI, 1}, "the vector is multi; rows can only be dense vectors"},
      {{"x", QDRANT_DENSE, 1}, "the collection has no unnamed vector"},
      {{NULL, QDRANT_DENSE, 0}, "vectors[0]: dim 0; 1 to 65536 are possible"},
  };
  opened in = open_npy(2, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(qdrant_source_expect(in.source, &cases[i].vector, 1, &in.err), QDRANT_INVALID_ARGUMENT);
    if (!strstr(in.err.message, cases[i].why))
      fail_msg("\"%s\" does not say \"%s\"", in.err.message, cases[i].why);
  }
  assert_int_equal(qdrant_source_expect(in.source, &(qdrant_source_vector){.dim = 1}, 1, &in.err), QDRANT_OK);
  close_opened(&in);
}

static void test_qdrant_source_expect_after_schema_holds_what_was_found_against_it(void **state) {
  (void)state;
  static const qdrant_source_vector wrong[] = {{"a", QDRANT_DENSE, 3}, {"a", QDRANT_SPARSE, 0}, {"b", QDRANT_DENSE, 2}};
  static const char *const why[] = {"2 floats; the collection takes 3", "is dense; the collection takes it sparse",
      "the collection has no vector \"a\""};
  for (size_t i = 0; i < 3; i++) {
    opened in = open_lines("{\"id\":1,\"vector\":{\"a\":[1,2]}}\n", 10);
    const qdrant_source_vector *found;
    size_t n;
    assert_int_equal(qdrant_source_schema(in.source, &found, &n, &in.err), QDRANT_OK);
    assert_int_equal(qdrant_source_expect(in.source, &wrong[i], 1, &in.err), QDRANT_INVALID_ARGUMENT);
    if (!strstr(in.err.message, why[i]))
      fail_msg("\"%s\" does not say \"%s\"", in.err.message, why[i]);
    close_opened(&in);
  }
}

static void test_qdrant_source_next_of_equal_ids_refuses_the_second_when_told(void **state) {
  (void)state;
  static const char lines[] = "{\"id\":7,\"vector\":[1]}\n{\"id\":8,\"vector\":[1]}\n{\"id\":7,\"vector\":[2]}\n"
                              "{\"id\":\"00000000-0000-0000-0000-000000000007\",\"vector\":[2]}\n";
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  opened in = open_bytes(lines, sizeof lines - 1, &options);
  qdrant_point_batch batch;
  assert_int_equal(qdrant_source_next(in.source, &batch, &in.err), QDRANT_OK);
  assert_int_equal(batch.n_points, 4);
  close_opened(&in);
  options.refuses_equal_ids = QDRANT_ON;
  in = open_bytes(lines, sizeof lines - 1, &options);
  CHECK_IDS(&in, 7, 8);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 3: id 7 is also that of line 1");
  assert_int_equal(qdrant_source_next(in.source, &batch, &in.err), QDRANT_OK);
  assert_int_equal(batch.n_points, 1);
  close_opened(&in);
}

static void test_qdrant_source_next_reads_numbers_whatever_the_piece_boundaries(void **state) {
  (void)state;
  enum { n_lines = 20000 };
  char *text = malloc(n_lines * 48);
  size_t n = 0;
  assert_non_null(text);
  for (int i = 0; i < n_lines; i++)
    n += (size_t)sprintf(text + n, "{\"id\":%d,\"vector\":[%d.5]}\n", i, i);
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.max_points = 777;
  opened in = open_bytes(text, n, &options);
  qdrant_point_batch batch;
  uint64_t at = 0;
  do {
    assert_int_equal(qdrant_source_next(in.source, &batch, &in.err), QDRANT_OK);
    for (size_t i = 0; i < batch.n_points; i++, at++)
      assert_true(batch.ids[i] == at && batch.vectors[0].values[i] > (float)at);
  } while (batch.n_points > 0);
  assert_int_equal(at, n_lines);
  assert_true(qdrant_source_fraction(in.source) > 0.999);
  close_opened(&in);
  free(text);
}

static void test_qdrant_source_identity_changes_with_file_and_options(void **state) {
  (void)state;
  char path[] = "/tmp/qdrant_identity_XXXXXX";
  char before[512];
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, "{\"id\":1}\n", 9) == 9);
  const struct timeval then[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
  assert_int_equal(futimes(fd, then), 0);
  qdrant_source *source = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_source_open(path, NULL, &source, &err), QDRANT_OK);
  snprintf(before, sizeof before, "%s", qdrant_source_identity(source, &err));
  assert_non_null(strstr(before, "jsonl size=9 changed=1000000.000000000 sha256="));
  qdrant_source_close(source);
  /* Another digit, the same size and time. */
  assert_int_equal(pwrite(fd, "2", 1, 6), 1);
  assert_int_equal(futimes(fd, then), 0);
  assert_int_equal(qdrant_source_open(path, NULL, &source, &err), QDRANT_OK);
  assert_string_not_equal(qdrant_source_identity(source, &err), before);
  qdrant_source_close(source);
  /* The same file again is the same. */
  assert_int_equal(pwrite(fd, "1", 1, 6), 1);
  assert_int_equal(futimes(fd, then), 0);
  assert_int_equal(qdrant_source_open(path, NULL, &source, &err), QDRANT_OK);
  assert_string_equal(qdrant_source_identity(source, &err), before);
  qdrant_source_close(source);
  close(fd);
  unlink(path);
}

static void test_qdrant_source_identity_of_rows_has_ids_and_name(void **state) {
  (void)state;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.vector_name = "text";
  options.has_first_id = 1;
  opened in = open_npy(2, &options);
  assert_non_null(strstr(qdrant_source_identity(in.source, &in.err), " first_id=0 vector=text"));
  close_opened(&in);
}

/* A pipe that has these bytes, as a path. */
static int make_pipe(const char *text, char path[32], int *writer) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
  snprintf(path, 32, "/proc/self/fd/%d", ends[0]);
  *writer = ends[1];
  return ends[0];
}

static void test_qdrant_source_seek_of_a_pipe_goes_forward_only(void **state) {
  (void)state;
  char path[32];
  int writer, reader = make_pipe(five_lines, path, &writer);
  opened in = {.source = NULL};
  assert_int_equal(qdrant_source_open(path, NULL, &in.source, &in.err), QDRANT_OK);
  close(writer);
  assert_int_equal(qdrant_source_seek(in.source, 2, &in.err), QDRANT_OK);
  CHECK_IDS(&in, 3);
  assert_int_equal(qdrant_source_seek(in.source, 1, &in.err), QDRANT_UNSUPPORTED);
  assert_null(qdrant_source_identity(in.source, &in.err));
  assert_int_equal(in.err.status, QDRANT_UNSUPPORTED);
  assert_true(qdrant_source_fraction(in.source) < 0);
  check_refused(&in, QDRANT_INVALID_ARGUMENT, "line 7: ");
  CHECK_IDS(&in, 5);
  qdrant_source_close(in.source);
  close(reader);
}

static void do_nothing(int signal_number) {
  (void)signal_number;
}

static void test_qdrant_source_next_that_a_signal_interrupts_loses_nothing(void **state) {
  (void)state;
  char path[32];
  int writer, reader = make_pipe("{\"id\":1,\"vec", path, &writer);
  opened in = {.source = NULL};
  const struct sigaction action = {.sa_handler = do_nothing};
  const struct itimerval soon = {.it_interval = {.tv_usec = 20000}, .it_value = {.tv_usec = 20000}}, never = {0};
  assert_int_equal(qdrant_source_open(path, NULL, &in.source, &in.err), QDRANT_OK);
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  check_refused(&in, QDRANT_CANCELLED, "Interrupted");
  setitimer(ITIMER_REAL, &never, NULL);
  assert_int_equal(write(writer, "tor\":[1]}", 9), 9);
  close(writer);
  CHECK_IDS(&in, 1);
  check_end(&in);
  qdrant_source_close(in.source);
  close(reader);
}

static qdrant_status read_to_end(qdrant_source *source, qdrant_error *err) {
  qdrant_point_batch batch;
  qdrant_status status;
  do
    status = qdrant_source_next(source, &batch, err);
  while (status == QDRANT_OK && batch.n_points > 0);
  return status;
}

/* Everything that a source can do. */
static qdrant_status read_everything(void *user) {
  const made_file *file = user;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  qdrant_source *source = NULL;
  const qdrant_source_vector *found;
  size_t n_found;
  qdrant_error err;
  options.vector_name = "v";
  options.max_points = 2;
  options.refuses_equal_ids = QDRANT_ON;
  qdrant_status status = qdrant_source_open(file->path, &options, &source, &err);
  if (status == QDRANT_OK)
    status = qdrant_source_schema(source, &found, &n_found, &err);
  if (status == QDRANT_OK && !qdrant_source_identity(source, &err))
    status = err.status;
  if (status == QDRANT_OK)
    status = read_to_end(source, &err);
  if (status == QDRANT_OK)
    status = qdrant_source_seek(source, 1, &err);
  if (status == QDRANT_OK)
    status = read_to_end(source, &err);
  qdrant_source_close(source);
  return status;
}

static void test_qdrant_source_without_memory_says_so(void **state) {
  (void)state;
  static const char lines[] =
      "{\"id\":1,\"vector\":{\"a\":[1,2],\"s\":{\"indices\":[5,2],\"values\":[1,2]}},\"payload\":{\"k\":[1,{\"x\":null}"
      "]}}\n\n"
      "{\"id\":\"f47ac10b-58cc-4372-a567-0e02b2c3d479\",\"vector\":{\"m\":[[1,2],[3,4]]}}\n\n"
      "{\"id\":3,\"vector\":{\"a\":[3,4]},\"payload\":{\"text\":\"a longer one than the one before\"}}\n";
  made_file file = made_file_of(lines, sizeof lines - 1);
  torture(read_everything, &file);
  made_file_drop(&file);
  file = make_npy(5);
  torture(read_everything, &file);
  made_file_drop(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qdrant_source_next_behind_a_bad_line_goes_on),
      cmocka_unit_test(test_qdrant_source_place_counts_blank_lines),
      cmocka_unit_test(test_qdrant_source_seek_of_lines_goes_to_the_point),
      cmocka_unit_test(test_qdrant_source_seek_of_rows_gives_their_ids),
      cmocka_unit_test(test_qdrant_source_next_behind_a_bad_row_goes_on),
      cmocka_unit_test(test_qdrant_source_open_of_ids_beyond_64_bits_is_refused),
      cmocka_unit_test(test_qdrant_source_open_of_first_bytes_tells_the_formats_apart),
      cmocka_unit_test(test_qdrant_source_open_of_bad_arguments_names_them),
      cmocka_unit_test(test_qdrant_source_schema_of_lines_has_all_of_the_first_piece),
      cmocka_unit_test(test_qdrant_source_next_of_a_bad_line_leaves_no_column_behind),
      cmocka_unit_test(test_qdrant_source_schema_without_floats_is_refused),
      cmocka_unit_test(test_qdrant_source_expect_of_other_vectors_is_refused),
      cmocka_unit_test(test_qdrant_source_expect_after_schema_holds_what_was_found_against_it),
      cmocka_unit_test(test_qdrant_source_next_of_equal_ids_refuses_the_second_when_told),
      cmocka_unit_test(test_qdrant_source_next_reads_numbers_whatever_the_piece_boundaries),
      cmocka_unit_test(test_qdrant_source_identity_changes_with_file_and_options),
      cmocka_unit_test(test_qdrant_source_identity_of_rows_has_ids_and_name),
      cmocka_unit_test(test_qdrant_source_seek_of_a_pipe_goes_forward_only),
      cmocka_unit_test(test_qdrant_source_next_that_a_signal_interrupts_loses_nothing),
      cmocka_unit_test(test_qdrant_source_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

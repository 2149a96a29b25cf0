#include "client/checkpoint.h"
#include "core/alloc.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const uint64_t failed[] = {0, 3, 17, 1, 40, 60};

static const qdrant_checkpoint sample = {.size = sizeof sample,
    .collection = "cities of 100 % \n\x7f",
    .source = "big file.npy size 17 h\xc3\xa4sh",
    .first_unreported = 100,
    .n_done = 36,
    .failed = failed,
    .n_failed = 3,
    .library = "9.8.7"};

static char directory[] = "/tmp/qd_checkpointXXXXXX";
static char path[128];

static int make_directory(void **state) {
  (void)state;
  strcpy(directory, "/tmp/qd_checkpointXXXXXX");
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/upload.checkpoint", directory);
  return 0;
}

static int remove_directory(void **state) {
  (void)state;
  char part[160];
  snprintf(part, sizeof part, "%s.part", path);
  unlink(part);
  unlink(path);
  return rmdir(directory);
}

static size_t read_text(char *text, size_t max) {
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t n = fread(text, 1, max, file);
  fclose(file);
  return n;
}

static void write_text(const char *text, size_t n) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, n, file), n);
  fclose(file);
}

static void test_checkpoint_write_read_the_same(void **state) {
  (void)state;
  const qdrant_checkpoint *read = NULL;
  qdrant_error err = {0};
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_OK);
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_OK); /* in place of the first */
  assert_int_equal(qdrant_checkpoint_read(path, &read, &err), QDRANT_OK);
  assert_int_equal(read->size, sizeof *read);
  assert_string_equal(read->collection, sample.collection);
  assert_string_equal(read->source, sample.source);
  assert_string_equal(read->library, sample.library);
  assert_int_equal(read->first_unreported, 100);
  assert_int_equal(read->n_done, 36);
  assert_int_equal(read->is_complete, 0);
  assert_int_equal(read->n_failed, 3);
  assert_memory_equal(read->failed, failed, sizeof failed);
  qdrant_checkpoint_free(read);
}

static void test_checkpoint_write_is_text_a_user_can_read(void **state) {
  (void)state;
  char text[1024] = "";
  qdrant_error err = {0};
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_OK);
  read_text(text, sizeof text - 1);
  assert_memory_equal(text, "qdrant-checkpoint 1\nlibrary 9.8.7\ncollection cities%20of%20100%20%25%20%0A%7F\n", 73);
  assert_non_null(
      strstr(text, "first_unreported 100\nn_done 36\nis_complete 0\nn_failed 3\nfailed 0 3\nfailed 17 1\n"));
}

static qdrant_status parse(const char *text, size_t n, qdrant_error *err) {
  const qdrant_checkpoint *read = NULL;
  *err = (qdrant_error){0};
  char *exact = malloc(n > 0 ? n : 1); /* so that reading behind the end is seen */
  memcpy(exact, text, n);
  qdrant_status status = qd_checkpoint_parse(exact, n, &read, err);
  free(exact);
  assert_int_equal(read != NULL, status == QDRANT_OK);
  qdrant_checkpoint_free(read);
  return status;
}

static void test_checkpoint_parse_cut_or_changed_refused(void **state) {
  (void)state;
  char text[1024];
  qdrant_error err = {0};
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_OK);
  size_t n = read_text(text, sizeof text);
  assert_int_equal(parse(text, n, &err), QDRANT_OK);
  for (size_t cut = 0; cut < n; cut++)
    assert_int_equal(parse(text, cut, &err), QDRANT_INVALID_ARGUMENT);
  for (size_t i = 0; i < n; i++) {
    for (int bit = 0; bit < 8; bit++) {
      text[i] = (char)(text[i] ^ (1 << bit));
      assert_int_equal(parse(text, n, &err), QDRANT_INVALID_ARGUMENT);
      assert_non_null(strstr(err.message, "line "));
      text[i] = (char)(text[i] ^ (1 << bit));
    }
  }
}

/* With the checksum that belongs to it: what is wrong is the content. */
static qdrant_status parse_lines(const char *lines, qdrant_error *err) {
  char text[1024];
  int n = snprintf(
      text, sizeof text, "%ssum %016llx\n", lines, (unsigned long long)qd_checkpoint_sum(lines, strlen(lines)));
  return parse(text, (size_t)n, err);
}

#define BEGIN "qdrant-checkpoint 1\nlibrary 1\ncollection c\nsource \nfirst_unreported 100\nn_done 1\nis_complete 1\n"

static void test_checkpoint_parse_bad_content_line_named(void **state) {
  (void)state;
  static const struct {
    const char *lines;
    const char *says; /* NULL: fine */
  } cases[] = {
      {BEGIN "n_failed 0\n", NULL},
      {BEGIN "n_failed 1\nfailed 99 1\n", NULL},
      {BEGIN "n_failed 1\nfailed 99 2\n", "line 9: the range"},
      {BEGIN "n_failed 1\nfailed 9 0\n", "line 9: the range"},
      {BEGIN "n_failed 2\nfailed 9 2\nfailed 10 1\n", "line 10: the range"},
      {BEGIN "n_failed 2\nfailed 9 2\nfailed 11 1\n", "line 10: the range"},
      {BEGIN "n_failed 1\nfailed 9\n", "line 9: expected"},
      {BEGIN "n_failed 1\nfailed 9 1 1\n", "line 9: expected"},
      {BEGIN "n_failed 1\nfailed 18446744073709551615 2\n", "line 9: the range"},
      {BEGIN "n_failed 1\nfailed 18446744073709551616 2\n", "line 9: expected"},
      {BEGIN "n_failed 10001\n", "line 8: n_failed"},
      {BEGIN "n_failed 01\nfailed 9 1\n", "line 8: n_failed"},
      {BEGIN "n_failed 0\nmore 1\n", "line 9: expected \"sum\""},
      {BEGIN "n_failed -1\n", "line 8: n_failed"},
      {"qdrant-checkpoint 2\n", "line 1: a format newer"},
      {"qdrant-checkpoint 1\nlibrary 1\ncollection a b\n", "line 3: a character"},
      {"qdrant-checkpoint 1\nlibrary 1\ncollection %00\n", "line 3: a character"},
      {"qdrant-checkpoint 1\nlibrary 1\ncollection %2\n", "line 3: a character"},
      {"qdrant-checkpoint 1\nlibrary 1\ncollection %2x\n", "line 3: a character"},
      {"qdrant-checkpoint 1\nlibrary 1\nsource a\n", "line 3: expected \"collection\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    qdrant_error err = {0};
    qdrant_status status = parse_lines(cases[i].lines, &err);
    assert_int_equal(status, cases[i].says == NULL ? QDRANT_OK : QDRANT_INVALID_ARGUMENT);
    if (cases[i].says != NULL && strstr(err.message, cases[i].says) == NULL)
      fail_msg("case %zu says: %s", i, err.message);
  }
}

static void test_checkpoint_read_files_that_are_none(void **state) {
  (void)state;
  const qdrant_checkpoint *read = NULL;
  qdrant_error err = {0};
  unlink(path);
  assert_int_equal(qdrant_checkpoint_read(path, &read, &err), QDRANT_NOT_FOUND);
  assert_int_equal(qdrant_checkpoint_read(directory, &read, &err), QDRANT_IO_ERROR);
  write_text("id,vector\n", 10);
  assert_int_equal(qdrant_checkpoint_read(path, &read, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, path));
  char *large = calloc(1, QD_CHECKPOINT_MAX_BYTES + 1);
  write_text(large, QD_CHECKPOINT_MAX_BYTES + 1);
  free(large);
  assert_int_equal(qdrant_checkpoint_read(path, &read, &err), QDRANT_INVALID_ARGUMENT);
  assert_null(read);
  assert_int_equal(qdrant_checkpoint_read(NULL, &read, &err), QDRANT_INVALID_ARGUMENT);
  qdrant_checkpoint_free(NULL);
}

static void test_checkpoint_write_where_it_cannot_the_old_one_stays(void **state) {
  (void)state;
  const qdrant_checkpoint *read = NULL;
  qdrant_error err = {0};
  char part[160];
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_OK);
  snprintf(part, sizeof part, "%s.part", path);
  assert_int_equal(mkdir(part, 0700), 0); /* in the way */
  assert_int_equal(qd_checkpoint_write(path, &sample, &err), QDRANT_IO_ERROR);
  assert_non_null(strstr(err.message, part));
  assert_int_equal(rmdir(part), 0);
  assert_int_equal(qdrant_checkpoint_read(path, &read, &err), QDRANT_OK);
  qdrant_checkpoint_free(read);
}

static qdrant_status write_and_read(void *user) {
  (void)user;
  const qdrant_checkpoint *read = NULL;
  qdrant_error err = {0};
  qdrant_status status = qd_checkpoint_write(path, &sample, &err);
  if (status == QDRANT_OK)
    status = qdrant_checkpoint_read(path, &read, &err);
  qdrant_checkpoint_free(read);
  return status;
}

/* Lenient: without memory for the directory's name the file is written all the same. */
static void test_checkpoint_without_memory_says_so(void **state) {
  (void)state;
  torture_lenient(write_and_read, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_checkpoint_write_read_the_same),
      cmocka_unit_test(test_checkpoint_write_is_text_a_user_can_read),
      cmocka_unit_test(test_checkpoint_parse_cut_or_changed_refused),
      cmocka_unit_test(test_checkpoint_parse_bad_content_line_named),
      cmocka_unit_test(test_checkpoint_read_files_that_are_none),
      cmocka_unit_test(test_checkpoint_write_where_it_cannot_the_old_one_stays),
      cmocka_unit_test(test_checkpoint_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

#include "qdrant/source.h"
#include "tests/support/made_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An open source over text in memory. */
typedef struct opened {
  made_file file;
  qdrant_source *source;
  qdrant_error err;
  qdrant_status status;
} opened;

/* The vectors that a collection takes. */
typedef struct schema {
  qdrant_source_vector vectors[3];
  size_t n;
} schema;

static const schema unnamed = {{{NULL, QDRANT_DENSE, 2}}, 1};
static const schema named = {{{"text", QDRANT_DENSE, 2}, {"terms", QDRANT_SPARSE, 0}, {"parts", QDRANT_MULTI, 2}}, 3};

static opened open_text(const char *text, const schema *expected, uint32_t max_points) {
  opened in = {.file = made_file_of(text, strlen(text))};
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.format = QDRANT_SOURCE_JSONL;
  options.max_points = max_points;
  in.status = qdrant_source_open(in.file.path, &options, &in.source, &in.err);
  if (in.status == QDRANT_OK && expected)
    in.status = qdrant_source_expect(in.source, expected->vectors, expected->n, &in.err);
  return in;
}

static qdrant_point_batch read_batch(opened *in) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  if (in->status == QDRANT_OK)
    in->status = qdrant_source_next(in->source, &batch, &in->err);
  return batch;
}

static void close_text(opened *in) {
  qdrant_source_close(in->source);
  made_file_drop(&in->file);
}

static void test_qd_jsonl_read_of_plain_points_gives_columns(void **state) {
  (void)state;
  opened in =
      open_text("{\"id\":7,\"vector\":[1,2.5]}\n\n{\"payload\":{\"a\":1},\"vector\":[-3,4e2],\"id\":8}", &unnamed, 10);
  qdrant_point_batch batch = read_batch(&in);
  assert_int_equal(in.status, QDRANT_OK);
  assert_int_equal(batch.n_points, 2);
  assert_int_equal(batch.ids[0], 7);
  assert_int_equal(batch.ids[1], 8);
  assert_null(batch.uuids);
  assert_int_equal(batch.n_vectors, 1);
  assert_null(batch.vectors[0].name);
  assert_null(batch.vectors[0].validity);
  const float want[] = {1, 2.5f, -3, 400};
  assert_memory_equal(batch.vectors[0].values, want, sizeof want);
  assert_int_equal(batch.n_payload, 1);
  assert_int_equal(batch.payload[0].kind, QDRANT_PAYLOAD_JSON);
  assert_int_equal(batch.payload[0].validity[0], 2);
  assert_memory_equal(batch.payload[0].values, "{\"a\":1}", 7);
  char place[48];
  qdrant_source_place(in.source, 1, place, sizeof place);
  assert_string_equal(place, "line 3");
  assert_int_equal(read_batch(&in).n_points, 0);
  assert_int_equal(in.status, QDRANT_OK);
  close_text(&in);
}

static void test_qd_jsonl_read_of_many_points_cuts_them_in_chunks(void **state) {
  (void)state;
  opened in =
      open_text("{\"id\":1,\"vector\":[1,1]}\n{\"id\":2,\"vector\":[2,2]}\n{\"id\":1,\"vector\":[3,3]}\n", &unnamed, 2);
  assert_int_equal(read_batch(&in).n_points, 2);
  qdrant_point_batch batch = read_batch(&in);
  assert_int_equal(batch.n_points, 1);
  assert_int_equal(batch.ids[0], 1);
  assert_true(batch.vectors[0].values[1] > 2.9f);
  assert_int_equal(batch.n_payload, 0);
  assert_int_equal(read_batch(&in).n_points, 0);
  close_text(&in);
}

static void test_qd_jsonl_read_of_mixed_ids_tells_them_apart(void **state) {
  (void)state;
  opened in = open_text("{\"id\":18446744073709551615,\"vector\":[1,1]}\n"
                        "{\"id\":\"f47ac10b-58cc-4372-a567-0e02b2c3d479\",\"vector\":[2,2]}\n",
      &unnamed, 10);
  qdrant_point_batch batch = read_batch(&in);
  assert_int_equal(batch.n_points, 2);
  assert_int_equal(batch.is_uuid[0], 2);
  assert_true(batch.ids[0] == UINT64_MAX);
  assert_int_equal(batch.uuids[1].bytes[0], 0xf4);
  assert_int_equal(batch.uuids[1].bytes[15], 0x79);
  close_text(&in);
}

static const qdrant_vector_column *find(const qdrant_point_batch *batch, const char *name) {
  for (size_t i = 0; i < batch->n_vectors; i++)
    if (strcmp(batch->vectors[i].name, name) == 0)
      return &batch->vectors[i];
  fail_msg("no column %s", name);
  return NULL;
}

static void test_qd_jsonl_read_of_named_vectors_marks_what_is_missing(void **state) {
  (void)state;
  opened in = open_text("{\"id\":1,\"vector\":{\"text\":[1,2],\"terms\":{\"indices\":[9,4],\"values\":[0.5,1]}}}\n"
                        "{\"id\":2,\"vector\":{\"parts\":[[1,2],[3,4]]}}\n"
                        "{\"id\":3,\"vector\":{\"parts\":[[5,6]],\"text\":[7,8]}}\n",
      &named, 10);
  qdrant_point_batch batch = read_batch(&in);
  assert_int_equal(in.status, QDRANT_OK);
  assert_int_equal(batch.n_points, 3);
  const qdrant_vector_column *text = find(&batch, "text"), *terms = find(&batch, "terms"),
                             *parts = find(&batch, "parts");
  assert_int_equal(text->validity[0], 5);
  assert_true(text->values[4] > 6.9f && text->values[5] > 7.9f);
  assert_int_equal(terms->validity[0], 1);
  const int64_t term_offsets[] = {0, 2, 2, 2}, part_offsets[] = {0, 0, 2, 3};
  const uint32_t indices[] = {9, 4};
  const float part_values[] = {1, 2, 3, 4, 5, 6};
  assert_memory_equal(terms->offsets, term_offsets, sizeof term_offsets);
  assert_memory_equal(terms->indices, indices, sizeof indices);
  assert_int_equal(parts->validity[0], 6);
  assert_memory_equal(parts->offsets, part_offsets, sizeof part_offsets);
  assert_memory_equal(parts->values, part_values, sizeof part_values);
  close_text(&in);
}

static void test_qd_jsonl_read_of_bad_lines_names_line_and_rule(void **state) {
  (void)state;
  static const struct {
    const char *line, *why;
  } cases[] = {
      {"{", "the JSON ends where a string is needed"},
      {"{\"id\":1,\"vector\":[1,2]", "the JSON ends where ',' or '}' is needed"},
      {"{\"id\":1,\"vector\":[1,2]}}", "byte 24: something follows the point"},
      {"\"text\"", "byte 1 of the JSON: '{' is needed"},
      {"12", "byte 1 of the JSON: '{' is needed"},
      {"{}", "\"id\" is missing"},
      {"{\"id\":1}", "\"vector\" is missing"},
      {"{\"vector\":[1,2]}", "\"id\" is missing"},
      {"{\"id\":1,\"id\":2,\"vector\":[1,2]}", "\"id\" is there twice"},
      {"{\"id\":1,\"vector\":[1,2],\"vectors\":1}", "\"vectors\" is none of \"id\", \"vector\", \"payload\""},
      {"{\"id\":1,\"vector\":[1,Infinity]}", "\"vector\": float 2: byte 21 of the JSON: a number is needed"},
      {"{\"id\":1,\"vector\":[NaN,1]}", "float 1: byte 19 of the JSON: a number is needed"},
      {"{\"id\":1,\"vector\":[1,2,]}", "float 3: byte 23 of the JSON: a number is needed"},
      {"{\"id\":1,\"vector\":[01,2]}", "float 1: byte 19 of the JSON: a number is needed"},
      {"{\"id\":1,\"vector\":[1.,2]}", "a number is needed"},
      {"{\"id\":1,\"vector\":[1 2]}", "',' or ']' is needed"},
      {"{\"id\":1,\"vector\":[+1,2]}", "a number is needed"},
      {"{\"id\":1,\"vector\":[0x1,2]}", "',' or ']' is needed"},
      {"{'id':1,\"vector\":[1,2]}", "byte 2 of the JSON: a string is needed"},
      {"{\"id\":18446744073709551616,\"vector\":[1,2]}",
          "\"id\": 18446744073709551616 is no whole number from 0 to 18446744073709551615"},
      {"{\"id\":-1,\"vector\":[1,2]}", "\"id\": -1 is no whole number"},
      {"{\"id\":1.0,\"vector\":[1,2]}", "\"id\": 1.0 is no whole number"},
      {"{\"id\":1e2,\"vector\":[1,2]}", "\"id\": 1e2 is no whole number"},
      {"{\"id\":null,\"vector\":[1,2]}", "\"id\": byte 7 of the JSON: a number is needed"},
      {"{\"id\":\"f47ac10b-58cc-4372-a567-0e02b2c3d47\",\"vector\":[1,2]}", "is no UUID"},
      {"{\"id\":\"12\",\"vector\":[1,2]}", "\"id\": \"12\" is no UUID, and other text is no id"},
      {"{\"id\":\"\\u00e9\\ud83d\\ude00\",\"vector\":[1,2]}", "\"id\": \"\xc3\xa9\xf0\x9f\x98\x80\" is no UUID"},
      {"{\"id\":\"\\ud83d\",\"vector\":[1,2]}", "a character of a string is needed"},
      {"{\"id\":\"\\u0000\",\"vector\":[1,2]}", "a character of a string is needed"},
      {"{\"id\":\"\\x\",\"vector\":[1,2]}", "a character of a string is needed"},
      {"{\"id\":\"ab", "the JSON ends where the end of a string is needed"},
      {"{\"id\":1,\"vector\":null}", "\"vector\": byte 18 of the JSON: '[' is needed"},
      {"{\"id\":1,\"vector\":[]}", "\"vector\": 0 floats; the collection takes 2"},
      {"{\"id\":1,\"vector\":[1,2,3]}", "\"vector\": 3 floats; the collection takes 2"},
      {"{\"id\":1,\"vector\":\"x\"}", "'[' is needed"},
      {"{\"id\":1,\"vector\":[[1,2]]}", "float 1: byte 19 of the JSON: a number is needed"},
      {"{\"id\":1,\"vector\":[1,-1e300]}", "float 2: -1e300 is too large for a 32-bit float"},
      {"{\"id\":1,\"vector\":{\"x\":[1,2]}}", "\"vector\": \"x\": the collection has no such vector"},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":\"x\"}", "\"payload\": byte 34: an object is needed"},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":NaN}}", "\"payload\": JSON is wrong at byte "},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":1e999}}", "\"payload\": JSON has a number beyond"},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":99999999999999999999}}", "\"payload\": "},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":\"\xff\"}}", "\"payload\": "},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":[", "the JSON ends where a value is needed"},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":\"b\\", "the JSON ends where the end of a string is needed"},
      {"{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":[}}", "\"payload\": JSON is wrong at byte "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[256];
    snprintf(text, sizeof text, "{\"id\":5,\"vector\":[1,2]}\n\n%s\n", cases[i].line);
    opened in = open_text(text, &unnamed, 10);
    assert_int_equal(read_batch(&in).n_points, 1);
    (void)read_batch(&in);
    assert_int_equal(in.status, QDRANT_INVALID_ARGUMENT);
    if (!strstr(in.err.message, cases[i].why) || !strstr(in.err.message, ": line 3: "))
      fail_msg("\"%s\" does not say line 3 and \"%s\"", in.err.message, cases[i].why);
    close_text(&in);
  }
}

static void test_qd_jsonl_read_of_deep_nesting_is_refused(void **state) {
  (void)state;
  char text[1024] = "{\"id\":1,\"vector\":[1,2],\"payload\":{\"a\":";
  size_t n = strlen(text);
  memset(text + n, '[', 400);
  memset(text + n + 400, ']', 400);
  strcpy(text + n + 800, "}}");
  opened in = open_text(text, &unnamed, 10);
  (void)read_batch(&in);
  assert_int_equal(in.status, QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(in.err.message, "line 1: \"payload\": "));
  close_text(&in);
}

static void test_qd_jsonl_read_of_bad_named_vectors_names_them(void **state) {
  (void)state;
  static const struct {
    const char *vector, *why;
  } cases[] = {
      {"{\"text\":[1,2],\"text\":[1,2]}", "\"vector\": \"text\": the point has it twice"},
      {"{\"text\":[1]}", "\"text\": 1 floats; the collection takes 2"},
      {"{\"parts\":[]}", "\"parts\": row 1: "},
      {"{\"parts\":[[1,2],[3]]}", "\"parts\": row 2: 1 floats; the collection takes 2"},
      {"{\"terms\":{\"indices\":[1],\"values\":[]}}", "\"terms\": 1 indices and 0 values"},
      {"{\"terms\":{\"indices\":[1]}}", "\"terms\": 1 indices and 0 values"},
      {"{\"terms\":{\"indices\":[3,1,3],\"values\":[1,2,3]}}", "\"terms\": index 3 is there twice"},
      {"{\"terms\":{\"indices\":[4294967296],\"values\":[1]}}", "index 1: 4294967296 is no whole number"},
      {"{\"terms\":{\"indices\":[],\"indices\":[]}}", "is needed, not \"indices\""},
      {"{\"terms\":{\"weights\":[]}}", "is needed, not \"weights\""},
      {"{\"terms\":[1,2]}", "'{' is needed"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[256];
    snprintf(text, sizeof text, "{\"id\":5,\"vector\":%s}\n", cases[i].vector);
    opened in = open_text(text, &named, 10);
    (void)read_batch(&in);
    assert_int_equal(in.status, QDRANT_INVALID_ARGUMENT);
    if (!strstr(in.err.message, cases[i].why))
      fail_msg("\"%s\" does not say \"%s\"", in.err.message, cases[i].why);
    close_text(&in);
  }
}

static void test_qd_jsonl_read_of_a_payload_keeps_its_text(void **state) {
  (void)state;
  opened in = open_text("{\"id\":1,\"vector\":[1,2],\"payload\": {\"a\" : [1.50, \"\\u0000}\"]} }\n"
                        "{\"id\":2,\"vector\":[1,2],\"payload\":null}\n",
      &unnamed, 10);
  qdrant_point_batch batch = read_batch(&in);
  assert_int_equal(in.status, QDRANT_OK);
  assert_int_equal(batch.n_payload, 1);
  static const char want[] = "{\"a\" : [1.50, \"\\u0000}\"]}";
  const int64_t *offsets = batch.payload[0].offsets;
  assert_int_equal(offsets[1], sizeof want - 1);
  assert_int_equal(offsets[2], offsets[1]);
  assert_memory_equal(batch.payload[0].values, want, sizeof want - 1);
  close_text(&in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_jsonl_read_of_plain_points_gives_columns),
      cmocka_unit_test(test_qd_jsonl_read_of_many_points_cuts_them_in_chunks),
      cmocka_unit_test(test_qd_jsonl_read_of_mixed_ids_tells_them_apart),
      cmocka_unit_test(test_qd_jsonl_read_of_named_vectors_marks_what_is_missing),
      cmocka_unit_test(test_qd_jsonl_read_of_bad_lines_names_line_and_rule),
      cmocka_unit_test(test_qd_jsonl_read_of_deep_nesting_is_refused),
      cmocka_unit_test(test_qd_jsonl_read_of_bad_named_vectors_names_them),
      cmocka_unit_test(test_qd_jsonl_read_of_a_payload_keeps_its_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

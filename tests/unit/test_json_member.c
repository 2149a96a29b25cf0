#include "core/json_member.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *member_of(qd_arena *arena, const char *json) {
  const char *member;
  size_t n;
  qdrant_error err = {0};
  if (qd_json_member_text(json, strlen(json), "result", arena, &member, &n, &err) != QDRANT_OK)
    fail_msg("%s: %s", json, err.message);
  assert_int_equal(n, member == NULL ? 0 : strlen(member));
  return member;
}

static void test_qd_json_member_text_of_any_value_is_on_one_line_as_written(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"{\"result\":1e5}", "1e5"},
      {" {\n \"a\" : [ 1 , { \"result\" : 2 } ] , \"result\" : 3.10 }\n", "3.10"},
      {"{\"result\" : [ 1 ,\t{ \"a b\" : \" } ] \\\" , \\\\\" } , [ ] ], \"b\":0}",
          "[1,{\"a b\":\" } ] \\\" , \\\\\"},[]]"},
      {"{\"result\":1,\"result\":{ }}", "{}"},
      {"{\"result\":null}", "null"},
      {"{\"result\":\"\"}", "\"\""},
      {"{\"result\\\\\":1}", NULL},
      {"{\"results\":1,\"resul\":2}", NULL},
      {"{}", NULL},
      {"[\"result\",1]", NULL},
      {"\"result\"", NULL},
  };
  qd_arena *arena = qd_arena_new(0);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *member = member_of(arena, rows[i][0]);
    if (rows[i][1] == NULL)
      assert_null(member);
    else
      assert_string_equal(member, rows[i][1]);
  }
  qd_arena_free(arena);
}

static void test_qd_json_member_text_of_no_json_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {"", "{\"result\":}", "{\"result\":1", "<html>"};
  qd_arena *arena = qd_arena_new(0);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    const char *member;
    size_t n;
    assert_int_equal(
        qd_json_member_text(texts[i], strlen(texts[i]), "result", arena, &member, &n, NULL), QDRANT_INVALID_ARGUMENT);
    assert_null(member);
  }
  qd_arena_free(arena);
}

static qdrant_status take_member(void *json) {
  const char *member;
  size_t n;
  qd_arena *arena = qd_arena_new(16);
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  qdrant_status status = qd_json_member_text(json, strlen(json), "result", arena, &member, &n, NULL);
  qd_arena_free(arena);
  return status;
}

static void test_qd_json_member_text_without_memory_says_so(void **state) {
  (void)state;
  static char json[] = "{\"result\":[1,2,3]}";
  torture(take_member, json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_json_member_text_of_any_value_is_on_one_line_as_written),
      cmocka_unit_test(test_qd_json_member_text_of_no_json_is_refused),
      cmocka_unit_test(test_qd_json_member_text_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

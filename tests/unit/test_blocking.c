#include "core/blocking.h"

#include "core/deadline.h"
#include "tests/support/letters.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_qd_blocking_open_says_its_name_and_what_it_takes(void **state) {
  (void)state;
  letters_engine letters;
  qd_transport transport = letters_open(&letters, 1, 1);
  assert_string_equal(transport.ops->name, "letters");
  assert_int_equal(transport.ops->accepts, QD_REQUEST_MESSAGE | QD_REQUEST_BYTES);
  letters_close(transport);
  assert_int_equal(letters.is_freed, 1);
}

static void test_run_answers_a_message_in_the_callers_arena(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "cities");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  assert_int_equal(letters_counted(&one), 6);
  assert_int_equal(one.n_done, 0);
  letters_drop(&one);
  letters_close(transport);
}

static void test_run_answers_encoded_bytes(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "cities");
  qd_body_pool *pool = letters_use_bytes(&one);
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  assert_int_equal(letters_counted(&one), 6);
  qd_body_unref(one.call.request.body);
  qd_body_pool_unref(pool);
  letters_drop(&one);
  letters_close(transport);
}

static void test_run_that_the_engine_refuses_was_answered(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "missing");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.status, QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.delivery, QDRANT_ANSWERED);
  assert_string_equal(one.call.error.message, "Collection `missing` doesn't exist!");
  letters_drop(&one);
  letters_close(transport);
}

static void test_run_past_its_deadline_was_not_sent(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "cities");
  one.call.deadline_ns = qd_now_ns();
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(one.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(letters.n_calls, 0);
  letters_drop(&one);
  letters_close(transport);
}

static void test_run_of_bytes_that_are_no_request_is_an_invalid_argument(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "cities");
  qd_body_pool *pool = letters_use_bytes(&one);
  one.call.request.body->bytes[0] = 0x0F;
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(one.call.error.status, QDRANT_INVALID_ARGUMENT);
  assert_int_equal(one.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(letters.n_calls, 0);
  qd_body_unref(one.call.request.body);
  qd_body_pool_unref(pool);
  letters_drop(&one);
  letters_close(transport);
}

static void test_start_keeps_the_request_after_it_returned(void **state) {
  (void)state;
  letters_engine letters;
  letters_call first;
  letters_call second;
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&first, &letters, "wait");
  letters_make(&second, &letters, "cities");
  assert_int_equal(letters_start(transport, &first), QDRANT_OK);
  assert_int_equal(letters_start(transport, &second), QDRANT_OK);
  memset(&second.request, 0xFF, sizeof second.request);
  memset(second.name, 0xFF, sizeof second.name);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&first), QDRANT_OK);
  assert_int_equal(letters_wait_done(&second), QDRANT_OK);
  assert_int_equal(letters_counted(&second), 6);
  assert_null(second.call.transport_state);
  letters_close(transport);
  assert_int_equal(first.n_done + second.n_done, 2);
  assert_false(letters.saw_unblocked_signals);
  letters_drop(&first);
  letters_drop(&second);
}

static void test_start_of_bytes_takes_a_reference(void **state) {
  (void)state;
  letters_engine letters;
  letters_call first;
  letters_call second;
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&first, &letters, "wait");
  letters_make(&second, &letters, "cities");
  qd_body_pool *pool = letters_use_bytes(&second);
  assert_int_equal(letters_start(transport, &first), QDRANT_OK);
  assert_int_equal(letters_start(transport, &second), QDRANT_OK);
  qd_body_unref(second.call.request.body);
  second.call.request.body = NULL;
  qd_body_pool_unref(pool);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&second), QDRANT_OK);
  assert_int_equal(letters_counted(&second), 6);
  letters_close(transport);
  letters_drop(&first);
  letters_drop(&second);
}

static void test_start_that_the_engine_refuses_reports_the_error(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "missing");
  assert_int_equal(letters_start(transport, &one), QDRANT_OK);
  assert_int_equal(letters_wait_done(&one), QDRANT_NOT_FOUND);
  assert_int_equal(one.call.error.delivery, QDRANT_ANSWERED);
  letters_close(transport);
  letters_drop(&one);
}

static void test_start_of_text_that_is_no_utf8_is_not_taken(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 1);
  letters_make(&one, &letters, "\xff");
  assert_int_equal(letters_start(transport, &one), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(one.call.error.message, "collection_name must be UTF-8");
  letters_close(transport);
  assert_int_equal(one.n_done, 0);
  letters_drop(&one);
}

static int exit_code_of(pid_t child) {
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_close_in_a_forked_child_returns_without_joining(void **state) {
  (void)state;
  letters_engine letters;
  letters_call before;
  letters_call during;
  qd_transport transport = letters_open(&letters, 2, 10);
  letters_make(&before, &letters, "cities");
  letters_make(&during, &letters, "wait");
  assert_int_equal(letters_start(transport, &before), QDRANT_OK);
  assert_int_equal(letters_wait_done(&before), QDRANT_OK);
  assert_int_equal(letters_start(transport, &during), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  pid_t child = fork();
  if (child == 0) {
    transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 1);
    _exit(letters.is_freed == 0 ? 23 : 1); /* a call was within the engine: it must not be touched */
  }
  assert_int_equal(exit_code_of(child), 23);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&during), QDRANT_OK);
  letters_close(transport);
  letters_drop(&before);
  letters_drop(&during);
}

static void test_close_in_a_forked_child_at_rest_frees(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 2, 10);
  letters_make(&one, &letters, "cities");
  assert_int_equal(transport.ops->run(transport.self, &one.call), QDRANT_OK);
  pid_t child = fork();
  if (child == 0) {
    transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 1);
    _exit(letters.is_freed == 1 ? 23 : 1);
  }
  assert_int_equal(exit_code_of(child), 23);
  letters_close(transport);
  letters_drop(&one);
}

static qdrant_status run_and_start(void *user) {
  letters_engine *letters = user;
  letters_call one;
  qd_transport transport = {NULL, NULL};
  qdrant_error err = {0};
  letters_make(&one, letters, "cities");
  qdrant_status status = one.call.arena == NULL ? QDRANT_NO_MEMORY : QDRANT_OK;
  if (status == QDRANT_OK)
    status = qd_blocking_open(&letters_ops, letters, 1, 1, &transport, &err);
  if (status == QDRANT_OK)
    status = transport.ops->run(transport.self, &one.call);
  if (status == QDRANT_OK)
    status = letters_start(transport, &one);
  if (status == QDRANT_OK)
    status = letters_wait_done(&one);
  if (transport.ops != NULL)
    letters_close(transport);
  letters_drop(&one);
  return status;
}

static void test_qd_blocking_without_memory_says_so(void **state) {
  (void)state;
  letters_engine letters;
  letters_init(&letters);
  torture(run_and_start, &letters);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_blocking_open_says_its_name_and_what_it_takes),
      cmocka_unit_test(test_run_answers_a_message_in_the_callers_arena),
      cmocka_unit_test(test_run_answers_encoded_bytes),
      cmocka_unit_test(test_run_that_the_engine_refuses_was_answered),
      cmocka_unit_test(test_run_past_its_deadline_was_not_sent),
      cmocka_unit_test(test_run_of_bytes_that_are_no_request_is_an_invalid_argument),
      cmocka_unit_test(test_start_keeps_the_request_after_it_returned),
      cmocka_unit_test(test_start_of_bytes_takes_a_reference),
      cmocka_unit_test(test_start_that_the_engine_refuses_reports_the_error),
      cmocka_unit_test(test_start_of_text_that_is_no_utf8_is_not_taken),
      cmocka_unit_test(test_close_in_a_forked_child_returns_without_joining),
      cmocka_unit_test(test_close_in_a_forked_child_at_rest_frees),
      cmocka_unit_test(test_qd_blocking_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Opens and closes clients as often as its second argument says, over the transport of the first one, and counts what
 * is left: descriptors, threads, memory. */
#include "qdrant/calls.h"
#include "tests/faults/fault_calls.h"
#include "tests/faults/leaks.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CALL_MS = 60000, CALL_EVERY = 16, WARM_UP = 200, N_KEPT = 12, N_KEPT_THREADS = 8 };

/* What gRPC and the server may come to keep for later, however many clients there were: less than a few dozen bytes
 * each. */
enum { MAX_KEPT_BYTES = 128 << 10 };

/* What the heap holds: AddressSanitizer's own count, where it is there. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t count_heap_bytes(void) {
  return __sanitizer_get_current_allocated_bytes != NULL ? __sanitizer_get_current_allocated_bytes()
                                                         : mallinfo2().uordblks;
}

static const char *transport_name;
static size_t n_rounds;
static fault_bed *bed;

static void fill_options(fault_transport transport, qdrant_options *options) {
  options->max_connections = 1;
  options->close_timeout_ms = -1;
  options->url = bed != NULL ? qdrant_mock_url(bed->mock) : ":memory:";
  if (bed == NULL)
    return;
  options->rest_port = qdrant_mock_rest_port(bed->mock);
  options->prefer_grpc = transport == OVER_REST ? QDRANT_OFF : QDRANT_ON;
}

/* Over REST a call connects; over gRPC most are closed while they connect, some after a call. */
static void open_and_close(const qdrant_options *options, size_t number) {
  qdrant_client *client = NULL;
  assert_int_equal(qdrant_client_open(options, &client, NULL), QDRANT_OK);
  if (bed != NULL && (options->prefer_grpc == QDRANT_OFF || number % CALL_EVERY == 0))
    assert_int_equal(fault_call(bed, client, READ_POINTS, 0, CALL_MS).error.status, QDRANT_OK);
  qdrant_client_close(client);
}

static void test_open_and_close_many_times_nothing_is_left(void **state) {
  (void)state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  fill_options(fault_transport_of(transport_name), &options);
  for (size_t i = 0; i < WARM_UP; i++)
    open_and_close(&options, i);
  size_t n_threads = count_threads() + N_KEPT_THREADS;
  size_t n_descriptors = count_descriptors() + N_KEPT;
  assert_string_equal(await_no_leaks(n_descriptors), "");
  size_t n_bytes = count_heap_bytes();
  for (size_t i = 0; i < n_rounds; i++)
    open_and_close(&options, i);
  assert_string_equal(await_no_leaks(n_descriptors), "");
  long long n_grown = (long long)count_heap_bytes() - (long long)n_bytes;
  print_message("%zu clients over %s: %lld bytes of heap, %zu descriptors of %zu, %zu threads of %zu at most\n",
      n_rounds, transport_name, n_grown, count_descriptors(), n_descriptors, count_threads(), n_threads);
  assert_true(count_threads() <= n_threads);
  assert_true(n_grown < MAX_KEPT_BYTES);
}

int main(int n_args, char **args) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_open_and_close_many_times_nothing_is_left)};
  transport_name = n_args > 1 ? args[1] : "memory";
  n_rounds = n_args > 2 ? strtoul(args[2], NULL, 10) : 10000;
  if (strcmp(transport_name, "memory") != 0)
    bed = fault_bed_new();
  int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (bed != NULL)
    fault_bed_free(bed);
  return n_failed;
}

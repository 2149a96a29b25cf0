/* A name with several addresses, of which one is dead: refuses, or swallows connections. No name server is asked: this
 * program answers in its place. */
#include "tests/faults/fault_calls.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME "qdrant.test"
#define DEAD "127.0.0.2"
#define LIVE "127.0.0.1"

enum { CALL_MS = 60000, CONNECT_MS = 500 };

typedef int (*resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static const char *first_address = DEAD;
static const char *second_address = LIVE;

/* In place of the C library's, for gRPC and libcurl, too. */
__attribute__((visibility("default"))) int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
  resolver next = (resolver)dlsym(RTLD_NEXT, "getaddrinfo");
  if (node == NULL || strcmp(node, NAME) != 0)
    return next(node, service, hints, out);
  struct addrinfo asked = *hints;
  struct addrinfo *rest = NULL;
  asked.ai_family = AF_INET;
  int code = next(first_address, service, &asked, out);
  if (code != 0 || (code = next(second_address, service, &asked, &rest)) != 0)
    return code;
  struct addrinfo *last = *out;
  while (last->ai_next != NULL)
    last = last->ai_next;
  last->ai_next = rest;
  return 0;
}

static fault_bed *bed;

/* Nobody listens at the dead address, or a queue that is full. */
static void check_call(fault_transport transport, int is_silent) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  full_listener dead;
  fault_bed_open(bed, &fault_kinds[KIND_DRAIN_MAX], transport);
  fault_bed_dial(bed, &options);
  options.url = "http://" NAME;
  options.connect_timeout_ms = CONNECT_MS;
  if (is_silent)
    dead = full_listener_open_at(DEAD, transport == OVER_REST ? options.rest_port : options.grpc_port);
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  for (fault_operation operation = READ_POINTS; operation < N_FAULT_OPERATIONS; operation++) {
    fault_outcome outcome = fault_call(bed, client, operation, BED_FEW_POINTS, CALL_MS);
    if (outcome.error.status != QDRANT_OK)
      fail_msg("%s: %s", fault_operation_name(operation), outcome.error.message);
  }
  assert_int_equal(fault_bed_n_applied(bed, BED_FEW_POINTS), 2);
  qdrant_client_close(client);
  if (is_silent)
    full_listener_close(&dead);
  fault_bed_close(bed);
}

static void test_name_first_address_refuses_second_is_used(void **state) {
  check_call(*(const fault_transport *)*state, 0);
}

static void test_name_first_address_swallows_second_is_used(void **state) {
  check_call(*(const fault_transport *)*state, 1);
}

static void test_name_second_address_is_dead_first_is_used(void **state) {
  first_address = LIVE;
  second_address = DEAD;
  check_call(*(const fault_transport *)*state, 0);
  first_address = DEAD;
  second_address = LIVE;
}

static fault_transport grpc = OVER_GRPC;
static fault_transport rest = OVER_REST;
static fault_transport failover = OVER_FAILOVER;

#define OVER(test, transport)                                                                                          \
  { #test "_over_" #transport, test, NULL, NULL, &(transport) }
#define OVER_EACH(test) OVER(test, grpc), OVER(test, rest), OVER(test, failover)

int main(void) {
  const struct CMUnitTest tests[] = {
      OVER_EACH(test_name_first_address_refuses_second_is_used),
      OVER_EACH(test_name_first_address_swallows_second_is_used),
      OVER_EACH(test_name_second_address_is_dead_first_is_used),
  };
  setenv("GRPC_DNS_RESOLVER", "native", 1); /* which asks the C library, and so this program */
  bed = fault_bed_new();
  int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
  fault_bed_free(bed);
  return n_failed;
}

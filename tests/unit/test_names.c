/* A host name of two addresses, of which one is dead: both transports reach the other. */
#include "core/deadline.h"
#include "fallback_rest/rest_transport.h"
#include "tests/support/full_listener.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/http_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/ported_client.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The first address is the dead one. */
static const char name[] = "two-addresses.test";
static const char *const addresses[] = {"127.0.0.2", "127.0.0.1"};

enum { CALL_MS = 20000, CONNECT_MS = 1000 };

/* As the C library allocates it, since its freeaddrinfo takes it apart: one block an address. */
static struct addrinfo *new_address(const char *text, uint16_t port, struct addrinfo *next) {
  struct addrinfo *made = calloc(1, sizeof *made + sizeof(struct sockaddr_in));
  struct sockaddr_in *address = (struct sockaddr_in *)(void *)(made + 1);
  address->sin_family = AF_INET;
  address->sin_port = htons(port);
  inet_pton(AF_INET, text, &address->sin_addr);
  made->ai_family = AF_INET;
  made->ai_socktype = SOCK_STREAM;
  made->ai_protocol = IPPROTO_TCP;
  made->ai_addrlen = sizeof *address;
  made->ai_addr = (struct sockaddr *)address;
  made->ai_next = next;
  return made;
}

typedef int (*resolver)(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found);

/* In place of the C library's, for libgrpc and libcurl too. */
__attribute__((visibility("default"))) int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  if (node == NULL || strcmp(node, name) != 0) {
    resolver real = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, found);
  }
  uint16_t port = service != NULL ? (uint16_t)atoi(service) : 0;
  *found = new_address(addresses[0], port, new_address(addresses[1], port, NULL));
  return 0;
}

static int start_grpc_peer(grpc_peer **peer) {
  *peer = grpc_peer_start(&(peer_options){0});
  return *peer != NULL;
}

static void expect_grpc_answer(grpc_peer *peer) {
  qdrant_error error;
  qd_grpc_options options = local_options(grpc_peer_port(peer), 2);
  options.host = name;
  options.connect_timeout_ms = CONNECT_MS;
  qd_transport transport = open_local(&options);
  if (transport.ops->wait_ready(transport.self, qd_deadline_in_ms(CALL_MS), &error) != QDRANT_OK)
    fail_msg("%s", error.message);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_UPSERT, 100, CALL_MS, &error), QDRANT_OK);
  close_local(&transport);
}

static void answer_health(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  (void)request;
  answer->body = rest_health;
}

static void expect_rest_answer(http_peer *peer) {
  qdrant_error error;
  qd_rest_options options = {.http = {.host = name,
                                 .port = http_peer_port(peer),
                                 .n_connections = 2,
                                 .connect_timeout_ms = CONNECT_MS,
                                 .keepalive_ms = -1},
      .max_reply_bytes = 1 << 20};
  qd_transport transport = {0};
  assert_int_equal(qd_rest_open(&options, &transport, NULL), QDRANT_OK);
  if (call_once(&transport, QDRANT_RPC_HEALTH_CHECK, 0, CALL_MS, &error) != QDRANT_OK)
    fail_msg("%s", error.message);
  close_local(&transport);
}

static void test_grpc_refused_address_the_other_is_taken(void **state) {
  grpc_peer *peer = NULL;
  (void)state;
  assert_true(start_grpc_peer(&peer));
  expect_grpc_answer(peer);
  grpc_peer_stop(peer);
}

static void test_grpc_silent_address_the_other_is_taken(void **state) {
  grpc_peer *peer = NULL;
  (void)state;
  assert_true(start_grpc_peer(&peer));
  full_listener dead = full_listener_open_at(addresses[0], grpc_peer_port(peer));
  expect_grpc_answer(peer);
  full_listener_close(&dead);
  grpc_peer_stop(peer);
}

static void test_rest_refused_address_the_other_is_taken(void **state) {
  (void)state;
  http_peer *peer = http_peer_start(&(http_peer_options){.handler = answer_health});
  expect_rest_answer(peer);
  http_peer_stop(peer);
}

static void test_rest_silent_address_the_other_is_taken(void **state) {
  (void)state;
  http_peer *peer = http_peer_start(&(http_peer_options){.handler = answer_health});
  full_listener dead = full_listener_open_at(addresses[0], http_peer_port(peer));
  expect_rest_answer(peer);
  full_listener_close(&dead);
  http_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_grpc_refused_address_the_other_is_taken),
      cmocka_unit_test(test_grpc_silent_address_the_other_is_taken),
      cmocka_unit_test(test_rest_refused_address_the_other_is_taken),
      cmocka_unit_test(test_rest_silent_address_the_other_is_taken),
  };
  setenv("GRPC_DNS_RESOLVER", "native", 1); /* c-ares asks the network, this one the C library */
  return cmocka_run_group_tests(tests, NULL, NULL);
}

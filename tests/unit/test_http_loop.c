#include "core/deadline.h"
#include "tests/support/certificates.h"
#include "tests/support/held_peer.h"
#include "tests/support/made_exchange.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum {
  N_ROUNDS = 3,
  CALL_MS = 10000,
  TIMER_MS = 300 /* longer than libcurl's timer for a second address, which it always sets */
};

/* An exchange that is late when it starts, so that its end holds up the HTTP thread. */
typedef struct holder {
  qd_http_exchange exchange; /* first: done gets it */
  held_peer *peer;
  sem_t ended;
} holder;

/* When the thread goes on it finds, at once, an answer and a timer that has run out. */
static void hold_until_answered(qd_http_exchange *exchange) {
  holder *held = (holder *)(void *)exchange;
  held_peer_answer(held->peer);
  nanosleep(&(struct timespec){.tv_nsec = TIMER_MS * QD_NS_PER_MS}, NULL);
  sem_post(&held->ended);
}

static void expect_answer_beside_expired_timer(void) {
  held_peer *peer = held_peer_start();
  holder held = {.exchange = {.verb = "GET", .target = "/", .done = hold_until_answered}, .peer = peer};
  qd_http_options options = http_options_for(held_peer_port(peer), 1);
  options.is_tls = 1;
  options.tls.ca_path = certificate_path("ca.pem");
  qd_http *http = open_http(&options);
  made_exchange *made = new_exchange("/", NULL, CALL_MS);
  sem_init(&held.ended, 0, 0);
  assert_int_equal(start_exchange(http, made), QDRANT_OK);
  held_peer_await_request(peer);
  assert_int_equal(qd_http_start(http, &held.exchange, NULL), QDRANT_OK);
  sem_wait(&held.ended);
  await_exchange(made);
  assert_string_equal(made->exchange.error.message, "");
  assert_int_equal(made->exchange.code, 204);
  assert_true(made->exchange.is_http2);
  free_exchange(made);
  close_http(http);
  held_peer_stop(peer);
  sem_destroy(&held.ended);
}

/* More than once: libcurl loses the answer only when it is quick about it. */
static void test_run_answer_beside_an_expired_timer_is_taken(void **state) {
  (void)state;
  for (int i = 0; i < N_ROUNDS; i++)
    expect_answer_beside_expired_timer();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_run_answer_beside_an_expired_timer_is_taken)};
  return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}

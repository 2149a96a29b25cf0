/* gRPC core keeps a request for a call for ever that its server's shutdown overtakes: the queue of events then never
 * ends, and neither does whoever stops the server. So no server of ours may be shut down while it asks for a call. The
 * two functions below stand before core's own of the same names. */
#include "tests/support/ends.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/ported_client.h"
#include "tests/support/raw_peer.h"

#include "core/deadline.h"
#include "core/thread.h"
#include "qdrant/mock.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOLD_MS = 200, HANG_MS = 20000 };

/* Where a request is held up. */
typedef struct gate {
  pthread_mutex_t lock; /* the rest */
  pthread_cond_t changed;
  int is_armed;    /* the next request is held up */
  int is_inside;   /* one is */
  int is_stopping; /* the server is about to be stopped */
  int is_overtaken;
} gate;

static gate passage = {.lock = PTHREAD_MUTEX_INITIALIZER};

typedef grpc_call_error (*request_function)(grpc_server *server, grpc_call **call, grpc_call_details *details,
    grpc_metadata_array *headers, grpc_completion_queue *calls_queue, grpc_completion_queue *queue, void *tag);
typedef void (*shutdown_function)(grpc_server *server, grpc_completion_queue *queue, void *tag);

static void find_core(const char *name, void *function, size_t n_bytes) {
  void *symbol = dlsym(RTLD_NEXT, name);
  assert_non_null(symbol);
  memcpy(function, &symbol, n_bytes);
}

/* Until *flag is set; 0 when it is not in time. Under the lock. */
static int wait_for(const int *flag, int wanted, int64_t most_ms) {
  int64_t deadline_ns = qd_deadline_in_ms(most_ms);
  while (*flag != wanted && qd_cond_wait(&passage.changed, &passage.lock, deadline_ns)) {
  }
  return *flag == wanted;
}

static void set(int *flag, int value) {
  *flag = value;
  pthread_cond_broadcast(&passage.changed);
}

/* Leaves the stop time to overtake us, if it can. */
static void enter(void) {
  pthread_mutex_lock(&passage.lock);
  if (passage.is_armed) {
    passage.is_armed = 0;
    set(&passage.is_inside, 1);
    wait_for(&passage.is_stopping, 1, HANG_MS);
    wait_for(&passage.is_overtaken, 1, HOLD_MS);
  }
  pthread_mutex_unlock(&passage.lock);
}

static void leave(void) {
  pthread_mutex_lock(&passage.lock);
  set(&passage.is_inside, 0);
  pthread_mutex_unlock(&passage.lock);
}

grpc_call_error grpc_server_request_call(grpc_server *server, grpc_call **call, grpc_call_details *details,
    grpc_metadata_array *headers, grpc_completion_queue *calls_queue, grpc_completion_queue *queue, void *tag) {
  request_function request_call;
  find_core("grpc_server_request_call", &request_call, sizeof request_call);
  enter();
  grpc_call_error failure = request_call(server, call, details, headers, calls_queue, queue, tag);
  leave();
  return failure;
}

/* Lets the request go first all the same, so that a server that is wrong fails the test and does not hang it. */
void grpc_server_shutdown_and_notify(grpc_server *server, grpc_completion_queue *queue, void *tag) {
  shutdown_function shut_down;
  find_core("grpc_server_shutdown_and_notify", &shut_down, sizeof shut_down);
  pthread_mutex_lock(&passage.lock);
  if (passage.is_inside)
    set(&passage.is_overtaken, 1);
  wait_for(&passage.is_inside, 0, HANG_MS);
  pthread_mutex_unlock(&passage.lock);
  shut_down(server, queue, tag);
}

static int set_up(void **state) {
  (void)state;
  qd_cond_init(&passage.changed);
  passage.is_armed = 0;
  passage.is_inside = 0;
  passage.is_stopping = 0;
  passage.is_overtaken = 0;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  return pthread_cond_destroy(&passage.changed);
}

/* A call whose arrival makes the server ask for the next one, which is held up. */
static qdrant_client *begin_call(uint16_t grpc_port, ends *counted) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_client *client = open_on_ports(grpc_port, unused_port(), QDRANT_DEFAULT);
  ends_init(counted);
  qdrant_then then = {.done = ends_count, .user = counted};
  pthread_mutex_lock(&passage.lock);
  passage.is_armed = 1;
  pthread_mutex_unlock(&passage.lock);
  assert_int_equal(qdrant_health_check_start(client, &request, NULL, &then, NULL), QDRANT_OK);
  pthread_mutex_lock(&passage.lock);
  int is_inside = wait_for(&passage.is_inside, 1, HANG_MS);
  set(&passage.is_stopping, 1);
  pthread_mutex_unlock(&passage.lock);
  assert_true(is_inside);
  return client;
}

static void end_call(qdrant_client *client, ends *counted) {
  ends_wait(counted, 1);
  qdrant_client_close(client);
}

static void test_grpc_peer_stop_lets_a_request_under_way_go_first(void **state) {
  (void)state;
  ends counted;
  grpc_peer *peer = grpc_peer_start(&(peer_options){0});
  qdrant_client *client = begin_call(grpc_peer_port(peer), &counted);
  grpc_peer_stop(peer);
  end_call(client, &counted);
  assert_false(passage.is_overtaken);
}

static void test_mock_stop_lets_a_request_under_way_go_first(void **state) {
  (void)state;
  ends counted;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *mock = NULL;
  assert_int_equal(qdrant_mock_start(&options, &mock, NULL), QDRANT_OK);
  qdrant_client *client = begin_call(qdrant_mock_grpc_port(mock), &counted);
  qdrant_mock_stop(mock);
  end_call(client, &counted);
  assert_false(passage.is_overtaken);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_grpc_peer_stop_lets_a_request_under_way_go_first, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_mock_stop_lets_a_request_under_way_go_first, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

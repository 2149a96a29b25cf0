#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CALL_MS = 10000, HANG_MS = 30000 };

typedef struct run {
  qd_grpc_options options;
  made_call *made;
} run;

/* Opens a pool, makes a call with headers of its own and closes: every allocation of the transport's. */
static qdrant_status open_call_close(void *user) {
  run *asked = user;
  qd_transport transport = {0};
  qdrant_status status = qd_grpc_open(&asked->options, &transport, NULL);
  if (status != QDRANT_OK)
    return status;
  asked->made->n_done = 0;
  asked->made->call.deadline_ns = qd_deadline_in_ms(CALL_MS);
  status = start_call(&transport, asked->made);
  if (status == QDRANT_OK && wait_done(asked->made, HANG_MS)) {
    status = asked->made->call.error.status;
    asked->made->call.bytes.ops->release(asked->made->call.bytes.owner);
    asked->made->call.bytes = (qd_reply_bytes){0};
  }
  close_local(&transport);
  return status;
}

static void test_open_and_start_out_of_memory_is_a_status(void **state) {
  (void)state;
  const qdrant_header headers[] = {{"x-extra", "value"}};
  grpc_peer *peer = grpc_peer_start(&(peer_options){0});
  run asked = {.options = local_options(grpc_peer_port(peer), 2), .made = new_call(QDRANT_RPC_POINTS_GET, 10, CALL_MS)};
  asked.options.api_key = "key";
  asked.made->call.headers = headers;
  asked.made->call.n_headers = 1;
  torture(open_call_close, &asked);
  free_call(asked.made);
  grpc_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_open_and_start_out_of_memory_is_a_status)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "memory/memory_transport.h"

#include "core/deadline.h"
#include "core/rpc.h"
#include "qdrant/pb/qdrant.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static qdrant_status run_call(
    qd_transport *transport, qdrant_rpc rpc, const ProtobufCMessage *request, qd_call *call, qd_arena *arena) {
  *call = (qd_call){.rpc = qd_rpc_row(rpc),
      .request = {.kind = QD_REQUEST_MESSAGE, .message = request},
      .deadline_ns = qd_deadline_in_ms(10000),
      .arena = arena};
  return transport->ops->run(transport->self, call);
}

static void test_transport_run_answers_and_two_are_apart(void **state) {
  (void)state;
  qd_transport first;
  qd_transport second;
  qd_call call;
  qdrant_error err = {0};
  qd_arena *arena = qd_arena_new(0);
  assert_int_equal(qd_memory_open(1, NULL, &first, &err), QDRANT_OK);
  assert_int_equal(qd_memory_open(1, NULL, &second, &err), QDRANT_OK);
  assert_string_equal(first.ops->name, "memory");
  Qdrant__HealthCheckRequest health = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  assert_int_equal(run_call(&first, QDRANT_RPC_HEALTH_CHECK, &health.base, &call, arena), QDRANT_OK);
  assert_string_equal(((const Qdrant__HealthCheckReply *)call.message)->version, "1.20.0");
  Qdrant__CreateCollection create = QDRANT__CREATE_COLLECTION__INIT;
  create.collection_name = (char *)(uintptr_t) "c";
  assert_int_equal(run_call(&first, QDRANT_RPC_COLLECTIONS_CREATE, &create.base, &call, arena), QDRANT_OK);
  assert_int_equal(run_call(&second, QDRANT_RPC_COLLECTIONS_CREATE, &create.base, &call, arena), QDRANT_OK);
  assert_int_equal(run_call(&first, QDRANT_RPC_COLLECTIONS_CREATE, &create.base, &call, arena), QDRANT_ALREADY_EXISTS);
  assert_int_equal(call.error.delivery, QDRANT_ANSWERED);
  first.ops->close(first.self, qd_deadline_in_ms(10000), 0);
  second.ops->close(second.self, qd_deadline_in_ms(10000), 0);
  qd_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transport_run_answers_and_two_are_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

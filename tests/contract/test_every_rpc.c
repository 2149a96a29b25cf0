/* Each RPC through its typed functions, on the embedded engine and on the same engine behind a gRPC port. What an RPC
 * does is asked elsewhere; here, that it arrives as itself and that the engine says so where it has nothing. */
#include "qdrant/mock.h"
#include "tests/support/typed_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct world {
  qdrant_mock *mock; /* NULL: the engine is in this process */
  qdrant_client *client;
} world;

static int open_client(void **state, const char *url, qdrant_mock *mock, qdrant_toggle prefer_grpc) {
  world *w = calloc(1, sizeof *w);
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_error err;
  assert_non_null(w);
  w->mock = mock;
  options.url = url;
  options.prefer_grpc = prefer_grpc;
  options.rest_port = mock != NULL ? qdrant_mock_rest_port(mock) : 0;
  assert_int_equal(qdrant_client_open(&options, &w->client, &err), QDRANT_OK);
  *state = w;
  return 0;
}

static int open_memory(void **state) {
  return open_client(state, ":memory:", NULL, QDRANT_DEFAULT);
}

static int open_server(void **state, qdrant_toggle prefer_grpc) {
  qdrant_mock *mock = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_mock_start(NULL, &mock, &err), QDRANT_OK);
  return open_client(state, qdrant_mock_url(mock), mock, prefer_grpc);
}

static int open_grpc(void **state) {
  return open_server(state, QDRANT_ON);
}

static int open_rest(void **state) {
  return open_server(state, QDRANT_OFF);
}

static int close_world(void **state) {
  world *w = *state;
  qdrant_client_close(w->client);
  qdrant_mock_stop(w->mock);
  free(w);
  return 0;
}

/* How a request with nothing but names ends, the collection's being one that none can have: RPCs that take no name
 * answer it, those whose names the server has no rule for find nothing, and the others refuse it. */
static qdrant_status expected_status(qdrant_rpc rpc) {
  switch (rpc) {
  case QDRANT_RPC_HEALTH_CHECK:
  case QDRANT_RPC_COLLECTIONS_LIST:
  case QDRANT_RPC_COLLECTIONS_LIST_ALIASES:
  case QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES:
  case QDRANT_RPC_SNAPSHOTS_CREATE_FULL:
  case QDRANT_RPC_SNAPSHOTS_LIST_FULL: return QDRANT_OK;
  case QDRANT_RPC_COLLECTIONS_CLUSTER_INFO:
  case QDRANT_RPC_COLLECTIONS_LIST_SHARD_KEYS:
  case QDRANT_RPC_SNAPSHOTS_DELETE_FULL: return QDRANT_NOT_FOUND;
  default: return QDRANT_INVALID_ARGUMENT;
  }
}

static void check_end(qdrant_rpc rpc, qdrant_status status, qdrant_reply *reply, const qdrant_error *err) {
  const char *name = qdrant_rpc_name(rpc);
  qdrant_status expected = expected_status(rpc);
  if (status != expected)
    fail_msg("%s: %s %s", name, qdrant_status_name(status), err->message);
  if (status == QDRANT_OK) {
    assert_non_null(typed_calls[rpc].response(reply, NULL));
    return;
  }
  assert_null(reply);
  assert_int_equal(err->delivery, QDRANT_ANSWERED);
}

/* What is part of a URL over REST cannot be left out there. */
static const struct {
  const char *field;
  const char *value;
} names[] = {{"collection_name", "no/name"}, {"field_name", "a"}, {"vector_name", "a"}, {"snapshot_name", "a"}};

static ProtobufCMessage *bare_request(qdrant_rpc rpc) {
  static const ProtobufCMessageDescriptor *const types[QDRANT_N_RPCS] = {
#define QD_RPC_ROW(NAME, rpc_name, service, method, Request, request, Reply, reply, retry, timeout, text)              \
  [QDRANT_RPC_##NAME] = &qdrant__##request##__descriptor,
#include "core/rpc.def"
#undef QD_RPC_ROW
  };
  ProtobufCMessage *message = calloc(1, types[rpc]->sizeof_message);
  assert_non_null(message);
  types[rpc]->message_init(message);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(types[rpc], names[i].field);
    if (field != NULL && field->type == PROTOBUF_C_TYPE_STRING)
      memcpy((char *)message + field->offset, &names[i].value, sizeof names[i].value);
  }
  return message;
}

static void case_typed_functions_that_wait_reach_their_rpc(void **state) {
  world *w = *state;
  for (int i = 0; i < QDRANT_N_RPCS; i++) {
    qdrant_rpc rpc = (qdrant_rpc)i;
    ProtobufCMessage *request = bare_request(rpc);
    qdrant_reply *reply = NULL;
    qdrant_error err;
    qdrant_status status = typed_calls[rpc].call(w->client, request, NULL, &reply, &err);
    check_end(rpc, status, reply, &err);
    if (w->mock)
      assert_int_equal(qdrant_mock_count_calls(w->mock, qdrant_rpc_name(rpc)), 1);
    qdrant_reply_free(reply);
    free(request);
  }
}

static void case_typed_functions_that_start_reach_their_rpc(void **state) {
  world *w = *state;
  qdrant_cq *queue = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_cq_new(w->client, &queue, &err), QDRANT_OK);
  for (int i = 0; i < QDRANT_N_RPCS; i++) {
    qdrant_rpc rpc = (qdrant_rpc)i;
    ProtobufCMessage *request = bare_request(rpc);
    qdrant_completion done;
    qdrant_then then = {.queue = queue, .user = &rpc};
    assert_int_equal(typed_calls[rpc].start(w->client, request, NULL, &then, &err), QDRANT_OK);
    free(request);
    assert_int_equal(qdrant_cq_wait(queue, &done, 1, -1), 1);
    assert_ptr_equal(done.user, then.user);
    check_end(rpc, done.error.status, done.reply, &done.error);
    if (w->mock)
      assert_int_equal(qdrant_mock_count_calls(w->mock, qdrant_rpc_name(rpc)), 1);
    qdrant_reply_free(done.reply);
  }
  qdrant_cq_free(queue);
}

#define CASES(open)                                                                                                    \
  cmocka_unit_test_setup_teardown(case_typed_functions_that_wait_reach_their_rpc, open, close_world),                  \
      cmocka_unit_test_setup_teardown(case_typed_functions_that_start_reach_their_rpc, open, close_world)

int main(void) {
  const struct CMUnitTest on_memory[] = {CASES(open_memory)};
  const struct CMUnitTest on_grpc[] = {CASES(open_grpc)};
  const struct CMUnitTest on_rest[] = {CASES(open_rest)};
  int n_failed = cmocka_run_group_tests_name(":memory:", on_memory, NULL, NULL);
  n_failed += cmocka_run_group_tests_name("gRPC", on_grpc, NULL, NULL);
  return n_failed + cmocka_run_group_tests_name("REST", on_rest, NULL, NULL);
}

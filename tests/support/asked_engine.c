#include "tests/support/asked_engine.h"

#include "core/deadline.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/message_compare.h"
#include "tests/support/message_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int asked_engine_setup(void **state) {
  asked_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL)
    return -1;
  engine->engine = qd_engine_new();
  engine->arena = qd_arena_new(0);
  *state = engine;
  return engine->engine != NULL && engine->arena != NULL ? 0 : -1;
}

int asked_engine_teardown(void **state) {
  asked_engine *engine = *state;
  qd_arena_free(engine->arena);
  qd_engine_free(engine->engine);
  free(engine);
  return 0;
}

const qd_rpc *rpc_named(const char *rpc) {
  char path[128];
  snprintf(path, sizeof path, "/qdrant.%s", rpc);
  const qd_rpc *row = qd_rpc_find_path(path, strlen(path));
  assert_non_null(row);
  return row;
}

qdrant_status ask(asked_engine *engine, const char *rpc, const char *request) {
  const qd_rpc *row = rpc_named(rpc);
  qd_arena_reset(engine->arena);
  memset(&engine->err, 0, sizeof engine->err);
  const ProtobufCMessage *message = message_of(row->request, request, engine->arena);
  qdrant_status status = qd_engine_call(
      engine->engine, row, message, qd_deadline_in_ms(60000), engine->arena, &engine->reply, &engine->err);
  assert_int_equal(status, engine->err.status);
  assert_int_equal(engine->reply != NULL, status == QDRANT_OK);
  return status;
}

void ask_ok(asked_engine *engine, const char *rpc, const char *request) {
  if (ask(engine, rpc, request) != QDRANT_OK)
    fail_msg("%s %s: %s", rpc, request, engine->err.message);
}

void assert_answer(asked_engine *engine, const char *rpc, const char *request, const char *reply) {
  static const char *const ignored[] = {"time", "usage", NULL};
  static const message_rules rules = {ignored, 1e-6};
  char path[512];
  ask_ok(engine, rpc, request);
  const ProtobufCMessage *expected = message_of(rpc_named(rpc)->reply, reply, engine->arena);
  if (!messages_are_equal(expected, engine->reply, &rules, path, sizeof path))
    fail_msg("%s %s: the reply differs at %s from %s", rpc, request, path, reply);
}

void assert_refusal(
    asked_engine *engine, const char *rpc, const char *request, qdrant_status status, const char *message) {
  assert_int_equal(ask(engine, rpc, request), status);
  assert_string_equal(engine->err.message, message);
  assert_int_equal(engine->err.delivery, QDRANT_ANSWERED);
}

uint64_t count_matching(asked_engine *engine, const char *collection, const char *filter) {
  char request[2048];
  snprintf(request, sizeof request, "{'collection_name': '%s', 'filter': %s, 'exact': true}", collection, filter);
  ask_ok(engine, "Points/Count", request);
  return ((const Qdrant__CountResponse *)engine->reply)->result->count;
}

#ifndef QD_TEST_ASKED_ENGINE_H
#define QD_TEST_ASKED_ENGINE_H

#include "core/arena.h"
#include "core/rpc.h"
#include "memory/engine.h"

/* An embedded engine that tests ask in text (message_of). */
typedef struct asked_engine {
  qd_engine *engine;
  qd_arena *arena;         /* of the last call: its request and reply */
  ProtobufCMessage *reply; /* of the last call; NULL when it failed */
  qdrant_error err;        /* of the last call */
} asked_engine;

/* cmocka's set-up and tear-down: *state is an asked_engine. */
int asked_engine_setup(void **state);
int asked_engine_teardown(void **state);

/* The row of an RPC by a name such as "Points/Upsert"; fails the test when there is none. */
const qd_rpc *rpc_named(const char *rpc);

/* Carries out the call and answers its status. */
qdrant_status ask(asked_engine *engine, const char *rpc, const char *request);

/* Fails the test unless the call succeeds. */
void ask_ok(asked_engine *engine, const char *rpc, const char *request);

/* Fails the test unless the reply is the one written, times and hardware use aside. */
void assert_answer(asked_engine *engine, const char *rpc, const char *request, const char *reply);

/* Fails the test unless the call is refused with the status and exactly the message. */
void assert_refusal(
    asked_engine *engine, const char *rpc, const char *request, qdrant_status status, const char *message);

/* How many points of a collection match a filter in text; fails the test when that cannot be said. */
uint64_t count_matching(asked_engine *engine, const char *collection, const char *filter);

#endif

/* What the client's options add to reads, as a transport gets it. */
#include "core/message.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/search.h"
#include "tests/support/fake_transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char affinity[] = "x-qdrant-route-affinity: shelf-7";

typedef struct world {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_options options;
} world;

static void open_world(world *w) {
  w->fake = fake_new();
  w->client = fake_client(w->fake, &w->options, 0);
}

static void close_world(world *w) {
  qdrant_client_close(w->client);
  fake_free(w->fake);
}

static void count(world *w, Qdrant__ReadConsistency *consistency, const qdrant_call_options *options) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)"stars";
  request.read_consistency = consistency;
  assert_int_equal(qdrant_points_count(w->client, &request, options, &reply, NULL), QDRANT_OK);
  assert_true(request.read_consistency == consistency);
  qdrant_reply_free(reply);
}

static void delete_all(world *w) {
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)"stars";
  assert_int_equal(qdrant_points_delete(w->client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
}

static void search(world *w, const Qdrant__ReadConsistency *consistency) {
  static const float vector[] = {1.0f, 2.0f};
  qdrant_vector_column column = {.values = vector, .dim = 2};
  qdrant_query_batch batch = QDRANT_QUERY_BATCH_INIT;
  qdrant_hits *hits = NULL;
  batch.vectors = &column;
  batch.n_queries = 1;
  batch.read_consistency = consistency;
  (void)qdrant_search(w->client, "stars", &batch, NULL, &hits, NULL); /* the fake's answer has no hits */
  qdrant_hits_free(hits);
}

/* The consistency that request i carries; value_case is NOT_SET when it has none. */
static Qdrant__ReadConsistency consistency_of(world *w, size_t i) {
  Qdrant__ReadConsistency found = QDRANT__READ_CONSISTENCY__INIT;
  const fake_request *request = fake_request_at(w->fake, i);
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *message = NULL;
  assert_int_equal(
      qd_message_decode_request(qd_rpc_row(request->rpc)->request, request->body, arena, &message, NULL), QDRANT_OK);
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "read_consistency");
  const Qdrant__ReadConsistency *carried = NULL;
  memcpy(&carried, (const char *)message + field->offset, sizeof carried);
  if (carried != NULL) {
    found.value_case = carried->value_case;
    found.factor = carried->factor;
    if (carried->value_case == QDRANT__READ_CONSISTENCY__VALUE_TYPE) {
      found.factor = 0;
      found.type = carried->type;
    }
  }
  qd_arena_free(arena);
  return found;
}

static void test_affinity_goes_with_reads_alone(void **state) {
  (void)state;
  world w = {.options = QDRANT_OPTIONS_INIT};
  w.options.route_affinity = "shelf-7";
  open_world(&w);
  count(&w, NULL, NULL);
  delete_all(&w);
  search(&w, NULL);
  assert_string_equal(fake_request_at(w.fake, 0)->header, affinity);
  assert_int_equal(fake_request_at(w.fake, 1)->n_headers, 0);
  assert_string_equal(fake_request_at(w.fake, 2)->header, affinity);
  close_world(&w);
}

static void test_affinity_a_header_of_the_call_wins(void **state) {
  const qdrant_header own = {"x-qdrant-route-affinity", "mine"};
  const qdrant_header other = {"x-other", "y"};
  (void)state;
  world w = {.options = QDRANT_OPTIONS_INIT};
  qdrant_call_options call = QDRANT_CALL_OPTIONS_INIT;
  w.options.route_affinity = "shelf-7";
  open_world(&w);
  call.n_headers = 1;
  call.headers = &own;
  count(&w, NULL, &call);
  call.headers = &other;
  count(&w, NULL, &call);
  assert_int_equal(fake_request_at(w.fake, 0)->n_headers, 1);
  assert_string_equal(fake_request_at(w.fake, 0)->header, "x-qdrant-route-affinity: mine");
  assert_int_equal(fake_request_at(w.fake, 1)->n_headers, 2);
  close_world(&w);
}

static void test_consistency_is_filled_into_messages_and_columns(void **state) {
  (void)state;
  world w = {.options = QDRANT_OPTIONS_INIT};
  w.options.read_consistency = 3;
  open_world(&w);
  count(&w, NULL, NULL);
  search(&w, NULL);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(consistency_of(&w, i).value_case, QDRANT__READ_CONSISTENCY__VALUE_FACTOR);
    assert_int_equal(consistency_of(&w, i).factor, 3);
  }
  close_world(&w);
}

static void test_consistency_by_name(void **state) {
  static const struct {
    int32_t given;
    Qdrant__ReadConsistencyType wanted;
  } cases[] = {{QDRANT_CONSISTENCY_MAJORITY, QDRANT__READ_CONSISTENCY_TYPE__Majority},
      {QDRANT_CONSISTENCY_QUORUM, QDRANT__READ_CONSISTENCY_TYPE__Quorum},
      {QDRANT_CONSISTENCY_ALL, QDRANT__READ_CONSISTENCY_TYPE__All}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    world w = {.options = QDRANT_OPTIONS_INIT};
    w.options.read_consistency = cases[i].given;
    open_world(&w);
    count(&w, NULL, NULL);
    assert_int_equal(consistency_of(&w, 0).value_case, QDRANT__READ_CONSISTENCY__VALUE_TYPE);
    assert_int_equal(consistency_of(&w, 0).type, cases[i].wanted);
    close_world(&w);
  }
}

static void test_consistency_of_the_request_stays(void **state) {
  Qdrant__ReadConsistency own = QDRANT__READ_CONSISTENCY__INIT;
  (void)state;
  world w = {.options = QDRANT_OPTIONS_INIT};
  own.value_case = QDRANT__READ_CONSISTENCY__VALUE_FACTOR;
  own.factor = 1;
  w.options.read_consistency = QDRANT_CONSISTENCY_ALL;
  open_world(&w);
  count(&w, &own, NULL);
  search(&w, &own);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(consistency_of(&w, i).factor, 1);
  close_world(&w);
}

static void test_consistency_without_the_option_is_not_there(void **state) {
  (void)state;
  world w = {.options = QDRANT_OPTIONS_INIT};
  open_world(&w);
  count(&w, NULL, NULL);
  assert_int_equal(consistency_of(&w, 0).value_case, QDRANT__READ_CONSISTENCY__VALUE__NOT_SET);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_affinity_goes_with_reads_alone),
      cmocka_unit_test(test_affinity_a_header_of_the_call_wins),
      cmocka_unit_test(test_consistency_is_filled_into_messages_and_columns),
      cmocka_unit_test(test_consistency_by_name),
      cmocka_unit_test(test_consistency_of_the_request_stays),
      cmocka_unit_test(test_consistency_without_the_option_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

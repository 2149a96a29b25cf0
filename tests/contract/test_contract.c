/* One list of cases for every transport: what a user sees must not depend on how the calls travel. Each case runs on
 * the embedded engine directly and on the same engine behind a gRPC port. */
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/mock.h"
#include "qdrant/search.h"
#include "qdrant/upsert.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define N_STARS 6
#define DIM 2

/* A client, and the server it talks to unless it is the engine itself. */
typedef struct world {
  qdrant_mock *mock;
  qdrant_client *client;
  qdrant_arena *arena;
  qdrant_error err;
} world;

static void open_client(world *w, const char *url, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = url;
  options.prefer_grpc = prefer_grpc;
  options.rest_port = w->mock != NULL ? qdrant_mock_rest_port(w->mock) : 0;
  options.max_connections = 2;
  if (qdrant_client_open(&options, &w->client, &w->err) != QDRANT_OK)
    fail_msg("%s", w->err.message);
  w->arena = qdrant_arena_new();
}

static int open_memory(void **state) {
  world *w = calloc(1, sizeof *w);
  open_client(w, ":memory:", QDRANT_DEFAULT);
  *state = w;
  return 0;
}

static int open_server(void **state, qdrant_toggle prefer_grpc) {
  world *w = calloc(1, sizeof *w);
  assert_int_equal(qdrant_mock_start(NULL, &w->mock, &w->err), QDRANT_OK);
  open_client(w, qdrant_mock_url(w->mock), prefer_grpc);
  assert_int_equal(qdrant_client_wait_ready(w->client, 10000, &w->err), QDRANT_OK);
  *state = w;
  return 0;
}

static int open_grpc(void **state) {
  return open_server(state, QDRANT_ON);
}

static int open_rest(void **state) {
  return open_server(state, QDRANT_OFF);
}

static int close_world(void **state) {
  world *w = *state;
  qdrant_arena_free(w->arena);
  qdrant_client_close(w->client);
  qdrant_mock_stop(w->mock);
  free(w);
  return 0;
}

static void assert_ok(world *w, qdrant_status status) {
  if (status != QDRANT_OK)
    fail_msg("%s: %s", qdrant_status_name(status), w->err.message);
}

static void assert_refused(
    world *w, qdrant_status status, qdrant_status expected, qdrant_delivery delivery, const char *part) {
  if (status != expected || w->err.status != expected || strstr(w->err.message, part) == NULL)
    fail_msg("expected %s with \"%s\", got %s: %s", qdrant_status_name(expected), part, qdrant_status_name(status),
        w->err.message);
  assert_int_equal(w->err.delivery, delivery);
}

static void create(world *w, const char *collection) {
  qdrant_reply *reply = NULL;
  Qdrant__CreateCollection *request = qdrant_create_dense(w->arena, collection, DIM, QDRANT__DISTANCE__Dot);
  assert_ok(w, qdrant_collections_create(w->client, request, NULL, &reply, &w->err));
  const Qdrant__CollectionOperationResponse *response = qdrant_collections_create_response(reply, &w->err);
  assert_true(response->result);
  qdrant_reply_free(reply);
}

static const char *const names[N_STARS] = {"sun", "sirius", "vega", "deneb", "rigel", "spica"};
static const float places[N_STARS * DIM] = {1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3};

/* Stars 1 to 6 with their names; dot product with (1, 0) puts vega, sirius, sun first. */
static qdrant_status upsert_stars(world *w, const qdrant_upsert_options *options, qdrant_upsert_result *result) {
  uint64_t ids[N_STARS];
  char text[64];
  int32_t offsets[N_STARS + 1] = {0};
  for (size_t i = 0; i < N_STARS; i++) {
    ids[i] = i + 1;
    memcpy(text + offsets[i], names[i], strlen(names[i]));
    offsets[i + 1] = offsets[i] + (int32_t)strlen(names[i]);
  }
  qdrant_vector_column vectors = {.dim = DIM, .values = places};
  qdrant_payload_column payload = {.key = "name", .values = text, .offsets = offsets};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.n_points = N_STARS;
  batch.ids = ids;
  batch.vectors = &vectors;
  batch.n_vectors = 1;
  batch.payload = &payload;
  batch.n_payload = 1;
  return qdrant_upsert(w->client, "stars", &batch, options, NULL, result, &w->err);
}

static void store_stars(world *w) {
  create(w, "stars");
  assert_ok(w, upsert_stars(w, NULL, NULL));
}

static uint64_t count_stars(world *w, Qdrant__Filter *filter) {
  qdrant_reply *reply = NULL;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  request.collection_name = (char *)"stars";
  request.filter = filter;
  QDRANT_SET(&request, exact, 1);
  assert_ok(w, qdrant_points_count(w->client, &request, NULL, &reply, &w->err));
  uint64_t n = qdrant_points_count_response(reply, NULL)->result->count;
  qdrant_reply_free(reply);
  return n;
}

static void case_health_answers(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  assert_ok(w, qdrant_health_check(w->client, &request, NULL, &reply, &w->err));
  assert_true(strlen(qdrant_health_check_response(reply, NULL)->version) > 0);
  qdrant_reply_free(reply);
}

static void case_create_twice_second_refused(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  create(w, "stars");
  Qdrant__CreateCollection *request = qdrant_create_dense(w->arena, "stars", DIM, QDRANT__DISTANCE__Dot);
  assert_refused(w, qdrant_collections_create(w->client, request, NULL, &reply, &w->err), QDRANT_ALREADY_EXISTS,
      QDRANT_ANSWERED, "stars");
  assert_null(reply);
}

static void case_exists_and_list_tell_what_is_there(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__CollectionExistsRequest exists = QDRANT__COLLECTION_EXISTS_REQUEST__INIT;
  Qdrant__ListCollectionsRequest list = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  create(w, "stars");
  const char *const asked[] = {"stars", "planets"};
  for (size_t i = 0; i < N(asked); i++) {
    exists.collection_name = (char *)asked[i];
    assert_ok(w, qdrant_collections_exists(w->client, &exists, NULL, &reply, &w->err));
    assert_int_equal(qdrant_collections_exists_response(reply, NULL)->result->exists, i == 0);
    qdrant_reply_free(reply);
  }
  assert_ok(w, qdrant_collections_list(w->client, &list, NULL, &reply, &w->err));
  const Qdrant__ListCollectionsResponse *response = qdrant_collections_list_response(reply, NULL);
  assert_int_equal(response->n_collections, 1);
  assert_string_equal(response->collections[0]->name, "stars");
  qdrant_reply_free(reply);
}

static void case_upsert_counts_agree(void **state) {
  world *w = *state;
  qdrant_upsert_result result = QDRANT_UPSERT_RESULT_INIT;
  create(w, "stars");
  assert_ok(w, upsert_stars(w, NULL, &result));
  assert_int_equal(result.n_done, N_STARS);
  assert_int_equal(result.n_calls, 1);
  assert_int_equal(result.status, QDRANT_UPDATE_COMPLETED);
  assert_int_equal(count_stars(w, NULL), N_STARS);
}

static void case_upsert_in_parts_counts_agree(void **state) {
  world *w = *state;
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  qdrant_upsert_result result = QDRANT_UPSERT_RESULT_INIT;
  options.max_points = 1;
  create(w, "stars");
  assert_ok(w, upsert_stars(w, &options, &result));
  assert_int_equal(result.n_done, N_STARS);
  assert_int_equal(result.n_calls, N_STARS);
  assert_int_equal(count_stars(w, NULL), N_STARS);
}

static void case_upsert_unknown_collection_not_found(void **state) {
  world *w = *state;
  qdrant_upsert_result result = QDRANT_UPSERT_RESULT_INIT;
  assert_refused(w, upsert_stars(w, NULL, &result), QDRANT_NOT_FOUND, QDRANT_ANSWERED, "stars");
  assert_int_equal(result.n_refused, N_STARS);
  assert_int_equal(result.n_done + result.n_maybe + result.n_not_sent, 0);
}

static void case_upsert_wrong_dimension_refused_nothing_stored(void **state) {
  world *w = *state;
  const float values[] = {1, 2, 3};
  const uint64_t id = 1;
  qdrant_vector_column vectors = {.dim = 3, .values = values};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.n_points = 1;
  batch.ids = &id;
  batch.vectors = &vectors;
  batch.n_vectors = 1;
  create(w, "stars");
  assert_refused(w, qdrant_upsert(w->client, "stars", &batch, NULL, NULL, NULL, &w->err), QDRANT_INVALID_ARGUMENT,
      QDRANT_ANSWERED, "3");
  assert_int_equal(count_stars(w, NULL), 0);
}

static void begin_search(qdrant_query_batch *queries, qdrant_vector_column *column) {
  *queries = (qdrant_query_batch)QDRANT_QUERY_BATCH_INIT;
  *column = (qdrant_vector_column){.dim = DIM, .values = places};
  queries->vectors = column;
  queries->n_queries = N_STARS;
  queries->limit = 3;
}

static void assert_nums(const qdrant_hits *hits, size_t query, const uint64_t *nums, size_t n_nums) {
  size_t first = 0, n = 0;
  assert_int_equal(qdrant_hits_query(hits, query, &first, &n, NULL), QDRANT_OK);
  assert_int_equal(n, n_nums);
  assert_memory_equal(qdrant_hits_nums(hits) + first, nums, n_nums * sizeof *nums);
}

static void case_search_batches_nearest_in_order(void **state) {
  world *w = *state;
  qdrant_query_batch queries;
  qdrant_vector_column column;
  const uint64_t right[] = {3, 2, 1}, up[] = {6, 5, 4};
  store_stars(w);
  begin_search(&queries, &column);
  for (queries.batch_size = 0; queries.batch_size < 6; queries.batch_size += 2) {
    qdrant_hits *hits = NULL;
    assert_ok(w, qdrant_search(w->client, "stars", &queries, NULL, &hits, &w->err));
    assert_int_equal(qdrant_hits_n_queries(hits), N_STARS);
    for (size_t i = 0; i < N_STARS; i++)
      assert_nums(hits, i, i < 3 ? right : up, 3);
    assert_true(qdrant_hits_scores(hits)[0] == 3.0f);
    qdrant_hits_free(hits);
  }
}

static void case_search_payload_vectors_filter_threshold(void **state) {
  world *w = *state;
  qdrant_query_batch queries;
  qdrant_vector_column column;
  qdrant_hits *hits = NULL;
  const char *json = NULL;
  const float *values = NULL;
  size_t n = 0;
  const uint64_t found[] = {2};
  store_stars(w);
  begin_search(&queries, &column);
  Qdrant__Filter *filter = QDRANT_NEW(w->arena, filter);
  const char *const wanted[] = {"sirius", "sun"};
  QDRANT_APPEND(w->arena, filter, must, qdrant_match_any_keyword(w->arena, "name", wanted, 2));
  queries.n_queries = 1;
  queries.filter = filter;
  queries.with_payload = QDRANT_ON;
  queries.with_vectors = QDRANT_ON;
  queries.has_score_threshold = 1;
  queries.score_threshold = 1.5f;
  assert_ok(w, qdrant_search(w->client, "stars", &queries, NULL, &hits, &w->err));
  assert_nums(hits, 0, found, 1);
  assert_ok(w, qdrant_hits_payload_json(hits, 0, &json, NULL, &w->err));
  assert_string_equal(json, "{\"name\":\"sirius\"}");
  assert_ok(w, qdrant_hits_vector(hits, 0, NULL, &values, &n, &w->err));
  assert_int_equal(n, DIM);
  assert_memory_equal(values, places + DIM, DIM * sizeof(float));
  qdrant_hits_free(hits);
}

static void case_search_by_stored_points_themselves_left_out(void **state) {
  world *w = *state;
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  qdrant_hits *hits = NULL;
  const qdrant_point_id ids[] = {{.num = 3}, {.num = 6}};
  const uint64_t first[] = {2, 1}, second[] = {5, 4};
  store_stars(w);
  queries.ids = ids;
  queries.n_queries = 2;
  queries.limit = 2;
  assert_ok(w, qdrant_search(w->client, "stars", &queries, NULL, &hits, &w->err));
  assert_nums(hits, 0, first, 2);
  assert_nums(hits, 1, second, 2);
  qdrant_hits_free(hits);
}

static void case_search_unknown_collection_not_found(void **state) {
  world *w = *state;
  qdrant_query_batch queries;
  qdrant_vector_column column;
  qdrant_hits *hits = NULL;
  begin_search(&queries, &column);
  assert_refused(
      w, qdrant_search(w->client, "stars", &queries, NULL, &hits, &w->err), QDRANT_NOT_FOUND, QDRANT_ANSWERED, "stars");
  assert_null(hits);
}

static void case_scroll_pages_in_id_order(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__ScrollPoints request = QDRANT__SCROLL_POINTS__INIT;
  uint64_t next = 1;
  store_stars(w);
  request.collection_name = (char *)"stars";
  QDRANT_SET(&request, limit, 4);
  for (size_t n_left = N_STARS; n_left > 0;) {
    assert_ok(w, qdrant_points_scroll(w->client, &request, NULL, &reply, &w->err));
    const Qdrant__ScrollResponse *page = qdrant_points_scroll_response(reply, NULL);
    assert_int_equal(page->n_result, n_left < 4 ? n_left : 4);
    for (size_t i = 0; i < page->n_result; i++)
      assert_int_equal(page->result[i]->id->num, next++);
    n_left -= page->n_result;
    assert_int_equal(page->next_page_offset != NULL, n_left > 0);
    request.offset = qdrant_point_id_num(w->arena, next);
    qdrant_reply_free(reply);
  }
}

static void case_get_by_ids_missing_left_out(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__GetPoints request = QDRANT__GET_POINTS__INIT;
  store_stars(w);
  request.collection_name = (char *)"stars";
  QDRANT_APPEND(w->arena, &request, ids, qdrant_point_id_num(w->arena, 4));
  QDRANT_APPEND(w->arena, &request, ids, qdrant_point_id_num(w->arena, 400));
  assert_ok(w, qdrant_points_get(w->client, &request, NULL, &reply, &w->err));
  const Qdrant__GetResponse *response = qdrant_points_get_response(reply, NULL);
  assert_int_equal(response->n_result, 1);
  assert_int_equal(response->result[0]->id->num, 4);
  qdrant_reply_free(reply);
}

static void delete_stars(world *w, Qdrant__PointsSelector *points) {
  qdrant_reply *reply = NULL;
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  request.collection_name = (char *)"stars";
  request.points = points;
  QDRANT_SET(&request, wait, 1);
  assert_ok(w, qdrant_points_delete(w->client, &request, NULL, &reply, &w->err));
  qdrant_reply_free(reply);
}

static void case_delete_by_ids_and_by_filter(void **state) {
  world *w = *state;
  const qdrant_point_id ids[] = {{.num = 1}, {.num = 2}};
  store_stars(w);
  delete_stars(w, qdrant_select_ids(w->arena, ids, 2));
  assert_int_equal(count_stars(w, NULL), 4);
  Qdrant__Filter *filter = QDRANT_NEW(w->arena, filter);
  QDRANT_APPEND(w->arena, filter, must, qdrant_match_keyword(w->arena, "name", "rigel"));
  assert_int_equal(count_stars(w, filter), 1);
  delete_stars(w, qdrant_select_filter(w->arena, filter));
  assert_int_equal(count_stars(w, NULL), 3);
}

static void case_message_upsert_uuid_and_nested_payload_read_back(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  const char *uuid = "550e8400-e29b-41d4-a716-446655440000";
  const char *json = "{\"tags\":[\"a\",{\"b\":null}],\"n\":-3,\"x\":0.5,\"t\":true}";
  const char *back = NULL;
  Qdrant__UpsertPoints upsert = QDRANT__UPSERT_POINTS__INIT;
  Qdrant__GetPoints get = QDRANT__GET_POINTS__INIT;
  create(w, "stars");
  Qdrant__PointStruct *point =
      qdrant_point(w->arena, qdrant_point_id_uuid(w->arena, uuid), qdrant_vectors_dense(w->arena, places, DIM));
  assert_ok(w, qdrant_point_payload_json(w->arena, point, json, strlen(json), &w->err));
  upsert.collection_name = get.collection_name = (char *)"stars";
  QDRANT_SET(&upsert, wait, 1);
  QDRANT_APPEND(w->arena, &upsert, points, point);
  assert_ok(w, qdrant_points_upsert(w->client, &upsert, NULL, &reply, &w->err));
  qdrant_reply_free(reply);
  QDRANT_APPEND(w->arena, &get, ids, qdrant_point_id_uuid(w->arena, uuid));
  get.with_payload = QDRANT_NEW(w->arena, with_payload_selector);
  get.with_payload->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  get.with_payload->enable = 1;
  assert_ok(w, qdrant_points_get(w->client, &get, NULL, &reply, &w->err));
  const Qdrant__GetResponse *response = qdrant_points_get_response(reply, NULL);
  assert_int_equal(response->n_result, 1);
  assert_string_equal(response->result[0]->id->uuid, uuid);
  assert_int_equal(response->result[0]->n_payload, 4);
  for (size_t i = 0; i < 4; i++) {
    const Qdrant__RetrievedPoint__PayloadEntry *entry = response->result[0]->payload[i];
    if (entry->key.len == 4) {
      assert_ok(w, qdrant_value_to_json(w->arena, entry->value, &back, NULL, &w->err));
      assert_string_equal(back, "[\"a\",{\"b\":null}]");
    }
  }
  qdrant_reply_free(reply);
}

static void case_drop_collection_gone(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  store_stars(w);
  request.collection_name = count.collection_name = (char *)"stars";
  for (int was_there = 1; was_there >= 0; was_there--) {
    assert_ok(w, qdrant_collections_delete(w->client, &request, NULL, &reply, &w->err));
    assert_int_equal(qdrant_collections_delete_response(reply, NULL)->result, was_there);
    qdrant_reply_free(reply);
  }
  assert_refused(
      w, qdrant_points_count(w->client, &count, NULL, &reply, &w->err), QDRANT_NOT_FOUND, QDRANT_ANSWERED, "stars");
}

static void case_bad_text_refused_before_sending(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  count.collection_name = (char *)"bad \xc3\x28";
  assert_refused(w, qdrant_points_count(w->client, &count, NULL, &reply, &w->err), QDRANT_INVALID_ARGUMENT,
      QDRANT_NOT_SENT, "collection_name");
}

static void case_bad_messages_refused_before_sending(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  float values[DIM] = {1, NAN};
  Qdrant__UpsertPoints upsert = QDRANT__UPSERT_POINTS__INIT;
  Qdrant__GetPoints get = QDRANT__GET_POINTS__INIT;
  assert_refused(w, qdrant_points_get(w->client, &get, NULL, &reply, &w->err), QDRANT_INVALID_ARGUMENT, QDRANT_NOT_SENT,
      "Points/Get: the collection's name is empty");
  get.collection_name = upsert.collection_name = (char *)"stars";
  QDRANT_APPEND(w->arena, &get, ids, qdrant_point_id_uuid(w->arena, "sirius"));
  assert_refused(w, qdrant_points_get(w->client, &get, NULL, &reply, &w->err), QDRANT_INVALID_ARGUMENT, QDRANT_NOT_SENT,
      "Points/Get: ids[0].uuid is no UUID");
  Qdrant__PointId *id = qdrant_point_id_num(w->arena, 1);
  QDRANT_APPEND(w->arena, &upsert, points, qdrant_point(w->arena, id, qdrant_vectors_dense(w->arena, values, DIM)));
  assert_refused(w, qdrant_points_upsert(w->client, &upsert, NULL, &reply, &w->err), QDRANT_INVALID_ARGUMENT,
      QDRANT_NOT_SENT, "data[1] is nan or infinite");
}

static void case_call_cancelled_before_it_begins(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.cancel = qdrant_cancel_new();
  qdrant_cancel_fire(options.cancel);
  assert_refused(w, qdrant_health_check(w->client, &request, &options, &reply, &w->err), QDRANT_CANCELLED,
      QDRANT_NOT_SENT, "cancelled");
  qdrant_cancel_free(options.cancel);
}

static void case_started_calls_on_a_queue_all_end(void **state) {
  world *w = *state;
  qdrant_cq *queue = NULL;
  qdrant_completion out[8];
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  store_stars(w);
  count.collection_name = (char *)"stars";
  assert_ok(w, qdrant_cq_new(w->client, &queue, &w->err));
  qdrant_then then = {.queue = queue};
  for (size_t i = 0; i < 50; i++)
    assert_ok(w, qdrant_points_count_start(w->client, &count, NULL, &then, &w->err));
  size_t n_all = 0, n;
  while ((n = qdrant_cq_wait(queue, out, N(out), -1)) > 0) {
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(out[i].error.status, QDRANT_OK);
      assert_int_equal(qdrant_points_count_response(out[i].reply, NULL)->result->count, N_STARS);
      qdrant_reply_free(out[i].reply);
    }
    n_all += n;
  }
  assert_int_equal(n_all, 50);
  qdrant_cq_free(queue);
}

static void case_rpc_of_a_cluster_refused(void **state) {
  world *w = *state;
  qdrant_reply *reply = NULL;
  Qdrant__UpdateCollectionClusterSetupRequest request = QDRANT__UPDATE_COLLECTION_CLUSTER_SETUP_REQUEST__INIT;
  create(w, "stars");
  request.collection_name = (char *)"stars";
  qdrant_status status = qdrant_collections_update_cluster_setup(w->client, &request, NULL, &reply, &w->err);
  assert_true(status == QDRANT_UNIMPLEMENTED || status == QDRANT_INVALID_ARGUMENT || status == QDRANT_UNSUPPORTED);
  assert_null(reply);
}

#define CASES(open)                                                                                                    \
  cmocka_unit_test_setup_teardown(case_health_answers, open, close_world),                                             \
      cmocka_unit_test_setup_teardown(case_create_twice_second_refused, open, close_world),                            \
      cmocka_unit_test_setup_teardown(case_exists_and_list_tell_what_is_there, open, close_world),                     \
      cmocka_unit_test_setup_teardown(case_upsert_counts_agree, open, close_world),                                    \
      cmocka_unit_test_setup_teardown(case_upsert_in_parts_counts_agree, open, close_world),                           \
      cmocka_unit_test_setup_teardown(case_upsert_unknown_collection_not_found, open, close_world),                    \
      cmocka_unit_test_setup_teardown(case_upsert_wrong_dimension_refused_nothing_stored, open, close_world),          \
      cmocka_unit_test_setup_teardown(case_search_batches_nearest_in_order, open, close_world),                        \
      cmocka_unit_test_setup_teardown(case_search_payload_vectors_filter_threshold, open, close_world),                \
      cmocka_unit_test_setup_teardown(case_search_by_stored_points_themselves_left_out, open, close_world),            \
      cmocka_unit_test_setup_teardown(case_search_unknown_collection_not_found, open, close_world),                    \
      cmocka_unit_test_setup_teardown(case_scroll_pages_in_id_order, open, close_world),                               \
      cmocka_unit_test_setup_teardown(case_get_by_ids_missing_left_out, open, close_world),                            \
      cmocka_unit_test_setup_teardown(case_delete_by_ids_and_by_filter, open, close_world),                            \
      cmocka_unit_test_setup_teardown(case_message_upsert_uuid_and_nested_payload_read_back, open, close_world),       \
      cmocka_unit_test_setup_teardown(case_drop_collection_gone, open, close_world),                                   \
      cmocka_unit_test_setup_teardown(case_bad_text_refused_before_sending, open, close_world),                        \
      cmocka_unit_test_setup_teardown(case_bad_messages_refused_before_sending, open, close_world),                    \
      cmocka_unit_test_setup_teardown(case_call_cancelled_before_it_begins, open, close_world),                        \
      cmocka_unit_test_setup_teardown(case_started_calls_on_a_queue_all_end, open, close_world),                       \
      cmocka_unit_test_setup_teardown(case_rpc_of_a_cluster_refused, open, close_world)

int main(void) {
  const struct CMUnitTest on_memory[] = {CASES(open_memory)};
  const struct CMUnitTest on_grpc[] = {CASES(open_grpc)};
  const struct CMUnitTest on_rest[] = {CASES(open_rest)};
  int n_failed = cmocka_run_group_tests_name(":memory:", on_memory, NULL, NULL);
  n_failed += cmocka_run_group_tests_name("gRPC", on_grpc, NULL, NULL);
  return n_failed + cmocka_run_group_tests_name("REST", on_rest, NULL, NULL);
}

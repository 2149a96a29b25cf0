#include "bench/messages.h"

#include "bench/library.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"

/* A lane's state is an arena, emptied before each call. Nothing is checked on the way but what the last step returns.
 */
static void *new_arena(void) {
  return qdrant_arena_new();
}

static void free_arena(void *state) {
  qdrant_arena_free(state);
}

static qdrant_status fail_memory(qdrant_error *err) {
  *err = (qdrant_error){.status = QDRANT_NO_MEMORY, .message = "no memory for the message"};
  return err->status;
}

static const float *row_of(const bench_library *library, uint32_t i) {
  return library->vectors + (size_t)i * library->which->dim;
}

static char *collection_name(void) {
  static char name[] = BENCH_COLLECTION;
  return name;
}

static Qdrant__UpsertPoints *build_upsert(const bench_library *library, qdrant_arena *arena) {
  qdrant_arena_reset(arena);
  Qdrant__UpsertPoints *request = QDRANT_NEW(arena, upsert_points);
  if (!request)
    return NULL;
  request->collection_name = collection_name();
  QDRANT_SET(request, wait, 0);
  for (uint32_t i = 0; i < library->which->n_items; i++) {
    Qdrant__Vectors *vectors = qdrant_vectors_dense(arena, row_of(library, i), library->which->dim);
    Qdrant__PointStruct *point = qdrant_point(arena, qdrant_point_id_num(arena, library->ids[i]), vectors);
    if (!QDRANT_APPEND(arena, request, points, point))
      return NULL;
  }
  return request;
}

static Qdrant__QueryPoints *build_query(const bench_library *library, qdrant_arena *arena, uint32_t i) {
  Qdrant__QueryPoints *query = QDRANT_NEW(arena, query_points);
  Qdrant__WithPayloadSelector *selector = QDRANT_NEW(arena, with_payload_selector);
  if (!query || !selector)
    return NULL;
  selector->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  selector->enable = 1;
  query->collection_name = collection_name();
  query->query = qdrant_query_dense(arena, row_of(library, i), library->which->dim);
  query->with_payload = selector;
  QDRANT_SET(query, limit, library->which->limit);
  return query->query ? query : NULL;
}

static Qdrant__QueryBatchPoints *build_query_batch(const bench_library *library, qdrant_arena *arena) {
  qdrant_arena_reset(arena);
  Qdrant__QueryBatchPoints *request = QDRANT_NEW(arena, query_batch_points);
  if (!request)
    return NULL;
  request->collection_name = collection_name();
  for (uint32_t i = 0; i < library->which->n_items; i++)
    if (!QDRANT_APPEND(arena, request, query_points, build_query(library, arena, i)))
      return NULL;
  return request;
}

static qdrant_status start_upsert(
    const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err) {
  Qdrant__UpsertPoints *request = build_upsert(library, state);
  return request ? qdrant_points_upsert_start(library->client, request, NULL, then, err) : fail_memory(err);
}

static qdrant_status start_query_batch(
    const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err) {
  Qdrant__QueryBatchPoints *request = build_query_batch(library, state);
  return request ? qdrant_points_query_batch_start(library->client, request, NULL, then, err) : fail_memory(err);
}

static qdrant_status start_query(
    const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err) {
  qdrant_arena_reset(state);
  Qdrant__QueryPoints *request = build_query(library, state, 0);
  return request ? qdrant_points_query_start(library->client, request, NULL, then, err) : fail_memory(err);
}

static qdrant_status read_query_batch(const bench_library *library, qdrant_reply **reply, qdrant_error *err) {
  const Qdrant__QueryBatchResponse *response = qdrant_points_query_batch_response(*reply, err);
  size_t n_hits = 0;
  if (!response)
    return err->status;
  for (size_t i = 0; i < response->n_result; i++)
    n_hits += response->result[i]->n_result;
  return bench_library_expect_hits(library, n_hits, err);
}

static qdrant_status read_query(const bench_library *library, qdrant_reply **reply, qdrant_error *err) {
  const Qdrant__QueryResponse *response = qdrant_points_query_response(*reply, err);
  return response ? bench_library_expect_hits(library, response->n_result, err) : err->status;
}

static qdrant_status call_upsert(const bench_library *library, void *state, qdrant_error *err) {
  Qdrant__UpsertPoints *request = build_upsert(library, state);
  qdrant_reply *reply = NULL;
  if (!request)
    return fail_memory(err);
  qdrant_status status = qdrant_points_upsert(library->client, request, NULL, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

static qdrant_status call_query_batch(const bench_library *library, void *state, qdrant_error *err) {
  Qdrant__QueryBatchPoints *request = build_query_batch(library, state);
  qdrant_reply *reply = NULL;
  if (!request)
    return fail_memory(err);
  qdrant_status status = qdrant_points_query_batch(library->client, request, NULL, &reply, err);
  if (status == QDRANT_OK)
    status = read_query_batch(library, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

static qdrant_status call_query(const bench_library *library, void *state, qdrant_error *err) {
  qdrant_arena_reset(state);
  Qdrant__QueryPoints *request = build_query(library, state, 0);
  qdrant_reply *reply = NULL;
  if (!request)
    return fail_memory(err);
  qdrant_status status = qdrant_points_query(library->client, request, NULL, &reply, err);
  if (status == QDRANT_OK)
    status = read_query(library, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

bool bench_messages_open(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  static const library_work works[] = {
      [BENCH_UPSERT] = {new_arena, free_arena, start_upsert, bench_library_read_nothing, call_upsert},
      [BENCH_QUERY_BATCH] = {new_arena, free_arena, start_query_batch, read_query_batch, call_query_batch},
      [BENCH_QUERY] = {new_arena, free_arena, start_query, read_query, call_query},
  };
  return bench_library_open(&works[which->work], which, port, state, err);
}

#include "tests/support/uploads.h"

#include "qdrant/build.h"
#include "qdrant/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char collection[] = "uploads";

static void note_fates(uploads *up, const qdrant_batch_report *report) {
  static const upload_fate fates[] = {FATE_NOT_SENT, FATE_MAYBE, FATE_REFUSED};
  for (uint64_t i = 0; i < report->n_points; i++)
    up->fates[report->first_point + i] = FATE_DONE;
  for (size_t i = 0; i < report->n_failed; i++) {
    const qdrant_failed_range *range = &report->failed[i];
    for (uint64_t j = 0; j < range->n_points; j++)
      up->fates[range->first_point + j] = fates[range->error.delivery];
    up->last_error = range->error;
  }
}

static void take_report(void *user, const qdrant_batch_report *report) {
  uploads *up = user;
  pthread_mutex_lock(&up->lock);
  assert_true(report->sequence < UPLOAD_MAX_BATCHES);
  assert_int_equal(report->n_done + report->n_maybe + report->n_refused + report->n_not_sent, report->n_points);
  up->n_reports++;
  up->n_reported[report->sequence]++;
  up->last_status = report->status;
  up->most_calls = report->n_calls > up->most_calls ? report->n_calls : up->most_calls;
  note_fates(up, report);
  int must_cancel = up->cancels_after != 0 && up->n_reports == up->cancels_after;
  pthread_mutex_unlock(&up->lock);
  if (must_cancel)
    qdrant_uploader_cancel(up->uploader);
}

static uint8_t *answer_update(void *user, const qd_call *call, size_t *n_bytes) {
  uploads *up = user;
  Qdrant__UpdateResult result = QDRANT__UPDATE_RESULT__INIT;
  Qdrant__PointsOperationResponse reply = QDRANT__POINTS_OPERATION_RESPONSE__INIT;
  if (call->rpc->id != QDRANT_RPC_POINTS_UPSERT)
    return NULL;
  reply.result = &result;
  QDRANT_SET(&result, status, (Qdrant__UpdateStatus)up->answer_status);
  *n_bytes = protobuf_c_message_get_packed_size(&reply.base);
  uint8_t *bytes = malloc(*n_bytes); /* never refused, so that a test of memory meets the library's own needs alone */
  protobuf_c_message_pack(&reply.base, bytes);
  return bytes;
}

static void fill(uploads *up) {
  memset(up, 0, sizeof *up);
  pthread_mutex_init(&up->lock, NULL);
  for (size_t i = 0; i < UPLOAD_MAX_POINTS; i++) {
    up->ids[i] = 100 + i;
    for (size_t j = 0; j < UPLOAD_DIM; j++)
      up->values[i * UPLOAD_DIM + j] = (float)i + 1;
  }
  up->answer_status = QDRANT__UPDATE_STATUS__Completed;
  up->options = (qdrant_uploader_options)QDRANT_UPLOADER_OPTIONS_INIT;
  up->options.done = take_report;
  up->options.user = up;
}

void uploads_open_fake(uploads *up, const qdrant_options *options) {
  fill(up);
  up->fake = fake_new();
  up->client = fake_client(up->fake, options, 0);
  fake_on_answer(up->fake, answer_update, up);
}

void uploads_open_url(uploads *up, const qdrant_options *options) {
  fill(up);
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *create = qdrant_create_dense(arena, collection, UPLOAD_DIM, QDRANT__DISTANCE__Euclid);
  assert_int_equal(qdrant_client_open(options, &up->client, &up->err), QDRANT_OK);
  assert_int_equal(qdrant_collections_create(up->client, create, NULL, &reply, &up->err), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
}

void uploads_begin(uploads *up) {
  memset(up->n_reported, 0, sizeof up->n_reported);
  memset(up->fates, 0, sizeof up->fates);
  up->n_reports = 0;
  up->most_calls = 0;
  assert_int_equal(qdrant_uploader_new(up->client, collection, &up->options, &up->uploader, &up->err), QDRANT_OK);
}

qdrant_point_batch uploads_batch(uploads *up, size_t first, size_t n, qdrant_vector_column *column) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  *column = (qdrant_vector_column){.dim = UPLOAD_DIM, .values = up->values};
  batch.first = first;
  batch.n_points = n;
  batch.ids = up->ids;
  batch.vectors = column;
  batch.n_vectors = 1;
  return batch;
}

qdrant_status uploads_add(uploads *up, size_t first, size_t n, int64_t timeout_ms, size_t *n_added) {
  qdrant_vector_column column;
  qdrant_point_batch batch = uploads_batch(up, first, n, &column);
  return qdrant_uploader_add(up->uploader, &batch, timeout_ms, n_added, &up->err);
}

void uploads_end(uploads *up, size_t n_added) {
  qdrant_uploader_free(up->uploader);
  up->uploader = NULL;
  for (size_t i = 0; i < up->n_reports; i++)
    assert_int_equal(up->n_reported[i], 1);
  for (size_t i = 0; i < n_added; i++)
    assert_int_not_equal(up->fates[i], FATE_NONE);
}

void uploads_close(uploads *up) {
  qdrant_uploader_free(up->uploader);
  qdrant_client_close(up->client);
  if (up->fake != NULL)
    fake_free(up->fake);
  pthread_mutex_destroy(&up->lock);
}

size_t uploads_count(uploads *up, upload_fate fate) {
  size_t n = 0;
  pthread_mutex_lock(&up->lock);
  for (size_t i = 0; i < UPLOAD_MAX_POINTS; i++)
    n += up->fates[i] == fate;
  pthread_mutex_unlock(&up->lock);
  return n;
}

qdrant_upload_progress uploads_progress(uploads *up) {
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_uploader_progress(up->uploader, &progress);
  return progress;
}

uint64_t uploads_stored(uploads *up) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = collection;
  QDRANT_SET(&request, exact, 1);
  assert_int_equal(qdrant_points_count(up->client, &request, NULL, &reply, &up->err), QDRANT_OK);
  uint64_t n = ((const Qdrant__CountResponse *)qdrant_reply_message(reply, NULL))->result->count;
  qdrant_reply_free(reply);
  return n;
}

long uploads_stored_as(uploads *up, uint64_t id) {
  Qdrant__PointId number = QDRANT__POINT_ID__INIT, *ids[] = {&number};
  Qdrant__WithVectorsSelector vectors = QDRANT__WITH_VECTORS_SELECTOR__INIT;
  Qdrant__GetPoints request = QDRANT__GET_POINTS__INIT;
  qdrant_reply *reply = NULL;
  number.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  number.num = id;
  vectors.selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  vectors.enable = 1;
  request.collection_name = collection;
  request.ids = ids;
  request.n_ids = 1;
  request.with_vectors = &vectors;
  assert_int_equal(qdrant_points_get(up->client, &request, NULL, &reply, &up->err), QDRANT_OK);
  const Qdrant__GetResponse *answer = (const Qdrant__GetResponse *)qdrant_reply_message(reply, NULL);
  long stored = -1;
  if (answer->n_result == 1) {
    const Qdrant__VectorOutput *vector = answer->result[0]->vectors->vector;
    const float *values = vector->dense != NULL ? vector->dense->data : vector->data;
    stored = (long)values[0] - 1;
  }
  qdrant_reply_free(reply);
  return stored;
}

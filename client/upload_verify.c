#include "client/upload_verify.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/message_check.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"

#include <stdlib.h>
#include <string.h>

enum { GET_COLLECTION = 1, GET_IDS = 2 };

static qdrant_status pack_tail(qdrant_uploader *uploader, qdrant_error *err) {
  Qdrant__WithPayloadSelector no_payload = QDRANT__WITH_PAYLOAD_SELECTOR__INIT;
  Qdrant__WithVectorsSelector no_vectors = QDRANT__WITH_VECTORS_SELECTOR__INIT;
  Qdrant__GetPoints rest = QDRANT__GET_POINTS__INIT;
  no_payload.selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  no_vectors.selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  rest.with_payload = &no_payload;
  rest.with_vectors = &no_vectors;
  rest.shard_key_selector = (Qdrant__ShardKeySelector *)uploader->upsert.shard_key_selector;
  size_t n_tail = protobuf_c_message_get_packed_size(&rest.base);
  uint8_t *tail = qd_arena_alloc(uploader->arena, n_tail);
  if (tail == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
  protobuf_c_message_pack(&rest.base, tail);
  uploader->reading.tail = tail;
  uploader->reading.n_tail = n_tail;
  return QDRANT_OK;
}

qdrant_status qd_upload_verify_frame(qdrant_uploader *uploader, qdrant_error *err) {
  size_t n_name = strlen(uploader->collection);
  size_t n_head = qd_field_bytes(GET_COLLECTION, n_name);
  uint8_t *head = qd_arena_alloc(uploader->arena, n_head);
  if (head == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
  qd_put_bytes(head, GET_COLLECTION, uploader->collection, n_name);
  uploader->reading.head = head;
  uploader->reading.n_head = n_head;
  return pack_tail(uploader, err);
}

/* The next point's id, as it is encoded in the batch's own request. */
static qd_wire_field next_id(qd_wire *points) {
  qd_wire_field point = {0}, id = {0};
  qd_wire_next(points, &point);
  qd_wire fields = qd_wire_of(point.bytes, point.n_bytes);
  while (id.number != QD_POINT_ID && qd_wire_next(&fields, &id) == QD_WIRE_FIELD)
    continue;
  return id;
}

static qd_wire points_of(const qdrant_uploader *uploader, const qd_upload_batch *batch) {
  size_t n_head = uploader->frame.n_head;
  return qd_wire_of(batch->body->bytes + n_head, batch->n_used - n_head);
}

qd_body *qd_upload_verify_request(const qdrant_uploader *uploader, const qd_upload_batch *batch) {
  const qd_points_frame *frame = &uploader->reading;
  size_t n_bytes = frame->n_head + frame->n_tail;
  qd_wire points = points_of(uploader, batch);
  for (uint32_t i = 0; i < batch->n_points; i++)
    n_bytes += qd_field_bytes(GET_IDS, next_id(&points).n_bytes);
  qd_body *body = qd_body_new(uploader->client->bodies, n_bytes);
  if (body == NULL)
    return NULL;
  uint8_t *out = qd_put_copy(body->bytes, frame->head, frame->n_head);
  points = points_of(uploader, batch);
  for (uint32_t i = 0; i < batch->n_points; i++) {
    qd_wire_field id = next_id(&points);
    out = qd_put_bytes(out, GET_IDS, id.bytes, id.n_bytes);
  }
  qd_put_copy(out, frame->tail, frame->n_tail);
  return body;
}

static int compare_keys(const void *one, const void *other) {
  uint64_t a = 0, b = 0;
  memcpy(&a, one, sizeof a);
  memcpy(&b, other, sizeof b);
  return (a > b) - (a < b);
}

/* The keys of the points found, in order; NULL with *error filled when they cannot be had. */
static uint64_t *read_keys(qdrant_reply *reply, size_t *n_keys, qdrant_error *error) {
  const Qdrant__GetResponse *answer = (const Qdrant__GetResponse *)qdrant_reply_message(reply, error);
  if (answer == NULL)
    return NULL;
  uint64_t *keys = qd_alloc((answer->n_result + 1) * sizeof *keys);
  if (keys == NULL) {
    qd_fail(error, QDRANT_NO_MEMORY, "out of memory");
    return NULL;
  }
  size_t n = 0;
  for (size_t i = 0; i < answer->n_result; i++)
    n += qd_upload_key_message(answer->result[i]->id, &keys[n], NULL) == QDRANT_OK;
  qsort(keys, n, sizeof *keys, compare_keys);
  *n_keys = n;
  return keys;
}

static int has_failed(const qd_failed *failed, uint64_t point) {
  for (size_t i = 0; i < failed->n; i++)
    if (point >= failed->items[i].first_point && point - failed->items[i].first_point < failed->items[i].n_points)
      return 1;
  return 0;
}

/* keys NULL: none was found. */
static void fail_missing(qd_upload_batch *batch, const uint64_t *keys, size_t n_keys, const qdrant_error *error) {
  for (uint32_t i = 0; i < batch->n_points; i++) {
    int is_found = keys != NULL && bsearch(&batch->keys[i], keys, n_keys, sizeof *keys, compare_keys) != NULL;
    if (!is_found && !has_failed(&batch->failed, batch->first_point + i))
      qd_upload_batch_fail(batch, (qd_part){i, 1}, error);
  }
}

void qd_upload_verify_take(qd_upload_batch *batch, qdrant_reply *reply, const qdrant_error *error) {
  qdrant_error missing = {0};
  size_t n_keys = 0;
  uint64_t *keys = NULL;
  if (reply != NULL)
    keys = read_keys(reply, &n_keys, &missing);
  else
    qd_error_copy(&missing, error);
  if (keys == NULL)
    qd_error_prefix(&missing, "the points were taken, but could not be read back: ");
  else
    qd_fail(&missing, QDRANT_UNKNOWN, "the server took the point, but does not find it by its id");
  missing.delivery = QDRANT_MAYBE;
  missing.reason = QDRANT_REASON_NOT_VERIFIED;
  missing.is_permanent = 0;
  missing.is_retryable = 0;
  fail_missing(batch, keys, n_keys, &missing);
  qd_free(keys);
}

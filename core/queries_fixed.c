#include "core/queries_plan.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/message_check.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

#define DEFAULT_LIMIT 10

/* Field numbers of QueryPoints, QueryBatchPoints and of both selectors. */
enum { USING = 4, FILTER = 5, PARAMS = 6, SCORE_THRESHOLD = 7, LIMIT = 8, OFFSET = 9 };
enum { WITH_VECTORS = 10, WITH_PAYLOAD = 11, SHARD_KEY = 13 };
enum { BATCH_READ_CONSISTENCY = 3, SELECTOR_ENABLE = 1 };

/* Written by hand: packing a QueryPoints with protobuf-c takes longer than a small search's vector. What a user gives
 * as a message is rare, and protobuf-c's to check and to pack. */
typedef struct fixed_fields {
  const qdrant_query_batch *queries;
  const char *using_name; /* NULL: the unnamed vector */
  uint64_t limit;
} fixed_fields;

static fixed_fields fields_of(const qdrant_query_batch *queries) {
  const char *name = queries->vectors != NULL ? queries->vectors->name : queries->vector_name;
  return (fixed_fields){.queries = queries,
      .using_name = name != NULL && name[0] != '\0' ? name : NULL,
      .limit = queries->limit != 0 ? queries->limit : DEFAULT_LIMIT};
}

static size_t message_bytes(uint32_t number, const void *message) {
  return message == NULL ? 0 : qd_field_bytes(number, protobuf_c_message_get_packed_size(message));
}

static uint8_t *put_message(uint8_t *out, uint32_t number, const void *message) {
  if (message == NULL)
    return out;
  out = qd_put_head(out, number, protobuf_c_message_get_packed_size(message));
  return out + protobuf_c_message_pack(message, out);
}

/* A selector that only says yes or no, unless the user gave a whole one. */
static size_t selector_bytes(uint32_t number, const void *message, qdrant_toggle toggle) {
  if (message != NULL || toggle == QDRANT_DEFAULT)
    return message_bytes(number, message);
  return qd_field_bytes(number, 2);
}

static uint8_t *put_selector(uint8_t *out, uint32_t number, const void *message, qdrant_toggle toggle) {
  if (message != NULL || toggle == QDRANT_DEFAULT)
    return put_message(out, number, message);
  return qd_put_varint_field(qd_put_head(out, number, 2), SELECTOR_ENABLE, toggle == QDRANT_ON);
}

static size_t front_bytes(const fixed_fields *fields) {
  size_t n_using = fields->using_name == NULL ? 0 : qd_field_bytes(USING, strlen(fields->using_name));
  return n_using + message_bytes(FILTER, fields->queries->filter);
}

static uint8_t *put_front(uint8_t *out, const fixed_fields *fields) {
  if (fields->using_name != NULL)
    out = qd_put_bytes(out, USING, fields->using_name, strlen(fields->using_name));
  return put_message(out, FILTER, fields->queries->filter);
}

static size_t back_bytes(const fixed_fields *fields) {
  const qdrant_query_batch *queries = fields->queries;
  size_t n_bytes = message_bytes(PARAMS, queries->params);
  n_bytes += queries->has_score_threshold ? qd_tag_bytes(SCORE_THRESHOLD) + sizeof queries->score_threshold : 0;
  n_bytes += qd_varint_field_bytes(LIMIT, fields->limit);
  n_bytes += queries->offset != 0 ? qd_varint_field_bytes(OFFSET, queries->offset) : 0;
  n_bytes += selector_bytes(WITH_VECTORS, queries->vectors_selector, queries->with_vectors);
  n_bytes += selector_bytes(WITH_PAYLOAD, queries->payload_selector, queries->with_payload);
  return n_bytes + message_bytes(SHARD_KEY, queries->shard_key_selector);
}

static uint8_t *put_back(uint8_t *out, const fixed_fields *fields) {
  const qdrant_query_batch *queries = fields->queries;
  out = put_message(out, PARAMS, queries->params);
  if (queries->has_score_threshold)
    out = qd_put_float_field(out, SCORE_THRESHOLD, queries->score_threshold);
  out = qd_put_varint_field(out, LIMIT, fields->limit);
  if (queries->offset != 0)
    out = qd_put_varint_field(out, OFFSET, queries->offset);
  out = put_selector(out, WITH_VECTORS, queries->vectors_selector, queries->with_vectors);
  out = put_selector(out, WITH_PAYLOAD, queries->payload_selector, queries->with_payload);
  return put_message(out, SHARD_KEY, queries->shard_key_selector);
}

static int has_messages(const qdrant_query_batch *queries) {
  return queries->filter != NULL || queries->params != NULL || queries->vectors_selector != NULL ||
         queries->payload_selector != NULL || queries->shard_key_selector != NULL || queries->read_consistency != NULL;
}

/* Inside the messages that they will be sent in, so that an error names the field. */
static qdrant_status check_messages(const qdrant_query_batch *queries, qdrant_error *err) {
  Qdrant__QueryPoints points = QDRANT__QUERY_POINTS__INIT;
  Qdrant__QueryBatchPoints batch = QDRANT__QUERY_BATCH_POINTS__INIT;
  points.filter = (Qdrant__Filter *)queries->filter;
  points.params = (Qdrant__SearchParams *)queries->params;
  points.with_vectors = (Qdrant__WithVectorsSelector *)queries->vectors_selector;
  points.with_payload = (Qdrant__WithPayloadSelector *)queries->payload_selector;
  points.shard_key_selector = (Qdrant__ShardKeySelector *)queries->shard_key_selector;
  batch.read_consistency = (Qdrant__ReadConsistency *)queries->read_consistency;
  qdrant_status status = qd_message_check(&points.base, err);
  return status == QDRANT_OK ? qd_message_check(&batch.base, err) : status;
}

qdrant_status qd_fixed_pack(const qdrant_query_batch *queries, qd_fixed *fixed, qdrant_error *err) {
  fixed_fields fields = fields_of(queries);
  qdrant_status status = has_messages(queries) ? check_messages(queries, err) : QDRANT_OK;
  if (status != QDRANT_OK)
    return status;
  fixed->n_front = front_bytes(&fields);
  fixed->n_back = back_bytes(&fields);
  fixed->n_tail = message_bytes(BATCH_READ_CONSISTENCY, queries->read_consistency);
  size_t n_bytes = fixed->n_front + fixed->n_back + fixed->n_tail;
  fixed->bytes = qd_alloc(n_bytes);
  if (fixed->bytes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu bytes of query options", n_bytes);
  uint8_t *out = put_front(fixed->bytes, &fields);
  out = put_back(out, &fields);
  put_message(out, BATCH_READ_CONSISTENCY, queries->read_consistency);
  return QDRANT_OK;
}

void qd_fixed_free(qd_fixed *fixed) {
  qd_free(fixed->bytes);
  fixed->bytes = NULL;
}

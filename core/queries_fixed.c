#include "core/queries_plan.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/message_check.h"
#include "qdrant/pb/points.pb-c.h"

#define DEFAULT_LIMIT 10

/* Messages that hold the fixed fields, and what they point to. */
typedef struct fixed_messages {
  Qdrant__QueryPoints front;
  Qdrant__QueryPoints back;
  Qdrant__QueryBatchPoints tail;
  Qdrant__WithPayloadSelector with_payload;
  Qdrant__WithVectorsSelector with_vectors;
} fixed_messages;

static void fill_front(const qdrant_query_batch *queries, fixed_messages *messages) {
  const char *name = queries->vectors != NULL ? queries->vectors->name : queries->vector_name;
  qdrant__query_points__init(&messages->front);
  if (name != NULL && name[0] != '\0') {
    messages->front.using_ = (char *)name;
  }
  messages->front.filter = (Qdrant__Filter *)queries->filter;
}

static Qdrant__WithPayloadSelector *payload_selector(const qdrant_query_batch *queries, fixed_messages *messages) {
  if (queries->payload_selector != NULL) {
    return (Qdrant__WithPayloadSelector *)queries->payload_selector;
  }
  if (queries->with_payload == QDRANT_DEFAULT) {
    return NULL;
  }
  qdrant__with_payload_selector__init(&messages->with_payload);
  messages->with_payload.selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  messages->with_payload.enable = queries->with_payload == QDRANT_ON;
  return &messages->with_payload;
}

static Qdrant__WithVectorsSelector *vectors_selector(const qdrant_query_batch *queries, fixed_messages *messages) {
  if (queries->vectors_selector != NULL) {
    return (Qdrant__WithVectorsSelector *)queries->vectors_selector;
  }
  if (queries->with_vectors == QDRANT_DEFAULT) {
    return NULL;
  }
  qdrant__with_vectors_selector__init(&messages->with_vectors);
  messages->with_vectors.selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  messages->with_vectors.enable = queries->with_vectors == QDRANT_ON;
  return &messages->with_vectors;
}

static void fill_back(const qdrant_query_batch *queries, fixed_messages *messages) {
  Qdrant__QueryPoints *back = &messages->back;
  qdrant__query_points__init(back);
  back->params = (Qdrant__SearchParams *)queries->params;
  back->has_score_threshold = queries->has_score_threshold != 0;
  back->score_threshold = queries->score_threshold;
  back->has_limit = 1;
  back->limit = queries->limit != 0 ? queries->limit : DEFAULT_LIMIT;
  back->has_offset = queries->offset != 0;
  back->offset = queries->offset;
  back->with_vectors = vectors_selector(queries, messages);
  back->with_payload = payload_selector(queries, messages);
  back->shard_key_selector = (Qdrant__ShardKeySelector *)queries->shard_key_selector;
}

static void fill_tail(const qdrant_query_batch *queries, fixed_messages *messages) {
  qdrant__query_batch_points__init(&messages->tail);
  messages->tail.read_consistency = (Qdrant__ReadConsistency *)queries->read_consistency;
}

static qdrant_status pack(const fixed_messages *messages, qd_fixed *fixed, qdrant_error *err) {
  fixed->n_front = protobuf_c_message_get_packed_size(&messages->front.base);
  fixed->n_back = protobuf_c_message_get_packed_size(&messages->back.base);
  fixed->n_tail = protobuf_c_message_get_packed_size(&messages->tail.base);
  size_t n_bytes = fixed->n_front + fixed->n_back + fixed->n_tail;
  fixed->bytes = qd_alloc(n_bytes);
  if (fixed->bytes == NULL) {
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu bytes of query options", n_bytes);
  }
  protobuf_c_message_pack(&messages->front.base, fixed->bytes);
  protobuf_c_message_pack(&messages->back.base, fixed->bytes + fixed->n_front);
  protobuf_c_message_pack(&messages->tail.base, fixed->bytes + fixed->n_front + fixed->n_back);
  return QDRANT_OK;
}

qdrant_status qd_fixed_pack(const qdrant_query_batch *queries, qd_fixed *fixed, qdrant_error *err) {
  fixed_messages messages;
  fill_front(queries, &messages);
  fill_back(queries, &messages);
  fill_tail(queries, &messages);
  qdrant_status status = qd_message_check(&messages.front.base, err);
  if (status == QDRANT_OK) {
    status = qd_message_check(&messages.back.base, err);
  }
  if (status == QDRANT_OK) {
    status = qd_message_check(&messages.tail.base, err);
  }
  return status == QDRANT_OK ? pack(&messages, fixed, err) : status;
}

void qd_fixed_free(qd_fixed *fixed) {
  qd_free(fixed->bytes);
  fixed->bytes = NULL;
}

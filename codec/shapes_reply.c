/* Replies about points: the JSON of a reply is what the REST API answers as `result`. Time and usage stand beside it.
 */
#include "codec/json_path.h"
#include "codec/shape.h"
#include "qdrant/pb/points.pb-c.h"

/* A batch of queries answers an object for each, where a batch of searches answers a list. */
static qdrant_status write_query_batch(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__QueryBatchResponse *reply = (const Qdrant__QueryBatchResponse *)message;
  qdrant_status status = QDRANT_OK;
  qd_json_write_raw(out, "[");
  for (size_t i = 0; i < reply->n_result && status == QDRANT_OK && !out->text->has_failed; i++) {
    qd_json_write_comma(out);
    qd_json_write_raw(out, "{\"points\":");
    status = qd_path_index(qd_json_write_message(out, &reply->result[i]->base), out->err, i);
    qd_json_write_raw(out, "}");
  }
  qd_json_write_raw(out, "]");
  return status;
}

/* The lists within the objects, as a list. */
static qdrant_status read_query_batch(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  if (value->kind != QD_JSON_ARRAY)
    return qd_json_expected(in, value, "a list");
  qd_json_node *items = qd_json_alloc(in, value->n * sizeof *items);
  if (items == NULL)
    return QDRANT_NO_MEMORY;
  for (size_t i = 0; i < value->n; i++) {
    const qd_json_node *points = qd_json_get(&value->items[i], "points");
    if (points == NULL)
      return qd_path_index(qd_json_expected(in, &value->items[i], "an object with points"), in->err, i);
    items[i] = *points;
  }
  qd_json_node lists = {.kind = QD_JSON_ARRAY, .n = value->n, .items = items};
  return qd_json_read_named(in, &lists, message, "result");
}

static const qd_field_shape scored_fields[] = {
    {.name = "vectors", .key = "vector"},
    {.name = "version", .flags = QD_FIELD_ALWAYS},
    {.name = "score", .flags = QD_FIELD_ALWAYS | QD_FIELD_NULL_IS_NAN},
    {0},
};

static const qd_field_shape retrieved_fields[] = {
    {.name = "vectors", .key = "vector"},
    {0},
};

static const qd_field_shape points_fields[] = {
    {.name = "result", .key = "points", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape hits_fields[] = {
    {.name = "hits", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape groups_fields[] = {
    {.name = "groups", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape pair_fields[] = {
    {.name = "score", .flags = QD_FIELD_ALWAYS | QD_FIELD_NULL_IS_NAN},
    {0},
};

static const qd_field_shape pairs_fields[] = {
    {.name = "pairs", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape offsets_fields[] = {
    {.name = "offsets_row", .flags = QD_FIELD_ALWAYS},
    {.name = "offsets_col", .flags = QD_FIELD_ALWAYS},
    {.name = "scores", .flags = QD_FIELD_ALWAYS | QD_FIELD_NULL_IS_NAN},
    {.name = "ids", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_reply[] = {
    {.type = &qdrant__scored_point__descriptor, .fields = scored_fields},
    {.type = &qdrant__retrieved_point__descriptor, .fields = retrieved_fields},
    {.type = &qdrant__point_group__descriptor, .fields = hits_fields},
    {.type = &qdrant__groups_result__descriptor, .fields = groups_fields},
    {.type = &qdrant__batch_result__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__search_matrix_pair__descriptor, .fields = pair_fields},
    {.type = &qdrant__search_matrix_pairs__descriptor, .fields = pairs_fields},
    {.type = &qdrant__search_matrix_offsets__descriptor, .fields = offsets_fields},
    {.type = &qdrant__count_result__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__facet_hit__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__hardware_usage__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__model_usage__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__points_operation_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__update_batch_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__get_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__count_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__scroll_response__descriptor, .fields = points_fields},
    {.type = &qdrant__query_response__descriptor, .fields = points_fields},
    {.type = &qdrant__query_batch_response__descriptor, .write = write_query_batch, .read = read_query_batch},
    {.type = &qdrant__query_groups_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__facet_response__descriptor, .fields = hits_fields},
    {.type = &qdrant__search_matrix_pairs_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__search_matrix_offsets_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__search_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__search_batch_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__search_groups_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__recommend_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__recommend_batch_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__recommend_groups_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__discover_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__discover_batch_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {0},
};

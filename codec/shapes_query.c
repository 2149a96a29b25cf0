/* Queries, prefetches and formulas. */
#include "codec/shape.h"
#include "qdrant/pb/points.pb-c.h"

static int has_key(const qd_json_node *object, const char *key) {
  return qd_json_get(object, key) != NULL;
}

static const char *find_key(const qd_json_node *object, const char *const *keys) {
  while (*keys != NULL && !has_key(object, *keys))
    keys++;
  return *keys;
}

/* A document has a text too, and a model beside it. */
static const char *choose_query(const qd_json_node *value) {
  static const char *const keys[] = {
      "recommend", "discover", "context", "order_by", "fusion", "rrf", "formula", "sample", "relevance_feedback", NULL};
  if (value->kind != QD_JSON_OBJECT)
    return "nearest";
  if (has_key(value, "nearest"))
    return has_key(value, "mmr") ? "nearest_with_mmr" : "nearest";
  const char *found = find_key(value, keys);
  if (found != NULL)
    return found;
  return has_key(value, "text") && !has_key(value, "model") ? "text" : "nearest";
}

static const char *choose_expression(const qd_json_node *value) {
  static const char *const keys[] = {"geo_distance", "datetime", "datetime_key", "mult", "sum", "div", "neg", "abs",
      "sqrt", "pow", "exp", "log10", "ln", "exp_decay", "gauss_decay", "lin_decay", "acosh", "max", "min", NULL};
  if (qd_json_is_number(value))
    return "constant";
  if (value->kind == QD_JSON_TEXT)
    return "variable";
  if (value->kind != QD_JSON_OBJECT)
    return NULL;
  const char *found = find_key(value, keys);
  return found != NULL ? found : "condition";
}

/* A key alone stands for an order without options. */
static qdrant_status read_order_by(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  return value->kind == QD_JSON_TEXT ? qd_json_read_named(in, value, message, "key")
                                     : qd_json_read_shape(in, value, message);
}

/* {"text": "words"} or {"text": {"query": "words", "scoring": {"bm25": {}}}}: the value behind the key `text`. */
static qdrant_status write_text_query(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__TextQuery *text = (const Qdrant__TextQuery *)message;
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "query");
  qd_json_write_string(out, text->query == NULL ? "" : text->query);
  qdrant_status status = QDRANT_OK;
  if (text->scoring_case == QDRANT__TEXT_QUERY__SCORING_BM25) {
    qd_json_write_key(out, "scoring");
    qd_json_write_raw(out, "{");
    qd_json_write_key(out, "bm25");
    status = qd_json_write_message(out, &text->bm25->base);
    qd_json_write_raw(out, "}");
  }
  qd_json_write_raw(out, "}");
  return status;
}

static qdrant_status read_text_query(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  if (value->kind == QD_JSON_TEXT)
    return qd_json_read_named(in, value, message, "query");
  const qd_json_node *query = qd_json_get(value, "query");
  const qd_json_node *scoring = qd_json_get(value, "scoring");
  if (query == NULL)
    return qd_json_expected(in, value, "a string, or an object with query");
  qdrant_status status = qd_json_read_named(in, query, message, "query");
  if (status != QDRANT_OK || scoring == NULL || scoring->kind == QD_JSON_NULL)
    return status;
  const qd_json_node *bm25 = qd_json_get(scoring, "bm25");
  return bm25 == NULL ? qd_json_expected(in, scoring, "an object with bm25")
                      : qd_json_read_named(in, bm25, message, "bm25");
}

static qdrant_status write_idf(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__IdfParams *idf = (const Qdrant__IdfParams *)message;
  if (idf->corpus != NULL)
    return qd_json_write_shape(out, message);
  qd_json_write_string(out, "global");
  return QDRANT_OK;
}

static qdrant_status read_idf(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  if (value->kind == QD_JSON_OBJECT)
    return qd_json_read_shape(in, value, message);
  return qd_json_text_is(value, "global") ? QDRANT_OK
                                          : qd_json_expected(in, value, "\"global\" or an object with corpus");
}

static const qd_field_shape query_fields[] = {
    {.name = "nearest", .flags = QD_FIELD_KEYED},
    {.name = "recommend", .flags = QD_FIELD_KEYED},
    {.name = "discover", .flags = QD_FIELD_KEYED},
    {.name = "context", .flags = QD_FIELD_KEYED},
    {.name = "order_by", .flags = QD_FIELD_KEYED},
    {.name = "fusion", .flags = QD_FIELD_KEYED},
    {.name = "rrf", .flags = QD_FIELD_KEYED},
    {.name = "sample", .flags = QD_FIELD_KEYED},
    {.name = "relevance_feedback", .flags = QD_FIELD_KEYED},
    {.name = "text", .flags = QD_FIELD_KEYED},
    {0},
};

static const qd_field_shape expression_fields[] = {
    {.name = "geo_distance", .flags = QD_FIELD_KEYED},
    {.name = "datetime", .flags = QD_FIELD_KEYED},
    {.name = "datetime_key", .flags = QD_FIELD_KEYED},
    {.name = "div", .flags = QD_FIELD_KEYED},
    {.name = "neg", .flags = QD_FIELD_KEYED},
    {.name = "abs", .flags = QD_FIELD_KEYED},
    {.name = "sqrt", .flags = QD_FIELD_KEYED},
    {.name = "pow", .flags = QD_FIELD_KEYED},
    {.name = "exp", .flags = QD_FIELD_KEYED},
    {.name = "log10", .flags = QD_FIELD_KEYED},
    {.name = "ln", .flags = QD_FIELD_KEYED},
    {.name = "exp_decay", .flags = QD_FIELD_KEYED},
    {.name = "gauss_decay", .flags = QD_FIELD_KEYED},
    {.name = "lin_decay", .flags = QD_FIELD_KEYED},
    {.name = "acosh", .flags = QD_FIELD_KEYED},
    {0},
};

static const qd_field_shape operand_fields[] = {
    {.name = "mult", .flags = QD_FIELD_ALWAYS},
    {.name = "sum", .flags = QD_FIELD_ALWAYS},
    {.name = "max", .flags = QD_FIELD_ALWAYS},
    {.name = "min", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape formula_fields[] = {
    {.name = "expression", .key = "formula", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape order_fields[] = {
    {.name = "key", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape mmr_fields[] = {
    {.name = "nearest", .flags = QD_FIELD_ALWAYS},
    {.name = "mmr", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape pairs_fields[] = {
    {.name = "pairs", .flags = QD_FIELD_ONE_OR_MANY},
    {0},
};

static const qd_field_shape feedback_fields[] = {
    {.name = "feedback", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape prefetch_fields[] = {
    {.name = "prefetch", .flags = QD_FIELD_ONE_OR_MANY},
    {0},
};

static const qd_field_shape query_points_fields[] = {
    {.name = "prefetch", .flags = QD_FIELD_ONE_OR_MANY},
    {.name = "collection_name", .flags = QD_FIELD_OUTERMOST},
    {0},
};

static const qd_field_shape query_groups_fields[] = {
    {.name = "prefetch", .flags = QD_FIELD_ONE_OR_MANY},
    {.name = "group_by", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_query[] = {
    {.type = &qdrant__query__descriptor,
        .kind = QD_SHAPE_BARE,
        .fields = query_fields,
        .choose = choose_query,
        .expected = "a query"},
    {.type = &qdrant__order_by__descriptor, .fields = order_fields, .read = read_order_by},
    {.type = &qdrant__nearest_input_with_mmr__descriptor, .fields = mmr_fields},
    {.type = &qdrant__context_input__descriptor, .kind = QD_SHAPE_UNWRAPPED, .fields = pairs_fields},
    {.type = &qdrant__relevance_feedback_input__descriptor, .fields = feedback_fields},
    {.type = &qdrant__feedback_item__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__naive_feedback_strategy__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__text_query__descriptor, .write = write_text_query, .read = read_text_query},
    {.type = &qdrant__formula__descriptor, .fields = formula_fields},
    {.type = &qdrant__expression__descriptor,
        .kind = QD_SHAPE_BARE,
        .fields = expression_fields,
        .choose = choose_expression,
        .expected =
            "an expression: a number, a variable's name, a condition, or an object with mult, sum, div and so on"},
    {.type = &qdrant__mult_expression__descriptor, .fields = operand_fields},
    {.type = &qdrant__sum_expression__descriptor, .fields = operand_fields},
    {.type = &qdrant__max_expression__descriptor, .fields = operand_fields},
    {.type = &qdrant__min_expression__descriptor, .fields = operand_fields},
    {.type = &qdrant__geo_distance__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__idf_params__descriptor, .write = write_idf, .read = read_idf},
    {.type = &qdrant__prefetch_query__descriptor, .fields = prefetch_fields},
    {.type = &qdrant__query_points__descriptor, .fields = query_points_fields},
    {.type = &qdrant__query_point_groups__descriptor, .fields = query_groups_fields},
    {0},
};

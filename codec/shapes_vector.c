/* Vectors of every kind, going out and coming back, and what a query may be near to. */
#include "codec/json_path.h"
#include "codec/shape.h"
#include "qdrant/pb/points.pb-c.h"

static const char *choose_of_list(const qd_json_node *list) {
  return list->n > 0 && list->items[0].kind == QD_JSON_ARRAY ? "multi_dense" : "dense";
}

static const char *choose_of_object(const qd_json_node *object) {
  if (qd_json_get(object, "indices") != NULL || qd_json_get(object, "values") != NULL)
    return "sparse";
  if (qd_json_get(object, "text") != NULL)
    return "document";
  if (qd_json_get(object, "image") != NULL)
    return "image";
  return qd_json_get(object, "object") != NULL ? "object" : NULL;
}

static const char *choose_vector(const qd_json_node *value) {
  if (value->kind == QD_JSON_ARRAY)
    return choose_of_list(value);
  return value->kind == QD_JSON_OBJECT ? choose_of_object(value) : NULL;
}

static const char *choose_vector_output(const qd_json_node *value) {
  if (value->kind == QD_JSON_ARRAY)
    return choose_of_list(value);
  return value->kind == QD_JSON_OBJECT ? "sparse" : NULL;
}

static int is_id(const qd_json_node *value) {
  return qd_json_is_unsigned(value) || value->kind == QD_JSON_TEXT;
}

static const char *choose_vector_input(const qd_json_node *value) {
  return is_id(value) ? "id" : choose_vector(value);
}

static const char *choose_example(const qd_json_node *value) {
  return is_id(value) ? "id" : "vector";
}

/* Names of vectors, or one thing to be embedded: {"text": "a", "model": "b"} has members that are no vectors. */
static const char *choose_vectors(const qd_json_node *value) {
  if (value->kind == QD_JSON_ARRAY)
    return "vector";
  if (value->kind != QD_JSON_OBJECT)
    return NULL;
  for (size_t i = 0; i < value->n; i++) {
    qd_json_kind kind = qd_json_member(value, i)->kind;
    if (kind != QD_JSON_ARRAY && kind != QD_JSON_OBJECT)
      return "vector";
  }
  return "vectors";
}

static const char *choose_vectors_output(const qd_json_node *value) {
  return value->kind == QD_JSON_ARRAY ? "vector" : value->kind == QD_JSON_OBJECT ? "vectors" : NULL;
}

/* The fields that vectors had before they were a oneof, which old servers and clients still fill. */
typedef struct old_vector {
  const float *data;
  size_t n_data;
  const Qdrant__SparseIndices *indices;
  uint32_t n_rows;
} old_vector;

static qdrant_status write_old_sparse(qd_json_writer *out, const old_vector *vector) {
  Qdrant__SparseVector sparse = QDRANT__SPARSE_VECTOR__INIT;
  sparse.values = (float *)(uintptr_t)vector->data; /* only read */
  sparse.n_values = vector->n_data;
  sparse.indices = vector->indices->data;
  sparse.n_indices = vector->indices->n_data;
  return qd_json_write_message(out, &sparse.base);
}

static qdrant_status write_old_rows(qd_json_writer *out, const old_vector *vector) {
  size_t n_columns = vector->n_data / vector->n_rows;
  if (n_columns * vector->n_rows != vector->n_data)
    return qd_json_refuse(out, "%zu numbers cannot be %u vectors", vector->n_data, vector->n_rows);
  qdrant_status status = QDRANT_OK;
  qd_json_write_raw(out, "[");
  for (size_t i = 0; i < vector->n_rows && status == QDRANT_OK && !out->text->has_failed; i++) {
    qd_json_write_comma(out);
    status = qd_path_index(qd_json_write_floats(out, vector->data + i * n_columns, n_columns, 0), out->err, i);
  }
  qd_json_write_raw(out, "]");
  return status;
}

static qdrant_status write_old(qd_json_writer *out, const old_vector *vector) {
  if (vector->indices != NULL)
    return write_old_sparse(out, vector);
  if (vector->n_rows > 0)
    return write_old_rows(out, vector);
  return qd_json_write_floats(out, vector->data, vector->n_data, 0);
}

static qdrant_status write_vector(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__Vector *vector = (const Qdrant__Vector *)message;
  if (vector->vector_case != QDRANT__VECTOR__VECTOR__NOT_SET)
    return qd_json_write_shape(out, message);
  old_vector old = {
      vector->data, vector->n_data, vector->indices, vector->has_vectors_count ? vector->vectors_count : 0};
  return write_old(out, &old);
}

/* A server stores infinity and NaN when it gets them over gRPC, and prints null. */
static qdrant_status write_vector_output(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__VectorOutput *vector = (const Qdrant__VectorOutput *)message;
  old_vector old = {
      vector->data, vector->n_data, vector->indices, vector->has_vectors_count ? vector->vectors_count : 0};
  out->is_nan_null = 1;
  qdrant_status status = vector->vector_case != QDRANT__VECTOR_OUTPUT__VECTOR__NOT_SET
                             ? qd_json_write_shape(out, message)
                             : write_old(out, &old);
  out->is_nan_null = 0;
  return status;
}

static qdrant_status read_vector_output(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  in->is_nan_null = 1;
  qdrant_status status = qd_json_read_shape(in, value, message);
  in->is_nan_null = 0;
  return status;
}

static const qd_field_shape sparse_fields[] = {
    {.name = "indices", .flags = QD_FIELD_ALWAYS},
    {.name = "values", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape document_fields[] = {
    {.name = "text", .flags = QD_FIELD_ALWAYS},
    {.name = "model", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape model_fields[] = {
    {.name = "image", .flags = QD_FIELD_ALWAYS},
    {.name = "object", .flags = QD_FIELD_ALWAYS},
    {.name = "model", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_vector[] = {
    {.type = &qdrant__dense_vector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__multi_dense_vector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__sparse_vector__descriptor, .fields = sparse_fields},
    {.type = &qdrant__document__descriptor, .fields = document_fields},
    {.type = &qdrant__image__descriptor, .fields = model_fields},
    {.type = &qdrant__inference_object__descriptor, .fields = model_fields},
    {.type = &qdrant__vector__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_vector,
        .expected =
            "a vector: a list of numbers, a list of such lists, or an object with indices and values, with text, "
            "image or object",
        .write = write_vector},
    {.type = &qdrant__vector_output__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_vector_output,
        .expected = "a vector",
        .write = write_vector_output,
        .read = read_vector_output},
    {.type = &qdrant__vector_input__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_vector_input,
        .expected = "a point's id, a vector, or an object with indices and values, with text, image or object"},
    {.type = &qdrant__named_vectors__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__named_vectors_output__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__vectors__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_vectors,
        .expected = "a vector, or an object of vectors by their names"},
    {.type = &qdrant__vectors_output__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_vectors_output,
        .expected = "a vector, or an object of vectors by their names"},
    {.type = &qdrant__vector_example__descriptor,
        .kind = QD_SHAPE_BARE,
        .choose = choose_example,
        .expected = "a point's id or a vector"},
    {.type = &qdrant__target_vector__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {0},
};

/* The requests that Query took the place of: Search, Recommend and Discover. */
#include "codec/shape.h"
#include "core/message_check.h"
#include "qdrant/pb/points.pb-c.h"

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name) {
  return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

static qdrant_status write_nothing(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  (void)out;
  (void)message;
  (void)field;
  return QDRANT_OK;
}

/* The vector of a search: three fields of both SearchPoints and SearchPointGroups. */
typedef struct searched {
  float *values;
  size_t n_values;
  const char *name;
  const Qdrant__SparseIndices *indices;
} searched;

static searched searched_of(const ProtobufCMessage *message) {
  if (message->descriptor == &qdrant__search_points__descriptor) {
    const Qdrant__SearchPoints *search = (const Qdrant__SearchPoints *)message;
    return (searched){search->vector, search->n_vector, search->vector_name, search->sparse_indices};
  }
  const Qdrant__SearchPointGroups *search = (const Qdrant__SearchPointGroups *)message;
  return (searched){search->vector, search->n_vector, search->vector_name, search->sparse_indices};
}

static qdrant_status write_values(qd_json_writer *out, const searched *vector) {
  if (vector->indices == NULL)
    return qd_json_write_floats(out, vector->values, vector->n_values, 0);
  Qdrant__SparseVector sparse = QDRANT__SPARSE_VECTOR__INIT;
  sparse.n_values = vector->n_values;
  sparse.values = vector->values;
  sparse.n_indices = vector->indices->n_data;
  sparse.indices = vector->indices->data;
  return qd_json_write_message(out, &sparse.base);
}

/* [numbers], or {"name": ..., "vector": ...} where there is a name or the vector is sparse. */
static qdrant_status write_searched(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  searched vector = searched_of(message);
  qd_json_write_key(out, field->name);
  if (vector.name == NULL && vector.indices == NULL)
    return write_values(out, &vector);
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "name");
  qd_json_write_string(out, vector.name == NULL ? "" : vector.name);
  qd_json_write_key(out, "vector");
  qdrant_status status = write_values(out, &vector);
  qd_json_write_raw(out, "}");
  return status;
}

static qdrant_status read_sparse(qd_json_reader *in, const qd_json_node *indices, const qd_json_node *values,
    ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  qdrant_status status = qd_json_read_named(in, indices, message, "sparse_indices");
  return status == QDRANT_OK ? qd_json_read_field(in, values, message, field) : status;
}

static qdrant_status read_searched(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const qd_json_node *name = qd_json_get(value, "name");
  const qd_json_node *vector = qd_json_get(value, "vector");
  if (value->kind != QD_JSON_OBJECT)
    return qd_json_read_field(in, value, message, field);
  if (name == NULL || vector == NULL)
    return qd_json_expected(in, value, "a list of numbers, or an object with name and vector");
  const qd_json_node *indices = qd_json_get(vector, "indices");
  const qd_json_node *values = qd_json_get(vector, "values");
  qdrant_status status = qd_json_read_named(in, name, message, "vector_name");
  if (status != QDRANT_OK)
    return status;
  if (indices != NULL && values != NULL)
    return read_sparse(in, indices, values, message, field);
  return qd_json_read_field(in, vector, message, field);
}

/* `positive` and `positive_vectors` are one list in JSON: ids and vectors. */
static const ProtobufCFieldDescriptor *vectors_beside(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *ids) {
  return field_of(message, ids->name[0] == 'p' ? "positive_vectors" : "negative_vectors");
}

static qdrant_status write_examples(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const ProtobufCFieldDescriptor *vectors = vectors_beside(message, field);
  if (!qd_field_is_set(message, field) && !qd_field_is_set(message, vectors))
    return QDRANT_OK;
  qd_json_write_key(out, field->name);
  qd_json_write_raw(out, "[");
  qdrant_status status = qd_json_write_items(out, message, field);
  if (status == QDRANT_OK)
    status = qd_json_write_items(out, message, vectors);
  qd_json_write_raw(out, "]");
  return status;
}

static int is_id(const qd_json_node *value) {
  return value->kind == QD_JSON_INT || value->kind == QD_JSON_UINT || value->kind == QD_JSON_TEXT;
}

/* The items that are ids, or those that are not, as a list of their own. */
static qdrant_status pick(qd_json_reader *in, const qd_json_node *list, int wants_ids, qd_json_node *picked) {
  qd_json_node *items = qd_json_alloc(in, list->n * sizeof *items);
  if (items == NULL)
    return QDRANT_NO_MEMORY;
  *picked = (qd_json_node){.kind = QD_JSON_ARRAY, .items = items};
  for (size_t i = 0; i < list->n; i++)
    if (is_id(&list->items[i]) == wants_ids)
      items[picked->n++] = list->items[i];
  return QDRANT_OK;
}

static qdrant_status read_examples(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  qd_json_node ids;
  qd_json_node vectors;
  if (value->kind != QD_JSON_ARRAY)
    return qd_json_expected(in, value, "a list of ids and vectors");
  if (pick(in, value, 1, &ids) != QDRANT_OK || pick(in, value, 0, &vectors) != QDRANT_OK)
    return QDRANT_NO_MEMORY;
  qdrant_status status = qd_json_read_field(in, &ids, message, field);
  return status == QDRANT_OK ? qd_json_read_field(in, &vectors, message, vectors_beside(message, field)) : status;
}

static const qd_field_shape search_fields[] = {
    {.name = "collection_name", .flags = QD_FIELD_OUTERMOST},
    {.name = "vector", .flags = QD_FIELD_ALWAYS, .write = write_searched, .read = read_searched},
    {.name = "vector_name", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "sparse_indices", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "limit", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape search_groups_fields[] = {
    {.name = "vector", .flags = QD_FIELD_ALWAYS, .write = write_searched, .read = read_searched},
    {.name = "vector_name", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "sparse_indices", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "limit", .flags = QD_FIELD_ALWAYS},
    {.name = "group_by", .flags = QD_FIELD_ALWAYS},
    {.name = "group_size", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape recommend_fields[] = {
    {.name = "collection_name", .flags = QD_FIELD_OUTERMOST},
    {.name = "positive", .flags = QD_FIELD_ALWAYS, .write = write_examples, .read = read_examples},
    {.name = "negative", .flags = QD_FIELD_ALWAYS, .write = write_examples, .read = read_examples},
    {.name = "positive_vectors", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "negative_vectors", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "limit", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape recommend_groups_fields[] = {
    {.name = "positive", .flags = QD_FIELD_ALWAYS, .write = write_examples, .read = read_examples},
    {.name = "negative", .flags = QD_FIELD_ALWAYS, .write = write_examples, .read = read_examples},
    {.name = "positive_vectors", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "negative_vectors", .flags = QD_FIELD_WRITE_ONLY, .write = write_nothing},
    {.name = "limit", .flags = QD_FIELD_ALWAYS},
    {.name = "group_by", .flags = QD_FIELD_ALWAYS},
    {.name = "group_size", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape discover_fields[] = {
    {.name = "collection_name", .flags = QD_FIELD_OUTERMOST},
    {.name = "limit", .flags = QD_FIELD_ALWAYS},
    {0},
};

const qd_shape qd_shapes_search[] = {
    {.type = &qdrant__search_points__descriptor, .fields = search_fields},
    {.type = &qdrant__search_point_groups__descriptor, .fields = search_groups_fields},
    {.type = &qdrant__recommend_points__descriptor, .fields = recommend_fields},
    {.type = &qdrant__recommend_point_groups__descriptor, .fields = recommend_groups_fields},
    {.type = &qdrant__discover_points__descriptor, .fields = discover_fields},
    {.type = &qdrant__sparse_indices__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {0},
};

#include "cli/points_json.h"

#include "cli/ids.h"
#include "cli/output.h"
#include "qdrant/build.h"

#include <stdlib.h>
#include <string.h>

/* Levels of a payload, those around it included. */
enum { max_depth = 128 };

json_object *qd_json_id(const qdrant_point_id *id) {
  char text[QD_ID_TEXT];
  if (!id->is_uuid)
    return json_object_new_uint64(id->num);
  qdrant_uuid_format(&id->uuid, text);
  return json_object_new_string(text);
}

json_object *qd_json_id_message(const Qdrant__PointId *id) {
  if (!id || id->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS__NOT_SET)
    return json_object_new_string("");
  if (id->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM)
    return json_object_new_uint64(id->num);
  return json_object_new_string(id->uuid);
}

json_object *qd_json_of_text(const char *json) {
  json_tokener *tokener = json_tokener_new_ex(max_depth);
  json_object *value = tokener ? json_tokener_parse_ex(tokener, json, -1) : NULL;
  int is_json = tokener && json_tokener_get_error(tokener) == json_tokener_success;
  if (tokener)
    json_tokener_free(tokener);
  if (is_json)
    return value;
  json_object_put(value);
  return json_object_new_string(json);
}

/* Adds one entry of a payload; 0 when out of memory. */
static int add_entry(
    qdrant_arena *arena, json_object *payload, const ProtobufCBinaryData *key, const Qdrant__Value *value) {
  const char *json = NULL;
  size_t n = 0;
  char *name = strndup((const char *)key->data, key->len);
  int is_added = 0;
  if (name && value && qdrant_value_to_json(arena, value, &json, &n, NULL) == QDRANT_OK) {
    json_object *parsed = strcmp(json, "null") == 0 ? NULL : qd_json_of_text(json);
    is_added = json_object_object_add(payload, name, parsed) == 0;
    if (!is_added)
      json_object_put(parsed);
  }
  free(name);
  return is_added;
}

json_object *qd_json_payload(const Qdrant__RetrievedPoint *point) {
  qdrant_arena *arena = qdrant_arena_new();
  json_object *payload = json_object_new_object();
  int is_built = arena && payload;
  for (size_t i = 0; is_built && i < point->n_payload; i++)
    is_built = add_entry(arena, payload, &point->payload[i]->key, point->payload[i]->value);
  qdrant_arena_free(arena);
  if (is_built)
    return payload;
  json_object_put(payload);
  return NULL;
}

/* Appends item, which it takes; gives array back, or NULL when out of memory. */
static json_object *append(json_object *array, json_object *item) {
  if (array && item && json_object_array_add(array, item) == 0)
    return array;
  json_object_put(item);
  json_object_put(array);
  return NULL;
}

static json_object *json_floats(const float *values, size_t n) {
  json_object *array = json_object_new_array();
  for (size_t i = 0; array && i < n; i++)
    array = append(array, qd_json_float(values[i]));
  return array;
}

static json_object *json_multi(const Qdrant__MultiDenseVector *multi) {
  json_object *array = json_object_new_array();
  for (size_t i = 0; array && i < multi->n_vectors; i++)
    array = append(array, json_floats(multi->vectors[i]->data, multi->vectors[i]->n_data));
  return array;
}

static json_object *json_sparse(const uint32_t *indices, size_t n_indices, const float *values, size_t n_values) {
  qd_output *output = qd_output_new_record();
  json_object *array = json_object_new_array();
  for (size_t i = 0; array && i < n_indices; i++)
    array = append(array, json_object_new_int64(indices[i]));
  qd_output_json(output, "indices", array);
  qd_output_json(output, "values", json_floats(values, n_values));
  return qd_output_take(output);
}

/* Servers before 1.13 send vectors in the fields that later ones leave empty. */
static json_object *json_old_vector(const Qdrant__VectorOutput *vector) {
  if (vector->indices)
    return json_sparse(vector->indices->data, vector->indices->n_data, vector->data, vector->n_data);
  if (!vector->has_vectors_count || vector->vectors_count == 0)
    return json_floats(vector->data, vector->n_data);
  json_object *array = json_object_new_array();
  size_t dim = vector->n_data / vector->vectors_count;
  for (size_t i = 0; array && i < vector->vectors_count; i++)
    array = append(array, json_floats(vector->data + i * dim, dim));
  return array;
}

static json_object *json_vector(const Qdrant__VectorOutput *vector) {
  switch (vector->vector_case) {
  case QDRANT__VECTOR_OUTPUT__VECTOR_DENSE: return json_floats(vector->dense->data, vector->dense->n_data);
  case QDRANT__VECTOR_OUTPUT__VECTOR_SPARSE:
    return json_sparse(
        vector->sparse->indices, vector->sparse->n_indices, vector->sparse->values, vector->sparse->n_values);
  case QDRANT__VECTOR_OUTPUT__VECTOR_MULTI_DENSE: return json_multi(vector->multi_dense);
  default: return json_old_vector(vector);
  }
}

json_object *qd_json_vectors(const Qdrant__VectorsOutput *vectors) {
  if (vectors && vectors->vectors_options_case == QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR)
    return json_vector(vectors->vector);
  qd_output *output = qd_output_new_record();
  if (vectors && vectors->vectors_options_case == QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTORS)
    for (size_t i = 0; i < vectors->vectors->n_vectors; i++)
      qd_output_json(output, vectors->vectors->vectors[i]->key, json_vector(vectors->vectors->vectors[i]->value));
  return qd_output_take(output);
}

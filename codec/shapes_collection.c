/* Collections: what they are created and changed with, and what is told of them. */
#include "codec/json_path.h"
#include "codec/member.h"
#include "codec/shape.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

static int is_object_key_of_params(const qd_json_node *value, const char *key) {
  const qd_json_node *member = qd_json_get(value, key);
  return member != NULL && member->kind != QD_JSON_OBJECT;
}

/* Parameters of the one vector without a name, or a map, where a vector may be called "size". */
static const char *choose_vectors(const qd_json_node *value) {
  if (value->kind != QD_JSON_OBJECT)
    return NULL;
  return is_object_key_of_params(value, "size") || is_object_key_of_params(value, "distance") ? "params" : "params_map";
}

/* Always a map, in which the vector without a name is "". */
static qdrant_status write_vectors_diff(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__VectorsConfigDiff *config = (const void *)message;
  if (config->config_case != QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS)
    return qd_json_write_shape(out, message);
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "");
  qdrant_status status = qd_json_write_message(out, &config->params->base);
  qd_json_write_raw(out, "}");
  return qd_path_key(status, out->err, "");
}

static qdrant_status read_vectors_diff(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  if (value->kind != QD_JSON_OBJECT)
    return qd_json_expected(in, value, "an object with the vectors' names as keys");
  if (value->n == 1 && qd_json_key(value, 0)->n == 0)
    return qd_path_key(qd_json_read_named(in, qd_json_member(value, 0), message, "params"), in->err, "");
  return qd_json_read_named(in, value, message, "params_map");
}

static const char *choose_threads(const qd_json_node *value) {
  return value->kind == QD_JSON_TEXT ? "setting" : qd_json_is_unsigned(value) ? "value" : NULL;
}

/* The older field for the same number, which wins. */
static qdrant_status write_threads(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const Qdrant__OptimizersConfigDiff *config = (const void *)message;
  if (config->has_deprecated_max_optimization_threads)
    return QDRANT_OK;
  return qd_json_write_field(out, "max_optimization_threads", message, field);
}

/* In what is told of a collection, where null says auto. */
static qdrant_status write_optimizers(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  Qdrant__OptimizersConfigDiff told = *(const Qdrant__OptimizersConfigDiff *)qd_pointer_member(message, field);
  const Qdrant__MaxOptimizationThreads *threads = told.max_optimization_threads;
  int is_auto = threads != NULL && threads->variant_case == QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_SETTING;
  if (is_auto)
    told.max_optimization_threads = NULL;
  qd_json_write_key(out, field->name);
  qd_json_write_raw(out, "{");
  qdrant_status status = qd_json_write_members(out, &told.base);
  if (is_auto) {
    qd_json_write_key(out, "max_optimization_threads");
    qd_json_write_raw(out, "null");
  }
  qd_json_write_raw(out, "}");
  return qd_path_key(status, out->err, field->name);
}

static qdrant_status set_auto_threads(qd_json_reader *in, Qdrant__OptimizersConfigDiff *config) {
  Qdrant__MaxOptimizationThreads *threads = qd_json_alloc(in, sizeof *threads);
  if (threads == NULL)
    return QDRANT_NO_MEMORY;
  qdrant__max_optimization_threads__init(threads);
  threads->variant_case = QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_SETTING;
  config->max_optimization_threads = threads;
  return QDRANT_OK;
}

static qdrant_status read_optimizers(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  qdrant_status status = qd_json_read_field(in, value, message, field);
  if (status != QDRANT_OK)
    return status;
  Qdrant__OptimizersConfigDiff *config = qd_pointer_member(message, field);
  const Qdrant__MaxOptimizationThreads *threads = config->max_optimization_threads;
  const qd_json_node *node = qd_json_get(value, "max_optimization_threads");
  if (node != NULL && node->kind == QD_JSON_NULL)
    return set_auto_threads(in, config);
  if (threads != NULL && threads->variant_case == QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_VALUE) {
    config->has_deprecated_max_optimization_threads = 1;
    config->deprecated_max_optimization_threads = threads->value;
  }
  return QDRANT_OK;
}

static qdrant_status write_optimizer_status(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__OptimizerStatus *status = (const void *)message;
  if (status->ok) {
    qd_json_write_raw(out, "\"ok\"");
    return QDRANT_OK;
  }
  qd_json_write_raw(out, "{");
  qd_json_write_key(out, "error");
  qd_json_write_string(out, status->error == NULL ? "" : status->error);
  qd_json_write_raw(out, "}");
  return QDRANT_OK;
}

static qdrant_status read_optimizer_status(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  Qdrant__OptimizerStatus *status = (void *)message;
  if (!qd_json_text_is(value, "ok"))
    return qd_json_read_shape(in, value, message);
  status->has_ok = 1;
  status->ok = 1;
  return QDRANT_OK;
}

static const qd_field_shape create_fields[] = {{.name = "vectors_config", .key = "vectors"},
    {.name = "sparse_vectors_config", .key = "sparse_vectors"},
    {.name = "optimizers_config", .alias = "optimizer_config"},
    {.name = "quantization_config", .alias = "quantization"}, {0}};

static const qd_field_shape params_fields[] = {{.name = "vectors_config", .key = "vectors"},
    {.name = "sparse_vectors_config", .key = "sparse_vectors"}, {.name = "shard_number", .flags = QD_FIELD_ALWAYS},
    {.name = "on_disk_payload", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape config_fields[] = {
    {.name = "optimizer_config", .write = write_optimizers, .read = read_optimizers}, {0}};

static const qd_field_shape info_fields[] = {
    {.name = "segments_count", .flags = QD_FIELD_ALWAYS}, {.name = "payload_schema", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape optimizers_fields[] = {
    {.name = "deprecated_max_optimization_threads", .key = "max_optimization_threads", .flags = QD_FIELD_WRITE_ONLY},
    {.name = "max_optimization_threads", .write = write_threads}, {0}};

static const qd_field_shape size_fields[] = {{.name = "size", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape queue_fields[] = {{.name = "length", .flags = QD_FIELD_ALWAYS}, {0}};

static const qd_field_shape vector_name_fields[] = {
    {.name = "dense_config", .key = "dense"}, {.name = "sparse_config", .key = "sparse"}, {0}};

static const qd_field_shape collections_fields[] = {{.name = "collections", .flags = QD_FIELD_ALWAYS}, {0}};

const qd_shape qd_shapes_collection[] = {
    {.type = &qdrant__create_collection__descriptor, .fields = create_fields},
    {.type = &qdrant__update_collection__descriptor, .fields = create_fields},
    {.type = &qdrant__collection_params__descriptor, .fields = params_fields},
    {.type = &qdrant__collection_config__descriptor, .fields = config_fields},
    {.type = &qdrant__collection_info__descriptor, .fields = info_fields},
    {.type = &qdrant__optimizers_config_diff__descriptor, .fields = optimizers_fields},
    {.type = &qdrant__vector_params__descriptor, .fields = size_fields},
    {.type = &qdrant__update_queue_info__descriptor, .fields = queue_fields},
    {.type = &qdrant__collection_warning__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__collection_description__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__collection_exists__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__multi_vector_config__descriptor, .flags = QD_SHAPE_FULL},
    {.type = &qdrant__vectors_config__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .choose = choose_vectors,
        .expected = "an object with size and distance, or with the vectors' names as keys"},
    {.type = &qdrant__vector_params_map__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__vectors_config_diff__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .write = write_vectors_diff,
        .read = read_vectors_diff},
    {.type = &qdrant__vector_params_diff_map__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__sparse_vector_config__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__max_optimization_threads__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .choose = choose_threads,
        .expected = "a whole number or \"auto\""},
    {.type = &qdrant__optimizer_status__descriptor, .write = write_optimizer_status, .read = read_optimizer_status},
    {.type = &qdrant__strict_mode_multivector_config__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__strict_mode_sparse_config__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__create_vector_name_request__descriptor, .fields = vector_name_fields},
    {.type = &qdrant__dense_vector_creation_config__descriptor, .fields = size_fields},
    {.type = &qdrant__list_collections_response__descriptor, .fields = collections_fields},
    {.type = &qdrant__get_collection_info_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__collection_exists_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {.type = &qdrant__collection_operation_response__descriptor, .kind = QD_SHAPE_UNWRAPPED},
    {0},
};

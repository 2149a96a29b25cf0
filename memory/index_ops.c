#include "core/error.h"
#include "memory/tokenize.h"
#include "memory/write.h"

/* Points/CreateFieldIndex and Points/DeleteFieldIndex. */

/* What a type of the request is elsewhere. */
static const struct index_type {
  Qdrant__FieldType type;
  Qdrant__PayloadSchemaType schema_type;
  Qdrant__PayloadIndexParams__IndexParamsCase params_case;
  const char *name;
} index_types[] = {
    {QDRANT__FIELD_TYPE__FieldTypeKeyword, QDRANT__PAYLOAD_SCHEMA_TYPE__Keyword,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_KEYWORD_INDEX_PARAMS, "Keyword"},
    {QDRANT__FIELD_TYPE__FieldTypeInteger, QDRANT__PAYLOAD_SCHEMA_TYPE__Integer,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_INTEGER_INDEX_PARAMS, "Integer"},
    {QDRANT__FIELD_TYPE__FieldTypeFloat, QDRANT__PAYLOAD_SCHEMA_TYPE__Float,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_FLOAT_INDEX_PARAMS, "Float"},
    {QDRANT__FIELD_TYPE__FieldTypeGeo, QDRANT__PAYLOAD_SCHEMA_TYPE__Geo,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_GEO_INDEX_PARAMS, "Geo"},
    {QDRANT__FIELD_TYPE__FieldTypeText, QDRANT__PAYLOAD_SCHEMA_TYPE__Text,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_TEXT_INDEX_PARAMS, "Text"},
    {QDRANT__FIELD_TYPE__FieldTypeBool, QDRANT__PAYLOAD_SCHEMA_TYPE__Bool,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_BOOL_INDEX_PARAMS, "Bool"},
    {QDRANT__FIELD_TYPE__FieldTypeDatetime, QDRANT__PAYLOAD_SCHEMA_TYPE__Datetime,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_DATETIME_INDEX_PARAMS, "Datetime"},
    {QDRANT__FIELD_TYPE__FieldTypeUuid, QDRANT__PAYLOAD_SCHEMA_TYPE__Uuid,
        QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_UUID_INDEX_PARAMS, "Uuid"},
};

typedef struct index_change {
  const char *key;
  qd_path path;
  const struct index_type *type;            /* NULL: delete */
  const Qdrant__PayloadIndexParams *params; /* may be NULL */
  Qdrant__UpdateResult *result;
  int has_waited;
} index_change;

static const struct index_type *find_type(Qdrant__FieldType type) {
  for (size_t i = 0; i < sizeof index_types / sizeof index_types[0]; i++)
    if (index_types[i].type == type)
      return &index_types[i];
  return NULL;
}

/* Whether texts can be cut into words as the parameters say. */
static qdrant_status check_text(qd_job *job, const Qdrant__TextIndexParams *params) {
  qd_tokenizer *tokenizer;
  qdrant_status status = qd_tokenizer_new(params, job->arena, &tokenizer, job->err);
  qd_tokenizer_free(tokenizer);
  return status;
}

static qdrant_status read_schema(qd_job *job, const Qdrant__CreateFieldIndexCollection *request, index_change *change) {
  const Qdrant__PayloadIndexParams *params = request->field_index_params;
  if (!request->has_field_type)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "cannot convert field_type");
  change->type = find_type(request->field_type);
  if (change->type == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "field type is missing");
  if (params == NULL || params->index_params_case == QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS__NOT_SET)
    return QDRANT_OK;
  if (params->index_params_case != change->type->params_case)
    return qd_fail(
        job->err, QDRANT_INVALID_ARGUMENT, "field_type (%s) and field_index_params do not match", change->type->name);
  change->params = params;
  return change->type->schema_type == QDRANT__PAYLOAD_SCHEMA_TYPE__Text ? check_text(job, params->text_index_params)
                                                                        : QDRANT_OK;
}

/* The server counts the change of the settings and that of the points. */
static qdrant_status apply_change(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  const index_change *change = user;
  (void)number;
  qd_collection_count_operation(collection, change->has_waited, change->result);
  if (change->type != NULL)
    return qd_field_index_put(collection->indexes, change->key, change->type->schema_type, change->params, job->err);
  qd_field_index_remove(collection->indexes, &change->path);
  return QDRANT_OK;
}

static qdrant_status run_change(
    qd_job *job, const ProtobufCMessage *request, const char *collection_name, index_change *change) {
  qd_write_place place = {.request = request, .collection_name = collection_name, .has_waited = change->has_waited};
  return qd_write_run(job, &place, apply_change, change, change->result);
}

static qdrant_status create_index(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__CreateFieldIndexCollection *request = (const Qdrant__CreateFieldIndexCollection *)message;
  index_change change = {.key = request->field_name, .result = result, .has_waited = request->wait};
  qdrant_status status = qd_path_parse(change.key, job->arena, &change.path, job->err);
  if (status == QDRANT_OK)
    status = read_schema(job, request, &change);
  return status == QDRANT_OK ? run_change(job, message, request->collection_name, &change) : status;
}

static qdrant_status delete_index(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__DeleteFieldIndexCollection *request = (const Qdrant__DeleteFieldIndexCollection *)message;
  index_change change = {.key = request->field_name, .result = result, .has_waited = request->wait};
  qdrant_status status = qd_path_parse(change.key, job->arena, &change.path, job->err);
  return status == QDRANT_OK ? run_change(job, message, request->collection_name, &change) : status;
}

qdrant_status qd_job_points_create_field_index(qd_job *job) {
  return qd_write_alone(job, create_index);
}

qdrant_status qd_job_points_delete_field_index(qd_job *job) {
  return qd_write_alone(job, delete_index);
}

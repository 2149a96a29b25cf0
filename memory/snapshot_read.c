#include "core/alloc.h"
#include "core/error.h"
#include "core/message.h"
#include "memory/payload.h"
#include "memory/snapshot.h"
#include "memory/snapshot_file.h"
#include "memory/vector_read.h"

/* A snapshot being read. */
typedef struct reading {
  qd_snapshot_reader *file;
  qd_snapshot *snapshot;
  qd_collection *collection; /* that the records are about; the snapshot's */
  const char *given_name;
  char *name; /* owned: of the collection that begins */
  qd_arena *arena;
  qdrant_error *err;
} reading;

static qdrant_status fail_memory(const reading *from) {
  return qd_fail(from->err, QDRANT_NO_MEMORY, "out of memory for a snapshot");
}

static qdrant_status fail_damaged(const reading *from) {
  return qd_snapshot_reader_fail(from->file, from->err);
}

static qdrant_status decode(
    const reading *from, const qd_record *record, const ProtobufCMessageDescriptor *type, void *message) {
  qdrant_error why = {0};
  qdrant_status status =
      qd_message_decode(type, record->bytes, record->n_bytes, from->arena, (ProtobufCMessage **)message, &why);
  if (status == QDRANT_OK)
    return QDRANT_OK;
  return status == QDRANT_NO_MEMORY ? fail_memory(from) : fail_damaged(from);
}

/* Ends the writing of the collection before. */
static void end_collection(reading *from) {
  if (from->collection != NULL)
    qd_collection_end_write(from->collection);
  from->collection = NULL;
}

static qdrant_status begin_collection(reading *from, const qd_record *record) {
  end_collection(from);
  qd_free(from->name);
  from->name = qd_strdup(from->given_name != NULL ? from->given_name : (const char *)record->bytes);
  return from->name != NULL ? QDRANT_OK : fail_memory(from);
}

static qdrant_status keep_collection(reading *from, qd_collection *collection) {
  qd_snapshot *snapshot = from->snapshot;
  if (snapshot->n == snapshot->capacity) {
    size_t capacity = snapshot->capacity == 0 ? 4 : 2 * snapshot->capacity;
    qd_collection **items = qd_realloc(snapshot->items, capacity * sizeof *items);
    if (items == NULL) {
      qd_collection_unref(collection);
      return fail_memory(from);
    }
    snapshot->items = items;
    snapshot->capacity = capacity;
  }
  snapshot->items[snapshot->n++] = collection;
  from->collection = collection;
  qd_collection_begin_write(collection);
  return QDRANT_OK;
}

/* What was valid when it was written is refused as damage. */
static qdrant_status make_collection(
    reading *from, const Qdrant__CollectionConfig *config, qd_collection **collection) {
  Qdrant__CreateCollection request = QDRANT__CREATE_COLLECTION__INIT;
  qdrant_error why = {0};
  request.collection_name = from->name;
  request.vectors_config = config->params->vectors_config;
  request.sparse_vectors_config = config->params->sparse_vectors_config;
  request.has_sharding_method = config->params->has_sharding_method;
  request.sharding_method = config->params->sharding_method;
  qdrant_status status = qd_collection_new(&request, collection, &why);
  if (status == QDRANT_OK)
    return QDRANT_OK;
  return status == QDRANT_NO_MEMORY ? fail_memory(from) : fail_damaged(from);
}

static qdrant_status read_config(reading *from, const qd_record *record) {
  Qdrant__CollectionConfig *message;
  qd_config *config;
  qd_collection *collection;
  if (from->name == NULL || from->collection != NULL)
    return fail_damaged(from);
  qdrant_status status = decode(from, record, &qdrant__collection_config__descriptor, &message);
  if (status != QDRANT_OK)
    return status;
  if (message->params == NULL || message->optimizer_config == NULL)
    return fail_damaged(from);
  status = make_collection(from, message, &collection);
  if (status != QDRANT_OK)
    return status;
  status = qd_config_new(message, &config, from->err);
  if (status != QDRANT_OK) {
    qd_collection_unref(collection);
    return status;
  }
  qd_collection_put_config(collection, config);
  return keep_collection(from, collection);
}

static qdrant_status read_index(reading *from, const qd_record *record) {
  Qdrant__CollectionInfo__PayloadSchemaEntry *entry;
  qdrant_error why = {0};
  qdrant_status status = decode(from, record, &qdrant__collection_info__payload_schema_entry__descriptor, &entry);
  if (status != QDRANT_OK)
    return status;
  if (entry->value == NULL)
    return fail_damaged(from);
  status =
      qd_field_index_put(from->collection->indexes, entry->key, entry->value->data_type, entry->value->params, &why);
  if (status == QDRANT_OK)
    return QDRANT_OK;
  return status == QDRANT_NO_MEMORY ? fail_memory(from) : fail_damaged(from);
}

/* The messages of vectors are of the same parts in requests and replies. */
static qdrant_status read_vector(reading *from, const char *name, const Qdrant__VectorOutput *message, uint32_t slot) {
  static const qd_vector_place place = {.role = QD_VECTOR_QUERY};
  qd_vector_field *field = qd_field_list_find(from->collection->store.fields, name);
  Qdrant__Vector input = QDRANT__VECTOR__INIT;
  qdrant_error why = {0};
  qd_vector vector;
  if (field == NULL || message == NULL)
    return fail_damaged(from);
  input.vector_case = (Qdrant__Vector__VectorCase)message->vector_case;
  input.dense = message->dense;
  if (input.vector_case == QDRANT__VECTOR__VECTOR__NOT_SET ||
      qd_vector_read(&input, &place, from->arena, &vector, &why) != QDRANT_OK || vector.kind != field->kind ||
      qd_vector_field_check(field, &vector, &why) != QDRANT_OK)
    return why.status == QDRANT_NO_MEMORY ? fail_memory(from) : fail_damaged(from);
  return qd_vector_field_restore(field, slot, &vector) ? QDRANT_OK : fail_memory(from);
}

static qdrant_status read_vectors(reading *from, const Qdrant__VectorsOutput *message, uint32_t slot) {
  if (message == NULL)
    return QDRANT_OK;
  if (message->vectors_options_case == QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR)
    return read_vector(from, "", message->vector, slot);
  if (message->vectors_options_case != QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTORS)
    return fail_damaged(from);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < message->vectors->n_vectors && status == QDRANT_OK; i++)
    status = read_vector(from, message->vectors->vectors[i]->key, message->vectors->vectors[i]->value, slot);
  return status;
}

static qdrant_status read_point(reading *from, const qd_record *record) {
  Qdrant__ScoredPoint *point;
  Qdrant__Struct *payload;
  qdrant_error why = {0};
  qd_id id;
  qd_point_store *store = &from->collection->store;
  qdrant_status status = decode(from, record, &qdrant__scored_point__descriptor, &point);
  if (status != QDRANT_OK)
    return status;
  if (qd_id_read(point->id, &id, &why) != QDRANT_OK ||
      qd_payload_copy(point->n_payload, (qd_payload_entry *const *)(void *)point->payload, &payload, &why) != QDRANT_OK)
    return why.status == QDRANT_NO_MEMORY ? fail_memory(from) : fail_damaged(from);
  if (!qd_point_store_reserve(store, 1)) {
    qd_free(payload);
    return fail_memory(from);
  }
  uint32_t slot = qd_point_store_add(store, &id, point->version);
  qd_point_store_put_payload(store, slot, payload);
  return read_vectors(from, point->vectors, slot);
}

static qdrant_status read_alias(reading *from, const qd_record *record) {
  Qdrant__AliasDescription *described;
  qdrant_status status = decode(from, record, &qdrant__alias_description__descriptor, &described);
  if (status != QDRANT_OK)
    return status;
  return qd_alias_list_put(&from->snapshot->aliases, described->alias_name, described->collection_name)
             ? QDRANT_OK
             : fail_memory(from);
}

static qdrant_status read_record(reading *from, const qd_record *record) {
  switch (record->kind) {
  case QD_RECORD_COLLECTION: return begin_collection(from, record);
  case QD_RECORD_CONFIG: return read_config(from, record);
  case QD_RECORD_ALIAS: return read_alias(from, record);
  default: break;
  }
  if (from->collection == NULL)
    return fail_damaged(from);
  switch (record->kind) {
  case QD_RECORD_OPERATIONS:
    return qd_record_number(record, &from->collection->n_operations) ? QDRANT_OK : fail_damaged(from);
  case QD_RECORD_INDEX: return read_index(from, record);
  case QD_RECORD_POINT: return read_point(from, record);
  default: return fail_damaged(from);
  }
}

static qdrant_status read_records(reading *from) {
  qd_record record;
  for (;;) {
    qdrant_status status = qd_snapshot_reader_next(from->file, &record, from->err);
    if (status != QDRANT_OK || record.kind == QD_RECORD_END)
      return status;
    status = read_record(from, &record);
    qd_arena_reset(from->arena);
    if (status != QDRANT_OK)
      return status;
  }
}

qdrant_status qd_snapshot_read(const char *path, const char *name, qd_snapshot *snapshot, qdrant_error *err) {
  reading from = {.snapshot = snapshot, .given_name = name, .err = err};
  *snapshot = (qd_snapshot){0};
  from.arena = qd_arena_new(0);
  qdrant_status status = from.arena != NULL ? qd_snapshot_reader_open(path, &from.file, err) : fail_memory(&from);
  if (status == QDRANT_OK)
    status = read_records(&from);
  if (status == QDRANT_OK && name != NULL && snapshot->n != 1)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: %s is a snapshot of %zu collections, not of one", path,
        snapshot->n);
  end_collection(&from);
  qd_snapshot_reader_free(from.file);
  qd_arena_free(from.arena);
  qd_free(from.name);
  if (status != QDRANT_OK)
    qd_snapshot_free(snapshot);
  return status;
}

void qd_snapshot_free(qd_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->n; i++)
    qd_collection_unref(snapshot->items[i]);
  qd_free(snapshot->items);
  qd_alias_list_free(&snapshot->aliases);
  *snapshot = (qd_snapshot){0};
}

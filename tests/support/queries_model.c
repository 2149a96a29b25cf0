#include "tests/support/points_model.h"

static Qdrant__VectorInput *input(const qdrant_query_batch *queries, size_t row, qd_arena *arena) {
  Qdrant__VectorInput *made = MODEL_NEW(arena, vector_input);
  if (queries->vectors == NULL) {
    made->variant_case = QDRANT__VECTOR_INPUT__VARIANT_ID;
    made->id = model_id(arena, &queries->ids[row]);
    return made;
  }
  model_vector content = model_row(queries->vectors, row, arena);
  if (content.dense != NULL) {
    made->variant_case = QDRANT__VECTOR_INPUT__VARIANT_DENSE;
    made->dense = content.dense;
  } else if (content.sparse != NULL) {
    made->variant_case = QDRANT__VECTOR_INPUT__VARIANT_SPARSE;
    made->sparse = content.sparse;
  } else {
    made->variant_case = QDRANT__VECTOR_INPUT__VARIANT_MULTI_DENSE;
    made->multi_dense = content.multi;
  }
  return made;
}

static Qdrant__WithPayloadSelector *with_payload(const qdrant_query_batch *queries, qd_arena *arena) {
  if (queries->payload_selector != NULL || queries->with_payload == QDRANT_DEFAULT)
    return (Qdrant__WithPayloadSelector *)queries->payload_selector;
  Qdrant__WithPayloadSelector *made = MODEL_NEW(arena, with_payload_selector);
  made->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  made->enable = queries->with_payload == QDRANT_ON;
  return made;
}

static Qdrant__WithVectorsSelector *with_vectors(const qdrant_query_batch *queries, qd_arena *arena) {
  if (queries->vectors_selector != NULL || queries->with_vectors == QDRANT_DEFAULT)
    return (Qdrant__WithVectorsSelector *)queries->vectors_selector;
  Qdrant__WithVectorsSelector *made = MODEL_NEW(arena, with_vectors_selector);
  made->selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  made->enable = queries->with_vectors == QDRANT_ON;
  return made;
}

static Qdrant__QueryPoints *query(
    const char *collection, const qdrant_query_batch *queries, size_t number, qd_arena *arena) {
  Qdrant__QueryPoints *made = MODEL_NEW(arena, query_points);
  const char *name = queries->vectors != NULL ? queries->vectors->name : queries->vector_name;
  made->collection_name = (char *)collection;
  made->query = MODEL_NEW(arena, query);
  made->query->variant_case = QDRANT__QUERY__VARIANT_NEAREST;
  made->query->nearest = input(queries, queries->first + number, arena);
  made->using_ = name == NULL || name[0] == '\0' ? NULL : (char *)name;
  made->filter = (Qdrant__Filter *)(queries->filters != NULL ? queries->filters[number] : queries->filter);
  made->params = (Qdrant__SearchParams *)queries->params;
  made->has_score_threshold = queries->has_score_threshold;
  made->score_threshold = queries->score_threshold;
  made->has_limit = 1;
  made->limit = queries->limit == 0 ? 10 : queries->limit;
  made->has_offset = queries->offset > 0;
  made->offset = queries->offset;
  made->with_vectors = with_vectors(queries, arena);
  made->with_payload = with_payload(queries, arena);
  made->shard_key_selector = (Qdrant__ShardKeySelector *)queries->shard_key_selector;
  return made;
}

Qdrant__QueryBatchPoints *model_queries(
    const char *collection, const qdrant_query_batch *queries, size_t first, size_t n, qd_arena *arena) {
  Qdrant__QueryBatchPoints *batch = MODEL_NEW(arena, query_batch_points);
  batch->collection_name = (char *)collection;
  batch->query_points = qd_arena_alloc(arena, n * sizeof *batch->query_points);
  batch->n_query_points = n;
  for (size_t i = 0; i < n; i++)
    batch->query_points[i] = query(collection, queries, first + i, arena);
  batch->read_consistency = (Qdrant__ReadConsistency *)queries->read_consistency;
  return batch;
}

#include "memory/strict.h"

#include <string.h>

/* What calls cost where their rate is limited: about one token for each point that is written or fetched, for each
 * vector that is compared and for each condition. */

/* Vectors that a query compares with, and ids whose vectors are fetched for it. */
typedef struct examples {
  uint64_t n_vectors;
  uint64_t n_ids;
} examples;

static int is_type(const ProtobufCMessage *message, const ProtobufCMessageDescriptor *type) {
  return message->descriptor == type;
}

static const void *member(const ProtobufCMessage *message, unsigned offset) {
  return (const uint8_t *)message + offset;
}

static size_t count_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(const size_t *)member(message, field->quantifier_offset);
}

static void count_examples(const ProtobufCMessage *message, examples *found);

static void count_in_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, examples *found) {
  const void *place = member(message, field->offset);
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)place;
    for (size_t i = 0; i < count_of(message, field); i++)
      count_examples(items[i], found);
  } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
             *(const uint32_t *)member(message, field->quantifier_offset) == field->id) {
    const ProtobufCMessage *child = *(const ProtobufCMessage *const *)place;
    if (child != NULL)
      count_examples(child, found);
  }
}

static void count_examples(const ProtobufCMessage *message, examples *found) {
  if (is_type(message, &qdrant__filter__descriptor) || is_type(message, &qdrant__prefetch_query__descriptor) ||
      is_type(message, &qdrant__formula__descriptor))
    return;
  if (is_type(message, &qdrant__multi_dense_vector__descriptor)) {
    found->n_vectors += ((const Qdrant__MultiDenseVector *)message)->n_vectors;
    return;
  }
  if (is_type(message, &qdrant__point_id__descriptor)) {
    found->n_ids++;
    found->n_vectors++;
    return;
  }
  if (is_type(message, &qdrant__dense_vector__descriptor) || is_type(message, &qdrant__sparse_vector__descriptor) ||
      is_type(message, &qdrant__vector__descriptor)) {
    found->n_vectors++;
    return;
  }
  for (unsigned i = 0; i < message->descriptor->n_fields; i++)
    if (message->descriptor->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
      count_in_field(message, &message->descriptor->fields[i], found);
}

/* Whether the examples are made one vector. */
static int is_average(const ProtobufCMessage *request) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "query");
  const Qdrant__Query *query = field != NULL ? *(const Qdrant__Query *const *)member(request, field->offset) : NULL;
  if (query != NULL && query->variant_case == QDRANT__QUERY__VARIANT_RECOMMEND)
    return query->recommend->strategy == QDRANT__RECOMMEND_STRATEGY__AverageVector;
  field = protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "strategy");
  return field != NULL && *(const Qdrant__RecommendStrategy *)member(request, field->offset) ==
                              QDRANT__RECOMMEND_STRATEGY__AverageVector;
}

static uint64_t cost_of_queries(const ProtobufCMessage *request, const char *name, uint64_t n_conditions, int *is_none);

/* Where there are prefetches they are what is searched, with the conditions of what they are for as well. */
static uint64_t cost_of_query(const ProtobufCMessage *request, uint64_t n_conditions) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "filter");
  examples found = {0};
  int is_leaf;
  if (field != NULL)
    n_conditions += qd_strict_count_conditions(*(const Qdrant__Filter *const *)member(request, field->offset));
  if (!is_type(request, &qdrant__scroll_points__descriptor))
    count_examples(request, &found);
  uint64_t cost = cost_of_queries(request, "prefetch", n_conditions, &is_leaf) + found.n_ids;
  if (!is_leaf)
    return cost;
  return cost + n_conditions + (found.n_vectors == 0 || is_average(request) ? 1 : found.n_vectors);
}

static uint64_t cost_of_queries(
    const ProtobufCMessage *request, const char *name, uint64_t n_conditions, int *is_none) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(request->descriptor, name);
  size_t n = field != NULL ? count_of(request, field) : 0;
  ProtobufCMessage *const *queries = n > 0 ? *(ProtobufCMessage *const *const *)member(request, field->offset) : NULL;
  uint64_t cost = 0;
  for (size_t i = 0; i < n; i++)
    cost += cost_of_query(queries[i], n_conditions);
  *is_none = n == 0;
  return cost;
}

uint64_t qd_strict_read_cost(const ProtobufCMessage *request, const char *queries) {
  int is_none;
  if (is_type(request, &qdrant__get_points__descriptor))
    return ((const Qdrant__GetPoints *)request)->n_ids;
  return queries != NULL ? cost_of_queries(request, queries, 0, &is_none) : cost_of_query(request, 0);
}

/* How many points a filter selects is not counted for this. */
static uint64_t cost_of_selection(const Qdrant__PointsSelector *selector) {
  int has_ids = selector != NULL &&
                selector->points_selector_one_of_case == QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
  return has_ids && selector->points->n_ids > 0 ? selector->points->n_ids : 1;
}

uint64_t qd_strict_write_cost(const ProtobufCMessage *request, const Qdrant__PointsSelector *selector) {
  uint64_t n = 0;
  if (is_type(request, &qdrant__upsert_points__descriptor))
    n = ((const Qdrant__UpsertPoints *)request)->n_points;
  else if (is_type(request, &qdrant__update_point_vectors__descriptor))
    n = ((const Qdrant__UpdatePointVectors *)request)->n_points;
  else
    n = cost_of_selection(selector);
  return n > 0 ? n : 1;
}

#include "memory/strict.h"

#include "core/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

qdrant_status qd_strict_check_config(const Qdrant__StrictModeConfig *config, qdrant_error *err) {
  if (config == NULL || !config->enabled)
    return QDRANT_OK;
  const char *missing = config->has_max_collection_vector_size_bytes    ? "max_collection_vector_size_bytes"
                        : config->has_max_collection_payload_size_bytes ? "max_collection_payload_size_bytes"
                        : config->has_max_resident_memory_percent       ? "max_resident_memory_percent"
                                                                        : NULL;
  if (missing == NULL)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have %s of the strict mode", missing);
}

qdrant_status qd_strict_fail(const qd_strict *strict, const char *what, const char *help) {
  return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT, "Bad request: %s. Help: %s", what, help);
}

qdrant_status qd_strict_check_limit(
    const qd_strict *strict, int has_limit, uint64_t limit, uint64_t value, const char *name) {
  if (!has_limit || value <= limit)
    return QDRANT_OK;
  return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
      "Bad request: Limit exceeded %" PRIu64 " > %" PRIu64 " for \"%s\". Help: Reduce the \"%s\" parameter to or below "
      "%" PRIu64 ".",
      value, limit, name, name, limit);
}

/* A field of a request by its name; NULL when requests of the type have none. */
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name) {
  return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

static const void *member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return (const uint8_t *)message + field->offset;
}

/* A number; by_default when it is not set or not there. */
static uint64_t number_of(const ProtobufCMessage *message, const char *name, uint64_t by_default) {
  const ProtobufCFieldDescriptor *field = field_of(message, name);
  if (field == NULL || !*(const protobuf_c_boolean *)((const uint8_t *)message + field->quantifier_offset))
    return by_default;
  return field->type == PROTOBUF_C_TYPE_UINT32 ? *(const uint32_t *)member(message, field)
                                               : *(const uint64_t *)member(message, field);
}

static const void *pointer_of(const ProtobufCMessage *message, const char *name) {
  const ProtobufCFieldDescriptor *field = field_of(message, name);
  return field != NULL ? *(const void *const *)member(message, field) : NULL;
}

/* How many points a call may answer with: the product of one or two numbers and their defaults. */
typedef struct read_rule {
  const ProtobufCMessageDescriptor *type;
  const char *limit;
  uint64_t limit_by_default;
  const char *factor;
  uint64_t factor_by_default;
} read_rule;

static const read_rule read_rules[] = {
    {&qdrant__scroll_points__descriptor, "limit", 10, NULL, 1},
    {&qdrant__query_points__descriptor, "limit", 10, NULL, 1},
    {&qdrant__prefetch_query__descriptor, "limit", 10, NULL, 1},
    {&qdrant__query_point_groups__descriptor, "limit", 10, "group_size", 3},
    {&qdrant__search_points__descriptor, "limit", 0, NULL, 1},
    {&qdrant__search_point_groups__descriptor, "limit", 0, "group_size", 0},
    {&qdrant__recommend_points__descriptor, "limit", 0, NULL, 1},
    {&qdrant__recommend_point_groups__descriptor, "limit", 0, "group_size", 0},
    {&qdrant__discover_points__descriptor, "limit", 0, NULL, 1},
    {&qdrant__facet_counts__descriptor, "limit", 10, NULL, 1},
    {&qdrant__search_matrix_points__descriptor, "sample", 10, "limit", 3},
    {&qdrant__count_points__descriptor, NULL, 0, NULL, 0},
};

/* Calls of many queries. */
static const struct {
  const ProtobufCMessageDescriptor *type;
  const char *queries;
} batches[] = {
    {&qdrant__query_batch_points__descriptor, "query_points"},
    {&qdrant__search_batch_points__descriptor, "search_points"},
    {&qdrant__recommend_batch_points__descriptor, "recommend_points"},
    {&qdrant__discover_batch_points__descriptor, "discover_points"},
};

/* Writes that select points. */
static const struct {
  const ProtobufCMessageDescriptor *type;
  const char *selector;
} selections[] = {
    {&qdrant__delete_points__descriptor, "points"},
    {&qdrant__clear_payload_points__descriptor, "points"},
    {&qdrant__set_payload_points__descriptor, "points_selector"},
    {&qdrant__delete_payload_points__descriptor, "points_selector"},
    {&qdrant__delete_point_vectors__descriptor, "points_selector"},
};

static qdrant_status check_params(const qd_strict *strict, const Qdrant__SearchParams *params) {
  const Qdrant__StrictModeConfig *config = strict->config;
  if (params == NULL)
    return QDRANT_OK;
  const Qdrant__QuantizationSearchParams *quantization = params->quantization;
  if (config->has_search_max_oversampling && quantization != NULL && quantization->has_oversampling &&
      quantization->oversampling > (double)config->search_max_oversampling)
    return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
        "Bad request: Limit exceeded %g > %g for \"oversampling\". Help: Reduce the \"oversampling\" parameter to or "
        "below %g.",
        quantization->oversampling, (double)config->search_max_oversampling, (double)config->search_max_oversampling);
  qdrant_status status = qd_strict_check_limit(strict, config->has_search_max_hnsw_ef && params->has_hnsw_ef,
      config->search_max_hnsw_ef, params->hnsw_ef, "hnsw_ef");
  if (status == QDRANT_OK && config->has_search_allow_exact && !config->search_allow_exact && params->exact)
    status = qd_strict_fail(strict, "Exact search disabled!", "Set exact=false.");
  return status;
}

static qdrant_status check_read(const qd_strict *strict, const read_rule *rule, const ProtobufCMessage *request);

static qdrant_status check_queries(
    const qd_strict *strict, const ProtobufCMessage *request, const char *name, size_t *n) {
  const ProtobufCFieldDescriptor *field = field_of(request, name);
  *n = 0;
  if (field == NULL)
    return QDRANT_OK;
  *n = *(const size_t *)(const void *)((const uint8_t *)request + field->quantifier_offset);
  ProtobufCMessage *const *queries = *(ProtobufCMessage *const *const *)member(request, field);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < *n && status == QDRANT_OK; i++)
    for (size_t j = 0; j < sizeof read_rules / sizeof read_rules[0] && status == QDRANT_OK; j++)
      if (read_rules[j].type == queries[i]->descriptor)
        status = check_read(strict, &read_rules[j], queries[i]);
  return status;
}

/* A prefetch is looked at before what it is for. */
static qdrant_status check_read(const qd_strict *strict, const read_rule *rule, const ProtobufCMessage *request) {
  const Qdrant__StrictModeConfig *config = strict->config;
  int needs_indexes = config->has_unindexed_filtering_retrieve && !config->unindexed_filtering_retrieve;
  size_t n_prefetches;
  qdrant_status status = check_queries(strict, request, "prefetch", &n_prefetches);
  if (status == QDRANT_OK && needs_indexes)
    status = qd_strict_check_formula(strict, pointer_of(request, "query"));
  const char *group_by = pointer_of(request, "group_by");
  if (status == QDRANT_OK && group_by != NULL && needs_indexes)
    status = qd_strict_check_group_key(strict, group_by);
  if (status == QDRANT_OK && rule->limit != NULL) {
    uint64_t factor = rule->factor != NULL ? number_of(request, rule->factor, rule->factor_by_default) : 1;
    uint64_t limit = number_of(request, rule->limit, rule->limit_by_default);
    uint64_t product = factor > 0 && limit > UINT64_MAX / factor ? UINT64_MAX : limit * factor;
    status = qd_strict_check_limit(strict, config->has_max_query_limit, config->max_query_limit, product, "limit");
  }
  if (status == QDRANT_OK)
    status = qd_strict_check_filter(strict, pointer_of(request, "filter"), needs_indexes);
  return status == QDRANT_OK ? check_params(strict, pointer_of(request, "params")) : status;
}

static qdrant_status check_selection(const qd_strict *strict, const Qdrant__PointsSelector *selector) {
  const Qdrant__StrictModeConfig *config = strict->config;
  int has_filter = selector != NULL &&
                   selector->points_selector_one_of_case == QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER;
  return qd_strict_check_filter(strict, has_filter ? selector->filter : NULL,
      config->has_unindexed_filtering_update && !config->unindexed_filtering_update);
}

static qdrant_status check_new_index(const qd_strict *strict) {
  char what[128];
  if (!strict->config->has_max_payload_index_count || strict->n_indexes < strict->config->max_payload_index_count)
    return QDRANT_OK;
  snprintf(what, sizeof what, "Collection already has the maximum number of payload indices (%" PRIu64 ")",
      strict->config->max_payload_index_count);
  return qd_strict_fail(strict, what, "Please delete an existing index before creating a new one.");
}

static qdrant_status check_batch(const qd_strict *strict, const ProtobufCMessage *request, const char *queries) {
  const ProtobufCFieldDescriptor *field = field_of(request, queries);
  size_t n = *(const size_t *)(const void *)((const uint8_t *)request + field->quantifier_offset);
  qdrant_status status = qd_strict_check_limit(
      strict, strict->config->has_search_max_batchsize, strict->config->search_max_batchsize, n, "search batch size");
  return status == QDRANT_OK ? check_queries(strict, request, queries, &n) : status;
}

static qdrant_status check_request(const qd_strict *strict, const ProtobufCMessage *request) {
  const ProtobufCMessageDescriptor *type = request->descriptor;
  for (size_t i = 0; i < sizeof read_rules / sizeof read_rules[0]; i++)
    if (read_rules[i].type == type)
      return check_read(strict, &read_rules[i], request);
  for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++)
    if (batches[i].type == type)
      return check_batch(strict, request, batches[i].queries);
  for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++)
    if (selections[i].type == type)
      return check_selection(strict, pointer_of(request, selections[i].selector));
  if (type == &qdrant__upsert_points__descriptor)
    return qd_strict_check_upsert(strict, (const Qdrant__UpsertPoints *)request);
  if (type == &qdrant__update_point_vectors__descriptor)
    return qd_strict_check_vectors(strict, (const Qdrant__UpdatePointVectors *)request);
  return type == &qdrant__create_field_index_collection__descriptor ? check_new_index(strict) : QDRANT_OK;
}

/* Whether it is a write, and what it costs. */
static int is_write(const ProtobufCMessage *request, uint64_t *cost) {
  static const ProtobufCMessageDescriptor *const others[] = {&qdrant__upsert_points__descriptor,
      &qdrant__update_point_vectors__descriptor, &qdrant__create_field_index_collection__descriptor,
      &qdrant__delete_field_index_collection__descriptor};
  for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++)
    if (selections[i].type == request->descriptor) {
      *cost = qd_strict_write_cost(request, pointer_of(request, selections[i].selector));
      return 1;
    }
  *cost = qd_strict_write_cost(request, NULL);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (others[i] == request->descriptor)
      return 1;
  return 0;
}

static const char *queries_of(const ProtobufCMessage *request) {
  for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++)
    if (batches[i].type == request->descriptor)
      return batches[i].queries;
  return NULL;
}

/* A read pays once, however often it looks at the collection. */
static qdrant_status pay(qd_job *job, qd_collection *collection, const ProtobufCMessage *request) {
  uint64_t cost;
  if (is_write(request, &cost))
    return qd_rate_limits_take(&collection->rates, QD_RATE_WRITES, cost, job->err);
  if (job->has_paid)
    return QDRANT_OK;
  job->has_paid = 1;
  cost = qd_strict_read_cost(request, queries_of(request));
  return qd_rate_limits_take(&collection->rates, QD_RATE_READS, cost, job->err);
}

static size_t count_points(qd_collection *collection) {
  qd_view view;
  qd_collection_begin_read(collection, &view);
  size_t n_points = view.n_points;
  qd_collection_end_read(collection, &view);
  return n_points;
}

qdrant_status qd_strict_check(qd_job *job, qd_collection *collection, const ProtobufCMessage *request) {
  if (!atomic_load_explicit(&collection->is_strict, memory_order_relaxed))
    return QDRANT_OK;
  qd_config *config = qd_collection_config(collection);
  qd_strict strict = {.config = config->message->strict_mode_config, .arena = job->arena, .err = job->err};
  qdrant_status status = QDRANT_OK;
  if (strict.config != NULL && strict.config->enabled) {
    strict.n_points = count_points(collection);
    if (!qd_field_index_list_copy(collection->indexes, job->arena, &strict.indexes, &strict.n_indexes))
      status = qd_job_fail_memory(job);
    if (status == QDRANT_OK)
      status = qd_strict_check_limit(&strict, strict.config->has_max_timeout, strict.config->max_timeout,
          number_of(request, "timeout", 0), "timeout");
    if (status == QDRANT_OK)
      status = check_request(&strict, request);
    if (status == QDRANT_OK)
      status = pay(job, collection, request);
  }
  qd_config_unref(config);
  return status;
}

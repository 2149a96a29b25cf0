#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A collection "c" in strict mode with one index, "n" of integers. */
static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'d': {'size': 2, 'distance': 'Dot'},"
      "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}}, 'sparse_vectors_config': {'map': {'s': {}}},"
      "'strict_mode_config': {'enabled': true, 'max_query_limit': 10, 'max_timeout': 20, 'search_max_hnsw_ef': 100,"
      "'unindexed_filtering_retrieve': false, 'unindexed_filtering_update': false, 'search_allow_exact': false,"
      "'search_max_oversampling': 2, 'upsert_max_batchsize': 2, 'search_max_batchsize': 1,"
      "'filter_max_conditions': 2, 'condition_max_size': 3, 'max_points_count': 2, 'max_payload_index_count': 1,"
      "'multivector_config': {'multivector_config': {'m': {'max_vectors': 1}}},"
      "'sparse_config': {'sparse_config': {'s': {'max_length': 1}}}}}");
  ask_ok(*state, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'n', 'field_type': 'FieldTypeInteger'}");
  return 0;
}

#define QD_LIMIT(value, limit, name)                                                                                   \
  "Limit exceeded " value " > " limit " for \"" name "\". Help: Reduce the \"" name "\" parameter to or below " limit  \
  "."
#define QD_POINT(id) "{'id': " id ", 'vectors': {'vectors': {}}}"
#define QD_FILTER(key, match) "'filter': {'must': [{'field': {'key': '" key "', 'match': {" match "}}}]}"

static const struct {
  const char *rpc;
  const char *rest; /* of the request */
  const char *message;
} refused[] = {
    {"Points/Query", "'limit': 11", QD_LIMIT("11", "10", "limit")},
    {"Points/Query", "'prefetch': [{'limit': 11}]", QD_LIMIT("11", "10", "limit")},
    {"Points/Scroll", "'limit': 11", QD_LIMIT("11", "10", "limit")},
    {"Points/QueryGroups", "'group_by': 'n', 'limit': 4", QD_LIMIT("12", "10", "limit")},
    {"Points/SearchMatrixPairs", "'sample': 5", QD_LIMIT("15", "10", "limit")},
    {"Points/Facet", "'key': 'n', 'limit': 11", QD_LIMIT("11", "10", "limit")},
    {"Points/Query", "'timeout': 21", QD_LIMIT("21", "20", "timeout")},
    {"Points/Query", "'params': {'hnsw_ef': 101}", QD_LIMIT("101", "100", "hnsw_ef")},
    {"Points/Query", "'params': {'quantization': {'oversampling': 2.5}}", QD_LIMIT("2.5", "2", "oversampling")},
    {"Points/Query", "'params': {'exact': true}", "Exact search disabled!. Help: Set exact=false."},
    {"Points/QueryBatch", "'query_points': [{'collection_name': 'c'}, {'collection_name': 'c'}]",
        QD_LIMIT("2", "1", "search batch size")},
    {"Points/Count", QD_FILTER("a.b", "'keyword': 'x'"),
        "Index required but not found for \"a.b\" of one of the following types: [keyword]. Help: Create an index for "
        "this key or use a different filter."},
    {"Points/Count", "'filter': {'must': [{'nested': {'key': 'n', 'filter': {'must': [{'is_null': {'key': 'n'}}]}}}]}",
        "Index required but not found for \"n[].n\" of one of the following types: [bool, datetime, float, geo, "
        "integer, keyword, text, uuid]. Help: Create an index for this key or use a different filter."},
    {"Points/Delete", "'points': {" QD_FILTER("a", "'boolean': true") "}",
        "Index required but not found for \"a\" of one of the following types: [bool]. Help: Create an index for this "
        "key or use a different filter."},
    {"Points/Query",
        "'query': {'formula': {'expression': {'sum': {'sum': [{'variable': '$score'}, {'variable': 'a'}]}}}}",
        "Index required but not found for \"a\" of one of the following types: [float, integer]. Help: Create an index "
        "for this key or use a different formula expression."},
    {"Points/QueryGroups", "'group_by': 'a', 'limit': 1",
        "Index required but not found for \"a\". Help: Create an index supporting `match` for this key."},
    {"Points/Count", QD_FILTER("n", "'integers': {'integers': [1, 2, 3, 4]}"),
        "Condition size limit reached (4 > 3). Help: Reduce the size of your condition."},
    {"Points/Count",
        "'filter': {'must': [{'has_id': {'has_id': [1]}}, {'filter': {'should': [{'has_id': {}}, {'has_id': {}}]}}]}",
        "Filter condition limit reached (3 > 2). Help: Reduce the amount of conditions of your filter."},
    {"Points/Upsert", "'points': [" QD_POINT("1") "," QD_POINT("2") "," QD_POINT("3") "]",
        QD_LIMIT("3", "2", "upsert limit")},
    {"Points/Upsert",
        "'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'m': {'multi_dense': {'vectors':"
        "[{'data': [1, 1]}, {'data': [1, 1]}]}}}}}}]",
        "Multivector 'm' has a limit of 1 vectors, but 2 were provided!"},
    {"Points/UpdateVectors",
        "'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'sparse': {'indices':"
        "[1, 2], 'values': [1, 1]}}}}}}]",
        "Sparse vector 's' has a limit of 1 indices, but 2 were provided!"},
    {"Points/UpdateBatch",
        "'operations': [{'upsert': {'points': [" QD_POINT("1") "," QD_POINT("2") "," QD_POINT("3") "]}}]",
        QD_LIMIT("3", "2", "upsert limit")},
    {"Points/CreateFieldIndex", "'field_name': 'b', 'field_type': 'FieldTypeBool'",
        "Collection already has the maximum number of payload indices (1). Help: Please delete an existing index "
        "before "
        "creating a new one."},
};

static void test_strict_mode_refuses_what_is_beyond_its_limits(void **state) {
  char request[512];
  char message[512];
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", refused[i].rest);
    snprintf(message, sizeof message, "Bad request: %s", refused[i].message);
    assert_refusal(*state, refused[i].rpc, request, QDRANT_INVALID_ARGUMENT, message);
  }
}

static void test_strict_mode_lets_pass_what_is_within_its_limits(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [" QD_POINT("1") "," QD_POINT("2") "], 'timeout': 20}");
  ask_ok(engine, "Points/Query",
      "{'collection_name': 'c', 'limit': 10, 'params': {'hnsw_ef': 100}, " QD_FILTER("n", "'integer': 1") "}");
  ask_ok(engine, "Points/Scroll", "{'collection_name': 'c'}");
  assert_refusal(engine, "Points/Upsert", "{'collection_name': 'c', 'points': [" QD_POINT("3") "]}",
      QDRANT_INVALID_ARGUMENT, "Bad request: Max points count limit of 2 reached!");
}

static void test_strict_mode_switched_off_refuses_nothing(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Update", "{'collection_name': 'c', 'strict_mode_config': {'enabled': false}}");
  ask_ok(engine, "Points/Query", "{'collection_name': 'c', 'limit': 11, 'params': {'exact': true}}");
  ask_ok(engine, "Collections/Update", "{'collection_name': 'c', 'strict_mode_config': {'enabled': true}}");
  assert_refusal(engine, "Points/Query", "{'collection_name': 'c', 'limit': 11}", QDRANT_INVALID_ARGUMENT,
      "Bad request: " QD_LIMIT("11", "10", "limit"));
}

/* A collection "r" whose writes and reads are limited. */
static void limit_rates(asked_engine *engine, const char *limits) {
  char request[256];
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'r', 'vectors_config': {'params': {'size': 2, 'distance': 'Dot'}}}");
  snprintf(request, sizeof request, "{'collection_name': 'r', 'strict_mode_config': {'enabled': true, %s}}", limits);
  ask_ok(engine, "Collections/Update", request);
}

#define QD_RATE_REFUSED(kind, n, seconds)                                                                              \
  "Rate limiting exceeded: " kind " rate limit exceeded: Operation requires " n                                        \
  " tokens but only 0.0 were available. Retry after " seconds "s"

/* What takes all six tokens of a minute. */
static const char *const costly_reads[][2] = {
    {"Points/Get", "'ids': [1, 2, 3, 4, 5, 6]"},
    {"Points/Scroll", "'filter': {'must': [{'has_id': {}}, {'has_id': {}}, {'filter': {'should': [{'has_id': {}},"
                      "{'has_id': {}}, {'has_id': {}}]}}]}, 'offset': 7"},
    {"Points/Query", "'query': {'recommend': {'strategy': 'BestScore', 'positive': [{'dense': {'data': [1, 1]}},"
                     "{'dense': {'data': [1, 2]}}], 'negative': [{'dense': {'data': [1, 3]}}]}}, 'filter': {'must': ["
                     "{'has_id': {}}, {'has_id': {}}, {'has_id': {}}]}"},
    {"Points/Query", "'prefetch': [{'query': {'nearest': {'dense': {'data': [1, 1]}}}}, {'filter': {'must': ["
                     "{'has_id': {}}, {'has_id': {}}]}}], 'query': {'fusion': 'RRF'}, 'filter': {'must': ["
                     "{'has_id': {}}]}"},
    {"Points/Search", "'vector': [1, 2], 'limit': 1, 'filter': {'must': [{'has_id': {}}, {'has_id': {}},"
                      "{'has_id': {}}, {'has_id': {}}, {'has_id': {}}]}"},
    {"Points/QueryBatch", "'query_points': [{'collection_name': 'r', 'filter': {'must': [{'has_id': {}},"
                          "{'has_id': {}}]}}, {'collection_name': 'r', 'filter': {'must': [{'has_id': {}},"
                          "{'has_id': {}}]}}]"},
};

static void test_reads_cost_by_their_vectors_conditions_and_ids(void **state) {
  asked_engine *engine = *state;
  char request[512];
  for (size_t i = 0; i < sizeof costly_reads / sizeof costly_reads[0]; i++) {
    limit_rates(engine, "'read_rate_limit': 6");
    snprintf(request, sizeof request, "{'collection_name': 'r', %s}", costly_reads[i][1]);
    ask_ok(engine, costly_reads[i][0], request);
    assert_refusal(engine, "Points/Count", "{'collection_name': 'r'}", QDRANT_RESOURCE_EXHAUSTED,
        QD_RATE_REFUSED("Read", "1", "10"));
    assert_int_equal(engine->err.retry_after_ms, 10000);
    ask_ok(engine, "Collections/Delete", "{'collection_name': 'r'}");
  }
}

static void test_writes_cost_by_their_points(void **state) {
  asked_engine *engine = *state;
  limit_rates(engine, "'write_rate_limit': 4");
  assert_refusal(engine, "Points/Delete", "{'collection_name': 'r', 'points': {'points': {'ids': [1, 2, 3, 4, 5]}}}",
      QDRANT_RESOURCE_EXHAUSTED,
      "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter capacity, please try to "
      "split your request");
  ask_ok(engine, "Points/UpdateBatch",
      "{'collection_name': 'r', 'operations': [{'upsert': {'points': [{'id': 1, 'vectors': {'vector': {'data': [1, "
      "1]}}},"
      "{'id': 2, 'vectors': {'vector': {'data': [1, 1]}}}]}}, {'clear_payload': {'points': {'filter': {}}}}]}");
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'r', 'field_name': 'n', 'field_type': 'FieldTypeInteger'}");
  assert_refusal(engine, "Points/Delete", "{'collection_name': 'r', 'points': {'points': {'ids': [1, 2]}}}",
      QDRANT_RESOURCE_EXHAUSTED, QD_RATE_REFUSED("Write", "2", "30"));
  ask_ok(engine, "Points/Count", "{'collection_name': 'r'}");
  ask_ok(engine, "Collections/Update", "{'collection_name': 'r', 'strict_mode_config': {'write_rate_limit': 5}}");
  ask_ok(engine, "Points/Delete", "{'collection_name': 'r', 'points': {'points': {'ids': [1, 2]}}}");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_strict_mode_refuses_what_is_beyond_its_limits),
      QD_TEST(test_strict_mode_lets_pass_what_is_within_its_limits),
      QD_TEST(test_strict_mode_switched_off_refuses_nothing),
      QD_TEST(test_reads_cost_by_their_vectors_conditions_and_ids),
      QD_TEST(test_writes_cost_by_their_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

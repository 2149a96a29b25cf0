#include "tests/support/asked_queries.h"

#include "qdrant/pb/points.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

int asked_queries_setup(void **state) {
  static const char *const vectors[] = {"1, 0", "0, 2", "3, 4", "-1, -1"};
  int failed = asked_engine_setup(state);
  char request[1024];
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'dot': {'size': 2, 'distance': 'Dot'},"
      "'cos': {'size': 2, 'distance': 'Cosine'}, 'euclid': {'size': 2, 'distance': 'Euclid'},"
      "'man': {'size': 2, 'distance': 'Manhattan'},"
      "'multi': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}},"
      "'sparse_vectors_config': {'map': {'s': {}, 'idf': {'modifier': 'Idf'}}}}");
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
    const char *v = vectors[i];
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'points': [{'id': %zu, 'payload': {'n': %zu}, 'vectors': {'vectors': {'vectors': {"
        "'dot': {'dense': {'data': [%s]}}, 'cos': {'dense': {'data': [%s]}}, 'euclid': {'dense': {'data': [%s]}},"
        "'man': {'dense': {'data': [%s]}}, 'multi': {'multi_dense': {'vectors': [{'data': [%s]}, {'data': [1, 1]}]}},"
        "'s': {'sparse': {'indices': [%zu, 100], 'values': [2, 0.5]}},"
        "'idf': {'sparse': {'indices': [%zu, 9], 'values': [1, 1]}}}}}}]}",
        i + 1, i, v, v, v, v, v, i, i);
    ask_ok(*state, "Points/Upsert", request);
  }
  return 0;
}

/* Every reply with hits has them in its member `result`. */
static void print_hits(const ProtobufCMessage *reply, char *text, size_t n_bytes) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(reply->descriptor, "result");
  const uint8_t *bytes = (const uint8_t *)reply;
  size_t n = *(const size_t *)(const void *)(bytes + field->quantifier_offset);
  Qdrant__ScoredPoint *const *hits = *(Qdrant__ScoredPoint *const *const *)(const void *)(bytes + field->offset);
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < n && length < n_bytes; i++)
    length += (size_t)snprintf(
        text + length, n_bytes - length, "%s%d:%.4g", i > 0 ? " " : "", (int)hits[i]->id->num, (double)hits[i]->score);
}

void assert_hits_of(asked_engine *engine, const char *rpc, const char *question, const char *hits) {
  char request[2048];
  char text[256];
  snprintf(request, sizeof request, "{'collection_name': 'c', %s}", question);
  ask_ok(engine, rpc, request);
  print_hits(engine->reply, text, sizeof text);
  assert_string_equal(text, hits);
}

void assert_hits(asked_engine *engine, const char *question, const char *hits) {
  assert_hits_of(engine, "Points/Query", question, hits);
}

#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A collection "c" with a sparse vector "s" and a dense one "d". */
static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'d': {'size': 1, 'distance': 'Dot'}}}},"
      "'sparse_vectors_config': {'map': {'s': {}}}}");
  return 0;
}

#define QD_DOCUMENT(text, options) "{'text': '" text "', 'model': 'qdrant/bm25', 'options': {" options "}}"
#define QD_UPSERT(field, input)                                                                                        \
  "{'collection_name': 'c', 'wait': true, 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'" field            \
  "': " input "}}}}]}"

static void assert_stored(asked_engine *engine, const char *document, const char *sparse) {
  char request[512];
  char reply[512];
  snprintf(request, sizeof request, QD_UPSERT("s", "{'document': %s}"), document);
  ask_ok(engine, "Points/Upsert", request);
  snprintf(reply, sizeof reply, "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'sparse': %s}}}}}]}",
      sparse);
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [1], 'with_vectors': {'enable': true}}", reply);
}

/* Weights and indices as a real server's (recordings, bm25.jsonl). */
static void test_document_of_bm25_is_stored_as_weights_of_its_words(void **state) {
  asked_engine *engine = *state;
  assert_stored(engine, QD_DOCUMENT("fox", ""), "{'indices': [1621867415], 'values': [1.6877434]}");
  assert_stored(engine, QD_DOCUMENT("Fox FOX fOx", ""), "{'indices': [1621867415], 'values': [1.9936283]}");
  assert_stored(engine, QD_DOCUMENT("the the of", ""), "{'indices': [], 'values': []}");
  assert_stored(engine, QD_DOCUMENT("running runs ran runner", ""),
      "{'indices': [243905464, 567658162, 946033505], 'values': [1.901418, 1.6741974, 1.6741974]}");
  assert_stored(engine,
      QD_DOCUMENT("the fox", "'stopwords': {'custom': ['fox']}, 'k': 1, 'b': 0, 'stemmer':"
                             "{'type': 'none'}, 'colour': 1, 'language': null"),
      "{'indices': [1132748958], 'values': [1]}");
}

static void test_document_of_bm25_finds_by_words(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Upsert", QD_UPSERT("s", "{'document': " QD_DOCUMENT("fox", "'k': 0") "}"));
  assert_answer(engine, "Points/Query",
      "{'collection_name': 'c', 'using': 's', 'query': {'nearest': {'document': " QD_DOCUMENT(
          "a fox, the Foxes", "") "}}}",
      "{'result': [{'id': 1, 'version': 1, 'score': 1}]}");
}

static void test_document_with_bad_option_names_it(void **state) {
  static const struct {
    const char *options;
    const char *message;
  } cases[] = {
      {"'k': 'x'", "Invalid BM25 config: k must be a number"},
      {"'lowercase': 1", "Invalid BM25 config: lowercase must be true or false"},
      {"'tokenizer': 'x'", "Invalid BM25 config: tokenizer must be prefix, whitespace, word or multilingual"},
      {"'language': 5", "Invalid BM25 config: language must be a text"},
      {"'stopwords': {'custom': [1]}", "Invalid BM25 config: stopwords must be a text"},
      {"'stemmer': 'english'", "Invalid BM25 config: stemmer must be an object"},
      {"'min_token_len': -1", "Invalid BM25 config: min_token_len must be a whole number that is not negative"},
      {"'b': 2", "BM25 b must be finite and in [0.0, 1.0], got 2"},
      {"'avg_len': 0", "BM25 avg_doc_len must be finite and > 0, got 0"},
  };
  asked_engine *engine = *state;
  char request[512];
  char message[256];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(message, sizeof message, "Wrong input: %s", cases[i].message);
    snprintf(request, sizeof request, QD_UPSERT("s", "{'document': " QD_DOCUMENT("a", "%s") "}"), cases[i].options);
    assert_refusal(engine, "Points/Upsert", request, QDRANT_INVALID_ARGUMENT, message);
    snprintf(message, sizeof message, "Inference error: Wrong input: %s", cases[i].message);
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'using': 's', 'query': {'nearest': {'document': " QD_DOCUMENT("a", "%s") "}}}",
        cases[i].options);
    assert_refusal(engine, "Points/Query", request, QDRANT_INTERNAL, message);
  }
}

static void test_other_models_and_inputs_are_refused_as_without_a_service(void **state) {
  asked_engine *engine = *state;
  static const char service[] =
      "Service internal error: InferenceService URL not configured - please provide valid address in config";
  assert_refusal(
      engine, "Points/Upsert", QD_UPSERT("d", "{'document': {'text': 'a', 'model': 'b/c'}}"), QDRANT_INTERNAL, service);
  assert_refusal(
      engine, "Points/Upsert", QD_UPSERT("d", "{'image': {'image': 'x', 'model': 'b/c'}}"), QDRANT_INTERNAL, service);
  assert_refusal(engine, "Points/Upsert", QD_UPSERT("d", "{'object': {'object': {}, 'model': 'Bm25'}}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Only text input is supported for Bm25.");
  assert_refusal(engine, "Points/Upsert", QD_UPSERT("d", "{'document': " QD_DOCUMENT("a", "") "}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Conversion between sparse and regular vectors failed");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_document_of_bm25_is_stored_as_weights_of_its_words),
      QD_TEST(test_document_of_bm25_finds_by_words),
      QD_TEST(test_document_with_bad_option_names_it),
      QD_TEST(test_other_models_and_inputs_are_refused_as_without_a_service),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

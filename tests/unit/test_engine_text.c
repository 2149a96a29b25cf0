#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Text conditions at keys with a text index. Each test declares the index anew. */

static int setup(void **state) {
  static const char *const payloads[] = {
      "'text': 'The Quick brown FOX jumps'",
      "'text': ['lazy dogs', 'sleep well', 7]",
      "'text': 'Caf\\u00e9 au lait, na\\u00efve \\u041f\\u0440\\u0438\\u0432\\u0435\\u0442'",
      "'text': 'running runner runs'",
      "'notes': [{'text': ['inner words', 'and more']}, {'text': 'other things'}]",
      "'text': '\\u4eca\\u5929\\u662f\\u661f\\u671f\\u4e00'",
      "'text': 'a theory - theory of everything, it isn\\u0027t'",
      "'text': '\\u039f\\u0394\\u039f\\u03a3'",
  };
  int failed = asked_engine_setup(state);
  char request[1024];
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 1, 'distance': 'Dot'}}}");
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'points': [{'id': %zu, 'payload': {%s}, 'vectors': {'vector': {'dense': {'data': "
        "[1]}}}}]}",
        i + 1, payloads[i]);
    ask_ok(*state, "Points/Upsert", request);
  }
  return 0;
}

static void declare_index(asked_engine *engine, const char *key, const char *params) {
  char request[1024];
  snprintf(request, sizeof request,
      "{'collection_name': 'c', 'wait': true, 'field_name': '%s', 'field_type': 'FieldTypeText'%s}", key, params);
  ask_ok(engine, "Points/CreateFieldIndex", request);
}

#define QD_PARAMS(params) ", 'field_index_params': {'text_index_params': {" params "}}"
#define QD_TEXT(test) "{'must': [{'field': {'key': 'text', 'match': {" test "}}}]}"

typedef struct text_case {
  const char *filter;
  uint64_t n_matching;
} text_case;

static void check_cases(asked_engine *engine, const text_case *cases, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t n_matching = count_matching(engine, "c", cases[i].filter);
    if (n_matching != cases[i].n_matching)
      fail_msg("%s matches %d points", cases[i].filter, (int)n_matching);
  }
}

#define QD_CHECK(cases) check_cases(*state, cases, sizeof cases / sizeof cases[0])

static void test_words_match_in_any_order_and_case(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': 'fox QUICK'"), 1},
      {QD_TEXT("'text': 'fox, fox; fox'"), 1},
      {QD_TEXT("'text': 'fo'"), 0},
      {QD_TEXT("'text': 'fox cat'"), 0},
      {QD_TEXT("'text': ''"), 0},
      {QD_TEXT("'text': '!?'"), 0},
      {QD_TEXT("'text': 'dogs well'"), 1},
      {QD_TEXT("'text_any': 'cat fox lazy'"), 2},
      {QD_TEXT("'text_any': 'cat'"), 0},
      {QD_TEXT("'text_any': ''"), 0},
      {QD_TEXT("'text': '\\u043f\\u0440\\u0438\\u0432\\u0435\\u0442 caf\\u00c9'"), 1},
      {QD_TEXT("'text': 'cafe'"), 0},
      {QD_TEXT("'text': '\\u03bf\\u03b4\\u03bf\\u03c2'"), 1},
      {QD_TEXT("'text': '7'"), 0},
  };
  declare_index(*state, "text", "");
  QD_CHECK(cases);
}

static void test_phrase_needs_an_index_that_knows_the_order(void **state) {
  static const text_case unknown[] = {{QD_TEXT("'phrase': 'brown fox'"), 0}};
  static const text_case known[] = {
      {QD_TEXT("'phrase': 'brown fox'"), 1},
      {QD_TEXT("'phrase': 'fox brown'"), 0},
      {QD_TEXT("'phrase': 'Theory of'"), 1},
      {QD_TEXT("'phrase': 'theory theory of'"), 1},
      {QD_TEXT("'phrase': 'theory theory theory'"), 0},
      {QD_TEXT("'phrase': 'dogs sleep'"), 0},
      {QD_TEXT("'phrase': 'sleep well'"), 1},
      {QD_TEXT("'phrase': ''"), 0},
  };
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Word'"));
  QD_CHECK(unknown);
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Word', 'phrase_matching': true"));
  QD_CHECK(known);
}

static void test_whitespace_tokenizer_keeps_what_is_between_blanks(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': 'lait,'"), 1},
      {QD_TEXT("'text': 'lait'"), 0},
      {QD_TEXT("'text': 'Quick'"), 1},
      {QD_TEXT("'text': 'quick'"), 0},
  };
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Whitespace', 'lowercase': false"));
  QD_CHECK(cases);
}

static void test_prefix_tokenizer_finds_beginnings_of_words(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': 'th'"), 2},
      {QD_TEXT("'text': 'the'"), 2},
      {QD_TEXT("'text': 'theo'"), 1},
      {QD_TEXT("'text': 'theories'"), 1},
      {QD_TEXT("'text': 't'"), 0},
      {QD_TEXT("'text': 'eory'"), 0},
  };
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Prefix', 'min_token_len': 2, 'max_token_len': 4"));
  QD_CHECK(cases);
}

static void test_multilingual_tokenizer_folds_and_cuts_ideographs(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': '\\u661f\\u671f'"), 1},
      {QD_TEXT("'text': '\\u661f\\u671f\\u4e8c'"), 0},
      {QD_TEXT("'text': 'CAFE'"), 1},
      {QD_TEXT("'text': '7'"), 0},
  };
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Multilingual'"));
  QD_CHECK(cases);
}

static void test_stemmer_matches_other_endings(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': 'run'"), 1},
      {QD_TEXT("'text': 'runs running'"), 1},
      {QD_TEXT("'text': 'foxes'"), 1},
      {QD_TEXT("'text': 'dog sleeping'"), 1},
  };
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Word', 'stemmer': {'snowball': {'language': 'english'}}"));
  QD_CHECK(cases);
}

static void test_stop_words_are_left_out(void **state) {
  static const text_case english[] = {
      {QD_TEXT("'text': 'the fox'"), 1},
      {QD_TEXT("'text': 'a fox'"), 1},
      {QD_TEXT("'text': 'the'"), 0},
      {QD_TEXT("'text': 'LAZY fox'"), 1},
      {QD_TEXT("'text': 'isn theory'"), 1},
  };
  static const text_case none[] = {{QD_TEXT("'text': 'the'"), 1}};
  declare_index(*state, "text",
      QD_PARAMS("'tokenizer': 'Word', 'stopwords': {'languages': ['english', 'arabic'], 'custom': ['Lazy']}"));
  QD_CHECK(english);
  declare_index(*state, "text", QD_PARAMS("'tokenizer': 'Word', 'stopwords': {'languages': ['german']}"));
  QD_CHECK(none);
}

static void test_ascii_folding_and_lengths_apply(void **state) {
  static const text_case cases[] = {
      {QD_TEXT("'text': 'cafe'"), 1},
      {QD_TEXT("'text': 'caf\\u00e9 NAIVE'"), 1},
      {QD_TEXT("'text': 'au'"), 0},
      {QD_TEXT("'text': 'everything'"), 0},
      {QD_TEXT("'text': 'theory'"), 1},
  };
  declare_index(
      *state, "text", QD_PARAMS("'tokenizer': 'Word', 'ascii_folding': true, 'min_token_len': 3, 'max_token_len': 6"));
  QD_CHECK(cases);
}

static void test_nested_condition_looks_at_each_text(void **state) {
  static const text_case cases[] = {
      {"{'must': [{'nested': {'key': 'notes', 'filter': " QD_TEXT("'text': 'Words INNER'") "}}]}", 1},
      {"{'must': [{'nested': {'key': 'notes', 'filter': " QD_TEXT("'text': 'inner more'") "}}]}", 0},
      {"{'must': [{'field': {'key': 'notes[].text', 'match': {'text': 'more OTHER'}}}]}", 1},
      {"{'must': [{'field': {'key': 'notes[0].text', 'match': {'text': 'WORDS'}}}]}", 0},
  };
  declare_index(*state, "notes[].text", "");
  QD_CHECK(cases);
}

static void test_index_counts_in_every_call_with_a_filter(void **state) {
  declare_index(*state, "text", "");
  assert_answer(*state, "Points/Scroll",
      "{'collection_name': 'c', 'with_payload': {'enable': false}, 'filter': " QD_TEXT("'text': 'FOX'") "}",
      "{'result': [{'id': 1}]}");
  ask_ok(*state, "Points/Delete",
      "{'collection_name': 'c', 'wait': true, 'points': {'filter': " QD_TEXT("'text': 'FOX'") "}}");
  assert_int_equal(count_matching(*state, "c", "{}"), 7);
  ask_ok(*state, "Points/DeleteFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 'text'}");
  assert_int_equal(count_matching(*state, "c", QD_TEXT("'text': 'LAZY'")), 0);
}

static void test_unknown_parameters_are_refused(void **state) {
  static const struct {
    const char *params;
    const char *message;
  } cases[] = {
      {"'lowercase': true", "unknown tokenizer type"},
      {"'tokenizer': 'Word', 'stemmer': {'snowball': {'language': 'klingon'}}", "Language \"klingon\" not found."},
      {"'tokenizer': 'Word', 'stopwords': {'languages': ['klingon']}", "unknown language: Matching variant not found"},
  };
  char request[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'field_name': 'text', 'field_type': 'FieldTypeText'" QD_PARAMS("%s") "}",
        cases[i].params);
    assert_refusal(*state, "Points/CreateFieldIndex", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_words_match_in_any_order_and_case),
      QD_TEST(test_phrase_needs_an_index_that_knows_the_order),
      QD_TEST(test_whitespace_tokenizer_keeps_what_is_between_blanks),
      QD_TEST(test_prefix_tokenizer_finds_beginnings_of_words),
      QD_TEST(test_multilingual_tokenizer_folds_and_cuts_ideographs),
      QD_TEST(test_stemmer_matches_other_endings),
      QD_TEST(test_stop_words_are_left_out),
      QD_TEST(test_ascii_folding_and_lengths_apply),
      QD_TEST(test_nested_condition_looks_at_each_text),
      QD_TEST(test_index_counts_in_every_call_with_a_filter),
      QD_TEST(test_unknown_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

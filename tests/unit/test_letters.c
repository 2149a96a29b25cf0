#include "memory/letters.h"
#include "memory/stemmer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_read_takes_one_character_of_each_length(void **state) {
  static const struct {
    const char *text;
    uint32_t letter;
    size_t n_read;
  } cases[] = {
      {"a", 'a', 1},
      {"\xC3\xA9", 0xE9, 2},
      {"\xE4\xBB\x8A", 0x4ECA, 3},
      {"\xF0\x9D\x94\x90", 0x1D510, 4},
      {"\xC3", 0xFFFD, 1},
      {"\xC3(", 0xFFFD, 1},
      {"\x80", 0xFFFD, 1},
      {"\xFF", 0xFFFD, 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t n_read;
    assert_int_equal(qd_letter_read(cases[i].text, strlen(cases[i].text), &n_read), cases[i].letter);
    assert_int_equal(n_read, cases[i].n_read);
  }
}

static void assert_written(size_t (*write)(uint32_t, char *), uint32_t letter, const char *text) {
  char out[QD_LETTER_BYTES];
  size_t n_bytes = write(letter, out);
  assert_int_equal(n_bytes, strlen(text));
  assert_memory_equal(out, text, n_bytes);
}

static void test_lower_maps_letters_of_many_scripts(void **state) {
  (void)state;
  assert_written(qd_letter_write_lower, 'A', "a");
  assert_written(qd_letter_write_lower, '1', "1");
  assert_written(qd_letter_write_lower, 0xC9, "\xC3\xA9");
  assert_written(qd_letter_write_lower, 0x416, "\xD0\xB6");
  assert_written(qd_letter_write_lower, 0x100, "\xC4\x81");
  assert_written(qd_letter_write_lower, 0x101, "\xC4\x81");
  assert_written(qd_letter_write_lower, 0x130, "i\xCC\x87");
  assert_written(qd_letter_write_lower, 0x1E9E, "\xC3\x9F");
  assert_written(qd_letter_write_lower, 0x10400, "\xF0\x90\x90\xA8");
}

static void test_fold_writes_ascii_for_letters_with_marks(void **state) {
  (void)state;
  assert_written(qd_letter_write_folded, 'x', "x");
  assert_written(qd_letter_write_folded, 0xE9, "e");
  assert_written(qd_letter_write_folded, 0xDF, "ss");
  assert_written(qd_letter_write_folded, 0x141, "L");
  assert_written(qd_letter_write_folded, 0x1EA5, "a");
  assert_written(qd_letter_write_folded, 0x416, "\xD0\x96");
}

static void test_classes_tell_words_from_what_is_between(void **state) {
  (void)state;
  assert_true(qd_letter_is_word('z') && qd_letter_is_word('7') && qd_letter_is_word(0x4ECA));
  assert_true(qd_letter_is_word(0xB2) && !qd_letter_is_alphabetic(0xB2));
  assert_true(qd_letter_is_word(0x903)); /* a vowel sign is part of a word */
  assert_false(qd_letter_is_word('_') || qd_letter_is_word('-') || qd_letter_is_word(0x2014));
  assert_true(qd_letter_is_blank('\t') && qd_letter_is_blank(0x3000) && !qd_letter_is_blank('x'));
  assert_true(qd_letter_is_ideograph(0x4ECA) && !qd_letter_is_ideograph('x'));
}

static void test_stemmer_cuts_endings(void **state) {
  (void)state;
  char word[16];
  qd_stemmer *stemmer = NULL;
  qdrant_error err = {0};
  memcpy(word, "running", 7);
  assert_int_equal(qd_stemmer_new("english", &stemmer, &err), QDRANT_OK);
  assert_int_equal(qd_stemmer_cut(stemmer, word, 7, sizeof word), 3);
  assert_memory_equal(word, "run", 3);
  qd_stemmer_free(stemmer);
  assert_int_equal(qd_stemmer_new("catalan", &stemmer, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "Language \"catalan\" not found.");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read_takes_one_character_of_each_length),
      cmocka_unit_test(test_lower_maps_letters_of_many_scripts),
      cmocka_unit_test(test_fold_writes_ascii_for_letters_with_marks),
      cmocka_unit_test(test_classes_tell_words_from_what_is_between),
      cmocka_unit_test(test_stemmer_cuts_endings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "memory/letters.h"

#include "memory/letters_table.h"

#include <stdlib.h>
#include <string.h>

/* What stands for a byte that is no UTF-8. */
#define REPLACEMENT UINT32_C(0xFFFD)

static int is_continuation(char byte) {
  return ((unsigned char)byte & 0xC0) == 0x80;
}

uint32_t qd_letter_read(const char *text, size_t n_bytes, size_t *n_read) {
  unsigned char lead = (unsigned char)text[0];
  size_t n = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  *n_read = 1;
  if (n == 1)
    return lead;
  if (lead < 0xC2 || lead > 0xF4 || n > n_bytes)
    return REPLACEMENT;
  uint32_t letter = lead & (0xFFU >> (n + 1));
  for (size_t i = 1; i < n; i++) {
    if (!is_continuation(text[i]))
      return REPLACEMENT;
    letter = letter << 6 | ((unsigned char)text[i] & 0x3FU);
  }
  *n_read = n;
  return letter;
}

static size_t write_letter(uint32_t letter, char out[QD_LETTER_BYTES]) {
  if (letter < 0x80) {
    out[0] = (char)letter;
    return 1;
  }
  size_t n = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
  static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = n - 1; i > 0; i--, letter >>= 6)
    out[i] = (char)(0x80 | (letter & 0x3F));
  out[0] = (char)(leads[n] | letter);
  return n;
}

static int compare_to_range(const void *letter, const void *range) {
  uint32_t wanted = *(const uint32_t *)letter;
  const qd_letter_range *at = range;
  return wanted < at->first ? -1 : wanted > at->last;
}

static int is_in(uint32_t letter, const qd_letter_range *ranges, size_t n) {
  return bsearch(&letter, ranges, n, sizeof *ranges, compare_to_range) != NULL;
}

int qd_letter_is_alphabetic(uint32_t letter) {
  if (letter < 0x80)
    return (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
  return is_in(letter, qd_alphabetic, qd_n_alphabetic);
}

int qd_letter_is_word(uint32_t letter) {
  if (letter < 0x80)
    return qd_letter_is_alphabetic(letter) || (letter >= '0' && letter <= '9');
  return is_in(letter, qd_alphabetic, qd_n_alphabetic) || is_in(letter, qd_numeric, qd_n_numeric);
}

int qd_letter_is_blank(uint32_t letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r') || letter == 0x85 || letter == 0xA0 || letter == 0x1680 ||
         (letter >= 0x2000 && letter <= 0x200A) || letter == 0x2028 || letter == 0x2029 || letter == 0x202F ||
         letter == 0x205F || letter == 0x3000;
}

int qd_letter_is_ideograph(uint32_t letter) {
  return (letter >= 0x3040 && letter <= 0x30FF) || (letter >= 0x3400 && letter <= 0x9FFF) ||
         (letter >= 0xF900 && letter <= 0xFAFF) || (letter >= 0x20000 && letter <= 0x3FFFF);
}

static int compare_to_case(const void *letter, const void *row) {
  uint32_t wanted = *(const uint32_t *)letter;
  const qd_letter_case *at = row;
  return wanted < at->first ? -1 : wanted > at->last;
}

size_t qd_letter_write_lower(uint32_t letter, char out[QD_LETTER_BYTES]) {
  static const char dotted_i[] = "i\xCC\x87";
  if (letter < 0x80) {
    out[0] = (char)(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    return 1;
  }
  if (letter == 0x130) {
    memcpy(out, dotted_i, sizeof dotted_i - 1);
    return sizeof dotted_i - 1;
  }
  const qd_letter_case *row = bsearch(&letter, qd_lowercase, qd_n_lowercase, sizeof *qd_lowercase, compare_to_case);
  if (row != NULL && (letter - row->first) % row->step == 0)
    letter = (uint32_t)((int32_t)letter + row->difference);
  return write_letter(letter, out);
}

static int compare_to_fold(const void *letter, const void *row) {
  uint32_t wanted = *(const uint32_t *)letter;
  const qd_letter_fold_row *at = row;
  return (wanted > at->letter) - (wanted < at->letter);
}

size_t qd_letter_write_folded(uint32_t letter, char out[QD_LETTER_BYTES]) {
  const qd_letter_fold_row *row =
      letter < 0x80 ? NULL : bsearch(&letter, qd_folds, qd_n_folds, sizeof *qd_folds, compare_to_fold);
  if (row == NULL)
    return write_letter(letter, out);
  memcpy(out, row->ascii, sizeof row->ascii);
  return strlen(row->ascii);
}

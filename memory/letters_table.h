#ifndef QD_LETTERS_TABLE_H
#define QD_LETTERS_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Tables of Unicode characters for memory/letters.c, each ascending. */

typedef struct qd_letter_range {
  uint32_t first;
  uint32_t last;
} qd_letter_range;

/* Every step-th character from first to last has its small letter `difference` further on. */
typedef struct qd_letter_case {
  uint32_t first;
  uint32_t last;
  uint32_t step;
  int32_t difference;
} qd_letter_case;

typedef struct qd_letter_fold_row {
  uint32_t letter;
  char ascii[4];
} qd_letter_fold_row;

extern const qd_letter_range qd_alphabetic[];
extern const size_t qd_n_alphabetic;
extern const qd_letter_range qd_numeric[];
extern const size_t qd_n_numeric;
extern const qd_letter_case qd_lowercase[];
extern const size_t qd_n_lowercase;
extern const qd_letter_fold_row qd_folds[];
extern const size_t qd_n_folds;

#endif

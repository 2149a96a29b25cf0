#ifndef QD_LETTERS_H
#define QD_LETTERS_H

#include <stddef.h>
#include <stdint.h>

/* Unicode characters, as far as words are found by them. */

/* Reads the character at text, which has bytes left, and says how many it took. Bytes that are no UTF-8 are characters
 * of their own, which are neither letters nor digits. */
uint32_t qd_letter_read(const char *text, size_t n_bytes, size_t *n_read);

int qd_letter_is_alphabetic(uint32_t letter);
int qd_letter_is_word(uint32_t letter); /* alphabetic or a digit of any script */
int qd_letter_is_blank(uint32_t letter);
/* Of a script that is written without blanks between words. */
int qd_letter_is_ideograph(uint32_t letter);

/* Writes the letter in small: at most QD_LETTER_BYTES bytes of UTF-8. Returns how many. */
enum { QD_LETTER_BYTES = 4 };
size_t qd_letter_write_lower(uint32_t letter, char out[QD_LETTER_BYTES]);

/* Writes the ASCII letters that stand for one with marks, or the letter itself. Returns how many bytes. */
size_t qd_letter_write_folded(uint32_t letter, char out[QD_LETTER_BYTES]);

#endif

#ifndef QD_DIGITS_H
#define QD_DIGITS_H

#include <stddef.h>
#include <stdint.h>

#define QD_DIGITS_MAX 20

/* Writes a number in decimal, without NUL; returns how many digits. */
size_t qd_digits_write(char *out, uint64_t value);

#endif

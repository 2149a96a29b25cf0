#ifndef QD_FLOAT_TEXT_H
#define QD_FLOAT_TEXT_H

#include <stddef.h>

#define QD_FLOAT_TEXT_MAX_BYTES 16

/* Writes the shortest decimal that reads back as the same float, of several the nearest, always with a point or an
 * exponent; "null" when value is not finite. No NUL; returns how many bytes. The locale does not matter. */
size_t qd_float_write(char *out, float value);

#endif

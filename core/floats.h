#ifndef QD_FLOATS_H
#define QD_FLOATS_H

#include <stddef.h>
#include <stdint.h>

/* Copies n floats as they are and answers whether all are finite: one pass costs little more than memcpy. out need not
 * be aligned. */
int qd_floats_copy(uint8_t *out, const float *values, size_t n);

/* Position of the first float that is not finite; n when all are. */
size_t qd_floats_find_bad(const float *values, size_t n);

#endif

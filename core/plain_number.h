#ifndef QD_PLAIN_NUMBER_H
#define QD_PLAIN_NUMBER_H

/* strtod and strtof with a point for a point, whatever the program's locale says. 1, or 0 when out of memory. */
int qd_plain_double(const char *text, double *value);
int qd_plain_float(const char *text, float *value);

#endif

#ifndef QD_INGEST_SCAN_H
#define QD_INGEST_SCAN_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

/* Reads JSON text from front to back without building anything: a line of a million floats costs no more than its
 * floats. Errors are INVALID_ARGUMENT and name the byte, counted from 1. */
typedef struct qd_scan {
  const char *text; /* ended by NUL */
  size_t n, at;
} qd_scan;

/* The next byte that is no white space, not consumed; 0 at the end. */
char qd_scan_peek(qd_scan *scan);

/* Consumes the next byte when it is c: 1, else 0. */
int qd_scan_take(qd_scan *scan, char c);

/* Consumes c, or fails. */
qdrant_status qd_scan_expect(qd_scan *scan, char c, qdrant_error *err);

/* After an item of an array or object: consumes ',' and sets *is_more, or consumes end. */
qdrant_status qd_scan_next(qd_scan *scan, char end, int *is_more, qdrant_error *err);

/* Reads a string into text, ended by NUL; one of max_bytes or more, or with a NUL inside, is refused. */
qdrant_status qd_scan_string(qd_scan *scan, char *text, size_t max_bytes, qdrant_error *err);

/* Reads a key and its ':'. */
qdrant_status qd_scan_key(qd_scan *scan, char *text, size_t max_bytes, qdrant_error *err);

/* Finds a number by JSON's rules: n bytes at *number. */
qdrant_status qd_scan_number(qd_scan *scan, const char **number, size_t *n, qdrant_error *err);

/* Reads a number as a finite 32-bit float. */
qdrant_status qd_scan_float(qd_scan *scan, float *value, qdrant_error *err);

/* Reads a whole number from 0 to max. */
qdrant_status qd_scan_whole(qd_scan *scan, uint64_t max, uint64_t *value, qdrant_error *err);

/* Consumes the word null: 1, else 0. */
int qd_scan_null(qd_scan *scan);

/* Passes over a value: brackets and strings are matched, what is between them is not looked at. */
qdrant_status qd_scan_skip(qd_scan *scan, qdrant_error *err);

#endif

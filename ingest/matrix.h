#ifndef QD_INGEST_MATRIX_H
#define QD_INGEST_MATRIX_H

#include "ingest/input.h"
#include "qdrant/source.h"

/* Rows of floats read from a .npy or .fvecs file, one after the other. */
typedef struct qd_matrix qd_matrix;
struct qd_matrix {
  qd_input *input;     /* borrowed */
  uint64_t n_rows;     /* UINT64_MAX: not known before the end */
  uint64_t n_read;     /* rows given out or passed */
  uint32_t dim;        /* floats in a row */
  size_t row_bytes;    /* in the file */
  uint64_t first_byte; /* of the first row */
  /* Turns row_bytes of the file into a row. Not OK: what is wrong with it, without its name. */
  qdrant_status (*decode)(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err);
};

/* Read what comes before the rows: fill n_rows, dim, row_bytes and decode. Errors do not name the input. */
qdrant_status qd_npy_open(qd_matrix *matrix, qdrant_error *err);
qdrant_status qd_fvecs_open(qd_matrix *matrix, qdrant_error *err);

/* Opens the rows of input: NPY or FVECS. Everything that can be known of truncation is checked here. */
qdrant_status qd_matrix_open(qd_matrix *matrix, qd_input *input, qdrant_source_format format, qdrant_error *err);

/* Reads up to max rows of finite floats; *n is less only at the end, or before a row that INVALID_ARGUMENT names, which
 * is passed. */
qdrant_status qd_matrix_read(qd_matrix *matrix, float *rows, size_t max, size_t *n, qdrant_error *err);

/* Goes to a row, counted from 0. OUT_OF_RANGE beyond the end; UNSUPPORTED back in what is no file. */
qdrant_status qd_matrix_seek(qd_matrix *matrix, uint64_t row, qdrant_error *err);

#endif

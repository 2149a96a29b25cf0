#ifndef QD_CLI_MATRIX_H
#define QD_CLI_MATRIX_H

#include "cli/args.h"
#include "cli/input.h"

/* The largest dimension that Qdrant takes. */
enum { QD_MAX_DIM = 65536 };

/* Rows of floats read from a .npy or .fvecs file, one after the other. */
typedef struct qd_matrix qd_matrix;
struct qd_matrix {
  qd_input *input;    /* borrowed */
  uint64_t n_rows;    /* UINT64_MAX: not known before the end */
  uint64_t n_read;    /* rows given out */
  uint32_t dim;       /* floats in a row */
  size_t row_bytes;   /* in the file */
  unsigned char *raw; /* one row of the file, owned */
  /* Turns matrix->raw into a row. Not OK: what is wrong with it, without its name. */
  qdrant_status (*decode)(const qd_matrix *matrix, float *row, qdrant_error *err);
};

/* Reads what comes before the rows: fills n_rows, dim, row_bytes and decode. Errors do not name the input. */
qdrant_status qd_npy_open(qd_matrix *matrix, qdrant_error *err);
qdrant_status qd_fvecs_open(qd_matrix *matrix, qdrant_error *err);

/* The format of an input: by option, else by the end of its name, else by its first bytes. */
qd_file_format qd_format_of(const qd_input *input, int option);

/* Opens the rows of input. Everything that can be known of truncation is checked here. */
qdrant_status qd_matrix_open(qd_matrix *matrix, qd_input *input, qd_file_format format, qdrant_error *err);
void qd_matrix_close(qd_matrix *matrix);

/* Reads up to max rows of finite floats; *n is less only at the end. */
qdrant_status qd_matrix_read(qd_matrix *matrix, float *rows, size_t max, size_t *n, qdrant_error *err);

#endif

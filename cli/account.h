#ifndef QD_CLI_ACCOUNT_H
#define QD_CLI_ACCOUNT_H

#include "cli/feed.h"
#include "cli/output.h"

/* What came of an import. */
typedef struct qd_account {
  const qd_feed *feed;
  const char *collection;
  uint64_t n_total; /* points in the file; 0: not known */
  int is_new;       /* the collection was created for it */
  int is_whole;     /* the file was read to its end */
  int64_t began_ns;
  qdrant_upload_progress upload;
  const qdrant_failed_range *failed;
  size_t n_failed;
} qd_account;

/* Asks the uploader; what it gives lives until the uploader is used again. */
void qd_account_take(qd_account *account);

/* OK when every point is stored; else *err is the first failure in the order of the file. */
qdrant_status qd_account_find_failure(const qd_account *account, qdrant_error *err);

/* Says after the message of *err what is stored, perhaps stored and not stored. */
void qd_account_tell(const qd_account *account, qdrant_error *err);

/* Lists what is not stored, a line for each of the first ranges. */
void qd_account_list(const qd_account *account, FILE *out);

/* The account as one line, or as a JSON object of everything. format: a qd_output_format. */
qdrant_status qd_account_print(const qd_account *account, int format, qdrant_error *err);

#endif

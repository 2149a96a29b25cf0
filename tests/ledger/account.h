#ifndef QD_LEDGER_ACCOUNT_H
#define QD_LEDGER_ACCOUNT_H

#include "qdrant/uploader.h"

#include <stdint.h>

/* What was reported of an upload, point by point, held against what the servers applied. Point i has the id i + 1. */
typedef enum ledger_fate { FATE_UNREPORTED, FATE_DONE, FATE_MAYBE, FATE_REFUSED, FATE_NOT_SENT, N_FATES } ledger_fate;

typedef struct ledger_account {
  size_t n_points;
  uint8_t *fates;     /* of each point */
  uint16_t *applied;  /* how often, of each point */
  uint8_t *sequences; /* reports of each batch */
  size_t n_reports;
  size_t counts[N_FATES];  /* as reports say them */
  size_t n_twice;          /* points reported more than once */
  size_t n_bad_reports;    /* that do not add up */
  size_t n_strange;        /* ids applied that are nobody's */
  int must_forget_report;  /* proves that the account is looked at: the first report is dropped */
  int must_forget_applied; /* likewise: the first point done is taken for absent */
} ledger_account;

void ledger_account_begin(ledger_account *account, size_t n_points);
void ledger_account_end(ledger_account *account);

/* The uploader's callback; user is the account. */
void ledger_account_note(void *user, const qdrant_batch_report *report);

/* Counts what a node's file says; a file that is not there says nothing. */
void ledger_account_read_applied(ledger_account *account, const char *path);

/* Points applied more than once, and the extra times of all. */
size_t ledger_account_doubled(const ledger_account *account);

/* Prints everything that does not agree and returns how much that is. The first n_added points are those that the
 * uploader took. */
size_t ledger_account_judge(ledger_account *account, size_t n_added);

/* Likewise for what the uploader itself says at its end. */
size_t ledger_account_judge_end(const ledger_account *account, const qdrant_upload_progress *progress,
    const qdrant_failed_range *failed, size_t n_failed, qdrant_status finished);

#endif

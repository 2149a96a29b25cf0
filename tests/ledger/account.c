#include "tests/ledger/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const fate_names[N_FATES] = {"unreported", "done", "maybe", "refused", "not sent"};

static void *zeroed(size_t n, size_t n_bytes) {
  void *memory = calloc(n, n_bytes);
  if (memory == NULL)
    abort();
  return memory;
}

void ledger_account_begin(ledger_account *account, size_t n_points) {
  const char *lose = getenv("LEDGER_LOSE");
  *account = (ledger_account){.n_points = n_points};
  account->fates = zeroed(n_points, sizeof *account->fates);
  account->applied = zeroed(n_points, sizeof *account->applied);
  account->sequences = zeroed(n_points, sizeof *account->sequences);
  account->must_forget_report = lose != NULL && lose[0] == 'r';
  account->must_forget_applied = lose != NULL && lose[0] == 'a';
}

void ledger_account_end(ledger_account *account) {
  free(account->fates);
  free(account->applied);
  free(account->sequences);
}

/* Points [first, first + n) of the report, which are done unless a range says otherwise. */
static void set_fates(ledger_account *account, uint64_t first, uint64_t n, ledger_fate fate) {
  for (uint64_t i = first; i < first + n && i < account->n_points; i++)
    account->fates[i] = (uint8_t)fate;
}

static int has_points_twice(ledger_account *account, const qdrant_batch_report *report) {
  size_t n_twice = 0;
  for (uint64_t i = 0; i < report->n_points; i++)
    n_twice += account->fates[report->first_point + i] != FATE_UNREPORTED;
  account->n_twice += n_twice;
  return n_twice > 0;
}

static int adds_up(const qdrant_batch_report *report) {
  uint64_t n[N_FATES] = {0};
  static const ledger_fate fates[] = {FATE_NOT_SENT, FATE_MAYBE, FATE_REFUSED};
  uint64_t last = report->first_point;
  int is_ordered = 1;
  for (size_t i = 0; i < report->n_failed; i++) {
    const qdrant_failed_range *range = &report->failed[i];
    is_ordered = is_ordered && range->first_point >= last;
    last = range->first_point + range->n_points;
    n[fates[range->error.delivery]] += range->n_points;
  }
  uint64_t n_failed = n[FATE_MAYBE] + n[FATE_REFUSED] + n[FATE_NOT_SENT];
  return is_ordered && last <= report->first_point + report->n_points && n[FATE_MAYBE] == report->n_maybe &&
         n[FATE_REFUSED] == report->n_refused && n[FATE_NOT_SENT] == report->n_not_sent &&
         report->n_done == report->n_points - n_failed;
}

void ledger_account_note(void *user, const qdrant_batch_report *report) {
  static const ledger_fate fates[] = {FATE_NOT_SENT, FATE_MAYBE, FATE_REFUSED};
  ledger_account *account = user;
  if (account->must_forget_report) {
    account->must_forget_report = 0;
    return;
  }
  account->n_reports++;
  if (report->sequence >= account->n_points || report->first_point + report->n_points > account->n_points ||
      account->sequences[report->sequence]++ > 0 || !adds_up(report)) {
    account->n_bad_reports++;
    return;
  }
  if (has_points_twice(account, report))
    return;
  set_fates(account, report->first_point, report->n_points, FATE_DONE);
  for (size_t i = 0; i < report->n_failed; i++)
    set_fates(
        account, report->failed[i].first_point, report->failed[i].n_points, fates[report->failed[i].error.delivery]);
  account->counts[FATE_DONE] += report->n_done;
  account->counts[FATE_MAYBE] += report->n_maybe;
  account->counts[FATE_REFUSED] += report->n_refused;
  account->counts[FATE_NOT_SENT] += report->n_not_sent;
}

void ledger_account_read_applied(ledger_account *account, const char *path) {
  uint64_t ids[1024];
  size_t n;
  FILE *file = fopen(path, "rbe");
  if (file == NULL)
    return;
  while ((n = fread(ids, sizeof ids[0], sizeof ids / sizeof ids[0], file)) > 0)
    for (size_t i = 0; i < n; i++) {
      if (ids[i] >= 1 && ids[i] <= account->n_points)
        account->applied[ids[i] - 1]++;
      else
        account->n_strange++;
    }
  fclose(file);
}

size_t ledger_account_doubled(const ledger_account *account) {
  size_t n = 0;
  for (size_t i = 0; i < account->n_points; i++)
    n += account->applied[i] > 1 ? account->applied[i] - 1U : 0;
  return n;
}

static size_t tell(size_t n, const char *what) {
  if (n > 0)
    printf("  WRONG: %zu %s\n", n, what);
  return n;
}

static void forget_applied(ledger_account *account) {
  for (size_t i = 0; i < account->n_points && account->must_forget_applied; i++)
    if (account->fates[i] == FATE_DONE) {
      account->applied[i] = 0;
      account->must_forget_applied = 0;
    }
}

/* One kind of disagreement: points of a fate that were, or were not, applied. */
static size_t tell_points(
    const ledger_account *account, size_t first, size_t end, ledger_fate fate, int is_applied, const char *what) {
  size_t n = 0;
  size_t example = 0;
  for (size_t i = first; i < end; i++)
    if (account->fates[i] == fate && (account->applied[i] > 0) == is_applied) {
      example = n == 0 ? i : example;
      n++;
    }
  if (n > 0)
    printf("  WRONG: %zu points %s, the first of them %zu\n", n, what, example);
  return n;
}

size_t ledger_account_judge(ledger_account *account, size_t n_added) {
  size_t n_unreported = 0;
  size_t n_reported = 0;
  forget_applied(account);
  for (size_t i = 0; i < n_added; i++)
    n_unreported += account->fates[i] == FATE_UNREPORTED;
  for (size_t i = FATE_DONE; i < N_FATES; i++)
    n_reported += account->counts[i];
  return tell(n_unreported, "points taken and never reported") +
         tell(n_reported > n_added ? n_reported - n_added : 0, "points reported beyond those taken") +
         tell(account->n_twice, "points reported twice") +
         tell(account->n_bad_reports, "reports that do not add up or came twice") +
         tell(account->n_strange, "ids applied that nobody sent") +
         tell_points(account, 0, account->n_points, FATE_DONE, 0, "reported done and absent") +
         tell_points(account, 0, account->n_points, FATE_NOT_SENT, 1, "reported not sent and applied") +
         tell_points(account, n_added, account->n_points, FATE_UNREPORTED, 1, "never taken and applied");
}

static size_t tell_count(uint64_t reported, uint64_t said, ledger_fate fate) {
  if (reported != said)
    printf("  WRONG: %" PRIu64 " points %s by reports, %" PRIu64 " by progress\n", reported, fate_names[fate], said);
  return reported != said;
}

/* The first point that is not done. */
static uint64_t first_not_done(const ledger_account *account, uint64_t n_added) {
  uint64_t first = 0;
  while (first < n_added && account->fates[first] == FATE_DONE)
    first++;
  return first;
}

static size_t judge_failed(const ledger_account *account, const qdrant_failed_range *failed, size_t n_failed) {
  static const ledger_fate fates[] = {FATE_NOT_SENT, FATE_MAYBE, FATE_REFUSED};
  size_t n_wrong = 0;
  size_t n_points = 0;
  uint64_t last = 0;
  for (size_t i = 0; i < n_failed; i++) {
    n_wrong += failed[i].first_point < last;
    last = failed[i].first_point + failed[i].n_points;
    n_points += failed[i].n_points;
    for (uint64_t j = failed[i].first_point; j < last && j < account->n_points; j++)
      n_wrong += account->fates[j] != fates[failed[i].error.delivery];
  }
  n_wrong += n_points != account->counts[FATE_MAYBE] + account->counts[FATE_REFUSED] + account->counts[FATE_NOT_SENT];
  return tell(n_wrong, "failed ranges or points in them that are not as reported");
}

size_t ledger_account_judge_end(const ledger_account *account, const qdrant_upload_progress *progress,
    const qdrant_failed_range *failed, size_t n_failed, qdrant_status finished) {
  int is_all_done = account->counts[FATE_DONE] == progress->n_added;
  return tell_count(account->counts[FATE_DONE], progress->n_done, FATE_DONE) +
         tell_count(account->counts[FATE_MAYBE], progress->n_maybe, FATE_MAYBE) +
         tell_count(account->counts[FATE_REFUSED], progress->n_refused, FATE_REFUSED) +
         tell_count(account->counts[FATE_NOT_SENT], progress->n_not_sent, FATE_NOT_SENT) +
         tell(progress->n_waiting, "points waiting after the end") +
         tell(progress->n_batches != account->n_reports, "count of batches that is not that of reports") +
         tell(progress->first_unacked != first_not_done(account, progress->n_added), "wrong first_unacked") +
         tell(progress->first_unreported != progress->n_added, "wrong first_unreported") +
         tell((finished == QDRANT_OK) != is_all_done, "finish that does not say whether all is done") +
         judge_failed(account, failed, n_failed);
}

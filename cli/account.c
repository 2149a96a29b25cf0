#include "cli/account.h"

#include "cli/fail.h"
#include "cli/text.h"

#include <string.h>

enum { max_listed = 10 };

/* A part of the file that is not stored, whoever found it so. */
typedef struct gap {
  uint64_t first_point, n_points;
  const qdrant_error *error;
} gap;

void qd_account_take(qd_account *account) {
  account->upload = (qdrant_upload_progress)QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_uploader_progress(account->feed->uploader, &account->upload);
  account->failed = qdrant_uploader_failed(account->feed->uploader, &account->n_failed);
}

/* The gap that is next in the file: *f and *b count the ranges and the bad points before it. */
static int next_gap(const qd_account *account, size_t *f, size_t *b, gap *found) {
  const qd_feed *feed = account->feed;
  size_t n_bad = feed->n_bad < QD_MAX_BAD ? (size_t)feed->n_bad : QD_MAX_BAD;
  if (*f < account->n_failed && (*b >= n_bad || account->failed[*f].first_point < feed->bad[*b].point)) {
    const qdrant_failed_range *range = &account->failed[(*f)++];
    *found = (gap){range->first_point, range->n_points, &range->error};
    return 1;
  }
  if (*b >= n_bad)
    return 0;
  *found = (gap){feed->bad[*b].point, 1, &feed->bad[*b].error};
  ++*b;
  return 1;
}

qdrant_status qd_account_find_failure(const qd_account *account, qdrant_error *err) {
  size_t f = 0, b = 0;
  gap first;
  if (!next_gap(account, &f, &b, &first))
    return QDRANT_OK;
  *err = *first.error;
  return err->status;
}

/* ", perhaps 3 more": a count that is told only when there is something to count. */
static void tell_count(FILE *out, const char *before, uint64_t n, const char *after) {
  char text[QD_NUMBER_TEXT];
  if (n > 0)
    fprintf(out, "%s%s%s", before, qd_text_count(n, text), after);
}

static void tell(const qd_account *account, FILE *out) {
  const qdrant_upload_progress *upload = &account->upload;
  const qd_feed *feed = account->feed;
  char done[QD_NUMBER_TEXT], place[QD_PLACE_TEXT];
  fprintf(out, "; stored %s", qd_text_count(upload->n_done + feed->n_before, done));
  tell_count(out, " of ", account->n_total, "");
  fputs(" points", out);
  tell_count(out, " (", feed->n_before, " of them before)");
  tell_count(out, ", perhaps ", upload->n_maybe, " more");
  tell_count(out, ", ", upload->n_refused, " were refused");
  tell_count(out, ", ", upload->n_not_sent, " were not sent");
  tell_count(out, ", ", feed->n_bad, " could not be read");
  if (account->n_failed > 0) {
    qdrant_source_place(feed->source, account->failed[0].first_point, place, sizeof place);
    fprintf(out, ", the first that is not stored is %s", place);
  }
  if (!account->is_whole) {
    qdrant_source_place(feed->source, feed->next_point, place, sizeof place);
    fprintf(out, "; it ended before %s", place);
  }
  if (account->is_new)
    fputs("; the collection was created", out);
}

void qd_account_tell(const qd_account *account, qdrant_error *err) {
  char text[sizeof err->message] = "";
  FILE *out = fmemopen(text, sizeof text - 1, "w");
  if (!out)
    return;
  tell(account, out);
  fclose(out);
  qd_cli_suffix(err, "%s", text);
}

void qd_account_list(const qd_account *account, FILE *out) {
  size_t f = 0, b = 0, n_listed = 0;
  gap one;
  while (n_listed < max_listed && next_gap(account, &f, &b, &one)) {
    char place[QD_PLACE_TEXT], count[QD_NUMBER_TEXT];
    qdrant_source_place(account->feed->source, one.first_point, place, sizeof place);
    fprintf(out, "not stored: %s", place);
    if (one.n_points > 1)
      fprintf(out, " and the next %s", qd_text_count(one.n_points - 1, count));
    fputs(": ", out);
    qd_cli_print_error(out, one.error);
    n_listed++;
  }
  size_t n_left = account->n_failed + (size_t)account->feed->n_bad - n_listed;
  if (n_left > 0)
    fprintf(out, "not stored: %zu more such ranges\n", n_left);
}

/* {"place": "line 3", "point": 2, "points": 1, "status": .., "delivery": .., "message": ..} each. */
static json_object *describe_gaps(const qd_account *account) {
  qd_output *rows = qd_output_new();
  size_t f = 0, b = 0;
  gap one;
  while (next_gap(account, &f, &b, &one)) {
    char place[QD_PLACE_TEXT];
    qdrant_source_place(account->feed->source, one.first_point, place, sizeof place);
    qd_output_row(rows);
    qd_output_text(rows, "place", place);
    qd_output_count(rows, "point", one.first_point);
    qd_output_count(rows, "points", one.n_points);
    qd_output_text(rows, "status", qdrant_status_name(one.error->status));
    qd_output_text(rows, "delivery", qdrant_delivery_name(one.error->delivery));
    qd_output_text(rows, "message", one.error->message);
  }
  return qd_output_take(rows);
}

static qdrant_status print_json(const qd_account *account, double seconds, qdrant_error *err) {
  const qdrant_upload_progress *upload = &account->upload;
  qd_output *output = qd_output_new_record();
  qd_output_text(output, "collection", account->collection);
  qd_output_count(output, "points", upload->n_done);
  qd_output_count(output, "points_before", account->feed->n_before);
  qd_output_count(output, "maybe", upload->n_maybe);
  qd_output_count(output, "refused", upload->n_refused);
  qd_output_count(output, "not_sent", upload->n_not_sent);
  qd_output_count(output, "unreadable", account->feed->n_bad);
  qd_output_json(output, "is_whole", json_object_new_boolean(account->is_whole));
  qd_output_count(output, "calls", upload->n_calls);
  qd_output_count(output, "attempts", upload->n_attempts);
  qd_output_count(output, "request_bytes", upload->request_bytes);
  qd_output_double(output, "seconds", seconds);
  qd_output_json(output, "not_stored", describe_gaps(account));
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, err);
}

qdrant_status qd_account_print(const qd_account *account, int format, qdrant_error *err) {
  double seconds = (double)(qd_clock_now() - account->began_ns) / 1e9;
  uint64_t done = account->upload.n_done, before = account->feed->n_before;
  char points[QD_NUMBER_TEXT], rate[QD_NUMBER_TEXT], earlier[QD_NUMBER_TEXT];
  if (format == QD_OUTPUT_JSON)
    return print_json(account, seconds, err);
  qd_text_count((uint64_t)((double)done / (seconds > 0 ? seconds : 1)), rate);
  printf("stored %s points in %s in %.2f s (%s points/s)", qd_text_count(done, points), account->collection, seconds,
      rate);
  if (before > 0)
    printf(", %s before", qd_text_count(before, earlier));
  fputs("\n", stdout);
  return QDRANT_OK;
}

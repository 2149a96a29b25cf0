#include "cli/progress.h"

#include "cli/text.h"
#include "qdrant/uploader.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { bar_width = 24 };

int64_t qd_clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void draw_bar(double fraction) {
  char bar[bar_width + 1] = "";
  size_t filled = fraction > 0 ? (size_t)(fraction * bar_width) : 0;
  memset(bar, ' ', bar_width);
  memset(bar, '#', filled < bar_width ? filled : bar_width);
  fprintf(stderr, "[%s] ", bar);
}

static void draw_counts(const qd_progress *progress, uint64_t done) {
  char done_text[QD_NUMBER_TEXT], total_text[QD_NUMBER_TEXT];
  fputs(qd_text_count(done, done_text), stderr);
  if (progress->total > 0)
    fprintf(stderr, " of %s", qd_text_count(progress->total, total_text));
}

static void draw_rates(const qdrant_upload_progress *upload) {
  char rate[QD_NUMBER_TEXT];
  fprintf(stderr, ", %s points/s, %.1f MB/s", qd_text_count((uint64_t)upload->points_per_s, rate),
      upload->bytes_per_s / 1e6);
  if (upload->left_ms >= 0)
    fprintf(stderr, ", %lld s left", (long long)(upload->left_ms + 999) / 1000);
}

void qd_progress_begin(qd_progress *progress, const char *label, uint64_t total) {
  *progress = (qd_progress){.label = label, .total = total, .is_terminal = isatty(STDERR_FILENO)};
  if (!progress->is_terminal)
    return;
  progress->is_drawn = 1;
  fprintf(stderr, "\r%s ", label);
  if (total > 0)
    draw_bar(0);
  draw_counts(progress, 0);
}

void qd_progress_set(qd_progress *progress, const qdrant_upload_progress *upload, uint64_t n_before, double fraction) {
  int64_t now_ns = progress->is_terminal ? qd_clock_now() : 0;
  if (!progress->is_terminal || now_ns < progress->next_ns)
    return;
  uint64_t done = upload->n_done + n_before;
  progress->next_ns = now_ns + 100000000;
  fprintf(stderr, "\r%s ", progress->label);
  if (progress->total > 0)
    fraction = (double)done / (double)progress->total;
  if (fraction >= 0)
    draw_bar(fraction);
  draw_counts(progress, done);
  draw_rates(upload);
  fputs("\033[K", stderr);
}

void qd_progress_end(qd_progress *progress) {
  if (progress->is_drawn)
    fputs("\r\033[K", stderr);
  progress->is_drawn = 0;
}

#include "cli/progress.h"

#include "cli/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { bar_width = 40 };

int64_t qd_clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void qd_progress_begin(qd_progress *progress, const char *label, uint64_t total) {
  *progress = (qd_progress){.label = label, .total = total, .is_terminal = isatty(STDERR_FILENO)};
  qd_progress_set(progress, 0);
}

void qd_progress_set(qd_progress *progress, uint64_t done) {
  if (!progress->is_terminal || (qd_clock_now() < progress->next_ns && done != progress->total))
    return;
  char bar[bar_width + 1] = "", done_text[QD_NUMBER_TEXT], total_text[QD_NUMBER_TEXT];
  progress->next_ns = qd_clock_now() + 100000000;
  progress->is_drawn = 1;
  qd_text_count(done, done_text);
  if (progress->total == 0) {
    fprintf(stderr, "\r%s %s", progress->label, done_text);
    return;
  }
  size_t filled = (size_t)((double)done / (double)progress->total * (double)bar_width);
  memset(bar, ' ', bar_width);
  memset(bar, '#', filled < bar_width ? filled : bar_width);
  fprintf(stderr, "\r%s [%s] %s of %s", progress->label, bar, done_text, qd_text_count(progress->total, total_text));
}

void qd_progress_end(qd_progress *progress) {
  if (progress->is_drawn)
    fputs("\r\033[K", stderr);
  progress->is_drawn = 0;
}

#include "core/moment.h"

/* Text still to be read. */
typedef struct reader {
  const char *next;
  const char *end;
} reader;

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static int take_char(reader *in, char c) {
  if (in->next == in->end || *in->next != c)
    return 0;
  in->next++;
  return 1;
}

/* Exactly n_digits digits with a value in [min, max]. */
static int take_number(reader *in, int n_digits, int min, int max, int *value) {
  *value = 0;
  for (int i = 0; i < n_digits; i++, in->next++) {
    if (in->next == in->end || !is_digit(*in->next))
      return 0;
    *value = *value * 10 + (*in->next - '0');
  }
  return *value >= min && *value <= max;
}

static int days_in_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Years are counted from March, so that the leap day comes last. */
int64_t qd_days_since_epoch(int year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static int take_date(reader *in, int64_t *seconds) {
  int year;
  int month;
  int day;
  if (!take_number(in, 4, 0, 9999, &year) || !take_char(in, '-') || !take_number(in, 2, 1, 12, &month) ||
      !take_char(in, '-') || !take_number(in, 2, 1, days_in_month(year, month), &day))
    return 0;
  *seconds = qd_days_since_epoch(year, month, day) * 86400;
  return 1;
}

/* A fraction of a second, cut after nanoseconds. */
static int take_fraction(reader *in, int32_t *nanos) {
  if (!take_char(in, '.'))
    return 1;
  int32_t unit = 100000000;
  const char *first = in->next;
  for (; in->next < in->end && is_digit(*in->next); in->next++, unit /= 10)
    *nanos += unit * (*in->next - '0');
  return in->next > first;
}

static int take_time(reader *in, qd_moment *moment, int *has_seconds) {
  int hour;
  int minute;
  int second = 0;
  if (!take_number(in, 2, 0, 23, &hour) || !take_char(in, ':') || !take_number(in, 2, 0, 59, &minute))
    return 0;
  *has_seconds = take_char(in, ':');
  if (*has_seconds && (!take_number(in, 2, 0, 59, &second) || !take_fraction(in, &moment->nanos)))
    return 0;
  moment->seconds += hour * 3600 + minute * 60 + second;
  return 1;
}

/* Z, or an offset such as +02:00, +0200 or +02; nothing means UTC. */
static int take_zone(reader *in, qd_moment *moment) {
  if (in->next == in->end || take_char(in, 'Z') || take_char(in, 'z'))
    return 1;
  int is_west = take_char(in, '-');
  int hours;
  int minutes = 0;
  if (!is_west && !take_char(in, '+'))
    return 0;
  if (!take_number(in, 2, 0, 23, &hours))
    return 0;
  take_char(in, ':');
  if (in->next < in->end && !take_number(in, 2, 0, 59, &minutes))
    return 0;
  int offset = hours * 3600 + minutes * 60;
  moment->seconds -= is_west ? -offset : offset;
  return 1;
}

int qd_moment_parse(const char *text, size_t n_bytes, qd_moment *moment) {
  reader in = {text, text + n_bytes};
  *moment = (qd_moment){0};
  if (!take_date(&in, &moment->seconds))
    return 0;
  if (in.next == in.end)
    return 1;
  int has_seconds;
  if (!take_char(&in, 'T') && !take_char(&in, 't') && !take_char(&in, ' '))
    return 0;
  if (!take_time(&in, moment, &has_seconds))
    return 0;
  /* Only a time with seconds may name its zone. */
  if (has_seconds && !take_zone(&in, moment))
    return 0;
  return in.next == in.end;
}

int qd_moment_compare(const qd_moment *a, const qd_moment *b) {
  if (a->seconds != b->seconds)
    return a->seconds < b->seconds ? -1 : 1;
  return (a->nanos > b->nanos) - (a->nanos < b->nanos);
}

#include "core/retry_after.h"

#include "core/moment.h"

#include <string.h>

#define MAX_WAIT_S INT64_C(86400)

/* What a letter of a form stands for; every other character stands for itself. */
enum {
  WEEKDAY = 'w',      /* Sun */
  LONG_WEEKDAY = 'W', /* Sunday */
  DAY = 'd',          /* 06 */
  BLANK_DAY = 'b',    /* " 6" or "16" */
  MONTH = 'm',        /* Nov */
  YEAR = 'Y',         /* 1994 */
  SHORT_YEAR = 'y',   /* 94 */
  HOUR = 'h',
  MINUTE = 'n',
  SECOND = 's'
};

static const char *const forms[] = {"w, d m Y h:n:s GMT", "W, d-m-y h:n:s GMT", "w m b h:n:s Y"};

/* Text still to be read, and what has been. */
typedef struct reader {
  const char *next;
  const char *end;
  int64_t now_s;
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second;
} reader;

static int take_letters(reader *in, size_t min, size_t max) {
  size_t n = 0;
  while (in->next < in->end && n < max && ((*in->next | 0x20) >= 'a' && (*in->next | 0x20) <= 'z')) {
    in->next++;
    n++;
  }
  return n >= min;
}

static int take_number(reader *in, int n_digits, int max, int *value) {
  *value = 0;
  for (int i = 0; i < n_digits; i++, in->next++) {
    if (in->next == in->end || *in->next < '0' || *in->next > '9')
      return 0;
    *value = *value * 10 + (*in->next - '0');
  }
  return *value <= max;
}

static int take_month(reader *in) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (in->month = 1; in->end - in->next >= 3 && in->month <= 12; in->month++) {
    if (memcmp(in->next, names + ((size_t)in->month - 1) * 3, 3) == 0) {
      in->next += 3;
      return 1;
    }
  }
  return 0;
}

static int take_blank_day(reader *in) {
  int is_short = in->next < in->end && *in->next == ' ';
  in->next += is_short;
  return take_number(in, is_short ? 1 : 2, 31, &in->day) && in->day > 0;
}

/* Two digits mean the latest year with these last digits that is at most fifty years ahead. */
static int take_short_year(reader *in) {
  int this_year = 1970 + (int)(in->now_s / 31556952);
  if (!take_number(in, 2, 99, &in->year))
    return 0;
  in->year += this_year - this_year % 100 + 100;
  while (in->year > this_year + 50)
    in->year -= 100;
  return 1;
}

static int take_item(reader *in, char item) {
  switch (item) {
  case WEEKDAY: return take_letters(in, 3, 3);
  case LONG_WEEKDAY: return take_letters(in, 6, 9);
  case DAY: return take_number(in, 2, 31, &in->day) && in->day > 0;
  case BLANK_DAY: return take_blank_day(in);
  case MONTH: return take_month(in);
  case YEAR: return take_number(in, 4, 9999, &in->year);
  case SHORT_YEAR: return take_short_year(in);
  case HOUR: return take_number(in, 2, 23, &in->hour);
  case MINUTE: return take_number(in, 2, 59, &in->minute);
  case SECOND: return take_number(in, 2, 60, &in->second);
  default: return in->next < in->end && *in->next++ == item;
  }
}

static int take_form(reader *in, const char *form) {
  for (; *form != '\0'; form++)
    if (!take_item(in, *form))
      return 0;
  return in->next == in->end;
}

static int parse_date(const char *text, size_t n_bytes, int64_t now_s, int64_t *wait_s) {
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    reader in = {.next = text, .end = text + n_bytes, .now_s = now_s};
    if (!take_form(&in, forms[i]))
      continue;
    int64_t due_s = qd_days_since_epoch(in.year, in.month, in.day) * 86400;
    due_s += (in.hour * 60 + in.minute) * 60 + in.second;
    *wait_s = due_s - now_s;
    return 1;
  }
  return 0;
}

static int parse_seconds(const char *text, size_t n_bytes, int64_t *wait_s) {
  *wait_s = 0;
  for (size_t i = 0; i < n_bytes; i++) {
    if (text[i] < '0' || text[i] > '9')
      return 0;
    if (*wait_s < MAX_WAIT_S)
      *wait_s = *wait_s * 10 + (text[i] - '0');
  }
  return n_bytes > 0;
}

int qd_retry_after_parse(const char *text, size_t n_bytes, int64_t now_s, uint32_t *wait_ms) {
  int64_t wait_s = 0;
  *wait_ms = 0;
  for (; n_bytes > 0 && (*text == ' ' || *text == '\t'); n_bytes--)
    text++;
  while (n_bytes > 0 && (text[n_bytes - 1] == ' ' || text[n_bytes - 1] == '\t'))
    n_bytes--;
  if (!parse_seconds(text, n_bytes, &wait_s) && !parse_date(text, n_bytes, now_s, &wait_s))
    return 0;
  if (wait_s > 0)
    *wait_ms = (uint32_t)(wait_s < MAX_WAIT_S ? wait_s : MAX_WAIT_S) * 1000;
  return 1;
}

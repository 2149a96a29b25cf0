#include "core/datetime.h"

#define MICROSECONDS_PER_S INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)
#define WHOLE_SECONDS_BYTES 20

typedef struct civil_date {
  uint32_t year;
  uint32_t month;
  uint32_t day;
} civil_date;

/* Days since 1970-01-01 to a date of the Gregorian calendar, from year 1. Years are counted from March, so that the
 * leap day is the last one (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static civil_date date_of_days(int64_t days_since_1970) {
  uint32_t days = (uint32_t)(days_since_1970 + 719468); /* since 0000-03-01 */
  uint32_t era = days / 146097;                         /* of 400 years */
  uint32_t day_of_era = days % 146097;
  uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint32_t month_from_march = (5 * day_of_year + 2) / 153;
  uint32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return (civil_date){
      .year = era * 400 + year_of_era + (month <= 2),
      .month = month,
      .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
  };
}

static uint8_t *put_digits(uint8_t *out, uint32_t value, size_t n, char then) {
  for (size_t i = n; i > 0; i--) {
    out[i - 1] = (uint8_t)('0' + value % 10);
    value /= 10;
  }
  out[n] = (uint8_t)then;
  return out + n + 1;
}

/* Rounds down, where C's own division rounds towards 0. */
static int64_t divide_down(int64_t value, int64_t by) {
  return value / by - (value % by < 0);
}

size_t qd_datetime_bytes(int64_t microseconds) {
  return microseconds % MICROSECONDS_PER_S == 0 ? WHOLE_SECONDS_BYTES : QD_DATETIME_MAX_BYTES;
}

uint8_t *qd_datetime_write(uint8_t *out, int64_t microseconds) {
  int64_t seconds = divide_down(microseconds, MICROSECONDS_PER_S);
  int64_t days = divide_down(seconds, S_PER_DAY);
  uint32_t second_of_day = (uint32_t)(seconds - days * S_PER_DAY);
  uint32_t fraction = (uint32_t)(microseconds - seconds * MICROSECONDS_PER_S);
  civil_date date = date_of_days(days);
  out = put_digits(out, date.year, 4, '-');
  out = put_digits(out, date.month, 2, '-');
  out = put_digits(out, date.day, 2, 'T');
  out = put_digits(out, second_of_day / 3600, 2, ':');
  out = put_digits(out, second_of_day / 60 % 60, 2, ':');
  out = put_digits(out, second_of_day % 60, 2, fraction == 0 ? 'Z' : '.');
  return fraction == 0 ? out : put_digits(out, fraction, 6, 'Z');
}

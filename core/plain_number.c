#include "core/plain_number.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>

/* Made once, never freed. */
static locale_t plain_locale;

static void make_plain_locale(void) {
  plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static int has_plain_locale(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_plain_locale);
  return plain_locale != (locale_t)0;
}

int qd_plain_double(const char *text, double *value) {
  if (!has_plain_locale())
    return 0;
  *value = strtod_l(text, NULL, plain_locale);
  return 1;
}

int qd_plain_float(const char *text, float *value) {
  if (!has_plain_locale())
    return 0;
  *value = strtof_l(text, NULL, plain_locale);
  return 1;
}

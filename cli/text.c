#include "cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *qd_text_float(float value, char text[QD_NUMBER_TEXT]) {
  for (int digits = 6; digits <= 9; digits++) {
    snprintf(text, QD_NUMBER_TEXT, "%.*g", digits, (double)value);
    if (!(strtof(text, NULL) < value || strtof(text, NULL) > value))
      break;
  }
  return text;
}

const char *qd_text_double(double value, char text[QD_NUMBER_TEXT]) {
  for (int digits = 6; digits <= 17; digits++) {
    snprintf(text, QD_NUMBER_TEXT, "%.*g", digits, value);
    if (!(strtod(text, NULL) < value || strtod(text, NULL) > value))
      break;
  }
  return text;
}

const char *qd_text_count(uint64_t value, char text[QD_NUMBER_TEXT]) {
  char digits[QD_NUMBER_TEXT];
  size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, value), at = 0;
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = '\0';
  return text;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t qd_text_distance(const char *a, const char *b) {
  size_t row[64], n = least(strlen(b), 63);
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 0; a[i] && i < 63; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < n; j++) {
      size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = least(changed, least(row[j], row[j + 1]) + 1);
    }
  }
  return row[n];
}

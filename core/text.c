#include "core/text.h"

#include "core/digits.h"
#include "core/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void qd_text_init(qd_text *text, qd_arena *arena, size_t max_bytes) {
  *text = (qd_text){.arena = arena, .max_bytes = max_bytes};
}

/* Room for n_bytes more and the NUL. What was written before is copied and its old place stays taken until the arena is
 * reset: together less than the text itself. */
static int make_room(qd_text *text, size_t n_bytes) {
  if (text->has_failed || n_bytes > text->max_bytes - text->n_bytes) {
    text->has_failed = 1;
    return 0;
  }
  size_t needed = text->n_bytes + n_bytes + 1;
  if (needed <= text->capacity)
    return 1;
  size_t capacity = text->capacity == 0 ? FIRST_BYTES : text->capacity * 2;
  if (capacity < needed)
    capacity = needed;
  char *bytes = qd_arena_alloc(text->arena, capacity);
  if (bytes == NULL) {
    text->has_failed = 1;
    return 0;
  }
  if (text->n_bytes > 0)
    memcpy(bytes, text->bytes, text->n_bytes);
  text->bytes = bytes;
  text->capacity = capacity;
  return 1;
}

void qd_text_add(qd_text *text, const char *bytes, size_t n_bytes) {
  if (n_bytes == 0 || !make_room(text, n_bytes))
    return;
  memcpy(text->bytes + text->n_bytes, bytes, n_bytes);
  text->n_bytes += n_bytes;
}

char *qd_text_reserve(qd_text *text, size_t n_bytes) {
  return make_room(text, n_bytes) ? text->bytes + text->n_bytes : NULL;
}

void qd_text_take(qd_text *text, size_t n_bytes) {
  text->n_bytes += n_bytes;
}

const char *qd_text_end(qd_text *text) {
  if (!make_room(text, 0))
    return NULL;
  text->bytes[text->n_bytes] = '\0';
  return text->bytes;
}

static void add_escape(qd_text *text, unsigned char byte) {
  static const char short_names[] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
  char escape[8] = {'\\'};
  if (byte < sizeof short_names && short_names[byte] != '\0') {
    escape[1] = short_names[byte];
    qd_text_add(text, escape, 2);
  } else {
    snprintf(escape, sizeof escape, "\\u%04x", byte);
    qd_text_add(text, escape, 6);
  }
}

static size_t plain_bytes(const char *bytes, size_t n_bytes) {
  size_t n = 0;
  while (n < n_bytes && (unsigned char)bytes[n] >= 0x20 && bytes[n] != '"' && bytes[n] != '\\')
    n++;
  return n;
}

void qd_text_add_json_string(qd_text *text, const char *bytes, size_t n_bytes) {
  qd_text_add(text, "\"", 1);
  size_t at = 0;
  size_t plain_end = 0; /* kept while bytes before it are refused one by one: looked for once */
  while (at < n_bytes && !text->has_failed) {
    if (at >= plain_end)
      plain_end = at + plain_bytes(bytes + at, n_bytes - at);
    size_t n = plain_end - at;
    size_t n_valid = qd_utf8_valid_bytes(bytes + at, n);
    qd_text_add(text, bytes + at, n_valid);
    at += n_valid;
    if (n_valid < n) {
      qd_text_add(text, "\\ufffd", 6);
      at++;
    } else if (at < n_bytes) {
      add_escape(text, (unsigned char)bytes[at]);
      at++;
    }
  }
  qd_text_add(text, "\"", 1);
}

void qd_text_add_unsigned(qd_text *text, uint64_t value) {
  char digits[QD_DIGITS_MAX];
  qd_text_add(text, digits, qd_digits_write(digits, value));
}

void qd_text_add_signed(qd_text *text, int64_t value) {
  qd_text_add(text, "-", value < 0);
  qd_text_add_unsigned(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Adds digits as printf wrote them, with a point whatever the locale says, and ".0" where neither point nor exponent
 * is. */
static void add_digits(qd_text *text, const char *digits) {
  char number[40] = "";
  size_t n = 0;
  int has_point = 0;
  int has_exponent = 0;
  for (; *digits != '\0' && n < sizeof number - 2; digits++) {
    if (strchr("+-0123456789e", *digits) != NULL) {
      has_exponent |= *digits == 'e';
      number[n++] = *digits;
    } else if (!has_point) {
      has_point = 1;
      number[n++] = '.';
    }
  }
  qd_text_add(text, number, n);
  if (!has_point && !has_exponent)
    qd_text_add(text, ".0", 2);
}

/* digits / 10^n_decimals, with at least one decimal. */
static void add_decimal(qd_text *text, uint64_t digits, unsigned n_decimals, uint64_t power) {
  char fraction[QD_DIGITS_MAX];
  qd_text_add_unsigned(text, digits / power);
  /* The 1 before the fraction keeps its zeros, and is where the point goes. */
  size_t n = qd_digits_write(fraction, digits % power + power);
  fraction[0] = '.';
  if (n_decimals == 0)
    qd_text_add(text, ".0", 2);
  else
    qd_text_add(text, fraction, n);
}

/* Numbers of at most 15 digits, few of them behind the point, as most are that people write. Digits and power are
 * exact, so their quotient is the double that the text reads back as. */
static int add_short_decimal(qd_text *text, double value) {
  enum { MAX_DECIMALS = 6 };
  double magnitude = fabs(value);
  uint64_t power = 1;
  if (magnitude >= 1e15 || (magnitude < 1e-4 && magnitude != 0))
    return 0;
  for (unsigned n_decimals = 0; n_decimals <= MAX_DECIMALS; n_decimals++, power *= 10) {
    double digits = rint(magnitude * (double)power);
    if (digits < 1e15 && digits / (double)power == magnitude) {
      qd_text_add(text, "-", signbit(value) != 0);
      add_decimal(text, (uint64_t)digits, n_decimals, power);
      return 1;
    }
  }
  return 0;
}

void qd_text_add_double(qd_text *text, double value) {
  char digits[40];
  if (!isfinite(value)) {
    qd_text_add(text, "null", 4);
    return;
  }
  if (add_short_decimal(text, value))
    return;
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value)
      break;
  }
  add_digits(text, digits);
}

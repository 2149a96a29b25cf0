#include "core/json_check.h"

#include "core/error.h"
#include "core/utf8.h"

#include <stdint.h>
#include <string.h>

typedef struct reader {
  const char *text;
  size_t n_bytes;
  size_t at;
  int levels;      /* arrays and objects that are open */
  const char *why; /* what is wrong at `at`, once something is */
} reader;

static int fail_at(reader *in, const char *why) {
  in->why = why;
  return 0;
}

static int peek(const reader *in) {
  return in->at < in->n_bytes ? (unsigned char)in->text[in->at] : -1;
}

static int take(reader *in, int wanted) {
  if (peek(in) != wanted)
    return 0;
  in->at++;
  return 1;
}

static void skip_space(reader *in) {
  for (int c = peek(in); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(in))
    in->at++;
}

static int is_digit(int c) {
  return c >= '0' && c <= '9';
}

static int take_digits(reader *in) {
  size_t first = in->at;
  while (is_digit(peek(in)))
    in->at++;
  return in->at > first || fail_at(in, "expected a digit");
}

/* -2^63 to 2^64 - 1. */
static int fits_64_bits(const char *digits, size_t n, int is_negative) {
  const uint64_t max = is_negative ? UINT64_C(1) << 63 : UINT64_MAX;
  uint64_t value = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t digit = (uint64_t)(digits[i] - '0');
    if (value > (max - digit) / 10)
      return 0;
    value = value * 10 + digit;
  }
  return 1;
}

static int check_fraction(reader *in) {
  return !take(in, '.') || take_digits(in);
}

static int check_exponent(reader *in) {
  if (!take(in, 'e') && !take(in, 'E'))
    return 1;
  if (!take(in, '+'))
    take(in, '-');
  return take_digits(in);
}

static int check_number(reader *in) {
  size_t start = in->at;
  int is_negative = take(in, '-');
  size_t first = in->at;
  if (!take_digits(in))
    return 0;
  size_t n_digits = in->at - first;
  if (n_digits > 1 && in->text[first] == '0') {
    in->at = first;
    return fail_at(in, "a number must not begin with 0");
  }
  int is_integer = peek(in) != '.' && peek(in) != 'e' && peek(in) != 'E';
  if (is_integer && !fits_64_bits(in->text + first, n_digits, is_negative)) {
    in->at = start;
    return fail_at(in, "an integer must fit into 64 bits; write it with a point or an exponent to have it rounded");
  }
  return check_fraction(in) && check_exponent(in);
}

/* Four hex digits; -1 when there are none. */
static long take_hex4(reader *in) {
  long value = 0;
  for (int i = 0; i < 4; i++) {
    int c = peek(in);
    int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
    in->at++;
  }
  return value;
}

static int check_unicode_escape(reader *in) {
  long value = take_hex4(in);
  if (value < 0)
    return fail_at(in, "expected four hex digits");
  if (value >= 0xDC00 && value <= 0xDFFF)
    return fail_at(in, "the second half of a surrogate pair without the first");
  if (value < 0xD800 || value > 0xDBFF)
    return 1;
  long second = take(in, '\\') && take(in, 'u') ? take_hex4(in) : -1;
  return (second >= 0xDC00 && second <= 0xDFFF) || fail_at(in, "the first half of a surrogate pair without the second");
}

static int check_escape(reader *in) {
  int c = peek(in);
  if (c < 0 || strchr("\"\\/bfnrtu", c) == NULL || c == '\0')
    return fail_at(in, "no escape of JSON");
  in->at++;
  return c != 'u' || check_unicode_escape(in);
}

/* Bytes up to a quote, backslash, control character or the end. */
static size_t plain_bytes(const reader *in) {
  size_t n = 0;
  while (in->at + n < in->n_bytes) {
    unsigned char c = (unsigned char)in->text[in->at + n];
    if (c == '"' || c == '\\' || c < 0x20)
      break;
    n++;
  }
  return n;
}

static int check_string(reader *in, int is_key) {
  if (!take(in, '"'))
    return fail_at(in, is_key ? "expected a key in double quotes" : "expected a string");
  for (;;) {
    size_t n = plain_bytes(in);
    size_t n_valid = qd_utf8_valid_bytes(in->text + in->at, n);
    in->at += n_valid;
    if (n_valid < n)
      return fail_at(in, "not UTF-8");
    if (take(in, '"'))
      return 1;
    if (peek(in) < 0)
      return fail_at(in, "the text ends within a string");
    if (!take(in, '\\'))
      return fail_at(in, "a control character within a string must be escaped");
    if (!check_escape(in))
      return 0;
  }
}

static int check_word(reader *in, const char *word) {
  size_t n = strlen(word);
  if (in->n_bytes - in->at < n || memcmp(in->text + in->at, word, n) != 0)
    return fail_at(in, "expected a JSON value");
  in->at += n;
  return 1;
}

static int check_value(reader *in);

static int check_members(reader *in) {
  do {
    skip_space(in);
    if (!check_string(in, 1))
      return 0;
    skip_space(in);
    if (!take(in, ':'))
      return fail_at(in, "expected ':'");
    if (!check_value(in))
      return 0;
  } while (take(in, ','));
  return take(in, '}') || fail_at(in, "expected ',' or '}'");
}

static int check_items(reader *in) {
  do {
    if (!check_value(in))
      return 0;
  } while (take(in, ','));
  return take(in, ']') || fail_at(in, "expected ',' or ']'");
}

static int check_nested(reader *in, int is_object) {
  if (in->levels == QD_MAX_JSON_LEVELS)
    return fail_at(in, "more than 64 arrays and objects within each other");
  in->at++;
  in->levels++;
  skip_space(in);
  int is_fine = take(in, is_object ? '}' : ']') || (is_object ? check_members(in) : check_items(in));
  in->levels--;
  return is_fine;
}

/* A value and the space around it. */
static int check_value(reader *in) {
  skip_space(in);
  int is_fine;
  int c = peek(in);
  switch (c) {
  case '{':
  case '[': is_fine = check_nested(in, c == '{'); break;
  case '"': is_fine = check_string(in, 0); break;
  case 't': is_fine = check_word(in, "true"); break;
  case 'f': is_fine = check_word(in, "false"); break;
  case 'n': is_fine = check_word(in, "null"); break;
  default:
    is_fine = is_digit(c) || c == '-'
                  ? check_number(in)
                  : fail_at(in, c < 0 ? "the text ends where a value should be" : "expected a JSON value");
  }
  if (is_fine)
    skip_space(in);
  return is_fine;
}

static size_t count_lines(const char *text, size_t n_bytes) {
  size_t n = 0;
  for (size_t i = 0; i < n_bytes; i++)
    n += text[i] == '\n';
  return n;
}

static qdrant_status report(const reader *in, qdrant_error *err) {
  if (memchr(in->text, '\n', in->n_bytes) == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "JSON is wrong at byte %zu: %s", in->at, in->why);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "JSON is wrong at byte %zu (line %zu): %s", in->at,
      count_lines(in->text, in->at) + 1, in->why);
}

qdrant_status qd_json_check(const char *text, size_t n_bytes, qdrant_error *err) {
  reader in = {.text = text, .n_bytes = n_bytes};
  int is_fine = check_value(&in);
  if (is_fine && in.at < in.n_bytes)
    is_fine = fail_at(&in, "something follows the value");
  return is_fine ? QDRANT_OK : report(&in, err);
}

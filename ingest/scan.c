#include "ingest/scan.h"

#include "core/decimal.h"
#include "core/error.h"
#include "core/plain_number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char qd_scan_peek(qd_scan *scan) {
  while (scan->at < scan->n && is_space(scan->text[scan->at]))
    scan->at++;
  return scan->at < scan->n ? scan->text[scan->at] : '\0';
}

int qd_scan_take(qd_scan *scan, char c) {
  int is_there = qd_scan_peek(scan) == c && scan->at < scan->n;
  scan->at += (size_t)is_there;
  return is_there;
}

static qdrant_status refuse(const qd_scan *scan, const char *needed, qdrant_error *err) {
  if (scan->at >= scan->n)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the JSON ends where %s is needed", needed);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu of the JSON: %s is needed", scan->at + 1, needed);
}

qdrant_status qd_scan_expect(qd_scan *scan, char c, qdrant_error *err) {
  return qd_scan_take(scan, c) ? QDRANT_OK : refuse(scan, (char[]){'\'', c, '\'', '\0'}, err);
}

qdrant_status qd_scan_next(qd_scan *scan, char end, int *is_more, qdrant_error *err) {
  *is_more = qd_scan_take(scan, ',');
  if (*is_more || qd_scan_take(scan, end))
    return QDRANT_OK;
  return refuse(scan, (char[]){'\'', ',', '\'', ' ', 'o', 'r', ' ', '\'', end, '\'', '\0'}, err);
}

/* Reads the four digits of an escape: 1, or 0 when they are none. */
static int read_hex(qd_scan *scan, uint32_t *code) {
  char digits[5] = "";
  if (scan->n - scan->at < 4)
    return 0;
  memcpy(digits, scan->text + scan->at, 4);
  if (strspn(digits, "0123456789abcdefABCDEF") != 4)
    return 0;
  *code = (uint32_t)strtoul(digits, NULL, 16);
  scan->at += 4;
  return 1;
}

/* Reads what follows \u, a second half included; 0 when it is no character. */
static int read_code(qd_scan *scan, uint32_t *code) {
  uint32_t low;
  if (!read_hex(scan, code) || (*code >= 0xdc00 && *code < 0xe000))
    return 0;
  if (*code < 0xd800 || *code >= 0xe000)
    return 1;
  if (scan->n - scan->at < 2 || memcmp(scan->text + scan->at, "\\u", 2) != 0)
    return 0;
  scan->at += 2;
  if (!read_hex(scan, &low) || low < 0xdc00 || low >= 0xe000)
    return 0;
  *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
  return 1;
}

static size_t write_utf8(uint32_t code, char text[4]) {
  size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = n; i-- > 1; code >>= 6)
    text[i] = (char)(0x80 | (code & 0x3f));
  text[0] = (char)(leads[n] | code);
  return n;
}

/* Reads the character after a backslash into text; 0 when there is no such escape. */
static size_t read_escape(qd_scan *scan, char text[4]) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  char c = scan->at < scan->n ? scan->text[scan->at++] : '\0';
  const char *found = c ? strchr(names, c) : NULL;
  uint32_t code;
  if (found) {
    text[0] = values[found - names];
    return 1;
  }
  return c == 'u' && read_code(scan, &code) && code != 0 ? write_utf8(code, text) : 0;
}

qdrant_status qd_scan_string(qd_scan *scan, char *text, size_t max_bytes, qdrant_error *err) {
  size_t n = 0;
  if (!qd_scan_take(scan, '"'))
    return refuse(scan, "a string", err);
  while (scan->at < scan->n && scan->text[scan->at] != '"') {
    char piece[4] = {scan->text[scan->at++]};
    size_t n_piece = piece[0] == '\\' ? read_escape(scan, piece) : (unsigned char)piece[0] >= 0x20;
    if (n_piece == 0)
      return refuse(scan, "a character of a string", err);
    if (n + n_piece >= max_bytes)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "a name or id of %zu bytes or more; at most %zu are possible", n,
          max_bytes - 1);
    memcpy(text + n, piece, n_piece);
    n += n_piece;
  }
  text[n] = '\0';
  return qd_scan_take(scan, '"') ? QDRANT_OK : refuse(scan, "the end of a string", err);
}

qdrant_status qd_scan_key(qd_scan *scan, char *text, size_t max_bytes, qdrant_error *err) {
  qdrant_status status = qd_scan_string(scan, text, max_bytes, err);
  return status == QDRANT_OK ? qd_scan_expect(scan, ':', err) : status;
}

/* Passes digits; their number. */
static size_t pass_digits(qd_scan *scan) {
  size_t start = scan->at;
  while (scan->text[scan->at] >= '0' && scan->text[scan->at] <= '9')
    scan->at++;
  return scan->at - start;
}

static int pass_either(qd_scan *scan, char one, char other) {
  char c = scan->text[scan->at];
  int is_there = c == one || c == other;
  scan->at += (size_t)is_there;
  return is_there;
}

qdrant_status qd_scan_number(qd_scan *scan, const char **number, size_t *n, qdrant_error *err) {
  (void)qd_scan_peek(scan);
  size_t start = scan->at;
  (void)pass_either(scan, '-', '-');
  size_t first_digit = scan->at, n_digits = pass_digits(scan);
  int is_good = n_digits == 1 || (n_digits > 1 && scan->text[first_digit] != '0');
  if (is_good && pass_either(scan, '.', '.'))
    is_good = pass_digits(scan) > 0;
  if (is_good && pass_either(scan, 'e', 'E')) {
    (void)pass_either(scan, '+', '-');
    is_good = pass_digits(scan) > 0;
  }
  if (!is_good) {
    scan->at = start;
    return refuse(scan, "a number", err);
  }
  *number = scan->text + start;
  *n = scan->at - start;
  return QDRANT_OK;
}

qdrant_status qd_scan_float(qd_scan *scan, float *value, qdrant_error *err) {
  const char *number;
  size_t n;
  qdrant_status status = qd_scan_number(scan, &number, &n, err);
  if (status != QDRANT_OK)
    return status;
  qd_decimal decimal;
  (void)qd_decimal_read(number, number + n, &decimal);
  if (!qd_decimal_float(&decimal, value) && !qd_plain_float(number, value))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  if (isfinite(*value))
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%.*s is too large for a 32-bit float", (int)(n < 40 ? n : 40), number);
}

qdrant_status qd_scan_whole(qd_scan *scan, uint64_t max, uint64_t *value, qdrant_error *err) {
  const char *number;
  size_t n;
  qdrant_status status = qd_scan_number(scan, &number, &n, err);
  if (status != QDRANT_OK)
    return status;
  errno = 0;
  *value = strtoull(number, NULL, 10);
  if (errno == 0 && *value <= max && strspn(number, "0123456789") == n)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%.*s is no whole number from 0 to %llu", (int)(n < 40 ? n : 40), number,
      (unsigned long long)max);
}

int qd_scan_null(qd_scan *scan) {
  int is_null = qd_scan_peek(scan) == 'n' && scan->n - scan->at >= 4 && memcmp(scan->text + scan->at, "null", 4) == 0;
  scan->at += is_null ? 4 : 0;
  return is_null;
}

static qdrant_status skip_string(qd_scan *scan, qdrant_error *err) {
  for (scan->at++; scan->at < scan->n && scan->text[scan->at] != '"'; scan->at++)
    if (scan->text[scan->at] == '\\')
      scan->at++;
  if (scan->at < scan->n)
    scan->at++;
  else
    return refuse(scan, "the end of a string", err);
  return QDRANT_OK;
}

qdrant_status qd_scan_skip(qd_scan *scan, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  size_t depth = 0;
  do {
    char c = qd_scan_peek(scan);
    depth += c == '{' || c == '[';
    if (c == '\0' || ((c == '}' || c == ']' || c == ',') && depth == 0))
      return refuse(scan, "a value", err);
    depth -= c == '}' || c == ']';
    size_t start = scan->at;
    if (c == '"')
      status = skip_string(scan, err);
    else
      scan->at += strchr("{}[],:", c) ? 1 : strcspn(scan->text + scan->at, "{}[],:\" \t\r\n");
    if (scan->at == start)
      return refuse(scan, "a value", err);
  } while (status == QDRANT_OK && depth > 0);
  return status;
}

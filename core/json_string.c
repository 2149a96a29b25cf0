#include "core/json_string.h"

#include <stdint.h>
#include <string.h>

/* The closing quote; *has_escape tells whether a backslash lies before it. */
static const char *find_end(const char *at, int *has_escape) {
  *has_escape = 0;
  while (*at != '"') {
    if (*at == '\\') {
      *has_escape = 1;
      at++;
    }
    at++;
  }
  return at;
}

static uint32_t read_hex4(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t c = (unsigned char)at[i];
    value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

static char *put_utf8(char *out, uint32_t code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  int n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char first_bits[] = {0, 0xC0, 0xE0, 0xF0};
  *out++ = (char)(first_bits[n_more] | code >> (6 * n_more));
  while (n_more-- > 0)
    *out++ = (char)(0x80 | (code >> (6 * n_more) & 0x3F));
  return out;
}

/* After \u: one code, or two that make a surrogate pair. */
static char *read_code(const char **at, char *out) {
  uint32_t code = read_hex4(*at);
  *at += 4;
  if (code >= 0xD800 && code <= 0xDBFF) {
    code = 0x10000 + ((code - 0xD800) << 10) + (read_hex4(*at + 2) - 0xDC00);
    *at += 6;
  }
  return put_utf8(out, code);
}

/* What is read is never longer than its spelling. */
static char *read_escape(const char **at, char *out) {
  char c = *(*at)++;
  switch (c) {
  case 'b': *out++ = '\b'; break;
  case 'f': *out++ = '\f'; break;
  case 'n': *out++ = '\n'; break;
  case 'r': *out++ = '\r'; break;
  case 't': *out++ = '\t'; break;
  case 'u': out = read_code(at, out); break;
  default: *out++ = c;
  }
  return out;
}

const char *qd_json_string_read(const char **at, qd_arena *arena, size_t *n_bytes) {
  int has_escape;
  const char *first = *at + 1;
  const char *end = find_end(first, &has_escape);
  char *text = qd_arena_strndup(arena, first, (size_t)(end - first));
  *at = end + 1;
  *n_bytes = (size_t)(end - first);
  if (text == NULL || !has_escape)
    return text;
  char *out = text;
  while (first < end) {
    if (*first == '\\') {
      first++;
      out = read_escape(&first, out);
    } else {
      *out++ = *first++;
    }
  }
  *out = '\0';
  *n_bytes = (size_t)(out - text);
  return text;
}

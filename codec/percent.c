#include "codec/percent.h"

#include "core/error.h"
#include "core/utf8.h"

#include <string.h>

/* Of ASCII alone, whatever the locale. */
static int is_unreserved(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         (byte != '\0' && strchr("-_~.", byte) != NULL);
}

static void encode_byte(qd_text *text, unsigned char byte) {
  static const char digits[] = "0123456789ABCDEF";
  const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
  qd_text_add(text, escape, sizeof escape);
}

void qd_percent_encode(qd_text *text, const char *name) {
  int is_dot_segment = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
  for (; *name != '\0'; name++) {
    if (is_unreserved(*name) && !is_dot_segment)
      qd_text_add(text, name, 1);
    else
      encode_byte(text, (unsigned char)*name);
  }
}

/* The value of a hexadecimal digit, or -1. */
static int digit_value(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

/* The byte of an escape that begins with '%', or -1. */
static int escaped_byte(const char *escape, size_t n_bytes) {
  int high = n_bytes < 3 ? -1 : digit_value(escape[1]);
  int low = n_bytes < 3 ? -1 : digit_value(escape[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static qdrant_status refuse(const char *bytes, size_t n_bytes, const char *what, qdrant_error *err) {
  enum { SHOWN_BYTES = 100 };
  return qd_fail(
      err, QDRANT_INVALID_ARGUMENT, "\"%.*s\" %s", (int)(n_bytes < SHOWN_BYTES ? n_bytes : SHOWN_BYTES), bytes, what);
}

qdrant_status qd_percent_decode(
    const char *bytes, size_t n_bytes, qd_arena *arena, const char **name, qdrant_error *err) {
  char *out = qd_arena_alloc(arena, n_bytes + 1);
  if (out == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a part of a URL");
  size_t n = 0;
  for (size_t at = 0; at < n_bytes; at++) {
    int byte = (unsigned char)bytes[at];
    if (byte == '%') {
      byte = escaped_byte(bytes + at, n_bytes - at);
      at += 2;
    }
    if (byte <= 0)
      return refuse(bytes, n_bytes, byte < 0 ? "has a % without two hexadecimal digits" : "has a NUL", err);
    out[n++] = (char)byte;
  }
  if (qd_utf8_valid_bytes(out, n) < n)
    return refuse(bytes, n_bytes, "is not UTF-8", err);
  out[n] = '\0';
  *name = out;
  return QDRANT_OK;
}

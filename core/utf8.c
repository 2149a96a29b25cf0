#include "core/utf8.h"

#include <stdint.h>
#include <string.h>

static int is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/* What the byte after a leading one may be (RFC 3629, section 4): this is where overlong forms, surrogates and too
 * large numbers show. */
static int is_second(unsigned char lead, unsigned char byte) {
  switch (lead) {
  case 0xE0: return byte >= 0xA0 && byte <= 0xBF;
  case 0xED: return byte >= 0x80 && byte <= 0x9F;
  case 0xF0: return byte >= 0x90 && byte <= 0xBF;
  case 0xF4: return byte >= 0x80 && byte <= 0x8F;
  default: return is_continuation(byte);
  }
}

static size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Bytes of the character at the start, 0 when there is no valid one. */
static size_t character_bytes(const unsigned char *text, size_t n_bytes) {
  size_t n = length_by_lead(text[0]);
  if (n <= 1 || n > n_bytes)
    return n > n_bytes ? 0 : n;
  if (!is_second(text[0], text[1]))
    return 0;
  for (size_t i = 2; i < n; i++)
    if (!is_continuation(text[i]))
      return 0;
  return n;
}

/* ASCII is skipped eight bytes at a time: most text is nothing else. */
static size_t skip_ascii(const char *text, size_t at, size_t n_bytes) {
  uint64_t word;
  while (n_bytes - at >= sizeof word) {
    memcpy(&word, text + at, sizeof word);
    if ((word & UINT64_C(0x8080808080808080)) != 0)
      break;
    at += sizeof word;
  }
  return at;
}

size_t qd_utf8_valid_bytes(const char *text, size_t n_bytes) {
  size_t at = 0;
  while ((at = skip_ascii(text, at, n_bytes)) < n_bytes) {
    size_t n = character_bytes((const unsigned char *)text + at, n_bytes - at);
    if (n == 0)
      break;
    at += n;
  }
  return at;
}

int qd_is_utf8(const char *text, size_t n_bytes) {
  return qd_utf8_valid_bytes(text, n_bytes) == n_bytes;
}

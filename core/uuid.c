#include "core/uuid.h"

#include <string.h>

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static int is_hyphen_before(size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

/* Reads 32 digits, with hyphens at their places or none at all. Returns the text after them, or NULL. */
static const char *read_digits(const char *text, int has_hyphens, uint8_t bytes[16]) {
  for (size_t i = 0; i < 16; i++) {
    if (has_hyphens && is_hyphen_before(i) && *text++ != '-')
      return NULL;
    int high = hex_digit(text[0]);
    int low = high < 0 ? -1 : hex_digit(text[1]);
    if (low < 0)
      return NULL;
    bytes[i] = (uint8_t)(high << 4 | low);
    text += 2;
  }
  return text;
}

int qd_uuid_parse(const char *text, uint8_t bytes[16]) {
  static const char urn[] = "urn:uuid:";
  char closing = '\0';
  int has_hyphens = 1;
  if (strncmp(text, urn, sizeof urn - 1) == 0) {
    text += sizeof urn - 1;
  } else if (*text == '{') {
    text++;
    closing = '}';
  } else {
    has_hyphens = strchr(text, '-') != NULL;
  }
  const char *end = read_digits(text, has_hyphens, bytes);
  if (!end || *end != closing)
    return 0;
  return !closing || end[1] == '\0';
}

void qd_uuid_format(const uint8_t bytes[16], char text[37]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; i++) {
    if (is_hyphen_before(i))
      *text++ = '-';
    *text++ = digits[bytes[i] >> 4];
    *text++ = digits[bytes[i] & 15];
  }
  *text = '\0';
}

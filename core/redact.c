#include "core/redact.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Names of headers that carry keys; what gRPC core writes before a header that it does not take, and before the bytes
 * of a connection, in which a key may stand without its name. */
static const char *const names[] = {
    "api-key", "api_key", "authorization", "raw_bytes", "READ DATA:", "WRITE DATA:", "READ 0x", "WRITE 0x"};

static const char BLANK[] = "***";

/* The end of the first name in the text; NULL: there is none. */
static char *find_secret(char *text) {
  char *first = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char *found = strcasestr(text, names[i]);
    if (found != NULL && (first == NULL || found + strlen(names[i]) < first))
      first = found + strlen(names[i]);
  }
  return first;
}

/* Blanks [from, end of the line); returns where the text goes on. */
static char *blank_line(char *from) {
  size_t n_bytes = strcspn(from, "\r\n");
  size_t n_blank = n_bytes < sizeof BLANK - 1 ? n_bytes : sizeof BLANK - 1;
  memcpy(from, BLANK, n_blank);
  memmove(from + n_blank, from + n_bytes, strlen(from + n_bytes) + 1);
  return from + n_blank;
}

void qd_redact(char *text) {
  while ((text = find_secret(text)) != NULL)
    text = blank_line(text);
}

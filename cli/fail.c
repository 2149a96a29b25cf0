#include "cli/fail.h"

#include <string.h>

/* A character cut in the middle at the end of text is taken off. */
static void drop_cut_character(char *text) {
  size_t n = strlen(text), back = 0;
  while (back < n && back < 3 && ((unsigned char)text[n - 1 - back] & 0xc0) == 0x80)
    back++;
  if (back == n)
    return;
  unsigned char lead = (unsigned char)text[n - 1 - back];
  size_t needs = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  if (needs > back)
    text[n - 1 - back] = '\0';
}

qdrant_status qd_cli_fail(qdrant_error *err, qdrant_status status, const char *format, ...) {
  memset(err, 0, sizeof *err);
  err->status = status;
  va_list values;
  va_start(values, format);
  vsnprintf(err->message, sizeof err->message, format, values);
  va_end(values);
  drop_cut_character(err->message);
  return status;
}

void qd_cli_prefix(qdrant_error *err, const char *format, ...) {
  char before[sizeof err->message], whole[2 * sizeof before];
  va_list values;
  va_start(values, format);
  vsnprintf(before, sizeof before, format, values);
  va_end(values);
  snprintf(whole, sizeof whole, "%s%s", before, err->message);
  memcpy(err->message, whole, sizeof err->message - 1);
  err->message[sizeof err->message - 1] = '\0';
  drop_cut_character(err->message);
}

void qd_cli_suffix(qdrant_error *err, const char *format, ...) {
  char after[sizeof err->message];
  va_list values;
  va_start(values, format);
  vsnprintf(after, sizeof after, format, values);
  va_end(values);
  size_t n = strlen(after), room = sizeof err->message - 1 - n;
  err->message[room < strlen(err->message) ? room : strlen(err->message)] = '\0';
  drop_cut_character(err->message);
  memcpy(err->message + strlen(err->message), after, n + 1);
}

void qd_cli_print_error(FILE *out, const qdrant_error *err) {
  char line[sizeof err->message];
  snprintf(line, sizeof line, "%s", err->message);
  for (char *c = line; *c; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      *c = ' ';
  const char *doubt = err->delivery == QDRANT_MAYBE ? " (the server may have applied it)" : "";
  fprintf(out, "error: %s: %s%s\n", qdrant_status_name(err->status), line, doubt);
}

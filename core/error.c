#include "core/error.h"

#include "core/utf8.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

void qd_error_clear(qdrant_error *err) {
  if (err == NULL)
    return;
  memset(err, 0, offsetof(qdrant_error, message));
  err->message[0] = '\0';
}

void qd_error_copy(qdrant_error *to, const qdrant_error *from) {
  memcpy(to, from, offsetof(qdrant_error, message) + strlen(from->message) + 1);
}

/* A text that did not fit loses the character it was cut in; bytes that are no UTF-8 (quoted from bad input) become
 * '?'. */
static void clean_message(char *message, int is_cut) {
  size_t n_bytes = strlen(message);
  size_t at = 0;
  while ((at += qd_utf8_valid_bytes(message + at, n_bytes - at)) < n_bytes) {
    if (is_cut && n_bytes - at < 4 && (message[at] & 0xC0) == 0xC0) {
      message[at] = '\0';
      return;
    }
    message[at] = '?';
  }
}

static void set_message(qdrant_error *err, const char *format, va_list values) {
  int n_wanted = vsnprintf(err->message, sizeof err->message, format, values);
  if (n_wanted < 0) {
    err->message[0] = '\0';
    return;
  }
  clean_message(err->message, (size_t)n_wanted >= sizeof err->message);
}

qdrant_status(qd_fail)(qdrant_error *err, qdrant_status status, const char *format, ...) {
  if (err == NULL || err->status != QDRANT_OK)
    return status;
  va_list values;
  va_start(values, format);
  err->status = status;
  set_message(err, format, values);
  va_end(values);
  return status;
}

void qd_error_prefix(qdrant_error *err, const char *format, ...) {
  if (err == NULL || err->status == QDRANT_OK)
    return;
  char message[sizeof err->message];
  memcpy(message, err->message, sizeof message);
  va_list values;
  va_start(values, format);
  set_message(err, format, values);
  va_end(values);
  size_t n_prefix = strlen(err->message);
  size_t room = sizeof err->message - n_prefix;
  int n_wanted = snprintf(err->message + n_prefix, room, "%s", message);
  clean_message(err->message, n_wanted < 0 || (size_t)n_wanted >= room);
}

qdrant_status qd_error_pass(qdrant_error *err, const qdrant_error *from) {
  if (err != NULL && err != from && err->status == QDRANT_OK)
    qd_error_copy(err, from);
  return from->status;
}

#include "core/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

enum { MAX_LINE_BYTES = 1024 };

/* The level is read without the lock, since most lines are not wanted. */
static atomic_int level_wanted = QDRANT_LOG_WARN;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the sink, also while it runs */
static qdrant_log_sink wanted_sink;
static void *wanted_user;

static void write_to_stderr(void *user, qdrant_log_level level, const char *subject, const char *text) {
  (void)user;
  fprintf(stderr, "qdrant %s %s: %s\n", qdrant_log_level_name(level), subject, text);
}

void qdrant_log_set(qdrant_log_level level, qdrant_log_sink sink, void *user) {
  pthread_mutex_lock(&lock);
  atomic_store(&level_wanted, (int)level);
  wanted_sink = sink;
  wanted_user = user;
  pthread_mutex_unlock(&lock);
}

const char *qdrant_log_level_name(qdrant_log_level level) {
  static const char *const names[] = {"OFF", "ERROR", "WARN", "INFO", "DEBUG"};
  return (unsigned)level < sizeof names / sizeof names[0] ? names[level] : "UNKNOWN_LEVEL";
}

int qd_log_has(qdrant_log_level level) {
  return (int)level <= atomic_load(&level_wanted);
}

static void write_line(qdrant_log_level level, const char *subject, const char *format, va_list arguments) {
  char line[MAX_LINE_BYTES];
  vsnprintf(line, sizeof line, format, arguments);
  pthread_mutex_lock(&lock);
  qdrant_log_sink sink = wanted_sink != NULL ? wanted_sink : write_to_stderr;
  sink(wanted_user, level, subject, line);
  pthread_mutex_unlock(&lock);
}

void qd_log(qdrant_log_level level, const char *subject, const char *format, ...) {
  va_list arguments;
  if (!qd_log_has(level))
    return;
  va_start(arguments, format);
  write_line(level, subject, format, arguments);
  va_end(arguments);
}

void qd_log_once(atomic_int *was_told, qdrant_log_level level, const char *subject, const char *format, ...) {
  va_list arguments;
  if (!qd_log_has(level) || atomic_exchange(was_told, 1))
    return;
  va_start(arguments, format);
  write_line(level, subject, format, arguments);
  va_end(arguments);
}

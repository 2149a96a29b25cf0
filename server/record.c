#include "server/record.h"

#include "core/alloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Headers as they lie in memory: for each the two lengths, the name, the value. */
typedef struct header_log {
  char *bytes;
  size_t n_bytes;
  size_t capacity;
  int64_t timeout_ms;
  uint64_t n_calls;
} header_log;

typedef struct lengths {
  size_t name;
  size_t value;
} lengths;

struct qd_record {
  pthread_mutex_t lock; /* guards all below */
  qd_record_counts counts;
  header_log logs[QDRANT_N_RPCS];
};

qd_record *qd_record_new(void) {
  qd_record *record = qd_zalloc(sizeof *record);
  if (record != NULL)
    pthread_mutex_init(&record->lock, NULL);
  return record;
}

void qd_record_free(qd_record *record) {
  if (record == NULL)
    return;
  for (size_t i = 0; i < QDRANT_N_RPCS; i++)
    qd_free(record->logs[i].bytes);
  pthread_mutex_destroy(&record->lock);
  qd_free(record);
}

static size_t measure_headers(const qd_headers *headers) {
  size_t n_bytes = 0;
  for (size_t i = 0; i < headers->n; i++)
    n_bytes += sizeof(lengths) + headers->items[i].n_name + headers->items[i].n_value;
  return n_bytes;
}

static int reserve_log(header_log *log, size_t n_bytes) {
  if (log->capacity >= n_bytes)
    return 1;
  char *larger = qd_realloc(log->bytes, n_bytes);
  if (larger == NULL)
    return 0;
  log->bytes = larger;
  log->capacity = n_bytes;
  return 1;
}

static void append(header_log *log, const void *bytes, size_t n_bytes) {
  memcpy(log->bytes + log->n_bytes, bytes, n_bytes);
  log->n_bytes += n_bytes;
}

/* Names of HTTP headers mean the same in any case; gRPC's are lower case already. */
static void append_lower(header_log *log, const char *name, size_t n_bytes) {
  for (size_t i = 0; i < n_bytes; i++)
    log->bytes[log->n_bytes++] = (char)tolower((unsigned char)name[i]);
}

/* Out of memory leaves the log empty: the call itself goes on. */
static void keep_headers(header_log *log, const qd_headers *headers) {
  log->n_bytes = 0;
  if (!reserve_log(log, measure_headers(headers)))
    return;
  for (size_t i = 0; i < headers->n; i++) {
    const qd_header_view *header = &headers->items[i];
    lengths sizes = {header->n_name, header->n_value};
    append(log, &sizes, sizeof sizes);
    append_lower(log, header->name, sizes.name);
    append(log, header->value, sizes.value);
  }
}

void qd_record_call(qd_record *record, const qd_rpc *rpc, const qd_headers *headers, int64_t timeout_ms) {
  pthread_mutex_lock(&record->lock);
  record->counts.n_calls++;
  if (rpc != NULL) {
    header_log *log = &record->logs[rpc->id];
    log->n_calls++;
    log->timeout_ms = timeout_ms;
    keep_headers(log, headers);
  }
  pthread_mutex_unlock(&record->lock);
}

void qd_record_fault(qd_record *record) {
  pthread_mutex_lock(&record->lock);
  record->counts.n_faults++;
  pthread_mutex_unlock(&record->lock);
}

void qd_record_points(qd_record *record, size_t n_points) {
  pthread_mutex_lock(&record->lock);
  record->counts.n_points += n_points;
  pthread_mutex_unlock(&record->lock);
}

qd_record_counts qd_record_count(qd_record *record) {
  pthread_mutex_lock(&record->lock);
  qd_record_counts counts = record->counts;
  pthread_mutex_unlock(&record->lock);
  return counts;
}

uint64_t qd_record_count_calls(qd_record *record, qdrant_rpc rpc) {
  pthread_mutex_lock(&record->lock);
  uint64_t n_calls = record->logs[rpc].n_calls;
  pthread_mutex_unlock(&record->lock);
  return n_calls;
}

static long copy_text(const char *value, size_t n_value, char *text, size_t n_bytes) {
  if (n_bytes > 0) {
    size_t n_copied = n_value < n_bytes ? n_value : n_bytes - 1;
    memcpy(text, value, n_copied);
    text[n_copied] = '\0';
  }
  return (long)n_value;
}

static long copy_timeout(const header_log *log, char *text, size_t n_bytes) {
  char digits[24];
  if (log->n_calls == 0 || log->timeout_ms < 0)
    return -1;
  int n_digits = snprintf(digits, sizeof digits, "%" PRId64, log->timeout_ms);
  return copy_text(digits, (size_t)n_digits, text, n_bytes);
}

static long copy_header(const header_log *log, const char *name, char *text, size_t n_bytes) {
  size_t n_name = strlen(name);
  lengths sizes;
  for (size_t at = 0; at < log->n_bytes; at += sizeof sizes + sizes.name + sizes.value) {
    memcpy(&sizes, log->bytes + at, sizeof sizes);
    const char *key = log->bytes + at + sizeof sizes;
    if (sizes.name == n_name && memcmp(key, name, n_name) == 0)
      return copy_text(key + sizes.name, sizes.value, text, n_bytes);
  }
  return -1;
}

long qd_record_header(qd_record *record, qdrant_rpc rpc, const char *name, char *text, size_t n_bytes) {
  pthread_mutex_lock(&record->lock);
  const header_log *log = &record->logs[rpc];
  long n_value =
      strcmp(name, "grpc-timeout-ms") == 0 ? copy_timeout(log, text, n_bytes) : copy_header(log, name, text, n_bytes);
  pthread_mutex_unlock(&record->lock);
  return n_value;
}

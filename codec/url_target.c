#include "codec/url_target.h"

#include "codec/percent.h"
#include "core/error.h"

#include <string.h>

/* What HTTP servers take of a request line (the http crate: 65,534). */
enum { MAX_TARGET_BYTES = 65534 };

/* Bytes of the segment that begins at text: up to the next '/' or the end. */
static size_t segment_bytes(const char *text) {
  return strcspn(text, "/");
}

static size_t path_bytes(const char *target) {
  return strcspn(target, "?#");
}

static int is_slot(const char *segment) {
  return segment[0] == '{';
}

static qd_url_key slot_key(const char *segment, size_t n_bytes) {
  return qd_url_key_find(segment + 1, n_bytes - 2);
}

static qdrant_status write_segment(
    qd_text *text, const char *segment, size_t n_bytes, const qd_url_values *values, qdrant_error *err) {
  if (!is_slot(segment)) {
    qd_text_add(text, segment, n_bytes);
    return QDRANT_OK;
  }
  qd_url_key key = slot_key(segment, n_bytes);
  const char *value = values->texts[key];
  if (value == NULL || value[0] == '\0')
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "%s must not be empty: it is part of a path over REST", qd_url_key_name(key));
  qd_percent_encode(text, value);
  return QDRANT_OK;
}

static qdrant_status write_path(qd_text *text, const char *path, const qd_url_values *values, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  while (*path == '/' && status == QDRANT_OK) {
    size_t n = segment_bytes(++path);
    qd_text_add(text, "/", 1);
    status = write_segment(text, path, n, values, err);
    path += n;
  }
  return status;
}

static void write_query(qd_text *text, const qd_url_values *values) {
  const char *before = "?";
  for (qd_url_key key = QD_URL_WAIT; key < QD_N_URL_KEYS; key++) {
    if (values->texts[key] == NULL)
      continue;
    qd_text_add(text, before, 1);
    qd_text_add(text, qd_url_key_name(key), strlen(qd_url_key_name(key)));
    qd_text_add(text, "=", 1);
    qd_percent_encode(text, values->texts[key]);
    before = "&";
  }
}

qdrant_status qd_url_target_write(
    const qd_route *route, const qd_url_values *values, qd_arena *arena, const char **target, qdrant_error *err) {
  qd_text text;
  qd_text_init(&text, arena, MAX_TARGET_BYTES);
  qdrant_status status = write_path(&text, route->path, values, err);
  if (status != QDRANT_OK)
    return status;
  write_query(&text, values);
  *target = qd_text_end(&text);
  if (*target != NULL)
    return QDRANT_OK;
  return qd_arena_has_failed(arena) ? qd_fail(err, QDRANT_NO_MEMORY, "no memory for a URL")
                                    : qd_fail(err, QDRANT_INVALID_ARGUMENT,
                                          "the URL is longer than %d bytes: use shorter names", MAX_TARGET_BYTES);
}

int qd_url_target_is_of(const qd_route *route, const char *target) {
  const char *path = route->path;
  const char *end = target + path_bytes(target);
  while (*path == '/' && target < end && *target == '/') {
    path++;
    target++;
    size_t n = segment_bytes(path);
    size_t n_there = segment_bytes(target);
    if (n_there > (size_t)(end - target))
      n_there = (size_t)(end - target);
    int is_equal = is_slot(path) ? n_there > 0 : n == n_there && memcmp(path, target, n) == 0;
    if (!is_equal)
      return 0;
    path += n;
    target += n_there;
  }
  return *path == '\0' && target == end;
}

static qdrant_status read_path(
    const char *path, const char *target, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  while (*path == '/' && status == QDRANT_OK) {
    size_t n = segment_bytes(++path);
    size_t n_there = strcspn(++target, "/?#");
    if (is_slot(path))
      status = qd_percent_decode(target, n_there, arena, &values->texts[slot_key(path, n)], err);
    path += n;
    target += n_there;
  }
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "Deserialize error in path parameters: ");
  return status;
}

static qdrant_status read_query(const char *query, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  while (*query != '\0' && *query != '#' && status == QDRANT_OK) {
    size_t n = strcspn(query, "&#");
    const char *equals = memchr(query, '=', n);
    size_t n_name = equals == NULL ? n : (size_t)(equals - query);
    qd_url_key key = qd_url_key_find(query, n_name);
    if (equals != NULL && key >= QD_URL_WAIT && key < QD_N_URL_KEYS)
      status = qd_percent_decode(equals + 1, n - n_name - 1, arena, &values->texts[key], err);
    query += n;
    query += *query == '&';
  }
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "Deserialize error in query parameters: ");
  return status;
}

qdrant_status qd_url_target_read(
    const qd_route *route, const char *target, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  *values = (qd_url_values){{NULL}};
  qdrant_status status = read_path(route->path, target, arena, values, err);
  const char *query = target + path_bytes(target);
  if (status == QDRANT_OK && *query == '?')
    status = read_query(query + 1, arena, values, err);
  return status;
}

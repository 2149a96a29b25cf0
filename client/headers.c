#include "client/headers.h"

#include "core/error.h"

#include <string.h>

#define MAX_HEADERS 64
#define MAX_HEADER_BYTES 4096 /* one header: servers take 8 to 16 KiB of metadata in all */

/* Headers that HTTP/2, gRPC or the library itself own. */
static const char *const reserved_names[] = {
    "api-key",
    "connection",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
};

static int is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static const char *find_name_rule(const char *name) {
  size_t n_bytes = strlen(name);
  if (n_bytes == 0)
    return "a name must not be empty";
  for (size_t i = 0; i < n_bytes; i++)
    if (!is_name_byte(name[i]))
      return "a name has only lower-case a-z, 0-9, \"-\", \"_\" and \".\"";
  if (strncmp(name, "grpc-", 5) == 0)
    return "names that begin with \"grpc-\" are gRPC's own";
  if (n_bytes >= 4 && strcmp(name + n_bytes - 4, "-bin") == 0)
    return "names that end in \"-bin\" carry binary values, which are not supported";
  for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++)
    if (strcmp(name, reserved_names[i]) == 0)
      return "the name is reserved (there are the options api_key and user_agent)";
  return NULL;
}

long qd_find_unprintable(const char *text) {
  for (size_t i = 0; text[i] != '\0'; i++)
    if (text[i] < 0x20 || text[i] > 0x7e)
      return (long)i;
  return -1;
}

static qdrant_status check_header(
    const qdrant_header *header, size_t i, const char *where, qdrant_status status, qdrant_error *err) {
  if (header->name == NULL || header->value == NULL)
    return qd_fail(err, status, "%s[%zu]: name and value must not be NULL", where, i);
  const char *rule = find_name_rule(header->name);
  if (rule != NULL)
    return qd_fail(err, status, "%s[%zu]: \"%.60s\": %s", where, i, header->name, rule);
  long at = qd_find_unprintable(header->value);
  if (at >= 0)
    return qd_fail(
        err, status, "%s[%zu]: byte %ld of the value of \"%.60s\" is not printable ASCII", where, i, at, header->name);
  if (strlen(header->name) + strlen(header->value) > MAX_HEADER_BYTES)
    return qd_fail(err, status, "%s[%zu]: \"%.60s\" is longer than %d bytes", where, i, header->name, MAX_HEADER_BYTES);
  return QDRANT_OK;
}

static qdrant_status check_twice(
    const qdrant_header *headers, size_t i, const char *where, qdrant_status status, qdrant_error *err) {
  for (size_t earlier = 0; earlier < i; earlier++)
    if (strcmp(headers[earlier].name, headers[i].name) == 0)
      return qd_fail(err, status, "%s[%zu]: \"%.60s\" is there twice", where, i, headers[i].name);
  return QDRANT_OK;
}

qdrant_status qd_headers_check(
    const qdrant_header *headers, size_t n_headers, const char *where, qdrant_status status, qdrant_error *err) {
  if (n_headers > 0 && headers == NULL)
    return qd_fail(err, status, "%s is NULL and n_headers is %zu", where, n_headers);
  if (n_headers > MAX_HEADERS)
    return qd_fail(err, status, "n_headers is %zu; at most %d are allowed", n_headers, MAX_HEADERS);
  for (size_t i = 0; i < n_headers; i++) {
    qdrant_status found = check_header(&headers[i], i, where, status, err);
    if (found == QDRANT_OK)
      found = check_twice(headers, i, where, status, err);
    if (found != QDRANT_OK)
      return found;
  }
  return QDRANT_OK;
}

static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *qd_trim(const char *text, size_t *n_bytes) {
  while (is_space(*text))
    text++;
  *n_bytes = strlen(text);
  while (*n_bytes > 0 && is_space(text[*n_bytes - 1]))
    (*n_bytes)--;
  return text;
}

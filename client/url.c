#include "client/url.h"

#include "core/error.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GRPC_PORT 6334
#define REST_PORT 6333

static qdrant_status refuse(const char *text, const char *rule, qdrant_error *err) {
  return qd_fail(err, QDRANT_CONFIG_INVALID,
      "url \"%.200s\": %s; expected http://HOST[:PORT], https://HOST[:PORT] or :memory:", text, rule);
}

static qdrant_status refuse_secret(const char *rule, qdrant_error *err) {
  return qd_fail(err, QDRANT_CONFIG_INVALID, "url: %s; expected http://HOST[:PORT] or https://HOST[:PORT]", rule);
}

/* What may carry a secret is told before anything else, since every other error prints the URL. */
static qdrant_status check_secrets(const char *text, qdrant_error *err) {
  if (strchr(text, '@') != NULL)
    return refuse_secret("a user name or password (\"@\") does not belong into it, use the option api_key", err);
  if (strpbrk(text, "?#") != NULL)
    return refuse_secret("a query or fragment (\"?\", \"#\") does not belong into it", err);
  return QDRANT_OK;
}

static qdrant_status check_characters(const char *text, qdrant_error *err) {
  for (size_t i = 0; text[i] != '\0'; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c <= 0x20 || c >= 0x7f)
      return qd_fail(err, QDRANT_CONFIG_INVALID,
          "url: byte %zu is 0x%02x; only printable ASCII without white space is allowed", i, c);
  }
  return QDRANT_OK;
}

static const char *read_scheme(const char *text, qd_url *url) {
  if (strncasecmp(text, "http://", 7) == 0)
    return text + 7;
  if (strncasecmp(text, "https://", 8) != 0)
    return NULL;
  url->is_tls = 1;
  return text + 8;
}

static int is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static void keep_host(const char *bytes, size_t n_bytes, qd_url *url) {
  for (size_t i = 0; i < n_bytes; i++)
    url->host[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (char)(bytes[i] - 'A' + 'a') : bytes[i];
  url->host[n_bytes] = '\0';
}

/* Returns the rule that is broken, or NULL with *end behind the closing bracket. */
static const char *read_ipv6(const char *bytes, const char **end, qd_url *url) {
  struct in6_addr address;
  const char *close = strchr(bytes, ']');
  if (close == NULL)
    return "\"[\" has no \"]\"";
  size_t n_bytes = (size_t)(close - bytes) - 1;
  if (n_bytes >= INET6_ADDRSTRLEN)
    return "the text in brackets is no IPv6 address";
  keep_host(bytes + 1, n_bytes, url);
  if (inet_pton(AF_INET6, url->host, &address) != 1)
    return "the text in brackets is no IPv6 address";
  url->is_ipv6 = 1;
  *end = close + 1;
  return NULL;
}

static const char *read_name(const char *bytes, const char **end, qd_url *url) {
  size_t n_bytes = 0;
  while (is_host_byte(bytes[n_bytes]))
    n_bytes++;
  if (n_bytes == 0)
    return "the host is missing or not valid";
  if (n_bytes > QD_MAX_HOST_BYTES)
    return "the host is longer than 253 bytes";
  keep_host(bytes, n_bytes, url);
  *end = bytes + n_bytes;
  return NULL;
}

static const char *read_port(const char *text, const char **end, qd_url *url) {
  uint32_t port = 0;
  size_t n = 0;
  for (; text[n] >= '0' && text[n] <= '9' && n < 6; n++)
    port = port * 10 + (uint32_t)(text[n] - '0');
  if (n == 0 || port == 0 || port > UINT16_MAX)
    return "the port is not a number from 1 to 65535";
  url->port = (uint16_t)port;
  *end = text + n;
  return NULL;
}

/* "http://::1:6334": which colon begins the port? */
static int is_bare_ipv6(const char *rest) {
  const char *colon = rest + strcspn(rest, ":/");
  return *rest != '[' && *colon == ':' && colon[1 + strcspn(colon + 1, ":/")] == ':';
}

static const char *read_authority(const char *rest, qd_url *url) {
  if (is_bare_ipv6(rest))
    return "an IPv6 address needs brackets, as in http://[::1]:6334";
  const char *rule = *rest == '[' ? read_ipv6(rest, &rest, url) : read_name(rest, &rest, url);
  if (rule == NULL && *rest == ':')
    rule = read_port(rest + 1, &rest, url);
  if (rule != NULL)
    return rule;
  if (*rest != '\0' && *rest != '/')
    return "the host or port has a character that is not allowed there";
  url->path = rest;
  url->n_path = strlen(rest);
  while (url->n_path > 0 && rest[url->n_path - 1] == '/')
    url->n_path--;
  return NULL;
}

qdrant_status qd_url_parse(const char *text, qd_url *url, qdrant_error *err) {
  memset(url, 0, sizeof *url);
  url->is_memory = strcmp(text, ":memory:") == 0;
  if (url->is_memory)
    return QDRANT_OK;
  qdrant_status status = check_secrets(text, err);
  if (status == QDRANT_OK)
    status = check_characters(text, err);
  if (status != QDRANT_OK)
    return status;
  const char *rest = read_scheme(text, url);
  if (rest == NULL)
    return refuse(text, strstr(text, "://") == NULL ? "the scheme is missing" : "the scheme is not known", err);
  const char *rule = read_authority(rest, url);
  return rule == NULL ? QDRANT_OK : refuse(text, rule, err);
}

qd_ports qd_url_ports(const qd_url *url, uint16_t grpc_port, uint16_t rest_port) {
  int is_standard = url->port == 0 || url->port == GRPC_PORT || url->port == REST_PORT;
  qd_ports ports = {
      .grpc = is_standard ? GRPC_PORT : url->port,
      .rest = is_standard      ? REST_PORT
              : grpc_port != 0 ? url->port
                               : 0,
  };
  if (grpc_port != 0)
    ports.grpc = grpc_port;
  if (rest_port != 0)
    ports.rest = rest_port;
  return ports;
}

void qd_url_format(const qd_url *url, uint16_t port, char text[QD_MAX_ENDPOINT_BYTES]) {
  if (url->is_memory) {
    snprintf(text, QD_MAX_ENDPOINT_BYTES, ":memory:");
    return;
  }
  snprintf(text, QD_MAX_ENDPOINT_BYTES, "%s://%s%s%s:%u", url->is_tls ? "https" : "http", url->is_ipv6 ? "[" : "",
      url->host, url->is_ipv6 ? "]" : "", (unsigned)port);
}

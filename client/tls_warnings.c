#include "client/tls_warnings.h"

#include "core/log.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static int is_loopback(const char *host) {
  struct in_addr v4;
  struct in6_addr v6;
  if (inet_pton(AF_INET, host, &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host, &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6);
  return strcasecmp(host, "localhost") == 0;
}

void qd_warn_about_tls(const qd_options *options) {
  int has_key = options->api_key != NULL || options->api_key_provider != NULL;
  for (size_t i = 0; i < options->n_nodes; i++) {
    const qd_node *node = &options->nodes[i];
    if (node->url.is_memory)
      continue;
    if (has_key && !node->url.is_tls && !is_loopback(node->url.host)) {
      qd_log(QDRANT_LOG_WARN, "tls", "the api key goes to %s in clear, for everyone on the way to read; use https://",
          node->endpoint);
      return;
    }
    if (node->url.is_tls && options->tls.verify == QDRANT_VERIFY_NONE) {
      qd_log(QDRANT_LOG_WARN, "tls",
          "tls_verify is NONE: the certificate of %s is not checked, and whoever sits on the way can read and change "
          "everything",
          node->endpoint);
      return;
    }
  }
}

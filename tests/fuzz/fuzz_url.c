/* Any URL is read or refused with a message; one that is read is written and read again as the same place. */
#include "client/url.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void require_same_place(const qd_url *url) {
  char text[QD_MAX_ENDPOINT_BYTES];
  qd_url again;
  qdrant_error err = {0};
  uint16_t port = url->port != 0 ? url->port : 6334;
  qd_url_format(url, port, text);
  fuzz_require(qd_url_parse(text, &again, &err) == QDRANT_OK, "what was written is read");
  fuzz_require(again.is_memory == url->is_memory && again.is_tls == url->is_tls, "the same kind");
  if (url->is_memory)
    return;
  fuzz_require(again.is_ipv6 == url->is_ipv6 && strcmp(again.host, url->host) == 0, "the same host");
  fuzz_require(again.port == port, "the same port");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  qd_url url;
  qdrant_error err = {0};
  char *text = malloc(n_bytes + 1);
  if (text == NULL)
    return 0;
  if (n_bytes > 0)
    memcpy(text, bytes, n_bytes);
  text[n_bytes] = '\0';
  qdrant_status status = qd_url_parse(text, &url, &err);
  fuzz_require(status == QDRANT_OK || err.message[0] != '\0', "a message with every refusal");
  fuzz_require(memchr(err.message, '\0', sizeof err.message) != NULL, "a message that ends");
  if (status == QDRANT_OK)
    require_same_place(&url);
  free(text);
  return 0;
}

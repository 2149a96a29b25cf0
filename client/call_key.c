#include "client/call_key.h"

#include "client/process.h"
#include "core/error.h"

#include <string.h>

/* The operation's headers with the key in front, made once; the key itself lies outside the arena, which is not wiped.
 */
static int set_header(qd_operation *operation) {
  if (!operation->has_key_header) {
    qdrant_header *headers = qd_arena_alloc(operation->arena, (operation->n_headers + 1) * sizeof *headers);
    if (headers == NULL)
      return 0;
    if (operation->n_headers > 0)
      memcpy(headers + 1, operation->headers, operation->n_headers * sizeof *headers);
    operation->headers = headers;
    operation->n_headers++;
    operation->has_key_header = 1;
  }
  operation->headers[0] = (qdrant_header){.name = "api-key", .value = operation->key->text};
  return 1;
}

qdrant_status qd_call_key_take(qd_operation *operation, qdrant_error *err) {
  qd_credentials *credentials = operation->client->credentials;
  qd_key *key = NULL;
  if (credentials == NULL)
    return QDRANT_OK;
  int may_ask = !qd_is_in_callback();
  qdrant_status status = qd_credentials_take(credentials, may_ask, operation->deadline_ns, &key, err);
  operation->lacks_key = status == QDRANT_UNAUTHENTICATED && !may_ask;
  if (status != QDRANT_OK)
    return status;
  qd_key_unref(operation->key);
  operation->key = key;
  return set_header(operation) ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the headers of a call");
}

int qd_call_key_renew(qd_operation *operation) {
  if (operation->error.status != QDRANT_UNAUTHENTICATED || operation->has_renewed_key)
    return 0;
  if (operation->key == NULL && !operation->lacks_key)
    return 0;
  if (operation->key != NULL)
    qd_credentials_refuse(operation->client->credentials, operation->key);
  operation->has_renewed_key = 1;
  return 1;
}

void qd_call_key_drop(qd_operation *operation) {
  qd_key_unref(operation->key);
  operation->key = NULL;
}

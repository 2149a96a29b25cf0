#ifndef QD_CREDENTIALS_H
#define QD_CREDENTIALS_H

#include "qdrant/client.h"

#include <stdatomic.h>

/* A key that a provider gave. Counted, since attempts send it while a newer one is fetched; wiped at the end. */
typedef struct qd_key {
  atomic_uint refs;
  char text[];
} qd_key;

void qd_key_unref(qd_key *key); /* NULL is fine */

/* The keys of one client (qdrant_options.api_key_provider). Thread-safe. */
typedef struct qd_credentials qd_credentials;

/* NULL when out of memory. */
qd_credentials *qd_credentials_new(qdrant_api_key_provider provider, void *user);
void qd_credentials_free(qd_credentials *credentials); /* NULL is fine */

/* The key to send now, for the caller to give back. Asks the provider if there is none that is valid; who comes
 * meanwhile waits, until deadline_ns. may_ask 0, in threads that must not block: takes one whose time is over as well,
 * and fails if there is none.
 * Errors: UNAUTHENTICATED with the provider's words, DEADLINE_EXCEEDED, NO_MEMORY. */
qdrant_status qd_credentials_take(
    qd_credentials *credentials, int may_ask, int64_t deadline_ns, qd_key **key, qdrant_error *err);

/* The server refused this key: if it is still the present one, the next call asks anew. */
void qd_credentials_refuse(qd_credentials *credentials, const qd_key *key);

#endif

#ifndef QD_SERVER_VERSION_H
#define QD_SERVER_VERSION_H

#include "client/options.h"

#include <pthread.h>
#include <stdatomic.h>

enum { QD_SERVER_VERSION_BYTES = 32 };

/* What the servers of a client said they are. */
typedef struct qd_server_version {
  atomic_uint number;   /* the oldest of all endpoints that answered, as qd_version_parse makes it; 0: not known */
  pthread_mutex_t lock; /* guards the rest */
  int64_t heard_ns;
  char text[QD_SERVER_VERSION_BYTES]; /* last heard */
} qd_server_version;

void qd_server_version_init(qd_server_version *version);
void qd_server_version_destroy(qd_server_version *version);

/* The number; 0 when it is not known or was heard too long ago. */
uint32_t qd_server_version_fresh(qd_server_version *version);

/* A connection was lost: whoever answers next may be another. The text stays. */
void qd_server_version_forget(qd_server_version *version);

/* Takes in what a HealthCheck answered, and frees the reply; *oldest (0: none yet) is lowered to it. A text that is no
 * version counts as a new one. BAD_REPLY, NO_MEMORY. */
qdrant_status qd_server_version_take(
    qd_server_version *version, qdrant_reply *reply, uint32_t *oldest, qdrant_error *err);

/* All endpoints have been asked. */
void qd_server_version_set(qd_server_version *version, uint32_t oldest);

/* Asks in the calling thread, within settings; as above. */
qdrant_status qd_server_version_ask(
    qdrant_client *client, const qd_settings *settings, uint32_t *oldest, qdrant_error *err);

/* Asks, and `then` hears of it. */
qdrant_status qd_server_version_ask_start(
    qdrant_client *client, const qd_settings *settings, const qdrant_then *then, qdrant_error *err);

#endif

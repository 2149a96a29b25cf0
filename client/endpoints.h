#ifndef QD_CLIENT_ENDPOINTS_H
#define QD_CLIENT_ENDPOINTS_H

#include "client/client.h"

/* Whether the user has a hook for changes of endpoints, and what calls it; owner: the client. */
int qd_client_tells_endpoints(const qdrant_client *client);
void qd_client_tell_endpoint(void *owner, size_t number, qdrant_endpoint_state state, const char *reason);

#endif

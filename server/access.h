#ifndef QD_ACCESS_H
#define QD_ACCESS_H

#include "core/rpc.h"
#include "server/headers.h"

/* Whether a call with these headers may pass a server that wants api_key (NULL: none): NULL, or the refusal in a real
 * server's words. rpc NULL: a method that does not exist. */
const char *qd_access_check(const char *api_key, const qd_rpc *rpc, const qd_headers *headers);

#endif

#ifndef QD_PUZZLE_H
#define QD_PUZZLE_H

#include "pool/error_map.h"
#include "pool/pool.h"

/* Core says of most TLS failures only that the handshake failed, and of a client certificate that is missing, or a port
 * that wants TLS, nothing at all. Calls that fail so wait while the connection is looked at (tls/diagnosis.h). */

/* Makes pool->diagnosis, which behind a proxy there is none of. 0 when out of memory. */
int qd_puzzle_open(qd_pool *pool, const qd_grpc_options *options);

/* Whether the end of a call, which cannot be told yet, has to wait: qd_attempts_told runs on the poller's thread when
 * it is time to ask again. Else *finding is what is known, its reason NONE if nothing is. On the poller's thread. */
int qd_puzzle_is_open(qd_pool *pool, const qd_ending *ending, qd_finding *finding);

#endif

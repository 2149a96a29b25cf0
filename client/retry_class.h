#ifndef QD_CLIENT_RETRY_CLASS_H
#define QD_CLIENT_RETRY_CLASS_H

#include "core/rpc.h"

/* The retry class of one request: its RPC's, but that a write which names its points by ids leaves the same state when
 * it is done twice (IDEMPOTENT), while one that chooses them by a filter may meet others (SELECTOR). A batch of
 * updates is as its worst part. */
qd_retry_class qd_request_retry_class(const qd_rpc *rpc, const ProtobufCMessage *request);

#endif

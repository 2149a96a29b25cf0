#ifndef QD_POOL_REPLY_BYTES_H
#define QD_POOL_REPLY_BYTES_H

#include "core/transport.h"
#include "pool/runtime.h"

#include <grpc/byte_buffer.h>

/* Holds one reply's grpc_byte_buffer for the client. Made before the call starts, so that no memory is needed when the
 * reply is there. */
typedef struct qd_reply_holder {
  grpc_byte_buffer *buffer;
  qd_runtime *runtime;
} qd_reply_holder;

/* Gives buffer (taken) to the client through the holder (taken as well). Nothing is copied or joined here: a large
 * reply comes in hundreds of slices, and joining them is work for the thread that reads them. */
qd_reply_bytes qd_reply_holder_give(qd_reply_holder *holder, qd_runtime *runtime, grpc_byte_buffer *buffer);

#endif

#ifndef TEST_MADE_CALL_H
#define TEST_MADE_CALL_H

#include "pool/grpc_transport.h"

#include <pthread.h>

/* Calls made on a bare transport, as the client would make them. */
typedef struct made_call {
  qd_call call; /* first */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int n_done;
} made_call;

/* Options for 127.0.0.1 with short times. */
qd_grpc_options local_options(uint16_t port, int32_t n_connections);
qd_transport open_local(const qd_grpc_options *options);
void close_local(qd_transport *transport);

/* A call with n_bytes of body (zeros); freed with free_call once it is done. */
made_call *new_call(qdrant_rpc rpc, size_t n_bytes, int64_t timeout_ms);
qdrant_status start_call(qd_transport *transport, made_call *made);

/* Waits for the end, at most max_ms: 0 when that was not enough. */
int wait_done(made_call *made, int64_t max_ms);
int count_done(made_call *made);
void free_call(made_call *made);

/* Starts a call, waits and returns its status; *error (may be NULL) is filled. The reply is dropped. */
qdrant_status call_once(
    qd_transport *transport, qdrant_rpc rpc, size_t n_bytes, int64_t timeout_ms, qdrant_error *error);

/* Waits until the pool has n ready connections, at most 20 s. */
int wait_n_ready(qd_transport *transport, uint32_t n_ready);

#endif

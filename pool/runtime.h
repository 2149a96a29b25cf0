#ifndef QD_RUNTIME_H
#define QD_RUNTIME_H

#include <stdint.h>

/* One grpc_init, held by a transport and by every reply whose bytes still lie in gRPC's slices: replies outlive their
 * client, and gRPC must not be torn down under them. */
typedef struct qd_runtime qd_runtime;

qd_runtime *qd_runtime_new(void); /* one reference; NULL when out of memory. Not in a forked child. */
qd_runtime *qd_runtime_ref(qd_runtime *runtime);
void qd_runtime_unref(qd_runtime *runtime); /* NULL is fine; the last one gives grpc_init back */

/* Adds to what qd_grpc_leaked_calls tells. */
void qd_runtime_add_leaked(uint64_t n_calls);

#endif

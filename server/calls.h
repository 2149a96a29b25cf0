#ifndef QD_CALLS_H
#define QD_CALLS_H

#include "server/answers.h"
#include "server/faults.h"
#include "server/listener.h"
#include "server/record.h"

/* The gRPC server: one completion queue and its poller, which only moves data, and workers that carry calls out. */
typedef struct qd_calls qd_calls;

/* What it works with; borrowed for its life. */
typedef struct qd_calls_parts {
  qd_listener *listener;
  qd_faults *faults;
  qd_record *record;
  qd_answers *answers;
  const char *api_key; /* NULL: none is needed */
  size_t n_threads;
} qd_calls_parts;

/* Starts the server and lets the listener accept. */
qdrant_status qd_calls_start(const qd_calls_parts *parts, qd_calls **calls, qdrant_error *err);

/* Ends all calls, joins the threads and frees. The listener has been stopped. 0: something was still under way at
 * deadline_ns; then the parts are still in use and must be left alone for good. */
int qd_calls_stop(qd_calls *calls, int64_t deadline_ns);

#endif

#ifndef QD_RECORD_H
#define QD_RECORD_H

#include "core/rpc.h"
#include "server/headers.h"

#include <stddef.h>
#include <stdint.h>

/* What the server has seen: counts, and the headers of the last call of each RPC. Thread-safe. */
typedef struct qd_record qd_record;

typedef struct qd_record_counts {
  uint64_t n_calls;
  uint64_t n_faults;
  uint64_t n_points;
} qd_record_counts;

qd_record *qd_record_new(void); /* NULL when out of memory */
void qd_record_free(qd_record *record);

/* rpc NULL: a method that does not exist. timeout_ms: as it arrived; -1: the call has no deadline. */
void qd_record_call(qd_record *record, const qd_rpc *rpc, const qd_headers *headers, int64_t timeout_ms);
void qd_record_fault(qd_record *record);
void qd_record_points(qd_record *record, size_t n_points);

qd_record_counts qd_record_count(qd_record *record);
uint64_t qd_record_count_calls(qd_record *record, qdrant_rpc rpc);

/* As qdrant_mock_last_header. */
long qd_record_header(qd_record *record, qdrant_rpc rpc, const char *name, char *text, size_t n_bytes);

#endif

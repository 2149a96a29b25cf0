#ifndef QD_TEST_FAULT_CALLS_H
#define QD_TEST_FAULT_CALLS_H

#include "tests/faults/fault_bed.h"

/* What is done under a fault. */
typedef enum fault_operation { READ_POINTS, UPSERT_POINTS, BULK_POINTS, N_FAULT_OPERATIONS } fault_operation;

/* What it came to. The account of a write: every point in one of the four. */
typedef struct fault_outcome {
  qdrant_error error; /* status QDRANT_OK: success */
  uint32_t n_attempts;
  size_t n_points;
  uint64_t n_done;
  uint64_t n_maybe;
  uint64_t n_refused;
  uint64_t n_not_sent;
  int64_t late_ns; /* how long after its deadline the call returned; 0: in time */
} fault_outcome;

const char *fault_operation_name(fault_operation operation);

/* Blocks. n_points: in a write. */
fault_outcome fault_call(
    fault_bed *bed, qdrant_client *client, fault_operation operation, size_t n_points, int64_t timeout_ms);

#endif

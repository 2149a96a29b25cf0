#ifndef QDRANT_UPSERT_H
#define QDRANT_UPSERT_H

#include "qdrant/call.h"
#include "qdrant/columns.h"
#include "qdrant/sized.h"

#ifdef __cplusplus
extern "C" {
#endif

struct Qdrant__Filter;
struct Qdrant__ShardKeySelector;

typedef enum qdrant_write_ordering {
  QDRANT_ORDERING_DEFAULT = 0, /* not sent: the server's default, weak */
  QDRANT_ORDERING_WEAK = 1,
  QDRANT_ORDERING_MEDIUM = 2,
  QDRANT_ORDERING_STRONG = 3
} qdrant_write_ordering;

typedef enum qdrant_update_mode {
  QDRANT_UPDATE_MODE_DEFAULT = 0, /* not sent: upsert */
  QDRANT_UPDATE_MODE_UPSERT = 1,
  QDRANT_UPDATE_MODE_INSERT_ONLY = 2,
  QDRANT_UPDATE_MODE_UPDATE_ONLY = 3
} qdrant_update_mode;

/* Options of a columnar upsert. NULL or all zero means the defaults given here. Borrowed until the function returns. */
typedef struct qdrant_upsert_options {
  size_t size;        /* sizeof(qdrant_upsert_options) */
  qdrant_toggle wait; /* answer when applied, not only logged; ON by default */
  qdrant_write_ordering ordering;
  qdrant_update_mode update_mode; /* servers >= 1.17 */
  qdrant_toggle allow_duplicates; /* ON: of equal ids in a batch the last wins; OFF by default: INVALID_ARGUMENT */
  uint32_t max_points;            /* points in one call; 0: no limit but max_bytes */
  uint32_t max_parts_in_flight;   /* calls at once; 0: the client's connections; 1 when duplicates are allowed */
  size_t max_bytes;               /* encoded bytes of one call; 0: 32 MiB, what REST takes too */
  const struct Qdrant__Filter *update_filter; /* points that exist are replaced only if they match; NULL: always */
  const struct Qdrant__ShardKeySelector *shard_key_selector; /* NULL: none */
} qdrant_upsert_options;

#define QDRANT_UPSERT_OPTIONS_INIT QDRANT_SIZED(qdrant_upsert_options)

/* What the server says of a write that it took; numbers as in its UpdateStatus. */
typedef enum qdrant_update_status {
  QDRANT_UPDATE_UNKNOWN = 0,
  QDRANT_UPDATE_ACKNOWLEDGED = 1, /* logged, not yet applied */
  QDRANT_UPDATE_COMPLETED = 2,
  QDRANT_UPDATE_CLOCK_REJECTED = 3,
  QDRANT_UPDATE_WAIT_TIMEOUT = 4 /* logged; not applied within the timeout */
} qdrant_update_status;

/* The account of an upsert: every point of the batch is in exactly one of the four counts, whatever the function
 * returned. */
typedef struct qdrant_upsert_result {
  size_t size;        /* sizeof(qdrant_upsert_result), set by the caller */
  uint64_t n_done;    /* the server took them: completed, acknowledged or wait timeout */
  uint64_t n_maybe;   /* sent, outcome unknown */
  uint64_t n_refused; /* the server answered with an error; parts may be applied */
  uint64_t n_not_sent;
  uint64_t first_not_done;     /* position in the batch, from 0, of the first point not done; n_points when all are */
  uint32_t n_calls;            /* calls that were made */
  uint32_t n_attempts;         /* with retries */
  uint64_t request_bytes;      /* encoded, first attempts */
  qdrant_update_status status; /* the least far of all calls: WAIT_TIMEOUT before ACKNOWLEDGED before COMPLETED */
  uint64_t operation_id;       /* of the last call that ended; 0 when the server gave none */
} qdrant_upsert_result;

#define QDRANT_UPSERT_RESULT_INIT QDRANT_SIZED(qdrant_upsert_result)

/* Stores the points of a batch and waits. Checked before anything is sent: names, UTF-8, finite floats, offsets, sparse
 * indices, equal ids, JSON; an error names the point, the rule and the value. A batch over max_points or max_bytes goes
 * as several calls, which the server does not apply as one. After the first call that fails no further one begins.
 * result: NULL or filled always. The call's timeout covers all parts. Any thread. Errors: ABORTED or UNKNOWN when the
 * server answers without having taken the write, INVALID_ARGUMENT, what the server answered, and those of qdrant_call;
 * err->delivery is of the call that failed first. */
QDRANT_API qdrant_status qdrant_upsert(qdrant_client *client, const char *collection, const qdrant_point_batch *batch,
    const qdrant_upsert_options *options, const qdrant_call_options *call_options, qdrant_upsert_result *result,
    qdrant_error *err);

/* Starts one call that stores the batch; it is checked and encoded before the function returns and may then be reused.
 * The reply answers QDRANT_RPC_POINTS_UPSERT. A batch that needs more than one call is refused: INVALID_ARGUMENT says
 * how many points fit. */
QDRANT_API qdrant_status qdrant_upsert_start(qdrant_client *client, const char *collection,
    const qdrant_point_batch *batch, const qdrant_upsert_options *options, const qdrant_call_options *call_options,
    const qdrant_then *then, qdrant_error *err);

#ifdef __cplusplus
}
#endif
#endif

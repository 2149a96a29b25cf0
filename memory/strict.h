#ifndef QD_STRICT_H
#define QD_STRICT_H

#include "memory/job.h"

/* Strict mode: limits that a collection sets to the calls about it. */

/* A collection may have strict mode with settings that the engine looks after. UNIMPLEMENTED names one it does not. */
qdrant_status qd_strict_check_config(const Qdrant__StrictModeConfig *config, qdrant_error *err);

/* Looks at a request about the collection, and takes what it costs where the rate of reads or writes is limited.
 * INVALID_ARGUMENT or RESOURCE_EXHAUSTED in the server's words, NO_MEMORY. */
qdrant_status qd_strict_check(qd_job *job, qd_collection *collection, const ProtobufCMessage *request);

/* What the checks of one request have in common. */
typedef struct qd_strict {
  const Qdrant__StrictModeConfig *config;
  const qd_field_index *indexes;
  size_t n_indexes;
  size_t n_points;
  qd_arena *arena;
  qdrant_error *err;
} qd_strict;

/* "Bad request: WHAT. Help: HELP" */
qdrant_status qd_strict_fail(const qd_strict *strict, const char *what, const char *help);
qdrant_status qd_strict_check_limit(
    const qd_strict *strict, int has_limit, uint64_t limit, uint64_t value, const char *name);

/* strict_filter.c: the size of a filter, and whether its keys have indexes when they have to. filter may be NULL. */
qdrant_status qd_strict_check_filter(const qd_strict *strict, const Qdrant__Filter *filter, int needs_indexes);
uint64_t qd_strict_count_conditions(const Qdrant__Filter *filter);
qdrant_status qd_strict_check_group_key(const qd_strict *strict, const char *key);
/* The same for what a formula looks at: a number, a place or a moment at a key, a condition. */
typedef enum qd_strict_value { QD_STRICT_NUMBER, QD_STRICT_PLACE, QD_STRICT_MOMENT } qd_strict_value;
qdrant_status qd_strict_check_value(const qd_strict *strict, const char *key, qd_strict_value value);
qdrant_status qd_strict_check_condition(const qd_strict *strict, const Qdrant__Condition *condition);

/* strict_formula.c: query may be NULL. */
qdrant_status qd_strict_check_formula(const qd_strict *strict, const Qdrant__Query *query);

/* strict_points.c: points and vectors that are written. */
qdrant_status qd_strict_check_upsert(const qd_strict *strict, const Qdrant__UpsertPoints *request);
qdrant_status qd_strict_check_vectors(const qd_strict *strict, const Qdrant__UpdatePointVectors *request);

/* strict_cost.c: what a read costs; queries names the list of queries of a batch, else NULL. What a write costs;
 * selector may be NULL. */
uint64_t qd_strict_read_cost(const ProtobufCMessage *request, const char *queries);
uint64_t qd_strict_write_cost(const ProtobufCMessage *request, const Qdrant__PointsSelector *selector);

#endif

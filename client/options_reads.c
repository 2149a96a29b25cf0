#include "client/options_reads.h"

#include "client/headers.h"
#include "client/option_number.h"
#include "core/error.h"
#include "qdrant/pb/points.pb-c.h"

#define DEFAULT_HEDGE_FRACTION 0.02

static const qd_number_rule hedge_delay_rule = {"hedge_delay_ms", 0, 1, QD_HOUR_MS, QD_NO_OFF};

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
}

static qdrant_status resolve_hedge(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  double fraction = given->hedge_fraction;
  options->has_hedges = given->hedge_reads == QDRANT_ON;
  if ((unsigned)given->hedge_reads > QDRANT_OFF)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "hedge_reads is %d; expected QDRANT_DEFAULT, QDRANT_ON or QDRANT_OFF",
        (int)given->hedge_reads);
  if (!(fraction >= 0.0 && fraction <= 1.0)) /* not a number either */
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "hedge_fraction is %g; expected a part of all reads, above 0 and up to 1, or 0 for the default", fraction);
  if (options->has_hedges && options->n_nodes == 1 && (options->n_connections == 1 || options->nodes[0].url.is_memory))
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "hedge_reads is on, but there is nowhere else to ask: give several endpoints or more than one connection");
  options->hedge_fraction = fraction > 0.0 ? fraction : DEFAULT_HEDGE_FRACTION;
  return qd_option_number(
      &hedge_delay_rule, given->hedge_delay_ms, &options->hedge_delay_ms, QDRANT_CONFIG_INVALID, err);
}

static qdrant_status resolve_affinity(const char *token, qd_options *options, qdrant_error *err) {
  qdrant_header header = {.name = "x-qdrant-route-affinity", .value = token};
  if (token == NULL)
    return QDRANT_OK;
  if (token[0] == '\0')
    return qd_fail(err, QDRANT_CONFIG_INVALID, "route_affinity is empty; leave it NULL for none");
  qdrant_status status = qd_headers_check(&header, 1, "route_affinity", QDRANT_CONFIG_INVALID, err);
  if (status != QDRANT_OK)
    return status;
  options->route_affinity = qd_headers_copy(&header, 1, options->arena);
  return options->route_affinity != NULL ? QDRANT_OK : fail_memory(err);
}

static int find_type(int32_t consistency, Qdrant__ReadConsistencyType *type) {
  switch (consistency) {
  case QDRANT_CONSISTENCY_MAJORITY: *type = QDRANT__READ_CONSISTENCY_TYPE__Majority; return 1;
  case QDRANT_CONSISTENCY_QUORUM: *type = QDRANT__READ_CONSISTENCY_TYPE__Quorum; return 1;
  case QDRANT_CONSISTENCY_ALL: *type = QDRANT__READ_CONSISTENCY_TYPE__All; return 1;
  default: return 0;
  }
}

static qdrant_status resolve_consistency(int32_t given, qd_options *options, qdrant_error *err) {
  Qdrant__ReadConsistency consistency = QDRANT__READ_CONSISTENCY__INIT;
  if (given == 0)
    return QDRANT_OK;
  if (given > 0) {
    consistency.value_case = QDRANT__READ_CONSISTENCY__VALUE_FACTOR;
    consistency.factor = (uint64_t)given;
  } else if (find_type(given, &consistency.type)) {
    consistency.value_case = QDRANT__READ_CONSISTENCY__VALUE_TYPE;
  } else {
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "read_consistency is %d; expected a number of replicas or a qdrant_consistency", (int)given);
  }
  Qdrant__ReadConsistency *kept = qd_arena_alloc(options->arena, sizeof *kept);
  if (kept == NULL)
    return fail_memory(err);
  *kept = consistency;
  options->read_consistency = kept;
  return QDRANT_OK;
}

qdrant_status qd_options_resolve_reads(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  qdrant_status status = resolve_hedge(given, options, err);
  if (status == QDRANT_OK)
    status = resolve_affinity(given->route_affinity, options, err);
  if (status == QDRANT_OK)
    status = resolve_consistency(given->read_consistency, options, err);
  return status;
}

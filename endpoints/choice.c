#include "endpoints/choice.h"

/* As connections of a pool are weighed: 64 KiB of request weigh as much as a call. */
enum { BYTES_PER_UNIT = 4 * 1024, UNITS_PER_CALL = 16 };

/* Best first. The first three are usable. */
typedef enum group { WELCOME, FULL, CONNECTING, TRIAL_DUE, LEFT_OUT, UNREACHABLE } group;

typedef struct endpoint_rank {
  int is_unusable;
  int is_avoided;
  group group;
  uint64_t load;
  size_t distance; /* from whose turn it is */
} endpoint_rank;

static group find_group(const qd_endpoint *endpoint, int64_t now_ns) {
  if (endpoint->link == QDRANT_ENDPOINT_UNREACHABLE)
    return UNREACHABLE;
  if (qd_health_is_trial_due(&endpoint->health, now_ns))
    return TRIAL_DUE;
  if (qd_health_is_out(&endpoint->health))
    return LEFT_OUT;
  if (endpoint->link == QDRANT_ENDPOINT_CONNECTING)
    return CONNECTING;
  return qd_health_has_room(&endpoint->health, endpoint->n_in_flight) ? WELCOME : FULL;
}

static endpoint_rank rank_of(const qd_cluster *cluster, size_t i, uint32_t avoided, int64_t now_ns) {
  const qd_endpoint *endpoint = &cluster->endpoints[i];
  endpoint_rank rank = {.group = find_group(endpoint, now_ns), .is_avoided = i + 1 == avoided};
  rank.is_unusable = rank.group > CONNECTING;
  rank.load = (uint64_t)endpoint->n_in_flight * UNITS_PER_CALL + endpoint->n_bytes_in_flight / BYTES_PER_UNIT;
  if (rank.group == LEFT_OUT)
    rank.load = (uint64_t)endpoint->health.ejected_until_ns;
  rank.distance = (i + cluster->n_endpoints - cluster->turn) % cluster->n_endpoints;
  return rank;
}

static int is_better(endpoint_rank a, endpoint_rank b) {
  if (a.is_unusable != b.is_unusable)
    return a.is_unusable < b.is_unusable;
  if (a.is_avoided != b.is_avoided)
    return a.is_avoided < b.is_avoided;
  if (a.group != b.group)
    return a.group < b.group;
  if (a.load != b.load)
    return a.load < b.load;
  return a.distance < b.distance;
}

qd_endpoint *qd_cluster_choose(qd_cluster *cluster, uint32_t avoided, int64_t now_ns) {
  size_t best = 0;
  endpoint_rank best_rank = rank_of(cluster, 0, avoided, now_ns);
  for (size_t i = 1; i < cluster->n_endpoints; i++) {
    endpoint_rank rank = rank_of(cluster, i, avoided, now_ns);
    if (is_better(rank, best_rank)) {
      best = i;
      best_rank = rank;
    }
  }
  cluster->turn = (best + 1) % cluster->n_endpoints;
  return &cluster->endpoints[best];
}

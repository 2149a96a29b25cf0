/* The second leg of a read that is late. */
#include "core/deadline.h"
#include "endpoints/choice.h"
#include "endpoints/trip.h"

/* Where a late read goes: to another endpoint that is usable or, where there is only one, on another connection. Under
 * the lock. */
static qd_endpoint *find_second(qd_trip *trip, int64_t now_ns) {
  qd_cluster *cluster = trip->cluster;
  qd_endpoint *first = trip->first.endpoint;
  if (cluster->is_closing || trip->outer == NULL || trip->is_cancelled || !qd_leg_is_in_flight(&trip->first))
    return NULL;
  if (cluster->n_endpoints == 1)
    return first;
  qd_cluster_look(cluster, now_ns);
  qd_endpoint *chosen = qd_cluster_choose(cluster, first->number + 1, now_ns);
  return chosen != first && qd_endpoint_is_usable(chosen) ? chosen : NULL;
}

/* 1 when the second leg has begun, with a reference of its own. */
static int begin_second(qd_trip *trip, qd_arena *arena) {
  qd_cluster *cluster = trip->cluster;
  int64_t now_ns = qd_now_ns();
  pthread_mutex_lock(&cluster->lock);
  qd_endpoint *chosen = find_second(trip, now_ns);
  int has_begun = chosen != NULL && qd_hedge_pay(&cluster->hedge);
  if (has_begun) {
    qd_leg_fill(&trip->second, trip, &trip->first.call, arena);
    if (chosen == trip->first.endpoint)
      trip->second.call.avoided_connection = atomic_load(&trip->first.call.connection);
    qd_trip_ref(trip);
    chosen->n_hedges++;
    qd_leg_begin(&trip->second, chosen, now_ns);
  }
  pthread_mutex_unlock(&cluster->lock);
  return has_begun;
}

void qd_trip_ring(qd_alarm *alarm) {
  qd_trip *trip = (qd_trip *)(void *)alarm;
  qd_arena *arena = qd_arena_pool_take(trip->cluster->arenas);
  if (arena != NULL && begin_second(trip, arena)) {
    if (qd_leg_launch(&trip->second) != QDRANT_OK)
      qd_leg_finish(&trip->second.call);
  } else if (arena != NULL) {
    qd_arena_pool_give(trip->cluster->arenas, arena);
  }
  qd_trip_unref(trip); /* the alarm's */
}

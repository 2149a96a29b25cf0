#include "endpoints/trip.h"

void qd_trip_cancel(qd_cluster *cluster, qd_call *outer) {
  qd_leg *started[2] = {NULL, NULL};
  pthread_mutex_lock(&cluster->lock);
  qd_trip *trip = outer->transport_state;
  if (trip != NULL) {
    qd_trip_ref(trip);
    trip->is_cancelled = 1;
    qd_leg *legs[2] = {&trip->first, &trip->second};
    for (int i = 0; i < 2; i++) {
      started[i] = legs[i]->state == QD_LEG_STARTED && !legs[i]->is_cancelled ? legs[i] : NULL;
      legs[i]->is_cancelled = 1;
    }
  }
  pthread_mutex_unlock(&cluster->lock);
  for (int i = 0; i < 2; i++)
    if (started[i] != NULL)
      qd_leg_cancel(started[i]);
  if (trip != NULL)
    qd_trip_unref(trip);
}

/* A read that waits for the endpoint, referenced; NULL: there is none left. */
static qd_leg *take_waiting_read(qd_endpoint *endpoint) {
  qd_cluster *cluster = endpoint->cluster;
  pthread_mutex_lock(&cluster->lock);
  qd_leg *leg = endpoint->oldest;
  while (leg != NULL && (leg->state != QD_LEG_STARTED || leg->is_cancelled || !qd_call_is_repeatable_read(&leg->call)))
    leg = leg->newer;
  if (leg != NULL) {
    leg->is_cancelled = 1;
    leg->is_given_up = 1;
    qd_trip_ref(leg->trip);
  }
  pthread_mutex_unlock(&cluster->lock);
  return leg;
}

void qd_endpoint_give_up_reads(qd_endpoint *endpoint) {
  qd_leg *leg = NULL;
  while ((leg = take_waiting_read(endpoint)) != NULL) {
    qd_leg_cancel(leg);
    qd_trip_unref(leg->trip);
  }
}

#include "endpoints/trip.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/headers.h"
#include "endpoints/choice.h"

static void free_trip(qd_trip *trip) {
  qd_cluster *cluster = trip->cluster;
  if (trip->may_hedge) {
    qd_headers_wipe(trip->first.call.headers, trip->first.call.n_headers);
    qd_body_unref(trip->first.call.request.body);
  }
  if (trip->second.call.arena != NULL)
    qd_arena_pool_give(cluster->arenas, trip->second.call.arena);
  qd_arena_pool_give(cluster->arenas, trip->arena);
}

void qd_trip_unref(qd_trip *trip) {
  if (atomic_fetch_sub(&trip->refs, 1) == 1)
    free_trip(trip);
}

void qd_trip_ref(qd_trip *trip) {
  atomic_fetch_add(&trip->refs, 1);
}

/* An answer is the end of it, even a refusal; trouble may yet be made good by the other leg. */
static int is_final(const qdrant_error *error) {
  switch (error->status) {
  case QDRANT_UNAVAILABLE:
  case QDRANT_INTERNAL:
  case QDRANT_ABORTED:
  case QDRANT_RESOURCE_EXHAUSTED:
  case QDRANT_DEADLINE_EXCEEDED: return 0;
  default: return error->status == QDRANT_OK || error->delivery == QDRANT_ANSWERED;
  }
}

/* The client's call, if the end of this leg is its end too: it is then the caller's to report. Under the lock. */
static qd_call *settle(qd_trip *trip, const qd_leg *leg) {
  const qd_leg *other = leg == &trip->first ? &trip->second : &trip->first;
  qd_call *outer = trip->outer;
  if (outer == NULL || (qd_leg_is_in_flight(other) && !trip->is_cancelled && !is_final(&leg->call.error)))
    return NULL;
  trip->outer = NULL;
  outer->transport_state = NULL;
  if (qd_alarms_clear(&trip->cluster->alarms, &trip->alarm))
    qd_trip_unref(trip); /* never the last: the leg has one */
  return outer;
}

/* The other leg has lost. It goes on to its own end, of which nobody hears. Under the lock. */
static qd_leg *find_loser(qd_trip *trip, const qd_leg *leg) {
  qd_leg *other = leg == &trip->first ? &trip->second : &trip->first;
  if (!qd_leg_is_in_flight(other))
    return NULL;
  other->is_lost = !trip->is_cancelled;
  if (other->is_cancelled)
    return NULL;
  other->is_cancelled = 1;
  return other->state == QD_LEG_STARTED ? other : NULL;
}

void qd_leg_cancel(qd_leg *leg) {
  const qd_transport *transport = &leg->endpoint->transport;
  transport->ops->cancel(transport->self, &leg->call);
}

static void hand_over(qd_call *outer, qd_leg *leg) {
  outer->bytes = leg->call.bytes;
  leg->call.bytes = (qd_reply_bytes){0};
  qd_error_copy(&outer->error, &leg->call.error);
  outer->is_unreachable = leg->call.is_unreachable;
  outer->endpoint = leg->endpoint->number;
  atomic_store(&outer->connection, atomic_load(&leg->call.connection));
}

/* The end of a leg, on whichever thread; afterwards the trip may be gone. The client's call is reported last, since
 * whoever hears of it may begin the next one, or close. */
void qd_leg_finish(qd_call *call) {
  qd_leg *leg = (qd_leg *)(void *)call;
  qd_trip *trip = leg->trip;
  qd_cluster *cluster = trip->cluster;
  pthread_mutex_lock(&cluster->lock);
  qd_leg_end(leg, qd_now_ns());
  qd_call *outer = settle(trip, leg);
  qd_leg *loser = outer != NULL ? find_loser(trip, leg) : NULL;
  pthread_mutex_unlock(&cluster->lock);
  if (outer != NULL)
    hand_over(outer, leg);
  else if (call->bytes.ops != NULL)
    call->bytes.ops->release(call->bytes.owner);
  if (loser != NULL)
    qd_leg_cancel(loser);
  qd_trip_unref(trip);
  if (outer != NULL)
    outer->done(outer);
}

/* From here on a canceller may go to the endpoint's transport itself; one that came earlier left it to us. */
static void pass_started(qd_leg *leg) {
  qd_cluster *cluster = leg->trip->cluster;
  pthread_mutex_lock(&cluster->lock);
  int must_cancel = leg->state == QD_LEG_STARTING && leg->is_cancelled;
  if (leg->state == QD_LEG_STARTING)
    leg->state = QD_LEG_STARTED;
  pthread_mutex_unlock(&cluster->lock);
  if (must_cancel)
    qd_leg_cancel(leg);
}

/* The caller has a reference beside the leg's own. */
qdrant_status qd_leg_launch(qd_leg *leg) {
  const qd_transport *transport = &leg->endpoint->transport;
  qdrant_status status = transport->ops->start(transport->self, &leg->call);
  if (status == QDRANT_OK)
    pass_started(leg);
  return status;
}

void qd_leg_fill(qd_leg *leg, qd_trip *trip, const qd_call *from, qd_arena *arena) {
  qd_call *call = &leg->call;
  leg->trip = trip;
  call->rpc = from->rpc;
  call->request = from->request;
  call->deadline_ns = from->deadline_ns;
  call->is_repeatable = from->is_repeatable;
  call->server_timeout_s = from->server_timeout_s;
  call->headers = from->headers;
  call->n_headers = from->n_headers;
  call->arena = arena;
  call->done = qd_leg_finish;
}

/* A snapshot lies on the node that made it, and what only REST has is each node's own. */
static int is_of_first(const qd_call *call) {
  return call->request.kind == QD_REQUEST_HTTP || call->rpc->id >= QDRANT_RPC_SNAPSHOTS_CREATE;
}

/* What the loser of two may still look at after the client's call is over is kept for it. 0 when out of memory. */
static int keep_request(qd_trip *trip) {
  qd_call *call = &trip->first.call;
  trip->may_hedge =
      trip->cluster->has_hedges && qd_call_is_repeatable_read(call) && !is_of_first(call) && call->wanted_endpoint == 0;
  if (!trip->may_hedge)
    return 1;
  qd_body_ref(call->request.body);
  call->headers = qd_headers_copy(call->headers, call->n_headers, trip->arena);
  return call->headers != NULL || call->n_headers == 0;
}

static qd_trip *new_trip(qd_cluster *cluster, qd_call *outer) {
  qd_arena *arena = qd_arena_pool_take(cluster->arenas);
  qd_trip *trip = arena != NULL ? qd_arena_zalloc(arena, sizeof *trip) : NULL;
  if (trip == NULL) {
    qd_arena_pool_give(cluster->arenas, arena);
    return NULL;
  }
  trip->alarm.ring = qd_trip_ring;
  trip->cluster = cluster;
  trip->arena = arena;
  trip->outer = outer;
  atomic_init(&trip->refs, 2); /* the starter's and the first leg's */
  qd_leg_fill(&trip->first, trip, outer, arena);
  if (keep_request(trip))
    return trip;
  free_trip(trip);
  return NULL;
}

static qd_endpoint *choose_first(qd_cluster *cluster, const qd_call *outer, int64_t now_ns) {
  if (outer->wanted_endpoint > 0)
    return &cluster->endpoints[outer->wanted_endpoint - 1];
  return is_of_first(outer) ? cluster->endpoints : qd_cluster_choose(cluster, outer->avoided_endpoint, now_ns);
}

/* Begins the first leg, under the lock. *late_ns: after how long the read is late; 0: it must not be late. */
static qdrant_status begin(qd_trip *trip, qd_call *outer, int64_t now_ns, int64_t *late_ns) {
  qd_cluster *cluster = trip->cluster;
  qdrant_status status = QDRANT_OK;
  pthread_mutex_lock(&cluster->lock);
  if (cluster->is_closing) {
    status = qd_fail(&outer->error, QDRANT_CLOSED, "the client is closed");
  } else {
    qd_cluster_look(cluster, now_ns);
    qd_endpoint *chosen = choose_first(cluster, outer, now_ns);
    outer->transport_state = trip;
    outer->endpoint = chosen->number;
    qd_leg_begin(&trip->first, chosen, now_ns);
    *late_ns = trip->may_hedge ? qd_hedge_begin_read(&cluster->hedge, outer->rpc->id) : 0;
  }
  pthread_mutex_unlock(&cluster->lock);
  return status;
}

static void set_alarm(qd_trip *trip, int64_t due_ns) {
  qd_cluster *cluster = trip->cluster;
  pthread_mutex_lock(&cluster->lock);
  if (trip->outer != NULL && !trip->is_cancelled && due_ns < trip->first.call.deadline_ns) {
    qd_trip_ref(trip);
    if (!qd_alarms_set(&cluster->alarms, &trip->alarm, due_ns))
      qd_trip_unref(trip); /* without memory a read goes out once */
  }
  pthread_mutex_unlock(&cluster->lock);
}

/* The endpoint's transport did not take it: nor do we. */
static void take_back(qd_trip *trip, qd_call *outer) {
  qd_cluster *cluster = trip->cluster;
  pthread_mutex_lock(&cluster->lock);
  qd_leg_end(&trip->first, qd_now_ns());
  trip->outer = NULL;
  outer->transport_state = NULL;
  pthread_mutex_unlock(&cluster->lock);
  qd_error_copy(&outer->error, &trip->first.call.error);
  qd_trip_unref(trip);
}

qdrant_status qd_trip_start(qd_cluster *cluster, qd_call *outer) {
  int64_t late_ns = 0;
  int64_t now_ns = qd_now_ns();
  qd_error_clear(&outer->error);
  outer->bytes = (qd_reply_bytes){0};
  outer->message = NULL;
  outer->transport_state = NULL;
  outer->is_unreachable = 0;
  atomic_store(&outer->connection, 0);
  qd_trip *trip = new_trip(cluster, outer);
  if (trip == NULL)
    return qd_fail(&outer->error, QDRANT_NO_MEMORY, "out of memory for the state of a call");
  qdrant_status status = begin(trip, outer, now_ns, &late_ns);
  if (status != QDRANT_OK) {
    free_trip(trip);
    return status;
  }
  status = qd_leg_launch(&trip->first);
  if (status != QDRANT_OK)
    take_back(trip, outer);
  else if (late_ns > 0)
    set_alarm(trip, now_ns + late_ns);
  qd_trip_unref(trip);
  return status;
}

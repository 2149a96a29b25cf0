/* One attempt at one endpoint: what it counts for, from its beginning to its end. */
#include "endpoints/leg.h"

#include "core/deadline.h"

size_t qd_request_bytes(const qd_request *request) {
  if (request->kind == QD_REQUEST_BYTES)
    return request->body->n_bytes;
  return request->kind == QD_REQUEST_HTTP ? request->http->n_body : 0;
}

int qd_call_is_repeatable_read(const qd_call *call) {
  return call->rpc->retry_class == QD_RETRY_READ && call->is_repeatable;
}

int qd_leg_is_in_flight(const qd_leg *leg) {
  return leg->state == QD_LEG_STARTING || leg->state == QD_LEG_STARTED;
}

static void list_leg(qd_leg *leg) {
  qd_endpoint *endpoint = leg->endpoint;
  leg->newer = NULL;
  leg->older = endpoint->newest;
  *(leg->older != NULL ? &leg->older->newer : &endpoint->oldest) = leg;
  endpoint->newest = leg;
}

static void unlist_leg(qd_leg *leg) {
  qd_endpoint *endpoint = leg->endpoint;
  *(leg->older != NULL ? &leg->older->newer : &endpoint->oldest) = leg->newer;
  *(leg->newer != NULL ? &leg->newer->older : &endpoint->newest) = leg->older;
}

void qd_leg_begin(qd_leg *leg, qd_endpoint *endpoint, int64_t now_ns) {
  leg->endpoint = endpoint;
  leg->began_ns = now_ns;
  leg->state = QD_LEG_STARTING;
  leg->call.endpoint = endpoint->number;
  leg->is_trial = qd_health_is_trial_due(&endpoint->health, now_ns);
  if (leg->is_trial)
    qd_health_begin_trial(&endpoint->health);
  endpoint->n_calls++;
  endpoint->n_in_flight++;
  endpoint->n_bytes_in_flight += qd_request_bytes(&leg->call.request);
  list_leg(leg);
}

static void note_latency(qd_leg *leg, int64_t now_ns) {
  qd_cluster *cluster = leg->endpoint->cluster;
  qdrant_status status = leg->call.error.status;
  int tells_time = status == QDRANT_OK || status == QDRANT_CANCELLED || status == QDRANT_DEADLINE_EXCEEDED;
  if (cluster->has_hedges && leg->call.rpc->retry_class == QD_RETRY_READ && tells_time)
    qd_hedge_note(&cluster->hedge, leg->call.rpc->id, now_ns - leg->began_ns);
}

/* A leg that we ended ourselves was too slow: no proof, but five in a row without an answer say the same as deadlines.
 */
static qd_evidence find_evidence(const qd_leg *leg) {
  int is_ours = leg->call.error.status == QDRANT_CANCELLED;
  if (is_ours && leg->is_given_up)
    return QD_EVIDENCE_NONE; /* it has been ejected for that */
  return is_ours && leg->is_lost ? QD_EVIDENCE_SILENT : qd_evidence_of(&leg->call.error);
}

void qd_leg_end(qd_leg *leg, int64_t now_ns) {
  qd_endpoint *endpoint = leg->endpoint;
  qdrant_error *error = &leg->call.error;
  leg->state = QD_LEG_ENDED;
  unlist_leg(leg);
  endpoint->n_in_flight--;
  endpoint->n_bytes_in_flight -= qd_request_bytes(&leg->call.request);
  note_latency(leg, now_ns);
  qd_evidence evidence = find_evidence(leg);
  if (error->status == QDRANT_CANCELLED && (leg->is_given_up || leg->is_lost))
    qd_endpoint_explain_silence(endpoint, error); /* instead of a cancellation that nobody asked for */
  endpoint->n_failed += error->status != QDRANT_OK && !leg->is_lost;
  qd_endpoint_note_end(endpoint, evidence, error, leg->began_ns, now_ns);
  if (leg->is_trial)
    qd_health_drop_trial(&endpoint->health); /* unless its end has decided */
}

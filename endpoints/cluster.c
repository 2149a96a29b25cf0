#include "endpoints/cluster.h"

#include "core/deadline.h"
#include "core/error.h"

/* Calls look at connections before they choose; more often than this tells them nothing new. */
#define LOOK_NS (10 * QD_NS_PER_MS)

/* Who answered so shortly before a call began counts as answering: a caller with one call at a time has no others. */
#define RECENT_NS (5 * QD_NS_PER_S)

/* splitmix64 */
uint64_t qd_cluster_random(qd_cluster *cluster) {
  uint64_t z = cluster->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static qdrant_endpoint_state ask_state(const qd_endpoint *endpoint) {
  qdrant_endpoint_stats stats = {.state = QDRANT_ENDPOINT_READY};
  const qd_transport *transport = &endpoint->transport;
  if (transport->ops->endpoint_stats != NULL)
    transport->ops->endpoint_stats(transport->self, 0, &stats);
  return stats.state;
}

qdrant_endpoint_state qd_endpoint_state_of(const qd_endpoint *endpoint) {
  int is_ejected = endpoint->link == QDRANT_ENDPOINT_READY && qd_health_is_out(&endpoint->health);
  return is_ejected ? QDRANT_ENDPOINT_EJECTED : endpoint->link;
}

int qd_endpoint_is_usable(const qd_endpoint *endpoint) {
  return endpoint->link == QDRANT_ENDPOINT_READY && !qd_health_is_out(&endpoint->health);
}

static void look_at(qd_endpoint *endpoint) {
  qdrant_endpoint_state link = ask_state(endpoint);
  if (link == QDRANT_ENDPOINT_CONNECTING && endpoint->link == QDRANT_ENDPOINT_UNREACHABLE)
    link = endpoint->link; /* another attempt, of which nothing is known */
  if (link == QDRANT_ENDPOINT_READY && endpoint->link != link && endpoint->was_ready)
    qd_health_note_reconnected(&endpoint->health);
  endpoint->was_ready |= link == QDRANT_ENDPOINT_READY;
  endpoint->link = link;
}

/* News are told by the tick, on its own thread. */
static void announce(qd_endpoint *endpoint) {
  if (qd_endpoint_state_of(endpoint) != endpoint->told)
    qd_alarms_hasten(&endpoint->cluster->alarms, &endpoint->cluster->tick);
}

/* For want of memory it may fail: then the next call sets it. */
void qd_cluster_set_tick(qd_cluster *cluster, int64_t delay_ns) {
  cluster->has_tick = qd_alarms_set(&cluster->alarms, &cluster->tick, qd_now_ns() + delay_ns);
}

void qd_cluster_look(qd_cluster *cluster, int64_t now_ns) {
  if (now_ns - cluster->looked_ns < LOOK_NS)
    return;
  cluster->looked_ns = now_ns;
  if (!cluster->has_tick)
    qd_cluster_set_tick(cluster, 0);
  for (size_t i = 0; i < cluster->n_endpoints; i++) {
    look_at(&cluster->endpoints[i]);
    announce(&cluster->endpoints[i]);
  }
}

int qd_endpoint_is_silent_alone(const qd_endpoint *endpoint, int64_t since_ns) {
  const qd_cluster *cluster = endpoint->cluster;
  for (size_t i = 0; i < cluster->n_endpoints; i++)
    if (&cluster->endpoints[i] != endpoint && cluster->endpoints[i].health.success_ns >= since_ns)
      return 1;
  return 0;
}

void qd_endpoint_note_end(
    qd_endpoint *endpoint, qd_evidence evidence, const qdrant_error *error, int64_t began_ns, int64_t now_ns) {
  qd_cluster *cluster = endpoint->cluster;
  if (evidence == QD_EVIDENCE_SILENT && !qd_endpoint_is_silent_alone(endpoint, began_ns - RECENT_NS))
    evidence = QD_EVIDENCE_NONE;
  if (evidence == QD_EVIDENCE_ALIVE)
    endpoint->check.has_failed = 0;
  if (evidence == QD_EVIDENCE_FAILED || evidence == QD_EVIDENCE_SILENT) {
    qd_error_copy(&endpoint->trouble, error);
    cluster->looked_ns = 0; /* its connections may just have gone */
  }
  qd_health_note(&endpoint->health, evidence, now_ns, qd_cluster_random(cluster));
  announce(endpoint);
}

void qd_endpoint_explain_silence(const qd_endpoint *endpoint, qdrant_error *error) {
  qd_error_clear(error);
  qd_fail(error, QDRANT_UNAVAILABLE, "%s: no answer, while other endpoints do answer", endpoint->url);
  error->delivery = QDRANT_MAYBE;
  error->is_retryable = 1;
}

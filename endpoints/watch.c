#include "endpoints/watch.h"

#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "endpoints/trip.h"

#include <stddef.h>
#include <string.h>

/* As the server's own pool of channels to its peers, in units of a second: a call that waits for one is worth a
 * question of at most two, unless something was answered within two; five without an answer are the end. */
enum { PATIENCE = 1, CHECK = 2, EXCUSE = 2, SILENCE = 5, PAUSE = 1, TICKS_PER_UNIT = 4 };

static qd_body no_bytes = {.refs = 1};

static int is_silent_for(const qd_endpoint *endpoint, int n_units, int64_t now_ns) {
  return now_ns - endpoint->health.success_ns >= n_units * endpoint->cluster->unit_ns;
}

/* A call that waits for so long and nothing that was answered meanwhile. */
static int is_waited_for(const qd_endpoint *endpoint, int n_units, int64_t now_ns) {
  return endpoint->oldest != NULL && now_ns - endpoint->oldest->began_ns >= n_units * endpoint->cluster->unit_ns;
}

static int has_doubt(const qd_cluster *cluster) {
  for (size_t i = 0; i < cluster->n_endpoints; i++)
    if (cluster->endpoints[i].check.has_failed)
      return 1;
  return 0;
}

/* Whoever is in doubt is asked; so are the others then, since silence is a fault only while somebody answers. */
static int is_check_due(const qd_endpoint *endpoint, int64_t now_ns) {
  const qd_check *check = &endpoint->check;
  if (endpoint->cluster->n_endpoints == 1 || check->is_under_way || now_ns < check->due_ns)
    return 0;
  if (endpoint->link != QDRANT_ENDPOINT_READY || qd_health_is_trial_due(&endpoint->health, now_ns))
    return 1;
  int is_doubtful = is_waited_for(endpoint, PATIENCE, now_ns) || has_doubt(endpoint->cluster);
  return is_doubtful && is_silent_for(endpoint, EXCUSE, now_ns);
}

/* While there is no connection, failures tell nothing new. */
static void end_check(qd_call *call) {
  qd_endpoint *endpoint = (qd_endpoint *)(void *)call;
  qd_cluster *cluster = endpoint->cluster;
  if (call->bytes.ops != NULL)
    call->bytes.ops->release(call->bytes.owner);
  pthread_mutex_lock(&cluster->lock);
  int is_ok = call->error.status == QDRANT_OK;
  endpoint->check.has_failed = !is_ok;
  if (is_ok || endpoint->link == QDRANT_ENDPOINT_READY)
    qd_endpoint_note_end(endpoint, qd_evidence_of(&call->error), &call->error, endpoint->check.began_ns, qd_now_ns());
  if (endpoint->check.is_trial)
    qd_health_drop_trial(&endpoint->health); /* unless this has decided */
  cluster->looked_ns = 0;
  endpoint->check.is_under_way = 0;
  pthread_mutex_unlock(&cluster->lock);
}

static void fill_check(qd_endpoint *endpoint, int64_t now_ns) {
  qd_check *check = &endpoint->check;
  qd_call *call = &check->call;
  qd_arena_reset(check->arena);
  memset(call, 0, sizeof *call);
  call->rpc = qd_rpc_row(QDRANT_RPC_HEALTH_CHECK);
  call->request = (qd_request){.kind = QD_REQUEST_BYTES, .body = &no_bytes};
  call->deadline_ns = now_ns + CHECK * endpoint->cluster->unit_ns;
  call->arena = check->arena;
  call->done = end_check;
}

/* Between two questions: up to a quarter more, so that many clients do not ask at once. */
static int64_t find_pause(qd_cluster *cluster) {
  int64_t pause_ns = PAUSE * cluster->unit_ns;
  return pause_ns + (int64_t)(qd_cluster_random(cluster) % (uint64_t)(pause_ns / 4 + 1));
}

/* 1 when the check is to be sent. */
static int begin_check(qd_endpoint *endpoint, int64_t now_ns) {
  qd_cluster *cluster = endpoint->cluster;
  qd_check *check = &endpoint->check;
  pthread_mutex_lock(&cluster->lock);
  int is_due = is_check_due(endpoint, now_ns);
  if (is_due) {
    check->is_trial = endpoint->link == QDRANT_ENDPOINT_READY && qd_health_is_trial_due(&endpoint->health, now_ns);
    if (check->is_trial)
      qd_health_begin_trial(&endpoint->health);
    check->is_under_way = 1;
    check->began_ns = now_ns;
    check->due_ns = now_ns + find_pause(cluster);
  }
  pthread_mutex_unlock(&cluster->lock);
  return is_due;
}

static void check_endpoint(qd_endpoint *endpoint, int64_t now_ns) {
  const qd_transport *transport = &endpoint->transport;
  if (!begin_check(endpoint, now_ns))
    return;
  fill_check(endpoint, now_ns);
  if (transport->ops->start(transport->self, &endpoint->check.call) != QDRANT_OK)
    end_check(&endpoint->check.call);
}

/* A node that was stopped keeps its connections and answers nothing. */
static void leave_out_silent(qd_endpoint *endpoint, int64_t now_ns) {
  qd_cluster *cluster = endpoint->cluster;
  pthread_mutex_lock(&cluster->lock);
  int is_over = qd_endpoint_is_usable(endpoint) && endpoint->check.has_failed &&
                is_waited_for(endpoint, SILENCE, now_ns) && is_silent_for(endpoint, SILENCE, now_ns) &&
                qd_endpoint_is_silent_alone(endpoint, now_ns - SILENCE * cluster->unit_ns);
  if (is_over) {
    qd_health_eject(&endpoint->health, now_ns, qd_cluster_random(cluster));
    qd_endpoint_explain_silence(endpoint, &endpoint->trouble);
  }
  pthread_mutex_unlock(&cluster->lock);
  if (is_over)
    qd_endpoint_give_up_reads(endpoint);
}

static void tell(qd_endpoint *endpoint) {
  qd_cluster *cluster = endpoint->cluster;
  qdrant_error trouble = {0};
  pthread_mutex_lock(&cluster->lock);
  qdrant_endpoint_state state = qd_endpoint_state_of(endpoint);
  int is_news = state != endpoint->told;
  endpoint->told = state;
  if (state != QDRANT_ENDPOINT_READY)
    qd_error_copy(&trouble, &endpoint->trouble);
  pthread_mutex_unlock(&cluster->lock);
  if (!is_news)
    return;
  int is_bad = state == QDRANT_ENDPOINT_EJECTED || state == QDRANT_ENDPOINT_UNREACHABLE;
  qd_log(is_bad ? QDRANT_LOG_WARN : QDRANT_LOG_INFO, "endpoints", "%s is %s%s%s", endpoint->url,
      qdrant_endpoint_state_name(state), trouble.message[0] != '\0' ? ": " : "", trouble.message);
  if (cluster->changed != NULL)
    cluster->changed(cluster->owner, endpoint->number, state, trouble.message);
}

static int look(qd_cluster *cluster, int64_t now_ns) {
  pthread_mutex_lock(&cluster->lock);
  int is_open = !cluster->is_closing;
  if (is_open) {
    cluster->looked_ns = 0;
    qd_cluster_look(cluster, now_ns);
  }
  pthread_mutex_unlock(&cluster->lock);
  return is_open;
}

static void set_next(qd_cluster *cluster) {
  pthread_mutex_lock(&cluster->lock);
  if (!cluster->is_closing)
    qd_cluster_set_tick(cluster, cluster->unit_ns / TICKS_PER_UNIT);
  pthread_mutex_unlock(&cluster->lock);
}

void qd_cluster_tick(qd_alarm *alarm) {
  qd_cluster *cluster = (qd_cluster *)(void *)((char *)alarm - offsetof(qd_cluster, tick));
  int64_t now_ns = qd_now_ns();
  if (!look(cluster, now_ns))
    return;
  for (size_t i = 0; i < cluster->n_endpoints; i++) {
    leave_out_silent(&cluster->endpoints[i], now_ns);
    check_endpoint(&cluster->endpoints[i], now_ns);
    tell(&cluster->endpoints[i]);
  }
  set_next(cluster);
}

#include "pool/watch.h"

#include "core/deadline.h"
#include "core/log.h"
#include "pool/pool.h"

#include <grpc/support/time.h>

/* A peer that completes the handshake and then closes, as a proxy without a server behind it does, resets core's
 * backoff each time: connecting again at once would be a loop as fast as the network. A call does not wait for this, it
 * has core connect by itself. */
enum { MIN_CONNECT_GAP_MS = 100 };

/* Certificate files are not looked at more often than this by a channel that cannot connect. */
enum { MIN_RENEW_GAP_MS = 100 };

static void tell_state(const qd_channel *channel, grpc_connectivity_state state) {
  size_t number = (size_t)(channel - channel->pool->channels) + 1;
  if (state == GRPC_CHANNEL_READY || state == GRPC_CHANNEL_TRANSIENT_FAILURE)
    qd_log(QDRANT_LOG_DEBUG, "grpc", "connection %zu to %s %s", number, channel->pool->endpoint,
        state == GRPC_CHANNEL_READY ? "is made" : "could not be made");
}

static void note_state(qd_channel *channel, grpc_connectivity_state state) {
  qd_pool *pool = channel->pool;
  pthread_mutex_lock(&pool->lock);
  channel->state = state;
  pool->has_been_ready |= state == GRPC_CHANNEL_READY;
  pool->n_failings += state == GRPC_CHANNEL_TRANSIENT_FAILURE;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
}

/* A watch whose last observed state is out of date ends at once, so nothing is lost between the reading and this. */
static void arm_watch(qd_channel *channel, grpc_connectivity_state last_observed) {
  grpc_channel_watch_connectivity_state(channel->line->core, last_observed, gpr_inf_future(GPR_CLOCK_MONOTONIC),
      channel->pool->poller.queue, qd_tag_hand_over(&channel->watch_tag));
}

static void begin_connecting(void *owner) {
  qd_channel *channel = owner;
  channel->connect_began_ns = qd_now_ns();
  grpc_channel_check_connectivity_state(channel->line->core, 1);
}

static void connect_again(qd_channel *channel) {
  int64_t earliest_ns = channel->connect_began_ns + MIN_CONNECT_GAP_MS * QD_NS_PER_MS;
  if (qd_deadline_has_passed(earliest_ns)) {
    begin_connecting(channel);
  } else {
    channel->connect_timer = (qd_timer){.run = begin_connecting, .owner = channel};
    qd_poller_set_timer(&channel->pool->poller, &channel->connect_timer, earliest_ns);
  }
}

static void end_watch(qd_channel *channel) {
  qd_pool *pool = channel->pool;
  pthread_mutex_lock(&pool->lock);
  channel->state = GRPC_CHANNEL_SHUTDOWN;
  pool->n_watches--;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
}

static void change_line(qd_channel *channel, qd_line *line) {
  qd_pool *pool = channel->pool;
  pthread_mutex_lock(&pool->lock);
  qd_line *former = channel->line;
  channel->line = line;
  channel->state = GRPC_CHANNEL_IDLE;
  pthread_mutex_unlock(&pool->lock);
  qd_line_unref(former);
}

/* A line with other certificates than the channel's; NULL when they have not changed (or there is no memory). */
static qd_line *make_other_line(const qd_channel *channel) {
  const qd_line_plan *plan = &channel->pool->plan;
  qd_material *material = qd_line_plan_material(plan);
  qd_line *line = NULL;
  if (material != NULL && material->generation != channel->line->generation)
    line = qd_line_new(plan, material);
  qd_material_unref(material);
  return line;
}

/* Before the next connection is made, while no watch is armed on the old one: 1 when the channel got another line. A
 * connection that stands is left alone. */
static int renew_now(qd_channel *channel) {
  qd_line *line = make_other_line(channel);
  if (line != NULL)
    change_line(channel, line);
  return line != NULL;
}

static void renew_later(qd_channel *channel);

/* The same while a watch is armed, which ends with the old line: its end begins the new one's. */
static void renew_failing(void *owner) {
  qd_channel *channel = owner;
  channel->is_renewed = renew_now(channel);
  if (!channel->is_renewed)
    renew_later(channel);
}

/* A channel that fails to connect goes on trying without a change of state. */
static void renew_later(qd_channel *channel) {
  int64_t wait_ms = channel->pool->plan.options.tls.reload_ms;
  if (channel->pool->plan.files == NULL || wait_ms < 0)
    return;
  if (wait_ms < MIN_RENEW_GAP_MS)
    wait_ms = MIN_RENEW_GAP_MS;
  channel->renew_timer = (qd_timer){.run = renew_failing, .owner = channel};
  qd_poller_set_timer(&channel->pool->poller, &channel->renew_timer, qd_deadline_in_ms(wait_ms));
}

static void clear_timers(qd_channel *channel) {
  qd_poller_clear_timer(&channel->pool->poller, &channel->connect_timer);
  qd_poller_clear_timer(&channel->pool->poller, &channel->renew_timer);
}

/* The line's state now; IDLE when it is a new one. */
static grpc_connectivity_state find_state(qd_channel *channel) {
  int was_renewed = channel->is_renewed;
  channel->is_renewed = 0;
  if (was_renewed)
    return GRPC_CHANNEL_IDLE;
  grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel->line->core, 0);
  note_state(channel, state);
  tell_state(channel, state);
  return state != GRPC_CHANNEL_READY && renew_now(channel) ? GRPC_CHANNEL_IDLE : state;
}

static void on_state_changed(void *owner, int is_ok) {
  (void)is_ok;
  qd_channel *channel = owner;
  if (channel->line == NULL) {
    end_watch(channel);
    return;
  }
  clear_timers(channel);
  grpc_connectivity_state state = find_state(channel);
  if (state == GRPC_CHANNEL_IDLE)
    connect_again(channel);
  else if (state == GRPC_CHANNEL_TRANSIENT_FAILURE)
    renew_later(channel);
  arm_watch(channel, state);
}

void qd_channel_watch(qd_channel *channel) {
  channel->watch_tag = (qd_tag){.run = on_state_changed, .owner = channel};
  channel->connect_began_ns = qd_now_ns();
  grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel->line->core, 1);
  note_state(channel, state);
  arm_watch(channel, state);
}

void qd_channel_end_watch(qd_channel *channel) {
  clear_timers(channel);
  change_line(channel, NULL);
}

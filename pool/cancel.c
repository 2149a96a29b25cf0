#include "pool/cancel.h"

#include "core/deadline.h"
#include "pool/report.h"

/* No more than QD_CANCEL_BURST resets within this time, wherever it begins. */
enum { BURST_MS = 3 };

static int64_t next_room_ns(const qd_channel *channel) {
  return channel->cancel_times_ns[channel->oldest_cancel] + BURST_MS * QD_NS_PER_MS;
}

static qd_attempt *pop_waiting(qd_channel *channel) {
  qd_attempt *attempt = channel->first_waiting;
  channel->first_waiting = attempt->next_waiting;
  if (channel->first_waiting == NULL)
    channel->last_waiting = NULL;
  return attempt;
}

/* Those that ended by themselves meanwhile need no reset and do not count. */
static void cancel_now(qd_channel *channel, qd_attempt *attempt) {
  if (!attempt->has_received) {
    channel->cancel_times_ns[channel->oldest_cancel] = qd_now_ns();
    channel->oldest_cancel = (channel->oldest_cancel + 1) % QD_CANCEL_BURST;
  }
  qd_attempt_cancel_core(attempt);
  qd_attempt_unref(attempt);
}

static void cancel_some_waiting(void *owner) {
  qd_channel *channel = owner;
  while (channel->first_waiting != NULL && qd_deadline_has_passed(next_room_ns(channel)))
    cancel_now(channel, pop_waiting(channel));
  if (channel->first_waiting != NULL)
    qd_poller_set_timer(&channel->pool->poller, &channel->cancel_timer, next_room_ns(channel));
}

static void push_waiting(qd_channel *channel, qd_attempt *attempt) {
  attempt->next_waiting = NULL;
  *(channel->last_waiting != NULL ? &channel->last_waiting->next_waiting : &channel->first_waiting) = attempt;
  channel->last_waiting = attempt;
  if (!channel->cancel_timer.is_set) {
    channel->cancel_timer = (qd_timer){.run = cancel_some_waiting, .owner = channel};
    qd_poller_set_timer(&channel->pool->poller, &channel->cancel_timer, next_room_ns(channel));
  }
}

static void run_cancel(void *owner) {
  qd_attempt *attempt = owner;
  qd_channel *channel = attempt->channel;
  if (channel->first_waiting == NULL && qd_deadline_has_passed(next_room_ns(channel))) {
    cancel_now(channel, attempt);
    return;
  }
  push_waiting(channel, attempt);
  qd_attempt_report_cancelled(attempt);
}

void qd_attempt_cancel(qd_pool *pool, qd_call *call) {
  pthread_mutex_lock(&pool->lock);
  qd_attempt *attempt = call->transport_state;
  if (attempt != NULL && !attempt->is_cancel_posted) {
    attempt->is_cancel_posted = 1;
    qd_attempt_ref(attempt);
    attempt->cancel_work = (qd_work){.run = run_cancel, .owner = attempt};
    qd_poller_post(&pool->poller, &attempt->cancel_work);
  }
  pthread_mutex_unlock(&pool->lock);
}

void qd_channel_cancel_waiting(qd_channel *channel) {
  while (channel->first_waiting != NULL)
    cancel_now(channel, pop_waiting(channel));
  qd_poller_clear_timer(&channel->pool->poller, &channel->cancel_timer);
}

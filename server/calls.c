#include "server/calls.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"
#include "server/exchange.h"

#include <grpc/support/time.h>

enum { N_REQUESTED = 32, MAX_WAITING_TASKS = 4096, N_SERVER_ARGS = 6, MAX_METADATA_BYTES = 1 << 18 };

void qd_calls_hand_over(qd_calls *calls) {
  atomic_fetch_add_explicit(&calls->n_handed_over, 1, memory_order_release);
}

void qd_calls_exchange_arrived(qd_calls *calls) {
  pthread_mutex_lock(&calls->lock);
  calls->n_requested--;
  pthread_mutex_unlock(&calls->lock);
}

void qd_calls_exchange_ended(qd_calls *calls) {
  pthread_mutex_lock(&calls->lock);
  calls->n_exchanges--;
  pthread_cond_broadcast(&calls->changed);
  pthread_mutex_unlock(&calls->lock);
}

/* Whether another exchange is wanted, counted as there and on its way to core. */
static int count_another(qd_calls *calls) {
  pthread_mutex_lock(&calls->lock);
  int is_wanted = calls->n_requested < N_REQUESTED && !atomic_load(&calls->is_stopping);
  calls->n_requesting += (size_t)is_wanted;
  calls->n_requested += (size_t)is_wanted;
  calls->n_exchanges += (size_t)is_wanted;
  pthread_mutex_unlock(&calls->lock);
  return is_wanted;
}

static void note_requested(qd_calls *calls) {
  pthread_mutex_lock(&calls->lock);
  calls->n_requesting--;
  pthread_cond_broadcast(&calls->changed);
  pthread_mutex_unlock(&calls->lock);
}

static int request_one(qd_calls *calls) {
  qd_exchange *exchange = qd_exchange_new(calls);
  if (exchange == NULL) {
    qd_calls_exchange_arrived(calls);
    qd_calls_exchange_ended(calls);
    return 0;
  }
  qd_calls_hand_over(calls);
  grpc_call_error failure = grpc_server_request_call(calls->server, &exchange->call, &exchange->details,
      &exchange->metadata, calls->queue, calls->queue, &exchange->tags[QD_STEP_ARRIVED]);
  if (failure == GRPC_CALL_OK)
    return 1;
  qd_calls_exchange_arrived(calls);
  qd_exchange_unref(exchange);
  return 0;
}

/* Out of memory: fewer wait, until the next call arrives or ends. */
void qd_calls_request(qd_calls *calls) {
  int is_going_on = 1;
  while (is_going_on && count_another(calls)) {
    is_going_on = request_one(calls);
    note_requested(calls);
  }
}

static void note_shutdown(qd_calls *calls) {
  pthread_mutex_lock(&calls->lock);
  calls->is_shut_down = 1;
  pthread_cond_broadcast(&calls->changed);
  pthread_mutex_unlock(&calls->lock);
}

static void *poll_queue(void *self) {
  qd_calls *calls = self;
  gpr_timespec never = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  for (;;) {
    grpc_event event = grpc_completion_queue_next(calls->queue, never, NULL);
    if (event.type == GRPC_QUEUE_SHUTDOWN)
      return NULL;
    atomic_load_explicit(&calls->n_handed_over, memory_order_acquire);
    qd_exchange_tag *tag = event.tag;
    if (tag->exchange == NULL)
      note_shutdown(calls);
    else
      qd_exchange_step(tag->exchange, tag->step, event.success);
  }
}

static grpc_arg integer_arg(char *key, int value) {
  return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = key, .value.integer = value};
}

/* Pings as often as a client likes and messages of any size, as a real server takes them. */
static grpc_server *create_server(void) {
  grpc_arg args[N_SERVER_ARGS] = {
      integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1),
      integer_arg(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, -1),
      integer_arg(GRPC_ARG_MAX_METADATA_SIZE, MAX_METADATA_BYTES),
      integer_arg(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1),
      integer_arg(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0),
      integer_arg(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
  };
  grpc_channel_args all = {.num_args = N_SERVER_ARGS, .args = args};
  return grpc_server_create(&all, NULL);
}

static qd_calls *new_calls(const qd_calls_parts *parts) {
  qd_calls *calls = qd_zalloc(sizeof *calls);
  if (calls == NULL)
    return NULL;
  calls->listener = parts->listener;
  calls->faults = parts->faults;
  calls->record = parts->record;
  calls->answers = parts->answers;
  calls->api_key = parts->api_key;
  atomic_init(&calls->is_stopping, 0);
  atomic_init(&calls->n_handed_over, 0);
  pthread_mutex_init(&calls->lock, NULL);
  qd_cond_init(&calls->changed);
  calls->queue = grpc_completion_queue_create_for_next(NULL);
  calls->server = create_server();
  grpc_server_register_completion_queue(calls->server, calls->queue, NULL);
  grpc_server_start(calls->server);
  return calls;
}

qdrant_status qd_calls_start(const qd_calls_parts *parts, qd_calls **calls, qdrant_error *err) {
  qd_calls *made = new_calls(parts);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant_status status = qd_workers_start(parts->n_threads, MAX_WAITING_TASKS, qd_exchange_run, &made->workers, err);
  if (status != QDRANT_OK)
    goto fail;
  if (!qd_thread_start(&made->poller, "mock-poller", poll_queue, made)) {
    status = qd_fail(err, QDRANT_NO_MEMORY, "the server's polling thread cannot be started");
    goto fail;
  }
  made->has_poller = 1;
  qd_calls_request(made);
  status = qd_listener_start(parts->listener, made->server, err);
  if (status != QDRANT_OK)
    goto fail;
  *calls = made;
  return QDRANT_OK;

fail:
  qd_calls_stop(made, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS));
  return status;
}

/* Core fails the requests that it has when the server is shut down. One that is still on its way, past core's own look
 * at whether it is, would be kept and never end. */
static void end_requests(qd_calls *calls, int64_t deadline_ns) {
  int has_time = 1;
  pthread_mutex_lock(&calls->lock);
  atomic_store(&calls->is_stopping, 1);
  while (calls->n_requesting > 0 && has_time)
    has_time = qd_cond_wait(&calls->changed, &calls->lock, deadline_ns);
  pthread_mutex_unlock(&calls->lock);
}

static void begin_shutdown(qd_calls *calls, int64_t deadline_ns) {
  end_requests(calls, deadline_ns);
  qd_calls_hand_over(calls);
  grpc_server_shutdown_and_notify(calls->server, calls->queue, &calls->shutdown_tag);
  grpc_server_cancel_all_calls(calls->server);
  qd_listener_drop_all(calls->listener);
  if (calls->workers != NULL)
    qd_workers_stop(calls->workers);
}

/* Whether no exchange is left, so that nobody starts a batch any more. */
static int wait_until_quiet(qd_calls *calls, int64_t deadline_ns) {
  int has_time = 1;
  pthread_mutex_lock(&calls->lock);
  while ((!calls->is_shut_down || calls->n_exchanges > 0) && has_time)
    has_time = qd_cond_wait(&calls->changed, &calls->lock, deadline_ns);
  int is_quiet = calls->is_shut_down && calls->n_exchanges == 0;
  pthread_mutex_unlock(&calls->lock);
  return is_quiet;
}

/* Without a poller nobody waits for the shutdown's event but this. */
static void drain_queue(qd_calls *calls) {
  grpc_completion_queue_shutdown(calls->queue);
  if (calls->has_poller)
    pthread_join(calls->poller, NULL);
  else
    poll_queue(calls);
}

int qd_calls_stop(qd_calls *calls, int64_t deadline_ns) {
  begin_shutdown(calls, deadline_ns);
  if (calls->has_poller && !wait_until_quiet(calls, deadline_ns))
    return 0;
  qd_workers_free(calls->workers);
  drain_queue(calls);
  grpc_server_destroy(calls->server);
  grpc_completion_queue_destroy(calls->queue);
  pthread_cond_destroy(&calls->changed);
  pthread_mutex_destroy(&calls->lock);
  qd_free(calls);
  return 1;
}

#include "client/admission.h"
#include "client/client.h"
#include "client/process.h"
#include "core/deadline.h"
#include "core/log.h"
#include "core/thread.h"

/* After its calls were cancelled, a transport has so long to end them. */
#define GRACE_NS QD_NS_PER_S

static atomic_uint_fast64_t n_leaks;

uint64_t qd_close_leaks(void) {
  return atomic_load(&n_leaks);
}

static void count_leak(const char *reason) {
  atomic_fetch_add(&n_leaks, 1);
  qd_log(QDRANT_LOG_ERROR, "close", "a client's transport is left behind: %s", reason);
}

static void wait_for_end(qdrant_client *client, int64_t deadline_ns) {
  int has_time = 1;
  while (client->operations != NULL && has_time)
    has_time = qd_cond_wait(&client->ended, &client->lock, deadline_ns);
}

/* New calls are refused from here on; those in flight may end by themselves for a while. */
static void refuse_and_wait(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  client->is_closed = 1;
  pthread_cond_broadcast(&client->admitted);
  wait_for_end(client, qd_deadline_in_ms(client->options.close_timeout_ms));
  pthread_mutex_unlock(&client->lock);
}

static qd_operation *take_unswept(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  qd_operation *operation = client->operations;
  while (operation != NULL && operation->is_swept)
    operation = operation->next;
  if (operation != NULL) {
    operation->is_swept = 1;
    qd_operation_ref(operation);
  }
  pthread_mutex_unlock(&client->lock);
  return operation;
}

static void cancel_all(qdrant_client *client) {
  qd_operation *operation = NULL;
  while ((operation = take_unswept(client)) != NULL) {
    qd_operation_cancel(operation, "the client was closed while the call was in flight");
    qd_operation_unref(operation);
  }
}

/* The last part, on a thread that is not the transport's. A thread still inside the transport when the grace is over
 * keeps it: better leaked than freed under its feet. */
static void end_client(qdrant_client *client) {
  refuse_and_wait(client);
  cancel_all(client);
  qd_alarms_stop(&client->alarms);
  int64_t deadline_ns = qd_now_ns() + GRACE_NS;
  if (qd_gate_shut(&client->gate, deadline_ns))
    client->transport.ops->close(client->transport.self, deadline_ns, 0);
  else
    count_leak("a thread is still inside the transport");
  qd_client_drop(client);
}

static void *run_reaper(void *user) {
  end_client(user);
  return NULL;
}

/* A callback runs on a thread that the end has to wait for, so another one does it. */
static int start_reaper(qdrant_client *client) {
  pthread_t thread;
  int is_started = qd_thread_start(&thread, "qdrant-reaper", run_reaper, client);
  if (is_started)
    pthread_detach(thread);
  return is_started;
}

static void leak(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  client->is_closed = 1;
  pthread_cond_broadcast(&client->admitted);
  pthread_mutex_unlock(&client->lock);
  count_leak("it was closed inside a callback, and the thread to end it could not be begun");
}

void qdrant_client_close(qdrant_client *client) {
  if (client == NULL || atomic_fetch_sub(&client->refs, 1) != 1)
    return;
  if (client->fork_generation != qd_fork_generation()) {
    /* Locks may be held for ever by threads that this process does not have: only memory is given back. */
    client->transport.ops->close(client->transport.self, qd_now_ns(), 1);
    qd_client_drop(client);
  } else if (!qd_is_in_callback()) {
    end_client(client);
  } else if (!start_reaper(client)) {
    leak(client);
  }
}

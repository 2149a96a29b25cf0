#include "client/admission.h"

#include "core/error.h"
#include "core/thread.h"

/* A request larger than the whole limit goes when it is alone, or it never would. */
static int has_room(const qdrant_client *client, size_t n_bytes) {
  if (client->n_in_flight >= client->options.max_calls_in_flight)
    return 0;
  size_t used = client->n_bytes_in_flight;
  size_t limit = client->options.max_bytes_in_flight;
  return used == 0 || (used < limit && n_bytes <= limit - used);
}

static qdrant_status fail_again(const qdrant_client *client, qdrant_error *err) {
  return qd_fail(err, QDRANT_AGAIN,
      "%u calls with %zu bytes are in flight; the limits are max_calls_in_flight %u and max_bytes_in_flight %zu",
      client->n_in_flight, client->n_bytes_in_flight, client->options.max_calls_in_flight,
      client->options.max_bytes_in_flight);
}

static qdrant_status fail_closed(qdrant_error *err) {
  return qd_fail(err, QDRANT_CLOSED, "the client is closed");
}

static void enlist(qd_operation *operation) {
  qdrant_client *client = operation->client;
  client->n_in_flight++;
  client->n_bytes_in_flight += operation->n_request_bytes;
  operation->is_admitted = 1;
  operation->is_listed = 1;
  operation->next = client->operations;
  if (operation->next != NULL)
    operation->next->previous = operation;
  client->operations = operation;
}

static qdrant_status admit_locked(qd_operation *operation, int may_wait, qdrant_error *err) {
  qdrant_client *client = operation->client;
  int has_time = 1;
  while (!client->is_closed && !atomic_load(&operation->is_cancelled)) {
    if (operation->is_question || has_room(client, operation->n_request_bytes)) {
      enlist(operation);
      return QDRANT_OK;
    }
    if (!may_wait)
      return fail_again(client, err);
    if (!has_time)
      return qd_fail(err, QDRANT_DEADLINE_EXCEEDED,
          "the deadline passed while the call waited for a place among the client's %u calls in flight",
          client->n_in_flight);
    has_time = qd_cond_wait(&client->admitted, &client->lock, operation->deadline_ns);
  }
  return client->is_closed ? fail_closed(err)
                           : qd_fail(err, QDRANT_CANCELLED, "the call was cancelled before it began");
}

static void set_state(qd_operation *operation, qd_operation_state state) {
  pthread_mutex_lock(&operation->lock);
  operation->state = state;
  pthread_mutex_unlock(&operation->lock);
}

qdrant_status qd_admit(qd_operation *operation, int may_wait, qdrant_error *err) {
  if (may_wait)
    set_state(operation, QD_ADMITTING);
  pthread_mutex_lock(&operation->client->lock);
  qdrant_status status = admit_locked(operation, may_wait, err);
  pthread_mutex_unlock(&operation->client->lock);
  if (may_wait)
    set_state(operation, QD_IDLE);
  return status;
}

qdrant_status qd_admission_check(qdrant_client *client, qdrant_error *err) {
  pthread_mutex_lock(&client->lock);
  qdrant_status status = QDRANT_OK;
  if (client->is_closed)
    status = fail_closed(err);
  else if (!has_room(client, 0))
    status = fail_again(client, err);
  pthread_mutex_unlock(&client->lock);
  return status;
}

void qd_admission_release(qd_operation *operation) {
  qdrant_client *client = operation->client;
  pthread_mutex_lock(&client->lock);
  if (operation->is_admitted) {
    operation->is_admitted = 0;
    client->n_in_flight--;
    client->n_bytes_in_flight -= operation->n_request_bytes;
    pthread_cond_broadcast(&client->admitted);
  }
  pthread_mutex_unlock(&client->lock);
}

void qd_admission_unlist(qd_operation *operation) {
  qdrant_client *client = operation->client;
  pthread_mutex_lock(&client->lock);
  if (operation->is_listed) {
    operation->is_listed = 0;
    if (operation->next != NULL)
      operation->next->previous = operation->previous;
    if (operation->previous != NULL)
      operation->previous->next = operation->next;
    else
      client->operations = operation->next;
    if (client->operations == NULL)
      pthread_cond_broadcast(&client->ended);
  }
  pthread_mutex_unlock(&client->lock);
}

void qd_admission_wake(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  pthread_cond_broadcast(&client->admitted);
  pthread_mutex_unlock(&client->lock);
}

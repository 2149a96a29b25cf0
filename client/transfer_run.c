#include "client/transfer_run.h"

#include "client/cancel.h"
#include "client/retry.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"

#include <string.h>
#include <time.h>

enum { DEFAULT_STALL_MS = 60000, CHECKSUM_DIGITS = 64 };
#define NAP_NS (100 * QD_NS_PER_MS)

static qdrant_status check_options(const qdrant_transfer_options *options, qdrant_error *err) {
  const char *checksum = options->checksum;
  if (options->timeout_ms < -1 || options->timeout_ms > QD_MAX_TIMEOUT_MS)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.timeout_ms %lld: expected -1 to %lld",
        (long long)options->timeout_ms, (long long)QD_MAX_TIMEOUT_MS);
  if (options->stall_timeout_ms < 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.stall_timeout_ms %lld: expected 0 or more",
        (long long)options->stall_timeout_ms);
  if (options->max_retries < -1)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "options.max_retries %d: expected -1 or more", (int)options->max_retries);
  if (checksum != NULL &&
      (strlen(checksum) != CHECKSUM_DIGITS || strspn(checksum, "0123456789abcdefABCDEF") != CHECKSUM_DIGITS))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.checksum: expected a SHA-256 of 64 hexadecimal digits");
  if ((unsigned)options->priority > QDRANT_PRIORITY_NO_SYNC)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.priority %d is none", (int)options->priority);
  return QDRANT_OK;
}

static void choose_limits(qd_transfer_run *run) {
  qdrant_transfer_options *options = &run->options;
  if (options->stall_timeout_ms == 0)
    options->stall_timeout_ms = DEFAULT_STALL_MS;
  run->deadline_ns = qd_deadline_in_ms(options->timeout_ms > 0 ? options->timeout_ms : QD_MAX_TIMEOUT_MS);
  run->max_attempts = run->client->options.max_attempts;
  if (options->max_retries != 0)
    run->max_attempts = options->max_retries < 0 ? 1 : (uint32_t)options->max_retries + 1;
}

qdrant_status qd_transfer_run_init(qd_transfer_run *run, qdrant_client *client, const qd_rpc *row,
    const qdrant_transfer_options *options, qdrant_error *err) {
  *run = (qd_transfer_run){.client = client, .row = row};
  qdrant_status status = qd_call_check_entry(client, 1, err);
  if (status == QDRANT_OK)
    status = qd_call_check_rest(client, row, err);
  if (status == QDRANT_OK)
    status = qd_sized_copy(
        &run->options, sizeof run->options, options, "qdrant_transfer_options", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK)
    status = check_options(&run->options, err);
  if (status == QDRANT_OK)
    choose_limits(run);
  return status;
}

/* What the transport asks a few times a second. */
typedef struct watch {
  qd_transfer_run *run;
  uint64_t n_before;
} watch;

static int is_closed(qdrant_client *client) {
  pthread_mutex_lock(&client->lock);
  int is_closed_now = client->is_closed;
  pthread_mutex_unlock(&client->lock);
  return is_closed_now;
}

static int goes_on(void *user, uint64_t n_moved, uint64_t n_total) {
  const watch *watched = user;
  const qdrant_transfer_options *options = &watched->run->options;
  if (options->progress != NULL)
    options->progress(options->user, watched->n_before + n_moved, n_total > 0 ? watched->n_before + n_total : 0);
  return !qd_cancel_is_fired(options->cancel) && !is_closed(watched->run->client);
}

/* With the key that a provider gives, if there is one. */
static void move(qdrant_client *client, qd_transfer *transfer) {
  qd_key *key = NULL;
  qdrant_status status = QDRANT_OK;
  if (client->credentials != NULL)
    status = qd_credentials_take(client->credentials, 1, transfer->deadline_ns, &key, &transfer->error);
  if (status != QDRANT_OK)
    return;
  transfer->api_key = key != NULL ? key->text : NULL;
  client->transport.ops->transfer(client->transport.self, transfer);
  transfer->api_key = NULL;
  if (key != NULL && transfer->error.status == QDRANT_UNAUTHENTICATED)
    qd_credentials_refuse(client->credentials, key);
  qd_key_unref(key);
}

qdrant_status qd_transfer_attempt(qd_transfer_run *run, qd_transfer *transfer, uint64_t n_before) {
  qdrant_client *client = run->client;
  watch watched = {.run = run, .n_before = n_before};
  qd_error_clear(&transfer->error);
  if (!qd_gate_enter(&client->gate))
    return qd_fail(&transfer->error, QDRANT_CLOSED, "%s: the client is closed", run->row->name);
  transfer->deadline_ns = run->deadline_ns;
  transfer->stall_ms = run->options.stall_timeout_ms;
  transfer->goes_on = goes_on;
  transfer->watch = &watched;
  run->n_attempts++;
  move(client, transfer);
  qd_gate_leave(&client->gate);
  transfer->watch = NULL;
  if (transfer->error.status != QDRANT_OK)
    run->delivery = qd_delivery_merge(run->delivery, transfer->error.delivery);
  transfer->error.n_attempts = run->n_attempts;
  return transfer->error.status;
}

/* Naps, so that a cancellation is noticed. */
static int sleep_for(const qd_transfer_run *run, int64_t sleep_ns) {
  int64_t until_ns = qd_now_ns() + sleep_ns;
  for (int64_t left_ns = sleep_ns; left_ns > 0; left_ns = until_ns - qd_now_ns()) {
    if (qd_cancel_is_fired(run->options.cancel))
      return 0;
    nanosleep(&(struct timespec){.tv_nsec = (long)(left_ns < NAP_NS ? left_ns : NAP_NS)}, NULL);
  }
  return !qd_cancel_is_fired(run->options.cancel);
}

/* What was refused for its key was not carried out. */
static int is_again_with_other_key(qd_transfer_run *run, const qdrant_error *error) {
  if (run->client->credentials == NULL || run->has_renewed_key || error->status != QDRANT_UNAUTHENTICATED ||
      error->delivery != QDRANT_ANSWERED)
    return 0;
  run->has_renewed_key = 1;
  return 1;
}

int qd_transfer_is_again(qd_transfer_run *run, const qdrant_error *error, int has_moved) {
  if (is_again_with_other_key(run, error))
    return 1;
  run->n_vain_attempts = has_moved ? 1 : run->n_vain_attempts + 1;
  qd_retry_case given = {
      .retry_class = run->row->retry_class,
      .repeat = run->client->options.repeat,
      .error = error,
      .delivery = run->delivery,
      .n_attempts = run->n_vain_attempts,
      .max_attempts = run->max_attempts,
      .delay_ms = run->client->options.retry_delay_ms,
      .left_ns = qd_deadline_left_ns(run->deadline_ns),
      .random = qd_random_next(&run->client->random),
  };
  qd_retry_decision decision = qd_retry_decide(&given);
  return decision.is_again && sleep_for(run, decision.sleep_ns);
}

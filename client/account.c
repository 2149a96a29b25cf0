#include "client/account.h"

#include "client/reply.h"
#include "core/error.h"
#include "core/update_decode.h"

void qd_account_begin(qd_account *account, size_t n_points) {
  account->result.n_not_sent = n_points;
}

int qd_update_rank(qdrant_update_status status) {
  switch (status) {
  case QDRANT_UPDATE_COMPLETED: return 1;
  case QDRANT_UPDATE_ACKNOWLEDGED: return 2;
  case QDRANT_UPDATE_WAIT_TIMEOUT: return 3;
  default: return 0;
  }
}

static void count_done(qd_account *account, size_t n, qdrant_update_status status) {
  account->result.n_not_sent -= n;
  account->result.n_done += n;
  if (qd_update_rank(status) > qd_update_rank(account->result.status))
    account->result.status = status;
}

static void count_failed(qd_account *account, size_t first, size_t n, const qdrant_error *error) {
  qdrant_upsert_result *result = &account->result;
  result->n_not_sent -= n;
  switch (error->delivery) {
  case QDRANT_NOT_SENT: result->n_not_sent += n; break;
  case QDRANT_MAYBE: result->n_maybe += n; break;
  case QDRANT_ANSWERED: result->n_refused += n; break;
  }
  if (first < result->first_not_done)
    result->first_not_done = first;
  qd_error_pass(&account->error, error);
}

/* An answer that does not say that the write was taken. */
static void count_not_taken(
    qd_account *account, size_t first, size_t n, qdrant_update_status status, uint32_t n_attempts) {
  qdrant_error error = {0};
  if (status == QDRANT_UPDATE_CLOCK_REJECTED) {
    qd_fail(&error, QDRANT_ABORTED, "Points/Upsert: the server refused the write as older than what it has");
    error.delivery = QDRANT_ANSWERED;
  } else {
    qd_fail(&error, QDRANT_UNKNOWN, "Points/Upsert: the server answered with update status %d, which is not known",
        (int)status);
    error.delivery = QDRANT_MAYBE;
  }
  error.n_attempts = n_attempts;
  count_failed(account, first, n, &error);
}

void qd_account_reply(qd_account *account, size_t first, size_t n, qdrant_reply *reply) {
  const uint8_t *bytes = NULL;
  size_t n_bytes = 0;
  uint64_t operation_id = 0;
  qdrant_update_status status = QDRANT_UPDATE_UNKNOWN;
  qdrant_error error = {0};
  uint32_t n_attempts = qdrant_reply_attempts(reply);
  account->result.n_calls++;
  account->result.n_attempts += n_attempts;
  if (qd_reply_encoded(reply, &bytes, &n_bytes, &error) != QDRANT_OK ||
      qd_update_decode(bytes, n_bytes, &operation_id, &status, &error) != QDRANT_OK) {
    error.delivery = QDRANT_MAYBE;
    error.n_attempts = n_attempts;
    count_failed(account, first, n, &error);
  } else if (qd_update_rank(status) > 0) {
    account->result.operation_id = operation_id;
    count_done(account, n, status);
  } else {
    count_not_taken(account, first, n, status, n_attempts);
  }
  qdrant_reply_free(reply);
}

void qd_account_error(qd_account *account, size_t first, size_t n, const qdrant_error *error) {
  account->result.n_calls += error->n_attempts > 0;
  account->result.n_attempts += error->n_attempts;
  count_failed(account, first, n, error);
}

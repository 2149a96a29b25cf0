#include "client/options_retry.h"

#include "client/option_number.h"
#include "core/deadline.h"
#include "core/error.h"

#define MAX_BUDGET INT64_C(1000000)

static const qd_number_rule timeout_rule = {"timeout_ms", 30000, 1, QD_MAX_TIMEOUT_MS, QD_MAX_TIMEOUT_MS};
static const qd_number_rule attempt_rule = {"attempt_timeout_ms", 0, 1, QD_MAX_TIMEOUT_MS, 0};
static const qd_number_rule retries_rule = {"max_retries", 2, 1, 100, 0};
static const qd_number_rule delay_rule = {"retry_delay_ms", 100, 1, QD_HOUR_MS, QD_NO_OFF};
static const qd_number_rule budget_rule = {"retry_budget", 500, 1, MAX_BUDGET, 0};

static qdrant_status resolve_repeat(qdrant_repeat given, qdrant_status status, qdrant_error *err) {
  if ((unsigned)given <= QDRANT_REPEAT_ALWAYS)
    return QDRANT_OK;
  return qd_fail(err, status, "repeat is %d, which is no qdrant_repeat", (int)given);
}

qdrant_status qd_options_resolve_retry(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  const qdrant_status bad = QDRANT_CONFIG_INVALID;
  int64_t n_retries = 0, budget = 0;
  qdrant_status status;
  if ((status = qd_option_number(&timeout_rule, given->timeout_ms, &options->timeout_ms, bad, err)) != QDRANT_OK ||
      (status = qd_option_number(&attempt_rule, given->attempt_timeout_ms, &options->attempt_timeout_ms, bad, err)) !=
          QDRANT_OK ||
      (status = qd_option_number(&retries_rule, given->max_retries, &n_retries, bad, err)) != QDRANT_OK ||
      (status = qd_option_number(&delay_rule, given->retry_delay_ms, &options->retry_delay_ms, bad, err)) !=
          QDRANT_OK ||
      (status = qd_option_number(&budget_rule, given->retry_budget, &budget, bad, err)) != QDRANT_OK ||
      (status = resolve_repeat(given->repeat, bad, err)) != QDRANT_OK)
    return status;
  options->max_attempts = (uint32_t)n_retries + 1;
  options->retry_budget = (int32_t)budget;
  options->repeat = given->repeat != QDRANT_REPEAT_DEFAULT ? given->repeat : QDRANT_REPEAT_SAFE;
  return QDRANT_OK;
}

qdrant_status qd_settings_resolve_retry(
    const qd_options *options, const qdrant_call_options *given, qd_settings *settings, qdrant_error *err) {
  const qdrant_status bad = QDRANT_INVALID_ARGUMENT;
  int64_t timeout_ms = 0, attempt_ms = 0, n_retries = 0;
  qdrant_status status;
  if ((status = qd_option_number(&timeout_rule, given->timeout_ms, &timeout_ms, bad, err)) != QDRANT_OK ||
      (status = qd_option_number(&attempt_rule, given->attempt_timeout_ms, &attempt_ms, bad, err)) != QDRANT_OK ||
      (status = qd_option_number(&retries_rule, given->max_retries, &n_retries, bad, err)) != QDRANT_OK ||
      (status = resolve_repeat(given->repeat, bad, err)) != QDRANT_OK)
    return status;
  if (given->attempt_timeout_ms == 0)
    attempt_ms = options->attempt_timeout_ms;
  settings->deadline_ns = qd_deadline_in_ms(given->timeout_ms == 0 ? options->timeout_ms : timeout_ms);
  settings->attempt_timeout_ns = attempt_ms * QD_NS_PER_MS;
  settings->max_attempts = given->max_retries == 0 ? options->max_attempts : (uint32_t)n_retries + 1;
  settings->repeat = given->repeat != QDRANT_REPEAT_DEFAULT ? given->repeat : options->repeat;
  settings->is_patient = 0;
  return QDRANT_OK;
}

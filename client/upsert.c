#include "qdrant/upsert.h"

#include "client/account.h"
#include "client/admission.h"
#include "client/newer_gate.h"
#include "client/option_toggle.h"
#include "client/parts.h"
#include "client/upsert.h"
#include "core/error.h"
#include "core/points_encode.h"
#include "core/sized.h"
#include "qdrant/pb/points.pb-c.h"

#include <inttypes.h>

#define DEFAULT_MAX_BYTES ((size_t)32 << 20)
#define MAX_PARTS_IN_FLIGHT 1024

/* An upsert under way, in the caller's thread. */
typedef struct upsert {
  qdrant_client *client;
  qd_settings settings;
  qdrant_point_batch batch;
  qdrant_upsert_options options;
  qd_arena *arena;
  qd_points_plan *plan;
  size_t max_bytes;
  size_t next; /* position of the first point that no call has */
  qd_account account;
} upsert;

static qdrant_status resolve_options(upsert *job, const qdrant_upsert_options *given, qdrant_error *err) {
  qdrant_upsert_options *options = &job->options;
  qdrant_status status =
      qd_sized_copy(options, sizeof *options, given, "qdrant_upsert_options", QDRANT_INVALID_ARGUMENT, err);
  options->size = sizeof *options;
  if (status == QDRANT_OK)
    status = qd_option_toggle("qdrant_upsert_options.wait", &options->wait, QDRANT_ON, err);
  if (status == QDRANT_OK)
    status = qd_option_toggle("qdrant_upsert_options.allow_duplicates", &options->allow_duplicates, QDRANT_OFF, err);
  size_t limit = job->client->options.max_request_bytes;
  job->max_bytes = options->max_bytes > 0 ? options->max_bytes : DEFAULT_MAX_BYTES;
  if (job->max_bytes > limit)
    job->max_bytes = limit;
  return status;
}

/* Of two parts with one id the later has to win, so they go one after the other. */
static size_t find_parts_in_flight(const upsert *job) {
  uint32_t wanted = job->options.max_parts_in_flight;
  if (job->options.allow_duplicates == QDRANT_ON)
    return 1;
  if (wanted == 0)
    wanted = job->client->options.n_connections;
  return wanted < MAX_PARTS_IN_FLIGHT ? wanted : MAX_PARTS_IN_FLIGHT;
}

static qdrant_status resolve_batch(upsert *job, const qdrant_point_batch *batch, qdrant_error *err) {
  if (batch == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch is NULL");
  qdrant_status status =
      qd_sized_copy(&job->batch, sizeof job->batch, batch, "qdrant_point_batch", QDRANT_INVALID_ARGUMENT, err);
  job->batch.size = sizeof job->batch;
  qd_account_begin(&job->account, job->batch.n_points);
  return status;
}

void qd_upsert_find_newer(const qdrant_upsert_options *options, qd_newer_set *newer) {
  const ProtobufCMessageDescriptor *type = &qdrant__upsert_points__descriptor;
  if (options->update_mode != QDRANT_UPDATE_MODE_DEFAULT)
    qd_newer_add(type, "update_mode", newer);
  if (options->update_filter != NULL) {
    qd_newer_add(type, "update_filter", newer);
    qd_newer_find(&options->update_filter->base, newer);
  }
  if (options->shard_key_selector != NULL)
    qd_newer_find(&options->shard_key_selector->base, newer);
}

/* Checks everything but floats and measures; nothing is sent yet. */
static qdrant_status prepare(upsert *job, const char *collection, const qdrant_upsert_options *options,
    const qdrant_call_options *call_options, qdrant_error *err) {
  qdrant_status status = resolve_options(job, options, err);
  if (status == QDRANT_OK)
    status = qd_settings_resolve(&job->client->options, call_options, &job->settings, err);
  if (status != QDRANT_OK)
    return status;
  if (qd_newer_is_wanted(job->client))
    qd_upsert_find_newer(&job->options, &job->settings.newer);
  job->arena = qd_arena_pool_take(job->client->arenas);
  if (job->arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upsert was prepared");
  qd_points_request request = {.collection = collection, .batch = &job->batch, .options = &job->options};
  return qd_points_plan_make(&request, job->arena, &job->plan, err);
}

static void cut(const upsert *job, size_t first, size_t *n, size_t *n_bytes) {
  qd_points_plan_cut(job->plan, first, job->options.max_points, job->max_bytes, n, n_bytes);
}

static qdrant_status fail_too_large(const upsert *job, size_t point, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT,
      "point %zu alone needs a request larger than %zu bytes (max_bytes of the upsert, max_request_bytes of the "
      "client)",
      point, job->max_bytes);
}

/* Before the first of several calls: every float, and that each point fits into a call. */
static qdrant_status check_all(upsert *job, qdrant_error *err) {
  size_t n = 0, n_bytes = 0;
  for (size_t first = 0; first < job->batch.n_points; first += n) {
    cut(job, first, &n, &n_bytes);
    if (n == 0)
      return fail_too_large(job, first, err);
  }
  return qd_points_check_floats(job->plan, err);
}

static qdrant_status encode(upsert *job, size_t first, size_t n, size_t n_bytes, qd_body **body, qdrant_error *err) {
  qdrant_status status = qd_points_encode(job->plan, first, n, n_bytes, job->client->bodies, body, err);
  if (status == QDRANT_OK)
    job->account.result.request_bytes += n_bytes;
  return status;
}

/* A part is named by its first point; its size follows from cutting there again. */
static qdrant_status next_part(void *user, size_t *part, qd_body **body, qdrant_error *err) {
  upsert *job = user;
  size_t n = 0, n_bytes = 0;
  *part = job->next;
  if (job->next == job->batch.n_points)
    return QDRANT_OK;
  cut(job, job->next, &n, &n_bytes);
  job->next += n;
  return encode(job, *part, n, n_bytes, body, err);
}

static int take_part(void *user, size_t part, qdrant_reply *reply, const qdrant_error *error) {
  upsert *job = user;
  size_t n = 0, n_bytes = 0;
  cut(job, part, &n, &n_bytes);
  if (reply != NULL)
    qd_account_reply(&job->account, part, n, reply);
  else
    qd_account_error(&job->account, part, n, error);
  return job->account.error.status == QDRANT_OK;
}

static qdrant_status send_parts(upsert *job, qdrant_error *err) {
  static const qd_parts_ops ops = {.next = next_part, .take = take_part};
  qdrant_status status = check_all(job, err);
  if (status == QDRANT_OK)
    status =
        qd_parts_run(job->client, QDRANT_RPC_POINTS_UPSERT, &job->settings, find_parts_in_flight(job), &ops, job, err);
  if (status == QDRANT_OK && job->next < job->account.result.first_not_done)
    job->account.result.first_not_done = job->next;
  return status;
}

static qdrant_status send_one(upsert *job, size_t n_bytes, qdrant_error *err) {
  qd_body *body = NULL;
  qdrant_reply *reply = NULL;
  qdrant_error error = {0};
  size_t n = job->batch.n_points;
  qdrant_status status = encode(job, 0, n, n_bytes, &body, err);
  if (status != QDRANT_OK)
    return status;
  status = qd_call_body(job->client, QDRANT_RPC_POINTS_UPSERT, body, &job->settings, &reply, &error);
  if (status == QDRANT_OK)
    qd_account_reply(&job->account, 0, n, reply);
  else
    qd_account_error(&job->account, 0, n, &error);
  return QDRANT_OK;
}

static qdrant_status carry_out(upsert *job, qdrant_error *err) {
  size_t n = 0, n_bytes = 0;
  cut(job, 0, &n, &n_bytes);
  job->account.result.first_not_done = job->batch.n_points;
  qdrant_status status = n == job->batch.n_points ? send_one(job, n_bytes, err) : send_parts(job, err);
  if (status != QDRANT_OK) {
    job->account.result.first_not_done = 0;
    return status;
  }
  return job->account.error.status == QDRANT_OK ? QDRANT_OK : qd_error_pass(err, &job->account.error);
}

static qdrant_status check_result(const qdrant_upsert_result *result, qdrant_error *err) {
  if (result != NULL && result->size < 2 * sizeof(size_t))
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "result->size is %zu; begin with QDRANT_UPSERT_RESULT_INIT", result->size);
  return QDRANT_OK;
}

qdrant_status qdrant_upsert(qdrant_client *client, const char *collection, const qdrant_point_batch *batch,
    const qdrant_upsert_options *options, const qdrant_call_options *call_options, qdrant_upsert_result *result,
    qdrant_error *err) {
  upsert job = {.client = client};
  qd_error_clear(err);
  qdrant_status status = check_result(result, err);
  if (status != QDRANT_OK)
    return status;
  if ((status = resolve_batch(&job, batch, err)) == QDRANT_OK &&
      (status = qd_call_check_entry(client, 1, err)) == QDRANT_OK &&
      (status = prepare(&job, collection, options, call_options, err)) == QDRANT_OK)
    status = carry_out(&job, err);
  if (job.arena != NULL)
    qd_arena_pool_give(client->arenas, job.arena);
  if (result != NULL)
    qd_sized_give(result, &job.account.result, sizeof job.account.result);
  return status;
}

static qdrant_status encode_whole(upsert *job, qd_body **body, qdrant_error *err) {
  size_t n = 0, n_bytes = 0;
  cut(job, 0, &n, &n_bytes);
  if (n == 0)
    return fail_too_large(job, 0, err);
  if (n < job->batch.n_points)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "the batch has %zu points, of which %zu fit into one call (max_points %" PRIu32
        ", max_bytes %zu); start them in "
        "several calls or use qdrant_upsert",
        job->batch.n_points, n, job->options.max_points, job->max_bytes);
  return encode(job, 0, n, n_bytes, body, err);
}

qdrant_status qdrant_upsert_start(qdrant_client *client, const char *collection, const qdrant_point_batch *batch,
    const qdrant_upsert_options *options, const qdrant_call_options *call_options, const qdrant_then *then,
    qdrant_error *err) {
  upsert job = {.client = client};
  qd_body *body = NULL;
  qdrant_status status = QDRANT_OK;
  qd_error_clear(err);
  if ((status = qd_call_check_entry(client, 0, err)) == QDRANT_OK &&
      (status = qd_call_check_then(then, err)) == QDRANT_OK &&
      (status = qd_admission_check(client, err)) == QDRANT_OK &&
      (status = resolve_batch(&job, batch, err)) == QDRANT_OK &&
      (status = prepare(&job, collection, options, call_options, err)) == QDRANT_OK)
    status = encode_whole(&job, &body, err);
  if (job.arena != NULL)
    qd_arena_pool_give(client->arenas, job.arena);
  if (status != QDRANT_OK)
    return status;
  return qd_call_body_start(client, QDRANT_RPC_POINTS_UPSERT, body, &job.settings, 0, then, err);
}

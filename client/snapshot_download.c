#include "client/part_file.h"
#include "client/snapshot_checksum.h"
#include "client/snapshot_target.h"
#include "client/transfer_run.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sha256.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const qd_rpc row = {.id = QDRANT_N_RPCS, .name = "snapshot download", .retry_class = QD_RETRY_READ};

typedef struct download {
  qd_transfer_run run;
  qd_transfer transfer;
  qd_part_file file;
  qd_arena *arena;
  const char *checksum;         /* NULL: not known */
  char etag[QD_MAX_ETAG_BYTES]; /* of what the part file holds; "": not known */
  uint64_t n_before;            /* in the part file when the attempt began */
  int is_resumed;               /* the part file was there before this call */
} download;

static int fail_attempt(download *job, qdrant_status status) {
  job->transfer.error.status = status;
  return 0;
}

/* A server that does not go on where we stopped sends all of it. */
static int begin(void *user, const qd_transfer_head *head) {
  download *job = user;
  qdrant_error *err = &job->transfer.error;
  if (head->first_byte != job->file.n_bytes) {
    if (head->first_byte != 0)
      return fail_attempt(
          job, qd_fail(err, QDRANT_BAD_REPLY, "%s: the server goes on at byte %" PRIu64 ", not %" PRIu64, row.name,
                   head->first_byte, job->file.n_bytes));
    if (qd_part_file_restart(&job->file, err) != QDRANT_OK)
      return 0;
    job->is_resumed = 0;
  }
  snprintf(job->etag, sizeof job->etag, "%s", head->etag);
  return 1;
}

static int take(void *user, const char *bytes, size_t n_bytes) {
  download *job = user;
  return qd_part_file_append(&job->file, bytes, n_bytes, &job->transfer.error) == QDRANT_OK;
}

static qdrant_status fetch_once(download *job) {
  job->n_before = job->file.n_bytes;
  job->transfer.first_byte = job->n_before;
  job->transfer.etag = job->etag;
  return qd_transfer_attempt(&job->run, &job->transfer, job->n_before);
}

/* 416: the part holds more than there is, so it is of something else. */
static int has_wrong_part(const download *job) {
  return job->transfer.code == 416 && job->file.n_bytes > 0;
}

static qdrant_status fetch(download *job, qdrant_error *err) {
  qdrant_status status;
  while ((status = fetch_once(job)) != QDRANT_OK) {
    if (has_wrong_part(job)) {
      status = qd_part_file_restart(&job->file, err);
      job->etag[0] = '\0';
      if (status != QDRANT_OK)
        return status;
      continue;
    }
    if (!qd_transfer_is_again(&job->run, &job->transfer.error, job->file.n_bytes > job->n_before))
      break;
  }
  if (status != QDRANT_OK) {
    qd_error_pass(err, &job->transfer.error);
    if (job->file.n_bytes > 0)
      qd_error_prefix(err, "%" PRIu64 " bytes are in %.100s: ", job->file.n_bytes, job->file.part_path);
  }
  return status;
}

/* OK with *is_right 0: what is there is something else. */
static qdrant_status check(download *job, int *is_right, qdrant_error *err) {
  char found[QD_SHA256_TEXT_BYTES];
  *is_right = 1;
  if (job->checksum == NULL)
    return QDRANT_OK;
  qdrant_status status = qd_sha256_file(job->file.part_path, found, err);
  if (status == QDRANT_OK)
    *is_right = strcasecmp(found, job->checksum) == 0;
  return status;
}

/* A part of an earlier call may be of another snapshot that had the same name: then all is fetched once more. */
static qdrant_status fetch_right(download *job, qdrant_error *err) {
  int is_right = 0;
  qdrant_status status = fetch(job, err);
  if (status == QDRANT_OK)
    status = check(job, &is_right, err);
  if (status != QDRANT_OK || is_right)
    return status;
  int was_resumed = job->is_resumed;
  job->is_resumed = 0;
  job->etag[0] = '\0';
  status = qd_part_file_restart(&job->file, err);
  if (status != QDRANT_OK)
    return status;
  if (was_resumed)
    return fetch_right(job, err);
  return qd_fail(err, QDRANT_DATA_LOSS, "%s: what came does not have the SHA-256 %.64s; the file was deleted", row.name,
      job->checksum);
}

static qdrant_status find_checksum(
    download *job, const qdrant_snapshot_place *place, const char *name, qdrant_error *err) {
  job->checksum = job->run.options.checksum;
  if (job->checksum != NULL || name == NULL)
    return QDRANT_OK;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.cancel = job->run.options.cancel;
  options.timeout_ms = qd_deadline_left_ns(job->run.deadline_ns) / QD_NS_PER_MS + 1; /* 0 would be the client's own */
  return qd_snapshot_checksum(job->run.client, place, name, &options, job->arena, &job->checksum, err);
}

static qdrant_status prepare(
    download *job, const qdrant_snapshot_place *place, const char *name, const char *path, qdrant_error *err) {
  qdrant_status status = find_checksum(job, place, name, err);
  if (status != QDRANT_OK)
    return status;
  int may_resume = job->run.options.resume != QDRANT_OFF && job->checksum != NULL;
  job->transfer.verb = "GET";
  job->transfer.target = qd_snapshot_target(place, name != NULL ? "/snapshots/" : "/snapshot", name, "", job->arena);
  job->transfer.begin = begin;
  job->transfer.take = take;
  job->transfer.user = job;
  if (job->transfer.target == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a %s was begun", row.name);
  status = qd_part_file_open(&job->file, path, may_resume, err);
  job->is_resumed = job->file.n_bytes > 0;
  return status;
}

static qdrant_status run(
    download *job, const qdrant_snapshot_place *place, const char *name, const char *path, qdrant_error *err) {
  qdrant_status status = prepare(job, place, name, path, err);
  if (status == QDRANT_OK)
    status = fetch_right(job, err);
  if (status == QDRANT_OK)
    status = qd_part_file_flush(&job->file, err);
  if (status == QDRANT_OK)
    status = qd_part_file_finish(&job->file, err);
  return status;
}

static qdrant_status check_arguments(
    const qdrant_snapshot_place *place, const char *name, const char *path, qdrant_error *err) {
  if (path == NULL || path[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "path is empty: the file to write is missing");
  if (name == NULL && !place->is_shard)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "name is NULL: only of a shard a snapshot is made while it is sent");
  if (name != NULL && name[0] == '\0')
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "name is empty; expected a snapshot's name as Snapshots/List tells it");
  return QDRANT_OK;
}

qdrant_status qdrant_snapshot_download(qdrant_client *client, const qdrant_snapshot_place *place, const char *name,
    const char *path, const qdrant_transfer_options *options, qdrant_error *err) {
  qdrant_snapshot_place wanted;
  download job = {.file = {.fd = -1}};
  qd_error_clear(err);
  qdrant_status status = qd_transfer_run_init(&job.run, client, &row, options, err);
  if (status == QDRANT_OK)
    status = qd_snapshot_place_read(place, 1, &wanted, err);
  if (status == QDRANT_OK)
    status = check_arguments(&wanted, name, path, err);
  if (status != QDRANT_OK)
    return status;
  job.arena = qd_arena_new(0);
  if (job.arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a %s was begun", row.name);
  status = run(&job, &wanted, name, path, err);
  qd_part_file_close(&job.file);
  qd_arena_free(job.arena);
  return status;
}

#include "cli/upload.h"

#include "cli/fail.h"
#include "qdrant/calls.h"

#include <stdlib.h>

/* One call in flight. */
typedef struct slot {
  uint64_t sequence; /* of its batch */
  size_t n_points;
  char place[48];
  int is_used;
} slot;

struct qd_upload {
  qdrant_client *client;
  const char *collection;
  const qdrant_upsert_options *options;
  qdrant_cq *queue;
  slot *slots;
  size_t max_in_flight, n_in_flight;
  uint64_t n_put;
  uint64_t first_failed; /* sequence; UINT64_MAX: none failed */
  qdrant_error failure;
  qd_upload_counts counts;
};

static size_t count_connections(qdrant_client *client) {
  qdrant_stats stats = {.size = sizeof stats};
  qdrant_status status = qdrant_client_stats(client, &stats, NULL);
  return status == QDRANT_OK && stats.n_connections > 0 ? stats.n_connections : 1;
}

qdrant_status qd_upload_new(qdrant_client *client, const char *collection, size_t max_in_flight,
    const qdrant_upsert_options *options, qd_upload **upload, qdrant_error *err) {
  qd_upload *made = calloc(1, sizeof *made);
  *upload = made;
  if (!made)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  made->client = client;
  made->collection = collection;
  made->options = options;
  made->first_failed = UINT64_MAX;
  made->max_in_flight = max_in_flight ? max_in_flight : count_connections(client);
  made->slots = calloc(made->max_in_flight, sizeof *made->slots);
  qdrant_status status =
      made->slots ? qdrant_cq_new(client, &made->queue, err) : qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  if (status != QDRANT_OK) {
    qd_upload_free(made);
    *upload = NULL;
  }
  return status;
}

void qd_upload_free(qd_upload *upload) {
  if (!upload)
    return;
  qdrant_cq_free(upload->queue);
  free(upload->slots);
  free(upload);
}

const qd_upload_counts *qd_upload_so_far(const qd_upload *upload) {
  return &upload->counts;
}

static void note_failure(qd_upload *upload, uint64_t sequence, const char *place, const qdrant_error *error) {
  if (sequence >= upload->first_failed)
    return;
  upload->first_failed = sequence;
  upload->failure = *error;
  snprintf(upload->counts.first_failed, sizeof upload->counts.first_failed, "%s", place);
}

static void take_completion(qd_upload *upload, qdrant_completion *completion) {
  slot *used = completion->user;
  const qdrant_error *error = &completion->error;
  upload->counts.n_calls++;
  if (error->status == QDRANT_OK)
    upload->counts.n_done += used->n_points;
  else if (error->delivery == QDRANT_MAYBE)
    upload->counts.n_maybe += used->n_points;
  else if (error->delivery == QDRANT_ANSWERED)
    upload->counts.n_refused += used->n_points;
  if (error->status != QDRANT_OK)
    note_failure(upload, used->sequence, used->place, error);
  qdrant_reply_free(completion->reply);
  used->is_used = 0;
  upload->n_in_flight--;
}

/* Waits for one or more calls to end. */
static void wait_some(qd_upload *upload) {
  qdrant_completion ended[16];
  size_t n = qdrant_cq_wait(upload->queue, ended, 16, -1);
  for (size_t i = 0; i < n; i++)
    take_completion(upload, &ended[i]);
}

static slot *find_slot(qd_upload *upload) {
  for (size_t i = 0; i < upload->max_in_flight; i++)
    if (!upload->slots[i].is_used)
      return &upload->slots[i];
  return NULL;
}

/* Starts the call; what AGAIN refuses is tried again when another call has ended. */
static qdrant_status start_call(qd_upload *upload, const qdrant_point_batch *batch, slot *taken, qdrant_error *err) {
  qdrant_then then = {.queue = upload->queue, .user = taken};
  for (;;) {
    qdrant_status status =
        qdrant_upsert_start(upload->client, upload->collection, batch, upload->options, NULL, &then, err);
    if (status != QDRANT_AGAIN || upload->n_in_flight == 0)
      return status;
    wait_some(upload);
  }
}

qdrant_status qd_upload_put(qd_upload *upload, const qdrant_point_batch *batch, const char *place, qdrant_error *err) {
  while (upload->n_in_flight == upload->max_in_flight)
    wait_some(upload);
  if (upload->first_failed != UINT64_MAX) {
    *err = upload->failure;
    return err->status;
  }
  slot *taken = find_slot(upload);
  *taken = (slot){.sequence = upload->n_put++, .n_points = batch->n_points};
  snprintf(taken->place, sizeof taken->place, "%s", place);
  qdrant_status status = start_call(upload, batch, taken, err);
  if (status != QDRANT_OK) {
    note_failure(upload, taken->sequence, place, err);
    return status;
  }
  taken->is_used = 1;
  upload->n_in_flight++;
  return QDRANT_OK;
}

qdrant_status qd_upload_finish(qd_upload *upload, qdrant_error *err) {
  while (upload->n_in_flight > 0)
    wait_some(upload);
  if (upload->first_failed == UINT64_MAX)
    return QDRANT_OK;
  *err = upload->failure;
  return err->status;
}

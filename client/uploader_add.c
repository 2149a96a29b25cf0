/* The thread that adds: points are written into the open batch, and batches are given over when they are full. */
#include "client/uploader.h"

#include "client/call.h"
#include "client/checkpoint.h"
#include "client/newer_gate.h"
#include "client/upload_piece.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"

#include <inttypes.h>

/* What a point costs beside its bytes: its key, twice, in a table that is half empty. */
#define HELD_A_POINT 40
#define MIN_AHEAD 4
/* A server that is slower than this is no matter of memory. */
#define CATCH_UP_NS (50 * QD_NS_PER_MS)

/* One call of a function that adds. */
typedef struct adding {
  qdrant_uploader *uploader;
  const qd_upload_piece *piece;
  int64_t deadline_ns;
  size_t n_taken;
} adding;

/* Points that come next, as many as the open batch takes. */
typedef struct chunk {
  size_t n;
  size_t n_bytes;
} chunk;

static void give_over(qdrant_uploader *uploader, qd_upload_batch *batch) {
  qd_upload_batch_close(batch, &uploader->frame);
  uploader->n_sequences++;
  pthread_mutex_lock(&uploader->lock);
  qd_upload_queue_push(&uploader->waiting, batch);
  uploader->n_waiting++;
  uploader->n_unreported++;
  pthread_mutex_unlock(&uploader->lock);
}

void qd_uploader_push(qdrant_uploader *uploader) {
  qd_upload_batch *batch = uploader->open;
  uploader->open = NULL;
  if (batch != NULL && batch->n_points > 0)
    give_over(uploader, batch);
  else
    qd_upload_batch_unref(batch);
  qd_uploader_drive(uploader);
}

void qd_uploader_clean(qdrant_uploader *uploader) {
  pthread_mutex_lock(&uploader->lock);
  qd_upload_queue reported = uploader->reported;
  uploader->reported = (qd_upload_queue){0};
  pthread_mutex_unlock(&uploader->lock);
  qd_upload_batch *batch = NULL;
  while ((batch = qd_upload_queue_take(&reported)) != NULL) {
    qd_upload_ids_drop_all(&uploader->ids, batch->keys, batch->n_points, batch->sequence + 1);
    qd_upload_batch_unref(batch);
  }
}

static chunk measure(const qdrant_uploader *uploader, const qd_upload_piece *piece, size_t first) {
  const qd_upload_batch *open = uploader->open;
  const qd_points_frame *frame = &uploader->frame;
  size_t n_used = open != NULL ? open->n_used + frame->n_tail : frame->n_head + frame->n_tail;
  size_t n_max = uploader->given.max_points - (open != NULL ? open->n_points : 0);
  size_t max_bytes = uploader->given.max_bytes;
  chunk next = {0};
  while (next.n < n_max && first + next.n < piece->n) {
    size_t n_bytes = piece->point_bytes[first + next.n];
    if (n_used + next.n_bytes > max_bytes || n_bytes > max_bytes - n_used - next.n_bytes)
      break;
    next.n_bytes += n_bytes;
    next.n++;
  }
  return next;
}

static qdrant_status fail_too_large(const qdrant_uploader *uploader, size_t point, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT,
      "point %zu alone needs a request larger than %zu bytes (max_bytes of the upload, max_request_bytes of the "
      "client)",
      point, uploader->given.max_bytes);
}

static size_t cost_of(const chunk *next) {
  return next->n_bytes + next->n * HELD_A_POINT;
}

/* Whether n_bytes more may be held, or there is no use in waiting for it. */
static int has_room(const qdrant_uploader *uploader, size_t n_bytes) {
  size_t held = uploader->n_held_bytes, max = uploader->given.max_buffered_bytes;
  return held == 0 || (held < max && n_bytes <= max - held) || uploader->is_stopped ||
         qd_uploader_is_cancelled(uploader);
}

/* Batches that wait beside those on their way: enough that none of the places stays empty. */
static uint32_t count_ahead(const qdrant_uploader *uploader) {
  return uploader->window.limit > MIN_AHEAD * 2 ? uploader->window.limit / 2 : MIN_AHEAD;
}

static int is_far_ahead(qdrant_uploader *uploader) {
  pthread_mutex_lock(&uploader->lock);
  int is_far = uploader->n_waiting >= count_ahead(uploader);
  pthread_mutex_unlock(&uploader->lock);
  return is_far;
}

/* Half of them are gone, so that the adding thread does not wake for each. */
static int has_caught_up(const qdrant_uploader *uploader, size_t n_bytes) {
  (void)n_bytes;
  return uploader->n_waiting <= count_ahead(uploader) / 2;
}

static qdrant_status check_goes_on(qdrant_uploader *uploader, qdrant_error *err) {
  if (qd_uploader_is_cancelled(uploader))
    return qd_fail(err, QDRANT_CANCELLED, "the upload was cancelled");
  pthread_mutex_lock(&uploader->lock);
  qdrant_status status = QDRANT_OK;
  if (uploader->is_ending)
    status = qd_fail(err, QDRANT_FAILED_PRECONDITION, "the upload has been finished; nothing can be added");
  else if (uploader->is_stopped)
    status = qd_error_pass(err, &uploader->first_error);
  pthread_mutex_unlock(&uploader->lock);
  return status;
}

static qdrant_status wait_for_room(const adding *job, const chunk *next, qdrant_error *err) {
  qdrant_uploader *uploader = job->uploader;
  if (is_far_ahead(uploader)) { /* memory just used is cheaper than more of it: whoever has time waits for that */
    int64_t until_ns = qd_now_ns() + CATCH_UP_NS;
    qd_uploader_wait(uploader, has_caught_up, 0, until_ns < job->deadline_ns ? until_ns : job->deadline_ns);
  }
  if (!qd_uploader_wait(uploader, has_room, cost_of(next), job->deadline_ns))
    return qd_fail(err, QDRANT_AGAIN, "max_buffered_bytes (%zu) are held; add the rest when a batch has been reported",
        uploader->given.max_buffered_bytes);
  return check_goes_on(uploader, err);
}

/* 0: no memory. */
static int ready_open(qdrant_uploader *uploader, const chunk *next) {
  if (uploader->open == NULL)
    uploader->open = qd_upload_batch_new(uploader, uploader->n_sequences, uploader->next_point);
  if (uploader->open == NULL)
    return 0;
  return qd_upload_batch_reserve(
             uploader->open, &uploader->frame, uploader->client->bodies, next->n_bytes, uploader->given.max_bytes) &&
         qd_upload_batch_reserve_keys(uploader->open, (uint32_t)next->n, uploader->given.max_points) &&
         qd_upload_ids_reserve(&uploader->ids, next->n);
}

/* Gives the ids to the open batch, up to one that it has already: of two points with one id the later goes into a later
 * batch. */
static size_t take_ids(qdrant_uploader *uploader, const uint64_t *keys, size_t n) {
  qd_upload_batch *open = uploader->open;
  uint64_t owner = open->sequence + 1;
  for (size_t i = 0; i < n; i++) {
    uint64_t before = qd_upload_ids_put(&uploader->ids, keys[i], owner);
    if (before == owner)
      return i;
    if (before > open->after)
      open->after = before;
    open->keys[open->n_points + i] = keys[i];
  }
  return n;
}

/* Of points that could not be written. */
static void give_ids_back(qdrant_uploader *uploader, const uint64_t *keys, size_t n) {
  for (size_t i = 0; i < n; i++)
    qd_upload_ids_drop(&uploader->ids, keys[i], uploader->open->sequence + 1);
}

static void count_taken(adding *job, const chunk *taken) {
  qdrant_uploader *uploader = job->uploader;
  qd_upload_batch *open = uploader->open;
  size_t cost = cost_of(taken);
  open->n_used += taken->n_bytes;
  open->n_points += (uint32_t)taken->n;
  open->n_held += cost;
  uploader->next_point += taken->n;
  job->n_taken += taken->n;
  pthread_mutex_lock(&uploader->lock);
  uploader->n_held_bytes += cost;
  uploader->counts.n_added += taken->n;
  pthread_mutex_unlock(&uploader->lock);
}

static size_t sum_bytes(const qd_upload_piece *piece, size_t first, size_t n) {
  size_t n_bytes = 0;
  for (size_t i = 0; i < n; i++)
    n_bytes += piece->point_bytes[first + i];
  return n_bytes;
}

/* Writes into the open batch, which has room. */
static qdrant_status write_chunk(adding *job, const chunk *next, qdrant_error *err) {
  qdrant_uploader *uploader = job->uploader;
  qd_upload_batch *open = uploader->open;
  size_t first = job->n_taken, n_written = 0;
  qd_newer_join(&open->newer, &job->piece->newer);
  size_t n = take_ids(uploader, job->piece->keys + first, next->n);
  qdrant_status status = qd_upload_piece_write(job->piece, first, n, open->body->bytes + open->n_used, &n_written, err);
  chunk taken = {
      .n = n_written, .n_bytes = n_written == next->n ? next->n_bytes : sum_bytes(job->piece, first, n_written)};
  if (n_written < n)
    give_ids_back(uploader, job->piece->keys + first + n_written, n - n_written);
  count_taken(job, &taken);
  if (open->n_points == uploader->given.max_points || n < next->n || status != QDRANT_OK)
    qd_uploader_push(uploader);
  return status;
}

/* Takes the next points as far as the open batch, or a new one, goes. */
static qdrant_status take_some(adding *job, qdrant_error *err) {
  qdrant_uploader *uploader = job->uploader;
  qd_uploader_clean(uploader);
  chunk next = measure(uploader, job->piece, job->n_taken);
  if (next.n == 0 && uploader->open == NULL)
    return fail_too_large(uploader, job->n_taken, err);
  int must_push = next.n == 0;
  if (!must_push && uploader->open != NULL) {
    pthread_mutex_lock(&uploader->lock);
    must_push = !has_room(uploader, cost_of(&next));
    pthread_mutex_unlock(&uploader->lock);
  }
  if (must_push) {
    qd_uploader_push(uploader);
    return QDRANT_OK;
  }
  qdrant_status status = wait_for_room(job, &next, err);
  if (status != QDRANT_OK)
    return status;
  if (!ready_open(uploader, &next))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a batch of %zu points", next.n);
  return write_chunk(job, &next, err);
}

/* All of the piece, as long as nothing is in the way. */
static qdrant_status take_piece(adding *job, qdrant_error *err) {
  qdrant_status status = check_goes_on(job->uploader, err);
  while (status == QDRANT_OK && job->n_taken < job->piece->n)
    status = take_some(job, err);
  return status;
}

static qdrant_status add_piece(qdrant_uploader *uploader, const qd_upload_piece *piece, qdrant_status piece_status,
    const qdrant_error *piece_error, int64_t timeout_ms, size_t *n_added, qdrant_error *err) {
  adding job = {
      .uploader = uploader, .piece = piece, .deadline_ns = timeout_ms < 0 ? INT64_MAX : qd_deadline_in_ms(timeout_ms)};
  qdrant_status status = take_piece(&job, err);
  if (status == QDRANT_OK && piece_status != QDRANT_OK)
    status = qd_error_pass(err, piece_error);
  if (n_added != NULL)
    *n_added = job.n_taken;
  qd_checkpoint_keep(uploader, 0);
  return status;
}

static qdrant_status check_adding(
    const qdrant_uploader *uploader, int64_t timeout_ms, size_t *n_added, qdrant_error *err) {
  qd_error_clear(err);
  if (n_added != NULL)
    *n_added = 0;
  qdrant_status status = qd_uploader_check(uploader, err);
  if (status == QDRANT_OK && timeout_ms < -1)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "timeout_ms is %" PRId64 "; expected -1, 0 or more", timeout_ms);
  return status;
}

qdrant_status qdrant_uploader_add(qdrant_uploader *uploader, const qdrant_point_batch *batch, int64_t timeout_ms,
    size_t *n_added, qdrant_error *err) {
  qdrant_point_batch copy;
  qd_upload_piece piece;
  qdrant_error piece_error = {0};
  qdrant_status status = check_adding(uploader, timeout_ms, n_added, err);
  if (status == QDRANT_OK && batch == NULL)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch is NULL");
  if (status == QDRANT_OK)
    status = qd_sized_copy(&copy, sizeof copy, batch, "qdrant_point_batch", QDRANT_INVALID_ARGUMENT, err);
  if (status != QDRANT_OK || copy.n_points == 0)
    return status;
  copy.size = sizeof copy;
  qd_arena *arena = qd_arena_pool_take(uploader->client->arenas);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare %zu points", copy.n_points);
  qd_points_request request = {.collection = uploader->collection, .batch = &copy, .options = &uploader->upsert};
  status = qd_upload_piece_of_columns(&request, arena, &piece, &piece_error);
  status = add_piece(uploader, &piece, status, &piece_error, timeout_ms, n_added, err);
  qd_arena_pool_give(uploader->client->arenas, arena);
  return status;
}

qdrant_status qdrant_uploader_add_messages(qdrant_uploader *uploader, struct Qdrant__PointStruct *const *points,
    size_t n_points, int64_t timeout_ms, size_t *n_added, qdrant_error *err) {
  qd_upload_piece piece;
  qdrant_error piece_error = {0};
  qdrant_status status = check_adding(uploader, timeout_ms, n_added, err);
  if (status != QDRANT_OK || n_points == 0)
    return status;
  qd_arena *arena = qd_arena_pool_take(uploader->client->arenas);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare %zu points", n_points);
  status =
      qd_upload_piece_of_messages(points, n_points, qd_newer_is_wanted(uploader->client), arena, &piece, &piece_error);
  status = add_piece(uploader, &piece, status, &piece_error, timeout_ms, n_added, err);
  qd_arena_pool_give(uploader->client->arenas, arena);
  return status;
}

qdrant_status qdrant_uploader_pull(qdrant_uploader *uploader, qdrant_next_points next, void *user, qdrant_error *err) {
  qdrant_status status = check_adding(uploader, -1, NULL, err);
  if (status == QDRANT_OK && next == NULL)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "next is NULL");
  while (status == QDRANT_OK) {
    qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
    status = next(user, &batch, err);
    if (status != QDRANT_OK || batch.n_points == 0)
      break;
    status = qdrant_uploader_add(uploader, &batch, -1, NULL, err);
  }
  return status;
}

qdrant_status qdrant_uploader_seek(qdrant_uploader *uploader, uint64_t first_point, qdrant_error *err) {
  qdrant_status status = check_adding(uploader, -1, NULL, err);
  if (status == QDRANT_OK && first_point > UINT64_MAX / 2)
    status = qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "first_point is %" PRIu64 "; at most half of all 64-bit numbers", first_point);
  if (status != QDRANT_OK || first_point == uploader->next_point)
    return status;
  qd_uploader_push(uploader);
  pthread_mutex_lock(&uploader->lock);
  if (first_point > uploader->next_point)
    qd_uploader_pass(uploader, uploader->next_point, first_point); /* those between are left out for good */
  pthread_mutex_unlock(&uploader->lock);
  uploader->next_point = first_point;
  return QDRANT_OK;
}

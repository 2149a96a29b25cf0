/* Bulk upload: a million points would go the same way as these 10,000. Batches are cut, sent several at once, repeated
 * when the server is away, and each is reported exactly once; a checkpoint says at any time how far it is. */
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <qdrant/uploader.h>
#include <stdio.h>
#include <stdlib.h>

static const char collection[] = "example-upload";

enum { n_points = 10000, n_piece = 500, dim = 8 };

static qdrant_status make_collection(qdrant_client *client, qdrant_error *err) {
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *create = qdrant_create_dense(arena, collection, dim, QDRANT__DISTANCE__Cosine);
  qdrant_status status = qdrant_collections_create(client, create, NULL, &reply, err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status == QDRANT_ALREADY_EXISTS ? QDRANT_OK : status;
}

/* Only batches with points that are not stored are worth a line. */
static void tell_failures(void *user, const qdrant_batch_report *report) {
  (void)user;
  for (size_t i = 0; i < report->n_failed; i++)
    fprintf(stderr, "points from %llu on: %s\n", (unsigned long long)report->failed[i].first_point,
        report->failed[i].error.message);
}

/* The points come piece by piece into the same memory: it may be used again as soon as a piece is added. */
static qdrant_status add_all(qdrant_uploader *uploader, qdrant_error *err) {
  static uint64_t ids[n_piece];
  static float values[n_piece * dim];
  qdrant_vector_column vectors = {.dim = dim, .values = values};
  qdrant_point_batch piece = QDRANT_POINT_BATCH_INIT;
  piece.n_points = n_piece;
  piece.ids = ids;
  piece.vectors = &vectors;
  piece.n_vectors = 1;
  qdrant_status status = QDRANT_OK;
  for (uint64_t first = 0; first < n_points && status == QDRANT_OK; first += n_piece) {
    for (uint64_t i = 0; i < n_piece; i++)
      ids[i] = first + i;
    for (size_t i = 0; i < n_piece * dim; i++)
      values[i] = (float)rand() / (float)RAND_MAX;
    status = qdrant_uploader_add(uploader, &piece, -1, NULL, err);
  }
  return status;
}

static qdrant_status upload(qdrant_client *client, qdrant_error *err) {
  qdrant_uploader *uploader = NULL;
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  options.done = tell_failures;
  options.total_points = n_points;
  options.checkpoint_path = getenv("CHECKPOINT");
  qdrant_status status = qdrant_uploader_new(client, collection, &options, &uploader, err);
  if (status == QDRANT_OK)
    status = add_all(uploader, err);
  if (status == QDRANT_OK)
    status = qdrant_uploader_finish(uploader, -1, err);
  qdrant_uploader_progress(uploader, &progress);
  printf("%llu points done in %llu batches\n", (unsigned long long)progress.n_done,
      (unsigned long long)progress.n_batches);
  qdrant_uploader_free(uploader);
  return status;
}

int main(void) {
  qdrant_error err;
  qdrant_client *client = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = getenv("QDRANT_URL") ? getenv("QDRANT_URL") : ":memory:";
  options.api_key = getenv("QDRANT_API_KEY");
  qdrant_status status = qdrant_client_open(&options, &client, &err);
  if (status == QDRANT_OK)
    status = make_collection(client, &err);
  if (status == QDRANT_OK)
    status = upload(client, &err);
  if (status != QDRANT_OK)
    fprintf(stderr, "error: %s: %s\n", qdrant_status_name(status), err.message);
  qdrant_client_close(client);
  return status == QDRANT_OK ? 0 : 1;
}

/* A service with an event loop: upserts are started without waiting, and the loop hears of their ends through one
 * descriptor, beside whatever else it watches. */
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <qdrant/upsert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char collection[] = "example-async";

enum { n_batches = 20, n_points = 100, dim = 8 };

static qdrant_status make_collection(qdrant_client *client, qdrant_error *err) {
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *create = qdrant_create_dense(arena, collection, dim, QDRANT__DISTANCE__Dot);
  qdrant_status status = qdrant_collections_create(client, create, NULL, &reply, err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status == QDRANT_ALREADY_EXISTS ? QDRANT_OK : status;
}

/* The columns are encoded before qdrant_upsert_start returns: the same arrays serve every batch. */
static qdrant_status start_batch(qdrant_client *client, qdrant_cq *queue, size_t batch, qdrant_error *err) {
  uint64_t ids[n_points];
  float rows[n_points * dim];
  for (size_t i = 0; i < n_points; i++)
    ids[i] = batch * n_points + i;
  for (size_t i = 0; i < n_points * dim; i++)
    rows[i] = (float)(batch * 31 + i % 17);
  qdrant_vector_column vectors = {.dim = dim, .values = rows};
  qdrant_point_batch points = QDRANT_POINT_BATCH_INIT;
  points.n_points = n_points;
  points.ids = ids;
  points.vectors = &vectors;
  points.n_vectors = 1;
  qdrant_then then = {.queue = queue};
  return qdrant_upsert_start(client, collection, &points, NULL, NULL, &then, err);
}

/* Every call that was started ends exactly once, with a reply or with an error. */
static int hear_ends(qdrant_cq *queue, int *n_failed) {
  qdrant_completion ended[8];
  size_t n = qdrant_cq_pop(queue, ended, 8);
  for (size_t i = 0; i < n; i++) {
    *n_failed += ended[i].error.status != QDRANT_OK;
    qdrant_reply_free(ended[i].reply);
  }
  return (int)n;
}

static qdrant_status run_loop(qdrant_client *client, qdrant_cq *queue, qdrant_error *err) {
  int loop = epoll_create1(EPOLL_CLOEXEC), n_ended = 0, n_failed = 0;
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(loop, EPOLL_CTL_ADD, qdrant_cq_fd(queue), &event);
  qdrant_status status = QDRANT_OK;
  for (size_t batch = 0; status == QDRANT_OK && batch < n_batches; batch++)
    status = start_batch(client, queue, batch, err);
  while (status == QDRANT_OK && n_ended < n_batches && epoll_wait(loop, &event, 1, 30000) > 0)
    n_ended += hear_ends(queue, &n_failed);
  close(loop);
  printf("%d of %d batches ended, %d failed\n", n_ended, n_batches, n_failed);
  return status;
}

int main(void) {
  qdrant_error err;
  qdrant_client *client = NULL;
  qdrant_cq *queue = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = getenv("QDRANT_URL") ? getenv("QDRANT_URL") : ":memory:";
  options.api_key = getenv("QDRANT_API_KEY");
  qdrant_status status = qdrant_client_open(&options, &client, &err);
  if (status == QDRANT_OK)
    status = make_collection(client, &err);
  if (status == QDRANT_OK)
    status = qdrant_cq_new(client, &queue, &err);
  if (status == QDRANT_OK)
    status = run_loop(client, queue, &err);
  if (status != QDRANT_OK)
    fprintf(stderr, "error: %s: %s\n", qdrant_status_name(status), err.message);
  qdrant_cq_free(queue);
  qdrant_client_close(client);
  return status == QDRANT_OK ? 0 : 1;
}

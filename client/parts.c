#include "client/parts.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

#define GRACE_NS QD_NS_PER_S

typedef enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_ENDED } slot_state;

struct parts;

/* One call in flight. */
typedef struct slot {
  struct parts *parts;
  slot_state state;
  size_t part;
  qdrant_reply *reply;
  qdrant_error error;
} slot;

/* Outlives the run while a transport still owes the end of a call. */
typedef struct parts {
  atomic_uint refs; /* of the run and of each call in flight */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int is_abandoned; /* the run is over: ends are dropped */
  size_t n_busy;
  size_t n_slots;
  slot slots[];
} parts;

/* What the run works with, in the caller's thread only. */
typedef struct runner {
  qdrant_client *client;
  qdrant_rpc rpc;
  const qd_settings *settings;
  const qd_parts_ops *ops;
  void *user;
  parts *parts;
  int is_stopped; /* no further part is begun */
} runner;

static parts *new_parts(size_t n_slots) {
  parts *made = qd_zalloc(sizeof *made + n_slots * sizeof(slot));
  if (made == NULL)
    return NULL;
  atomic_init(&made->refs, 1);
  pthread_mutex_init(&made->lock, NULL);
  qd_cond_init(&made->changed);
  made->n_slots = n_slots;
  for (size_t i = 0; i < n_slots; i++)
    made->slots[i].parts = made;
  return made;
}

static void unref_parts(parts *all) {
  if (atomic_fetch_sub(&all->refs, 1) > 1)
    return;
  pthread_cond_destroy(&all->changed);
  pthread_mutex_destroy(&all->lock);
  qd_free(all);
}

static void end_slot(void *user, qdrant_reply *reply, const qdrant_error *err) {
  slot *ended = user;
  parts *all = ended->parts;
  pthread_mutex_lock(&all->lock);
  int is_dropped = all->is_abandoned;
  if (!is_dropped) {
    ended->reply = reply;
    qd_error_copy(&ended->error, err);
    ended->state = SLOT_ENDED;
  }
  pthread_mutex_unlock(&all->lock);
  if (is_dropped)
    qdrant_reply_free(reply);
  else
    pthread_cond_signal(&all->changed); /* after the unlock, or the run wakes only to wait for the lock */
  unref_parts(all);
}

static slot *find_slot(parts *all, slot_state state) {
  for (size_t i = 0; i < all->n_slots; i++)
    if (all->slots[i].state == state)
      return &all->slots[i];
  return NULL;
}

static void take_end(runner *run, size_t part, qdrant_reply *reply, const qdrant_error *error) {
  if (!run->ops->take(run->user, part, reply, error))
    run->is_stopped = 1;
}

/* Begins the next part in a free slot; without the lock, since encoding takes its time and admission may wait. */
static void begin_part(runner *run, slot *free_slot) {
  qd_body *body = NULL;
  qdrant_error error = {0};
  size_t part = 0;
  qdrant_status status = run->ops->next(run->user, &part, &body, &error);
  if (status == QDRANT_OK && body == NULL) {
    run->is_stopped = 1;
    return;
  }
  if (status == QDRANT_OK) {
    qdrant_then then = {.done = end_slot, .user = free_slot};
    *free_slot = (slot){.parts = run->parts, .state = SLOT_BUSY, .part = part};
    atomic_fetch_add(&run->parts->refs, 1);
    run->parts->n_busy++;
    status = qd_call_body_start(run->client, run->rpc, body, run->settings, 1, &then, &error);
    if (status == QDRANT_OK)
      return;
    run->parts->n_busy--;
    unref_parts(run->parts);
    free_slot->state = SLOT_FREE;
  }
  run->is_stopped = 1;
  take_end(run, part, NULL, &error);
}

/* Waits for an end: a slot that has one, or NULL when the grace is over. */
static slot *wait_for_end(runner *run, int64_t until_ns) {
  parts *all = run->parts;
  slot *ended = NULL;
  int has_time = 1;
  pthread_mutex_lock(&all->lock);
  while ((ended = find_slot(all, SLOT_ENDED)) == NULL && has_time)
    has_time = qd_cond_wait(&all->changed, &all->lock, until_ns);
  if (ended != NULL)
    ended->state = SLOT_FREE;
  pthread_mutex_unlock(&all->lock);
  return ended;
}

static slot *find_free(runner *run) {
  pthread_mutex_lock(&run->parts->lock);
  slot *found = find_slot(run->parts, SLOT_ENDED) == NULL ? find_slot(run->parts, SLOT_FREE) : NULL;
  pthread_mutex_unlock(&run->parts->lock);
  return found;
}

/* The transport has not ended these by the deadline; whatever becomes of them is not known. */
static void abandon(runner *run) {
  parts *all = run->parts;
  qdrant_error error = {0};
  pthread_mutex_lock(&all->lock);
  all->is_abandoned = 1;
  pthread_mutex_unlock(&all->lock);
  qd_fail(&error, QDRANT_DEADLINE_EXCEEDED, "%s: the deadline passed and the transport did not end the call",
      qdrant_rpc_name(run->rpc));
  error.delivery = QDRANT_MAYBE;
  error.n_attempts = 1;
  for (size_t i = 0; i < all->n_slots; i++)
    if (all->slots[i].state != SLOT_FREE)
      take_end(run, all->slots[i].part, all->slots[i].reply, &error);
}

static void run_parts(runner *run) {
  int64_t deadline_ns = run->settings->deadline_ns;
  int64_t until_ns = deadline_ns < INT64_MAX - GRACE_NS ? deadline_ns + GRACE_NS : INT64_MAX;
  for (;;) {
    slot *free_slot = run->is_stopped ? NULL : find_free(run);
    if (free_slot != NULL) {
      begin_part(run, free_slot);
      continue;
    }
    if (run->parts->n_busy == 0)
      return;
    slot *ended = wait_for_end(run, until_ns);
    if (ended == NULL) {
      abandon(run);
      return;
    }
    run->parts->n_busy--;
    take_end(run, ended->part, ended->reply, &ended->error);
  }
}

qdrant_status qd_parts_run(qdrant_client *client, qdrant_rpc rpc, const qd_settings *settings, size_t max_in_flight,
    const qd_parts_ops *ops, void *user, qdrant_error *err) {
  runner run = {
      .client = client, .rpc = rpc, .settings = settings, .ops = ops, .user = user, .parts = new_parts(max_in_flight)};
  if (run.parts == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", qdrant_rpc_name(rpc));
  run_parts(&run);
  unref_parts(run.parts);
  return QDRANT_OK;
}

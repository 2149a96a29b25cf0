#include "client/cq.h"

#include "client/client.h"
#include "client/reply.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct qd_cq_item {
  qd_cq_item *next;
  qdrant_cq *queue;
  qdrant_completion completion;
};

struct qdrant_cq {
  int fd; /* an eventfd whose counter is above 0 exactly while items wait */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  qd_cq_item *first;
  qd_cq_item *last;
  size_t n_reserved; /* calls in flight on this queue; each keeps it alive */
  int is_freed;
};

qdrant_status qdrant_cq_new(qdrant_client *client, qdrant_cq **queue, qdrant_error *err) {
  qd_error_clear(err);
  if (queue == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queue is NULL");
  *queue = NULL;
  if (client == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "client is NULL");
  qdrant_status status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  qdrant_cq *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a completion queue was made");
  made->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (made->fd < 0) {
    qd_free(made);
    return qd_fail(err, QDRANT_IO_ERROR, "eventfd: %s", strerror(errno));
  }
  pthread_mutex_init(&made->lock, NULL);
  qd_cond_init(&made->changed);
  *queue = made;
  return QDRANT_OK;
}

int qdrant_cq_fd(const qdrant_cq *queue) {
  return queue != NULL ? queue->fd : -1;
}

static void destroy(qdrant_cq *queue) {
  close(queue->fd);
  pthread_cond_destroy(&queue->changed);
  pthread_mutex_destroy(&queue->lock);
  qd_free(queue);
}

qd_cq_item *qd_cq_reserve(qdrant_cq *queue, void *user) {
  qd_cq_item *item = qd_zalloc(sizeof *item);
  if (item == NULL)
    return NULL;
  item->queue = queue;
  item->completion.user = user;
  pthread_mutex_lock(&queue->lock);
  queue->n_reserved++;
  pthread_mutex_unlock(&queue->lock);
  return item;
}

/* One call less in flight; unlocks. The last one of a queue that was freed meanwhile takes it along. */
static void end_reservation(qdrant_cq *queue) {
  queue->n_reserved--;
  int is_last = queue->is_freed && queue->n_reserved == 0;
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
  if (is_last)
    destroy(queue);
}

void qd_cq_unreserve(qd_cq_item *item) {
  if (item == NULL)
    return;
  pthread_mutex_lock(&item->queue->lock);
  end_reservation(item->queue);
  qd_free(item);
}

/* The counter cannot overflow: it is written only when the list was empty. Both under the lock. */
static void raise_fd(qdrant_cq *queue) {
  uint64_t one = 1;
  while (write(queue->fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static void lower_fd(qdrant_cq *queue) {
  uint64_t count = 0;
  while (read(queue->fd, &count, sizeof count) < 0 && errno == EINTR)
    continue;
}

void qd_cq_post(qd_cq_item *item, qdrant_reply *reply, const qdrant_error *error) {
  qdrant_cq *queue = item->queue;
  item->completion.reply = reply;
  qd_error_copy(&item->completion.error, error);
  pthread_mutex_lock(&queue->lock);
  if (queue->is_freed) {
    end_reservation(queue);
    qdrant_reply_free(reply);
    qd_free(item);
    return;
  }
  if (queue->first == NULL) {
    queue->first = item;
    raise_fd(queue);
  } else {
    queue->last->next = item;
  }
  queue->last = item;
  end_reservation(queue);
}

static qd_cq_item *take_items(qdrant_cq *queue, size_t max) {
  qd_cq_item *first = queue->first;
  qd_cq_item *last = NULL;
  for (size_t n = 0; n < max && queue->first != NULL; n++) {
    last = queue->first;
    queue->first = last->next;
  }
  if (last == NULL)
    return NULL;
  last->next = NULL;
  if (queue->first == NULL)
    lower_fd(queue);
  return first;
}

/* A reply that cannot be read is a failed call: what it did is not known to the caller. */
static void decode(qdrant_completion *completion) {
  qdrant_error error = {0};
  if (completion->reply == NULL || qdrant_reply_message(completion->reply, &error) != NULL)
    return;
  error.delivery = QDRANT_MAYBE;
  error.n_attempts = qdrant_reply_attempts(completion->reply);
  completion->error = error;
  qdrant_reply_free(completion->reply);
  completion->reply = NULL;
}

static size_t give_items(qd_cq_item *items, qdrant_completion *out) {
  size_t n = 0;
  while (items != NULL) {
    qd_cq_item *next = items->next;
    out[n] = items->completion;
    decode(&out[n++]);
    qd_free(items);
    items = next;
  }
  return n;
}

size_t qdrant_cq_pop(qdrant_cq *queue, qdrant_completion *out, size_t max) {
  return qdrant_cq_wait(queue, out, max, 0);
}

size_t qdrant_cq_wait(qdrant_cq *queue, qdrant_completion *out, size_t max, int64_t timeout_ms) {
  if (queue == NULL || out == NULL || max == 0)
    return 0;
  int64_t deadline_ns = qd_deadline_in_ms(timeout_ms < 0 ? INT64_MAX : timeout_ms);
  int has_time = timeout_ms != 0;
  pthread_mutex_lock(&queue->lock);
  while (queue->first == NULL && has_time && (timeout_ms > 0 || queue->n_reserved > 0))
    has_time = qd_cond_wait(&queue->changed, &queue->lock, deadline_ns);
  qd_cq_item *items = take_items(queue, max);
  pthread_mutex_unlock(&queue->lock);
  return give_items(items, out);
}

void qdrant_cq_free(qdrant_cq *queue) {
  if (queue == NULL)
    return;
  pthread_mutex_lock(&queue->lock);
  qd_cq_item *items = take_items(queue, SIZE_MAX);
  queue->is_freed = 1;
  int is_last = queue->n_reserved == 0;
  pthread_mutex_unlock(&queue->lock);
  while (items != NULL) {
    qd_cq_item *next = items->next;
    qdrant_reply_free(items->completion.reply);
    qd_free(items);
    items = next;
  }
  if (is_last)
    destroy(queue);
}

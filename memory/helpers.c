#include "memory/helpers.h"

#include "core/alloc.h"
#include "core/thread.h"

#include <unistd.h>

/* Work of one caller, on its stack. */
typedef struct task task;
struct task {
  void (*work)(void *user, size_t piece);
  void *user;
  size_t n_pieces;
  size_t next_piece;
  size_t n_helping;       /* helpers at work on a piece of it */
  pthread_cond_t is_left; /* the last of them has gone */
  task *next;
};

struct qd_helpers {
  size_t max_threads;
  pid_t process;        /* that has the threads */
  pthread_mutex_t lock; /* guards all below, and the tasks; not held while work is done */
  pthread_cond_t has_work;
  task *tasks; /* with pieces that nobody has begun, the oldest first */
  int is_closing;
  size_t n_threads;
  size_t n_idle;
  pthread_t threads[];
};

qd_helpers *qd_helpers_new(size_t max_threads) {
  qd_helpers *helpers = qd_zalloc(sizeof *helpers + max_threads * sizeof helpers->threads[0]);
  if (helpers == NULL)
    return NULL;
  helpers->max_threads = max_threads;
  helpers->process = getpid();
  pthread_mutex_init(&helpers->lock, NULL);
  pthread_cond_init(&helpers->has_work, NULL);
  return helpers;
}

void qd_helpers_free(qd_helpers *helpers) {
  if (helpers == NULL)
    return;
  if (helpers->process == getpid()) {
    pthread_mutex_lock(&helpers->lock);
    helpers->is_closing = 1;
    pthread_cond_broadcast(&helpers->has_work);
    pthread_mutex_unlock(&helpers->lock);
    for (size_t i = 0; i < helpers->n_threads; i++)
      pthread_join(helpers->threads[i], NULL);
    pthread_cond_destroy(&helpers->has_work);
    pthread_mutex_destroy(&helpers->lock);
  }
  qd_free(helpers);
}

size_t qd_helpers_width(const qd_helpers *helpers) {
  return helpers != NULL ? helpers->max_threads + 1 : 1;
}

static void forget_task(qd_helpers *helpers, const task *done) {
  task **link = &helpers->tasks;
  while (*link != done)
    link = &(*link)->next;
  *link = done->next;
}

/* Begins a piece and does it without the lock. The task leaves the list with its last piece. */
static void do_piece(qd_helpers *helpers, task *from) {
  size_t piece = from->next_piece++;
  if (from->next_piece == from->n_pieces)
    forget_task(helpers, from);
  pthread_mutex_unlock(&helpers->lock);
  from->work(from->user, piece);
  pthread_mutex_lock(&helpers->lock);
}

static void help(qd_helpers *helpers, task *with) {
  with->n_helping++;
  do_piece(helpers, with);
  if (--with->n_helping == 0)
    pthread_cond_signal(&with->is_left);
}

static void *run_helper(void *user) {
  qd_helpers *helpers = user;
  pthread_mutex_lock(&helpers->lock);
  while (!helpers->is_closing) {
    if (helpers->tasks != NULL) {
      help(helpers, helpers->tasks);
      continue;
    }
    helpers->n_idle++;
    pthread_cond_wait(&helpers->has_work, &helpers->lock);
    helpers->n_idle--;
  }
  pthread_mutex_unlock(&helpers->lock);
  return NULL;
}

/* As many as could take a piece; fewer when no more threads are to be had. */
static void wake_helpers(qd_helpers *helpers, size_t n_wanted) {
  for (size_t n = helpers->n_idle; n < n_wanted && helpers->n_threads < helpers->max_threads; n++) {
    if (!qd_thread_start(&helpers->threads[helpers->n_threads], "qdrant-helper", run_helper, helpers))
      break;
    helpers->n_threads++;
  }
  pthread_cond_broadcast(&helpers->has_work);
}

static void add_task(qd_helpers *helpers, task *added) {
  task **link = &helpers->tasks;
  while (*link != NULL)
    link = &(*link)->next;
  *link = added;
}

static void share_work(qd_helpers *helpers, task *shared) {
  pthread_mutex_lock(&helpers->lock);
  add_task(helpers, shared);
  wake_helpers(helpers, shared->n_pieces - 1);
  while (shared->next_piece < shared->n_pieces)
    do_piece(helpers, shared);
  while (shared->n_helping > 0)
    pthread_cond_wait(&shared->is_left, &helpers->lock);
  pthread_mutex_unlock(&helpers->lock);
}

void qd_helpers_run(qd_helpers *helpers, size_t n_pieces, void (*work)(void *user, size_t piece), void *user) {
  if (qd_helpers_width(helpers) == 1 || n_pieces < 2) {
    for (size_t piece = 0; piece < n_pieces; piece++)
      work(user, piece);
    return;
  }
  task shared = {.work = work, .user = user, .n_pieces = n_pieces};
  pthread_cond_init(&shared.is_left, NULL);
  share_work(helpers, &shared);
  pthread_cond_destroy(&shared.is_left);
}

#include "tls/diagnosis.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/thread.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Many calls fail at once, for one reason. */
enum { USEFUL_MS = 1000 };

struct qd_diagnosis {
  qd_diagnosis_plan plan;
  char *name;
  int stop_fd;          /* readable once it is closing */
  pthread_mutex_t lock; /* guards the rest */
  pthread_cond_t asked;
  pthread_t thread;
  int has_thread;
  int is_closing;
  int is_wanted; /* question waits for the thread, or the thread is at it */
  int is_known;
  int64_t known_ns;
  qd_probe_question question;
  qd_finding finding;
};

qd_diagnosis *qd_diagnosis_open(const qd_diagnosis_plan *plan) {
  qd_diagnosis *opened = qd_zalloc(sizeof *opened);
  if (opened == NULL)
    return NULL;
  opened->plan = *plan;
  opened->name = qd_strdup(plan->name);
  opened->stop_fd = -1;
  pthread_mutex_init(&opened->lock, NULL);
  pthread_cond_init(&opened->asked, NULL);
  if (opened->name != NULL)
    return opened;
  qd_diagnosis_free(opened);
  return NULL;
}

static void look(qd_diagnosis *diagnosis, qd_probe_question *question, qd_finding *finding) {
  question->material = diagnosis->plan.files != NULL ? qd_material_take(diagnosis->plan.files) : NULL;
  qd_probe(question, diagnosis->stop_fd, finding);
  qd_material_unref(question->material);
}

static void *run(void *user) {
  qd_diagnosis *diagnosis = user;
  pthread_mutex_lock(&diagnosis->lock);
  while (!diagnosis->is_closing) {
    if (!diagnosis->is_wanted) {
      pthread_cond_wait(&diagnosis->asked, &diagnosis->lock);
      continue;
    }
    qd_probe_question question = diagnosis->question;
    qd_finding finding;
    pthread_mutex_unlock(&diagnosis->lock);
    look(diagnosis, &question, &finding);
    pthread_mutex_lock(&diagnosis->lock);
    diagnosis->finding = finding;
    diagnosis->is_wanted = 0;
    diagnosis->is_known = 1;
    diagnosis->known_ns = qd_now_ns();
    pthread_mutex_unlock(&diagnosis->lock);
    diagnosis->plan.told(diagnosis->plan.user);
    pthread_mutex_lock(&diagnosis->lock);
  }
  pthread_mutex_unlock(&diagnosis->lock);
  return NULL;
}

/* Under the lock. */
static int is_known(const qd_diagnosis *diagnosis, const char *address, uint16_t port) {
  return diagnosis->is_known && qd_now_ns() - diagnosis->known_ns < USEFUL_MS * QD_NS_PER_MS &&
         diagnosis->question.port == port && strcmp(diagnosis->question.address, address) == 0;
}

/* Under the lock. */
static int begin(qd_diagnosis *diagnosis, const char *address, uint16_t port) {
  if (diagnosis->stop_fd < 0)
    diagnosis->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (diagnosis->stop_fd >= 0 && !diagnosis->has_thread)
    diagnosis->has_thread = qd_thread_start(&diagnosis->thread, "qdrant-tls", run, diagnosis);
  if (!diagnosis->has_thread)
    return 0;
  const qd_diagnosis_plan *plan = &diagnosis->plan;
  diagnosis->question = (qd_probe_question){.port = port,
      .is_tls = plan->files != NULL,
      .is_http2 = plan->is_http2,
      .name = diagnosis->name,
      .verify = plan->verify,
      .timeout_ms = plan->timeout_ms};
  snprintf(diagnosis->question.address, sizeof diagnosis->question.address, "%s", address);
  diagnosis->is_wanted = 1;
  diagnosis->is_known = 0;
  pthread_cond_signal(&diagnosis->asked);
  return 1;
}

qd_diagnosis_state qd_diagnosis_ask(qd_diagnosis *diagnosis, const char *address, uint16_t port, qd_finding *finding) {
  qd_diagnosis_state state = QD_DIAGNOSIS_UNABLE;
  pthread_mutex_lock(&diagnosis->lock);
  if (diagnosis->is_closing) {
    state = QD_DIAGNOSIS_UNABLE;
  } else if (is_known(diagnosis, address, port)) {
    *finding = diagnosis->finding;
    state = QD_DIAGNOSIS_KNOWN;
  } else if (diagnosis->is_wanted || begin(diagnosis, address, port)) {
    state = QD_DIAGNOSIS_LOOKING;
  }
  pthread_mutex_unlock(&diagnosis->lock);
  return state;
}

void qd_diagnosis_stop(qd_diagnosis *diagnosis) {
  const uint64_t one = 1;
  if (diagnosis == NULL)
    return;
  pthread_mutex_lock(&diagnosis->lock);
  int has_thread = diagnosis->has_thread && !diagnosis->is_closing;
  diagnosis->is_closing = 1;
  pthread_cond_signal(&diagnosis->asked);
  pthread_mutex_unlock(&diagnosis->lock);
  if (has_thread && write(diagnosis->stop_fd, &one, sizeof one) == (ssize_t)sizeof one)
    pthread_join(diagnosis->thread, NULL);
}

void qd_diagnosis_free(qd_diagnosis *diagnosis) {
  if (diagnosis == NULL)
    return;
  if (diagnosis->stop_fd >= 0)
    close(diagnosis->stop_fd);
  qd_free(diagnosis->name);
  qd_free(diagnosis);
}

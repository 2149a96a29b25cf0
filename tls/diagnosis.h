#ifndef QD_DIAGNOSIS_H
#define QD_DIAGNOSIS_H

#include "tls/probe.h"

/* Finds out why connections fail, on a thread of its own, which begins when it is first asked. One a transport. */
typedef struct qd_diagnosis qd_diagnosis;

/* told(user) runs on the thread after each look. name: as qd_probe_question's, copied. files: NULL without TLS, else
 * they must outlive it. NULL when out of memory. */
typedef struct qd_diagnosis_plan {
  const char *name;
  int is_http2;
  qdrant_tls_verify verify;
  int64_t timeout_ms;
  qd_material_files *files;
  void (*told)(void *user);
  void *user;
} qd_diagnosis_plan;
qd_diagnosis *qd_diagnosis_open(const qd_diagnosis_plan *plan);

typedef enum qd_diagnosis_state {
  QD_DIAGNOSIS_UNABLE, /* cannot look: no thread is to be had, or the address makes no sense */
  QD_DIAGNOSIS_LOOKING,
  QD_DIAGNOSIS_KNOWN /* *finding is filled; its reason may be NONE */
} qd_diagnosis_state;

/* What is the matter with this address? A finding serves for a while; else the thread begins to look, and told tells
 * when to ask again. */
qd_diagnosis_state qd_diagnosis_ask(qd_diagnosis *diagnosis, const char *address, uint16_t port, qd_finding *finding);

/* Stops looking and joins the thread, which may still tell; whoever asks then is told that it is unable. */
void qd_diagnosis_stop(qd_diagnosis *diagnosis); /* NULL is fine */

/* After the stop, or in a forked child without. NULL is fine. */
void qd_diagnosis_free(qd_diagnosis *diagnosis);

#endif

#include "endpoints/health.h"

#include "core/deadline.h"

/* Five failures in a row, as Envoy's outlier detection has it. The window opens by one with each answer, so it doubles
 * with every round of calls, as TCP's does; beyond its end an endpoint is as good as the others. */
enum { MAX_FAILURES = 5, FULL_WINDOW = 64, MAX_DOUBLINGS = 5 };

#define FIRST_EJECTION_NS QD_NS_PER_S
#define LONGEST_EJECTION_NS (30 * QD_NS_PER_S)
#define FORGET_NS (60 * QD_NS_PER_S) /* after so long without trouble the next ejection is a first one again */

qd_evidence qd_evidence_of(const qdrant_error *error) {
  if (error->status == QDRANT_OK)
    return QD_EVIDENCE_ALIVE;
  if (error->status == QDRANT_UNAVAILABLE)
    return QD_EVIDENCE_FAILED;
  if (error->delivery == QDRANT_ANSWERED)
    return QD_EVIDENCE_ALIVE;
  return error->status == QDRANT_DEADLINE_EXCEEDED && error->delivery == QDRANT_MAYBE ? QD_EVIDENCE_SILENT
                                                                                      : QD_EVIDENCE_NONE;
}

/* Up to a quarter less, so that many clients do not come back at once. */
static int64_t find_time(uint32_t n_doublings, uint64_t random) {
  int64_t time_ns = FIRST_EJECTION_NS << n_doublings;
  if (time_ns > LONGEST_EJECTION_NS)
    time_ns = LONGEST_EJECTION_NS;
  return time_ns - (int64_t)(random % ((uint64_t)time_ns / 4 + 1));
}

void qd_health_eject(qd_health *health, int64_t now_ns, uint64_t random) {
  if (health->state == QD_HEALTH_GOOD && now_ns - health->good_ns >= FORGET_NS)
    health->n_doublings = 0;
  health->state = QD_HEALTH_EJECTED;
  health->ejected_until_ns = now_ns + find_time(health->n_doublings, random);
  if (health->n_doublings < MAX_DOUBLINGS)
    health->n_doublings++;
  health->n_failures = 0;
  health->n_ejections++;
}

static void begin_ramp(qd_health *health) {
  health->state = QD_HEALTH_RAMPING;
  health->window = 1;
}

static void note_answer(qd_health *health, int64_t now_ns) {
  health->success_ns = now_ns;
  health->n_failures = 0;
  if (health->state == QD_HEALTH_TRIAL)
    begin_ramp(health);
  else if (health->state == QD_HEALTH_RAMPING && ++health->window >= FULL_WINDOW) {
    health->state = QD_HEALTH_GOOD;
    health->good_ns = now_ns;
  }
}

static int note_failure(qd_health *health, int64_t now_ns, uint64_t random) {
  health->n_failures++;
  int is_over =
      health->state == QD_HEALTH_GOOD ? health->n_failures >= MAX_FAILURES : health->state != QD_HEALTH_EJECTED;
  if (is_over)
    qd_health_eject(health, now_ns, random);
  return is_over;
}

int qd_health_note(qd_health *health, qd_evidence evidence, int64_t now_ns, uint64_t random) {
  if (evidence == QD_EVIDENCE_ALIVE)
    note_answer(health, now_ns);
  return (evidence == QD_EVIDENCE_FAILED || evidence == QD_EVIDENCE_SILENT) && note_failure(health, now_ns, random);
}

void qd_health_note_reconnected(qd_health *health) {
  if (health->state == QD_HEALTH_GOOD)
    begin_ramp(health);
}

int qd_health_is_trial_due(const qd_health *health, int64_t now_ns) {
  return health->state == QD_HEALTH_EJECTED && now_ns >= health->ejected_until_ns;
}

void qd_health_begin_trial(qd_health *health) {
  health->state = QD_HEALTH_TRIAL;
}

void qd_health_drop_trial(qd_health *health) {
  if (health->state == QD_HEALTH_TRIAL)
    health->state = QD_HEALTH_EJECTED;
}

int qd_health_has_room(const qd_health *health, uint32_t n_in_flight) {
  return health->state == QD_HEALTH_GOOD || (health->state == QD_HEALTH_RAMPING && n_in_flight < health->window);
}

int qd_health_is_out(const qd_health *health) {
  return health->state == QD_HEALTH_EJECTED || health->state == QD_HEALTH_TRIAL;
}

#include "fallback_rest/preference.h"

#include "core/deadline.h"

/* Looking costs nothing when the transport's own state tells; when it is connected, but to something else, only a call
 * can tell, so that is tried ever more rarely. */
#define LOOK_NS (50 * QD_NS_PER_MS)
#define FIRST_TRIAL_NS (250 * QD_NS_PER_MS)
#define LAST_TRIAL_NS (30 * QD_NS_PER_S)

static int has_connection(const qd_transport *transport) {
  qdrant_stats stats = {0};
  transport->ops->stats(transport->self, &stats);
  return stats.n_ready > 0;
}

void qd_preference_go_away(qd_preference *preference) {
  int64_t now_ns = qd_now_ns();
  preference->needs_trial = has_connection(preference->first);
  if (!preference->is_away)
    preference->trial_ns = FIRST_TRIAL_NS;
  preference->is_away = 1;
  preference->look_ns = now_ns + (preference->needs_trial ? preference->trial_ns : LOOK_NS);
}

void qd_preference_come_back(qd_preference *preference) {
  preference->is_away = 0;
}

int qd_preference_is_first_due(qd_preference *preference) {
  int64_t now_ns = qd_now_ns();
  if (!preference->is_away)
    return 1;
  if (now_ns < preference->look_ns)
    return 0;
  preference->look_ns = now_ns + LOOK_NS;
  if (!has_connection(preference->first))
    return 0;
  if (preference->needs_trial) {
    preference->look_ns = now_ns + preference->trial_ns;
    preference->trial_ns = preference->trial_ns < LAST_TRIAL_NS / 2 ? preference->trial_ns * 2 : LAST_TRIAL_NS;
  } else {
    preference->is_away = 0;
  }
  return 1;
}

int qd_preference_is_away(qd_preference *preference) {
  if (preference->is_away && !preference->needs_trial && has_connection(preference->first))
    preference->is_away = 0;
  return preference->is_away;
}

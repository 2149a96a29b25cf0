#ifndef QD_PICKER_H
#define QD_PICKER_H

#include "pool/channel.h"

/* Which channel a call goes to: the least loaded that is ready; without one, the least loaded that is connecting; else
 * the least loaded of all, which fails at once. Lowest index on ties. Load is calls and bytes in flight; a channel that
 * just failed calls comes after those that did not, and number `avoided` (from 1; 0: none) after both. Under the pool's
 * lock. */
qd_channel *qd_pick_channel(qd_channel *channels, size_t n_channels, uint32_t avoided, int64_t now_ns);

/* Counts a call in; out again when it has been reported and when its request has left. Under the pool's lock. */
void qd_channel_add_call(qd_channel *channel, size_t n_bytes);
void qd_channel_end_call(qd_channel *channel);
void qd_channel_end_send(qd_channel *channel, size_t n_bytes);

/* Keeps a channel back for a while, since calls on it just failed: fast failures would otherwise make it the least
 * loaded and attract every call. Under the pool's lock. */
void qd_channel_penalise(qd_channel *channel, int64_t now_ns);

#endif

#ifndef QD_WATCH_H
#define QD_WATCH_H

#include "pool/channel.h"

/* Watches a channel's state until it is destroyed: this keeps its sockets polled, and has it connect again by itself
 * before a call needs it. At open, by the thread that opens. */
void qd_channel_watch(qd_channel *channel);

/* Ends the connection; the watch then ends soon (pool->n_watches). On the poller's thread, so that no watch is being
 * armed on a channel that goes. */
void qd_channel_end_watch(qd_channel *channel);

#endif

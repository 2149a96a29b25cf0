#include "pool/picker.h"

#include "core/deadline.h"

/* One call costs the client about 20 us of CPU, and gRPC core moves 3 to 3.5 GB in a CPU-second: so 64 KiB of request
 * weigh as much as a call. Less than a unit is nothing: a small request whose batch ends a moment after its reply must
 * not move the next call to another connection. */
enum { BYTES_PER_UNIT = 4 * 1024, UNITS_PER_CALL = 16 };

/* Longer than core needs to notice a dead connection and begin anew, short enough to be back soon after. */
enum { PENALTY_MS = 500 };

typedef struct channel_rank {
  int group; /* smaller is better */
  int is_avoided;
  int is_penalised;
  uint64_t load;
} channel_rank;

static channel_rank rank_of(const qd_channel *channel, int64_t now_ns) {
  channel_rank rank = {.group = 2, .is_penalised = channel->penalty_until_ns > now_ns};
  if (channel->state == GRPC_CHANNEL_READY)
    rank.group = 0;
  else if (channel->state == GRPC_CHANNEL_CONNECTING || channel->state == GRPC_CHANNEL_IDLE)
    rank.group = 1;
  rank.load = (uint64_t)channel->n_calls * UNITS_PER_CALL + channel->n_bytes / BYTES_PER_UNIT;
  return rank;
}

static int is_better(channel_rank a, channel_rank b) {
  if (a.group != b.group)
    return a.group < b.group;
  if (a.is_avoided != b.is_avoided)
    return a.is_avoided < b.is_avoided;
  if (a.is_penalised != b.is_penalised)
    return a.is_penalised < b.is_penalised;
  return a.load < b.load;
}

qd_channel *qd_pick_channel(qd_channel *channels, size_t n_channels, uint32_t avoided, int64_t now_ns) {
  qd_channel *best = NULL;
  channel_rank best_rank = {0};
  for (size_t i = 0; i < n_channels; i++) {
    channel_rank rank = rank_of(&channels[i], now_ns);
    rank.is_avoided = i + 1 == avoided;
    if (best == NULL || is_better(rank, best_rank)) {
      best = &channels[i];
      best_rank = rank;
    }
  }
  return best;
}

void qd_channel_add_call(qd_channel *channel, size_t n_bytes) {
  channel->n_calls++;
  channel->n_bytes += n_bytes;
  channel->n_started++;
}

void qd_channel_end_call(qd_channel *channel) {
  channel->n_calls--;
}

void qd_channel_end_send(qd_channel *channel, size_t n_bytes) {
  channel->n_bytes -= n_bytes;
}

void qd_channel_penalise(qd_channel *channel, int64_t now_ns) {
  channel->penalty_until_ns = now_ns + PENALTY_MS * QD_NS_PER_MS;
}

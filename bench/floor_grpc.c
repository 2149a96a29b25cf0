#include "bench/floor_grpc.h"

#include "bench/encode.h"
#include "bench/measure.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_IN_FLIGHT = 256, MAX_CHANNELS = 64, CALL_TIMEOUT_S = 60 };

typedef struct floor_call floor_call;

/* What a completion queue gives back: which of a call's two batches ended. */
typedef struct floor_tag {
  floor_call *call;
} floor_tag;

struct floor_call {
  grpc_channel *channel;
  void *method; /* registered with the channel */
  grpc_call *call;
  floor_tag sent;
  floor_tag received;
  unsigned n_batches_left;
  uint64_t started_ns;
  grpc_byte_buffer *reply;
  grpc_metadata_array initial_metadata;
  grpc_metadata_array trailing_metadata;
  grpc_status_code status;
  grpc_slice status_text;
};

typedef struct grpc_floor {
  grpc_slice request;
  size_t reply_bytes;
  uint32_t n_channels;
  uint32_t in_flight;
  grpc_channel *channels[MAX_CHANNELS];
  grpc_completion_queue *queue;
  bool has_poller;
  pthread_t poller;
  floor_call calls[MAX_IN_FLIGHT];
  pthread_mutex_t lock; /* everything below, and the calls while they run under a poller */
  pthread_cond_t all_done;
  uint64_t n_to_start;
  uint64_t n_to_finish;
  uint64_t *next_latency_ns;
  bool has_failed;
  bench_error error; /* of the first call that failed */
} grpc_floor;

static void begin_call(grpc_floor *self, floor_call *at) {
  gpr_timespec timeout = gpr_time_from_seconds(CALL_TIMEOUT_S, GPR_TIMESPAN);
  gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), timeout);
  at->call = grpc_channel_create_registered_call(
      at->channel, NULL, GRPC_PROPAGATE_DEFAULTS, self->queue, at->method, deadline, NULL);
  at->reply = NULL;
  at->n_batches_left = 2;
  grpc_metadata_array_init(&at->initial_metadata);
  grpc_metadata_array_init(&at->trailing_metadata);
}

static grpc_call_error start_receiving(floor_call *at) {
  grpc_op ops[3] = {
      {.op = GRPC_OP_RECV_INITIAL_METADATA}, {.op = GRPC_OP_RECV_MESSAGE}, {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
  ops[0].data.recv_initial_metadata.recv_initial_metadata = &at->initial_metadata;
  ops[1].data.recv_message.recv_message = &at->reply;
  ops[2].data.recv_status_on_client.trailing_metadata = &at->trailing_metadata;
  ops[2].data.recv_status_on_client.status = &at->status;
  ops[2].data.recv_status_on_client.status_details = &at->status_text;
  return grpc_call_start_batch(at->call, ops, 3, &at->received, NULL);
}

/* The request's slice is shared by all calls: each byte buffer takes a reference, none takes a copy. */
static grpc_call_error start_sending(grpc_floor *self, floor_call *at) {
  grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&self->request, 1);
  grpc_op ops[3] = {
      {.op = GRPC_OP_SEND_INITIAL_METADATA,
          .flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY | GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET},
      {.op = GRPC_OP_SEND_MESSAGE}, {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}};
  ops[1].data.send_message.send_message = message;
  grpc_call_error failure = grpc_call_start_batch(at->call, ops, 3, &at->sent, NULL);
  grpc_byte_buffer_destroy(message);
  return failure;
}

/* A refused batch is a mistake in this file, and its call would never end. */
static void require_accepted(grpc_call_error failure) {
  if (failure == GRPC_CALL_OK)
    return;
  fprintf(stderr, "error: grpc_call_start_batch: %s\n", grpc_call_error_to_string(failure));
  abort();
}

static void start_call(grpc_floor *self, floor_call *at) {
  self->n_to_start--;
  at->started_ns = bench_now_ns();
  begin_call(self, at);
  require_accepted(start_sending(self, at));
  require_accepted(start_receiving(at));
}

static void note_failure(grpc_floor *self, const floor_call *at, size_t reply_bytes) {
  if (self->has_failed)
    return;
  self->has_failed = true;
  char *text = grpc_slice_to_c_string(at->status_text);
  bench_fail(&self->error, "status %d (%s), %zu bytes of reply instead of %zu", (int)at->status, text, reply_bytes,
      self->reply_bytes);
  gpr_free(text);
}

static void finish_call(grpc_floor *self, floor_call *at) {
  size_t reply_bytes = at->reply ? grpc_byte_buffer_length(at->reply) : 0;
  if (at->status != GRPC_STATUS_OK || reply_bytes != self->reply_bytes)
    note_failure(self, at, reply_bytes);
  if (at->reply)
    grpc_byte_buffer_destroy(at->reply);
  grpc_metadata_array_destroy(&at->initial_metadata);
  grpc_metadata_array_destroy(&at->trailing_metadata);
  grpc_slice_unref(at->status_text);
  grpc_call_unref(at->call);
  *self->next_latency_ns++ = bench_now_ns() - at->started_ns;
  self->n_to_finish--;
}

/* True when this was the last batch of the last call. */
static bool take_completion(grpc_floor *self, const floor_tag *tag) {
  floor_call *at = tag->call;
  if (--at->n_batches_left > 0)
    return false;
  finish_call(self, at);
  if (self->n_to_start > 0)
    start_call(self, at);
  return self->n_to_finish == 0;
}

static void *poll_completions(void *argument) {
  grpc_floor *self = argument;
  for (;;) {
    grpc_event event = grpc_completion_queue_next(self->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    if (event.type == GRPC_QUEUE_SHUTDOWN)
      return NULL;
    pthread_mutex_lock(&self->lock);
    bool is_last = take_completion(self, event.tag);
    pthread_mutex_unlock(&self->lock);
    if (is_last)
      pthread_cond_signal(&self->all_done);
  }
}

static bool encode_case(grpc_floor *self, const bench_case *which) {
  bench_buffer request = {0};
  bench_buffer reply = {0};
  bool has_encoded = bench_encode_request(which, &request) && bench_encode_reply(which, &reply);
  self->request = grpc_slice_from_copied_buffer((const char *)request.data, has_encoded ? request.n : 0);
  self->reply_bytes = reply.n;
  bench_buffer_free(&request);
  bench_buffer_free(&reply);
  return has_encoded;
}

/* A subchannel pool of its own makes each channel a TCP connection; core's retries would add a copy of the call's
 * state. */
static grpc_channel *open_channel(uint16_t port) {
  grpc_arg args[] = {
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, .value.integer = 1},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ENABLE_RETRIES, .value.integer = 0},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ENABLE_HTTP_PROXY, .value.integer = 0},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = -1},
  };
  grpc_channel_args list = {.num_args = sizeof args / sizeof *args, .args = args};
  char target[32];
  snprintf(target, sizeof target, "127.0.0.1:%u", (unsigned)port);
  grpc_channel_credentials *plaintext = grpc_insecure_credentials_create();
  grpc_channel *channel = grpc_channel_create(target, plaintext, &list);
  grpc_channel_credentials_release(plaintext);
  return channel;
}

static void open_channels(grpc_floor *self, const bench_case *which, uint16_t port) {
  void *methods[MAX_CHANNELS];
  self->n_channels = which->n_connections;
  self->in_flight = which->in_flight;
  for (uint32_t i = 0; i < self->n_channels; i++) {
    self->channels[i] = open_channel(port);
    methods[i] = grpc_channel_register_call(self->channels[i], bench_method(which), NULL, NULL);
  }
  for (uint32_t i = 0; i < self->in_flight; i++) {
    floor_call *at = &self->calls[i];
    *at = (floor_call){.channel = self->channels[i % self->n_channels],
        .method = methods[i % self->n_channels],
        .sent.call = at,
        .received.call = at};
  }
}

static grpc_floor *open_floor(const bench_case *which, uint16_t port, bench_error *err) {
  if (which->in_flight > MAX_IN_FLIGHT || which->n_connections > MAX_CHANNELS) {
    bench_fail(err, "at most %d in flight over %d connections", MAX_IN_FLIGHT, MAX_CHANNELS);
    return NULL;
  }
  grpc_floor *self = calloc(1, sizeof *self);
  if (!self || !encode_case(self, which)) {
    bench_fail(err, "out of memory");
    free(self);
    return NULL;
  }
  grpc_init();
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->all_done, NULL);
  open_channels(self, which, port);
  return self;
}

bool bench_grpc_open_poller(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  grpc_floor *self = open_floor(which, port, err);
  if (!self)
    return false;
  *state = self;
  self->queue = grpc_completion_queue_create_for_next(NULL);
  self->has_poller = pthread_create(&self->poller, NULL, poll_completions, self) == 0;
  return self->has_poller || bench_fail(err, "no thread for the poller");
}

/* Starts as many calls as may be in flight and sleeps until the poller has seen the last of n_calls. */
static void drive_calls(grpc_floor *self, uint64_t n_calls) {
  pthread_mutex_lock(&self->lock);
  self->n_to_start = n_calls;
  self->n_to_finish = n_calls;
  for (uint32_t i = 0; i < self->in_flight && self->n_to_start > 0; i++)
    start_call(self, &self->calls[i]);
  while (self->n_to_finish > 0)
    pthread_cond_wait(&self->all_done, &self->lock);
  pthread_mutex_unlock(&self->lock);
}

static bool report_run(const grpc_floor *self, bench_error *err) {
  if (self->has_failed)
    *err = self->error;
  return !self->has_failed;
}

bool bench_grpc_run_poller(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err) {
  grpc_floor *self = state;
  bool is_blocking = self->in_flight == 1;
  self->next_latency_ns = latency_ns;
  for (uint64_t i = 0; is_blocking && i < n_calls; i++)
    drive_calls(self, 1);
  if (!is_blocking)
    drive_calls(self, n_calls);
  return report_run(self, err);
}

bool bench_grpc_takes_pluck(const bench_case *which) {
  return which->in_flight == 1;
}

bool bench_grpc_open_pluck(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  grpc_floor *self = open_floor(which, port, err);
  if (!self)
    return false;
  *state = self;
  self->queue = grpc_completion_queue_create_for_pluck(NULL);
  return true;
}

static void pluck_tag(grpc_floor *self, floor_tag *tag) {
  grpc_event event = grpc_completion_queue_pluck(self->queue, tag, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
  take_completion(self, event.tag);
}

bool bench_grpc_run_pluck(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err) {
  grpc_floor *self = state;
  floor_call *at = &self->calls[0];
  self->next_latency_ns = latency_ns;
  for (uint64_t i = 0; i < n_calls; i++) {
    self->n_to_start = 1;
    self->n_to_finish = 1;
    start_call(self, at);
    pluck_tag(self, &at->received);
    pluck_tag(self, &at->sent);
  }
  return report_run(self, err);
}

static void drain_queue(grpc_floor *self) {
  grpc_completion_queue_shutdown(self->queue);
  if (self->has_poller)
    pthread_join(self->poller, NULL);
  else
    while (grpc_completion_queue_pluck(self->queue, NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL).type !=
           GRPC_QUEUE_SHUTDOWN)
      ;
  grpc_completion_queue_destroy(self->queue);
}

void bench_grpc_close(void *state) {
  grpc_floor *self = state;
  for (uint32_t i = 0; i < self->n_channels; i++)
    grpc_channel_destroy(self->channels[i]);
  drain_queue(self);
  grpc_slice_unref(self->request);
  pthread_cond_destroy(&self->all_done);
  pthread_mutex_destroy(&self->lock);
  grpc_shutdown();
  free(self);
}

#include "tests/support/fake_transport.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct pending {
  qd_call *call;
  fake_step step;
  int64_t due_ns;
  int is_cancelled;
} pending;

struct fake_transport {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  int is_closing;
  int is_closed;
  const fake_step *steps;
  size_t n_steps;
  size_t next_step;
  fake_answer answer;
  void *user;
  pending pending[FAKE_MAX_REQUESTS];
  size_t n_pending;
  size_t most_at_once;
  size_t n_cancels;
  qdrant_endpoint_state state;
  fake_request requests[FAKE_MAX_REQUESTS];
  size_t n_requests;
};

/* Replies come in one piece or, every other time, in "several". */
typedef struct held_bytes {
  uint8_t *bytes;
  size_t n_bytes;
  int is_split;
} held_bytes;

static const uint8_t *borrow(void *owner) {
  const held_bytes *held = owner;
  return held->is_split ? NULL : held->bytes;
}

static void copy(void *owner, uint8_t *out) {
  const held_bytes *held = owner;
  for (size_t i = 0; i < held->n_bytes; i++)
    out[i] = held->bytes[i];
}

static void release(void *owner) {
  held_bytes *held = owner;
  qd_free(held->bytes);
  qd_free(held);
}

static const qd_reply_bytes_ops bytes_ops = {.borrow = borrow, .copy = copy, .release = release};

static void fill_reply(fake_transport *fake, qd_call *call) {
  static int n_replies;
  size_t n_bytes = 0;
  uint8_t *bytes = fake->answer != NULL ? fake->answer(fake->user, call, &n_bytes) : NULL;
  held_bytes *held = calloc(1, sizeof *held);
  held->bytes = bytes != NULL ? bytes : calloc(1, 1);
  held->n_bytes = bytes != NULL ? n_bytes : 0; /* an answer for which there was no memory comes empty */
  held->is_split = __atomic_fetch_add(&n_replies, 1, __ATOMIC_RELAXED) % 2;
  call->bytes = (qd_reply_bytes){.ops = &bytes_ops, .owner = held, .n_bytes = held->n_bytes};
}

static void fill_end(fake_transport *fake, qd_call *call, const fake_step *step, int is_cancelled) {
  qdrant_status status = is_cancelled ? QDRANT_CANCELLED : step->status;
  if (status == QDRANT_OK) {
    fill_reply(fake, call);
    return;
  }
  qd_fail(&call->error, status, "scripted %s", qdrant_status_name(status));
  call->error.delivery = is_cancelled ? QDRANT_MAYBE : step->delivery;
  call->error.retry_after_ms = step->retry_after_ms;
  call->error.is_permanent = step->is_permanent;
  call->error.reason = (uint16_t)step->reason;
  if (status == QDRANT_RESOURCE_EXHAUSTED && step->retry_after_ms > 0)
    call->error.reason = QDRANT_REASON_RATE_LIMITED;
}

static int is_due(const fake_transport *fake, const pending *each) {
  if (fake->is_closing || (each->is_cancelled && each->step.kind != FAKE_HANG))
    return 1;
  return each->step.kind == FAKE_ANSWER && qd_deadline_has_passed(each->due_ns);
}

static int take_due(fake_transport *fake, pending *taken) {
  for (size_t i = 0; i < fake->n_pending; i++) {
    if (!is_due(fake, &fake->pending[i]))
      continue;
    *taken = fake->pending[i];
    fake->pending[i] = fake->pending[--fake->n_pending];
    return 1;
  }
  return 0;
}

static int64_t next_due_ns(const fake_transport *fake) {
  int64_t next = qd_now_ns() + QD_NS_PER_S;
  for (size_t i = 0; i < fake->n_pending; i++)
    if (fake->pending[i].step.kind == FAKE_ANSWER && fake->pending[i].due_ns < next)
      next = fake->pending[i].due_ns;
  return next;
}

static void *serve(void *user) {
  fake_transport *fake = user;
  pending taken;
  pthread_mutex_lock(&fake->lock);
  while (!fake->is_closing || fake->n_pending > 0) {
    if (!take_due(fake, &taken)) {
      qd_cond_wait(&fake->changed, &fake->lock, next_due_ns(fake));
      continue;
    }
    int is_cancelled = taken.is_cancelled || (fake->is_closing && taken.step.kind != FAKE_ANSWER);
    pthread_mutex_unlock(&fake->lock);
    fill_end(fake, taken.call, &taken.step, is_cancelled);
    taken.call->done(taken.call);
    pthread_mutex_lock(&fake->lock);
  }
  pthread_mutex_unlock(&fake->lock);
  return NULL;
}

static void record(fake_transport *fake, qd_call *call) {
  assert_true(fake->n_requests < FAKE_MAX_REQUESTS);
  fake_request *request = &fake->requests[fake->n_requests++];
  request->rpc = call->rpc->id;
  request->body = call->request.body != NULL ? qd_body_ref(call->request.body) : NULL;
  request->deadline_ns = call->deadline_ns;
  request->server_timeout_s = call->server_timeout_s;
  request->avoided_connection = call->avoided_connection;
  atomic_store(&call->connection, FAKE_CONNECTION);
  request->n_headers = call->n_headers;
  if (call->n_headers > 0)
    snprintf(request->header, sizeof request->header, "%s: %s", call->headers[0].name, call->headers[0].value);
}

/* Records the call and gives its step; a call that will end later is queued under the same lock. */
static fake_step begin(fake_transport *fake, qd_call *call, int is_run) {
  fake_step step = {0};
  pthread_mutex_lock(&fake->lock);
  record(fake, call);
  if (fake->next_step < fake->n_steps)
    step = fake->steps[fake->next_step++];
  if (!is_run && step.kind != FAKE_INSIDE && step.kind != FAKE_REFUSE) {
    fake->pending[fake->n_pending++] =
        (pending){.call = call, .step = step, .due_ns = qd_deadline_in_ms(step.delay_ms)};
    if (fake->n_pending > fake->most_at_once)
      fake->most_at_once = fake->n_pending;
  }
  pthread_cond_broadcast(&fake->changed);
  pthread_mutex_unlock(&fake->lock);
  return step;
}

static qdrant_status start(void *self, qd_call *call) {
  fake_transport *fake = self;
  fake_step step = begin(fake, call, 0);
  if (step.kind == FAKE_REFUSE) {
    fill_end(fake, call, &step, 0);
    return call->error.status;
  }
  if (step.kind == FAKE_INSIDE) {
    fill_end(fake, call, &step, 0);
    call->done(call);
  }
  return QDRANT_OK;
}

static qdrant_status run(void *self, qd_call *call) {
  fake_step step = begin(self, call, 1);
  fill_end(self, call, &step, 0);
  return call->error.status;
}

static void cancel(void *self, qd_call *call) {
  fake_transport *fake = self;
  pthread_mutex_lock(&fake->lock);
  fake->n_cancels++;
  for (size_t i = 0; i < fake->n_pending; i++)
    if (fake->pending[i].call == call)
      fake->pending[i].is_cancelled = 1;
  pthread_cond_broadcast(&fake->changed);
  pthread_mutex_unlock(&fake->lock);
}

static void close_fake(void *self, int64_t deadline_ns, int is_child) {
  fake_transport *fake = self;
  (void)deadline_ns;
  if (is_child) {
    fake->is_closed = 1;
    return;
  }
  pthread_mutex_lock(&fake->lock);
  fake->is_closing = 1;
  pthread_cond_broadcast(&fake->changed);
  pthread_mutex_unlock(&fake->lock);
  pthread_join(fake->thread, NULL);
  pthread_mutex_lock(&fake->lock);
  fake->is_closed = 1;
  pthread_cond_broadcast(&fake->changed);
  pthread_mutex_unlock(&fake->lock);
}

static void fill_state(void *self, size_t number, qdrant_endpoint_stats *stats) {
  fake_transport *fake = self;
  (void)number;
  pthread_mutex_lock(&fake->lock);
  stats->state = fake->state;
  pthread_mutex_unlock(&fake->lock);
}

static const qd_transport_ops started_ops = {.name = "fake",
    .accepts = QD_REQUEST_BYTES,
    .start = start,
    .cancel = cancel,
    .endpoint_stats = fill_state,
    .close = close_fake};

static const qd_transport_ops run_ops = {.name = "fake",
    .accepts = QD_REQUEST_BYTES | QD_REQUEST_MESSAGE,
    .start = start,
    .run = run,
    .cancel = cancel,
    .close = close_fake};

fake_transport *fake_new(void) {
  fake_transport *fake = calloc(1, sizeof *fake);
  assert_non_null(fake);
  fake->state = QDRANT_ENDPOINT_READY;
  pthread_mutex_init(&fake->lock, NULL);
  qd_cond_init(&fake->changed);
  assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
  return fake;
}

void fake_free(fake_transport *fake) {
  for (size_t i = 0; i < fake->n_requests; i++)
    qd_body_unref(fake->requests[i].body);
  pthread_cond_destroy(&fake->changed);
  pthread_mutex_destroy(&fake->lock);
  free(fake);
}

void fake_set_state(fake_transport *fake, qdrant_endpoint_state state) {
  pthread_mutex_lock(&fake->lock);
  fake->state = state;
  pthread_mutex_unlock(&fake->lock);
}

qd_transport fake_as_transport(fake_transport *fake) {
  return (qd_transport){.ops = &started_ops, .self = fake};
}

void fake_script(fake_transport *fake, const fake_step *steps, size_t n_steps) {
  pthread_mutex_lock(&fake->lock);
  fake->steps = steps;
  fake->n_steps = n_steps;
  fake->next_step = 0;
  pthread_mutex_unlock(&fake->lock);
}

void fake_on_answer(fake_transport *fake, fake_answer answer, void *user) {
  fake->answer = answer;
  fake->user = user;
}

static size_t read_count(fake_transport *fake, const size_t *count) {
  pthread_mutex_lock(&fake->lock);
  size_t n = *count;
  pthread_mutex_unlock(&fake->lock);
  return n;
}

size_t fake_n_requests(fake_transport *fake) {
  return read_count(fake, &fake->n_requests);
}

size_t fake_most_at_once(fake_transport *fake) {
  return read_count(fake, &fake->most_at_once);
}

size_t fake_n_cancels(fake_transport *fake) {
  return read_count(fake, &fake->n_cancels);
}

int fake_is_closed(fake_transport *fake) {
  int64_t deadline_ns = qd_deadline_in_ms(10000);
  int has_time = 1;
  pthread_mutex_lock(&fake->lock);
  while (!fake->is_closed && has_time)
    has_time = qd_cond_wait(&fake->changed, &fake->lock, deadline_ns);
  int is_closed = fake->is_closed;
  pthread_mutex_unlock(&fake->lock);
  return is_closed;
}

const fake_request *fake_request_at(fake_transport *fake, size_t i) {
  assert_true(i < fake_n_requests(fake));
  return &fake->requests[i];
}

void fake_wait_requests(fake_transport *fake, size_t n) {
  int64_t deadline_ns = qd_deadline_in_ms(10000);
  int has_time = 1;
  pthread_mutex_lock(&fake->lock);
  while (fake->n_requests < n && has_time)
    has_time = qd_cond_wait(&fake->changed, &fake->lock, deadline_ns);
  size_t n_requests = fake->n_requests;
  pthread_mutex_unlock(&fake->lock);
  assert_true(n_requests >= n);
}

static size_t count_alarms(qdrant_client *client) {
  pthread_mutex_lock(&client->alarms.lock);
  size_t n_alarms = client->alarms.n_alarms;
  pthread_mutex_unlock(&client->alarms.lock);
  return n_alarms;
}

void fake_wait_asleep(qdrant_client *client) {
  int64_t deadline_ns = qd_deadline_in_ms(10000);
  while (count_alarms(client) == 0 && !qd_deadline_has_passed(deadline_ns))
    usleep(1000);
  assert_int_equal(count_alarms(client), 1);
}

qdrant_client *fake_client(fake_transport *fake, const qdrant_options *given, int runs_in_caller) {
  qd_options options;
  qdrant_error err = {0};
  assert_int_equal(qd_options_resolve(given, &options, &err), QDRANT_OK);
  qdrant_client *client = qd_client_new(&options);
  assert_non_null(client);
  client->transport = (qd_transport){.ops = runs_in_caller ? &run_ops : &started_ops, .self = fake};
  return client;
}

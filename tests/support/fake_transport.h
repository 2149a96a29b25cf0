#ifndef FAKE_TRANSPORT_H
#define FAKE_TRANSPORT_H

#include "client/client.h"

/* A transport for tests that does as it is told: each attempt takes the next step of a script; without one it succeeds
 * with an empty reply. Thread-safe. */
typedef enum fake_kind {
  FAKE_ANSWER = 0, /* ends on the transport's thread after delay_ms */
  FAKE_INSIDE = 1, /* ends before start returns */
  FAKE_REFUSE = 2, /* start does not take the call */
  FAKE_STALL = 3,  /* ends when it is cancelled or the transport is closed */
  FAKE_HANG = 4    /* ends when the transport is closed, whatever is asked */
} fake_kind;

typedef struct fake_step {
  fake_kind kind;
  qdrant_status status;
  qdrant_delivery delivery;
  uint32_t delay_ms;
  uint32_t retry_after_ms;
  uint8_t is_permanent;
  qdrant_reason reason;
} fake_step;

typedef struct fake_transport fake_transport;

/* Fills a successful call's reply: answers bytes on the heap (qd_alloc), or NULL for none. */
typedef uint8_t *(*fake_answer)(void *user, const qd_call *call, size_t *n_bytes);

/* What an attempt asked. */
typedef struct fake_request {
  qdrant_rpc rpc;
  qd_body *body; /* referenced; NULL for a message */
  int64_t deadline_ns;
  uint32_t server_timeout_s;
  uint32_t avoided_connection;
  size_t n_headers;
  char header[64]; /* "name: value" of the first */
} fake_request;

/* FAKE_CONNECTION: the number of the one connection that it says it has. */
enum { FAKE_MAX_REQUESTS = 2048, FAKE_CONNECTION = 7 };

fake_transport *fake_new(void);
void fake_free(fake_transport *fake); /* after the client was closed */
void fake_script(fake_transport *fake, const fake_step *steps, size_t n_steps);
void fake_on_answer(fake_transport *fake, fake_answer answer, void *user);
size_t fake_n_requests(fake_transport *fake);
size_t fake_most_at_once(fake_transport *fake);
size_t fake_n_cancels(fake_transport *fake);
int fake_is_closed(fake_transport *fake);
const fake_request *fake_request_at(fake_transport *fake, size_t i);

/* Waits until the transport has seen n attempts. */
void fake_wait_requests(fake_transport *fake, size_t n);

/* Waits until a started call of the client sleeps before its next attempt. */
void fake_wait_asleep(qdrant_client *client);

/* What the transport says of its connections; READY at first. */
void fake_set_state(fake_transport *fake, qdrant_endpoint_state state);

/* The bare transport, for one that stands in front of it. Closed by that. */
qd_transport fake_as_transport(fake_transport *fake);

/* A client on the transport; runs_in_caller: it has `run` and takes messages. Fails the test when there is none. */
qdrant_client *fake_client(fake_transport *fake, const qdrant_options *options, int runs_in_caller);

#endif

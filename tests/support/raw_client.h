#ifndef QD_RAW_CLIENT_H
#define QD_RAW_CLIENT_H

#include "qdrant/client.h"

#include <grpc/grpc.h>
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/* One connection and single calls straight on gRPC core, so that tests of the server see the wire and not the library.
 * Whatever goes wrong in here itself fails the cmocka test. */
typedef struct raw_client raw_client;
typedef struct raw_call raw_call;

raw_client *raw_client_open(uint16_t port);
void raw_client_close(raw_client *client);

/* What to send. All zero but path and bytes will do. */
typedef struct raw_request {
  const char *path; /* "/qdrant.Points/Upsert" */
  const void *bytes;
  size_t n_bytes;
  int64_t timeout_ms; /* 0: a minute */
  const qdrant_header *headers;
  size_t n_headers;
} raw_request;

raw_call *raw_call_start(raw_client *client, const raw_request *request);

/* The same with a packed message and nothing else. */
raw_call *raw_call_start_message(raw_client *client, const char *path, const ProtobufCMessage *message);

/* Waits for the end, by the call's own deadline, and answers gRPC's status. */
int raw_call_wait(raw_call *call);
int raw_call_is_done_within(raw_call *call, int64_t timeout_ms);
void raw_call_cancel(raw_call *call);
void raw_call_free(raw_call *call); /* waits for the end */

/* After the end. The text lives as long as the call. */
const char *raw_call_text(const raw_call *call);
/* The reply's bytes; NULL when there is none. */
const uint8_t *raw_call_reply(const raw_call *call, size_t *n_bytes);
/* Metadata after the reply or, in an answer without one, instead of it; NULL when there is none of that name. */
const char *raw_call_trailer(raw_call *call, const char *name);
const char *raw_call_initial(raw_call *call, const char *name);

#endif

#include "core/alloc.h"
#include "core/deadline.h"
#include "fallback_rest/rest_transport.h"
#include "tests/support/http_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/ported_client.h"
#include "tests/support/torture.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CALL_MS = 10000, HANG_MS = 30000 };

typedef struct run {
  qd_rest_options options;
  made_call *made;
} run;

static void *allocate_zeroed(size_t n, size_t n_bytes) {
  return qd_zalloc(n * n_bytes);
}

/* libcurl's allocations fail too, as far as they are not OpenSSL's. */
static int torture_libcurl(void **state) {
  (void)state;
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, qd_alloc, qd_free, qd_realloc, qd_strdup, allocate_zeroed) !=
         CURLE_OK;
}

static void answer_health(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  (void)request;
  answer->body = rest_health;
}

/* Opens a transport, makes a call with headers of its own, reads the reply and closes. */
static qdrant_status open_call_close(void *user) {
  run *asked = user;
  qd_call *call = &asked->made->call;
  qd_transport transport = {0};
  qdrant_status status = qd_rest_open(&asked->options, &transport, NULL);
  if (status != QDRANT_OK)
    return status;
  asked->made->n_done = 0;
  call->deadline_ns = qd_deadline_in_ms(CALL_MS);
  status = start_call(&transport, asked->made);
  if (status == QDRANT_OK && wait_done(asked->made, HANG_MS))
    status = call->error.status;
  if (status == QDRANT_OK) {
    ProtobufCMessage *message = NULL;
    qd_arena *arena = qd_arena_new(256);
    status =
        arena != NULL ? call->bytes.ops->decode(call->bytes.owner, call->rpc, arena, &message, NULL) : QDRANT_NO_MEMORY;
    qd_arena_free(arena);
    call->bytes.ops->release(call->bytes.owner);
  }
  close_local(&transport);
  /* libcurl takes some failures of its memory for failures of the network. */
  return status == QDRANT_UNAVAILABLE ? QDRANT_NO_MEMORY : status;
}

static void test_open_and_call_out_of_memory_is_a_status(void **state) {
  (void)state;
  const qdrant_header headers[] = {{"x-extra", "value"}};
  http_peer *peer = http_peer_start(&(http_peer_options){.handler = answer_health});
  run asked = {.made = new_call(QDRANT_RPC_HEALTH_CHECK, 0, CALL_MS),
      .options = {.http = {.host = "127.0.0.1",
                      .port = http_peer_port(peer),
                      .api_key = "key",
                      .headers = headers,
                      .n_headers = 1,
                      .user_agent = "tester",
                      .path_prefix = "/prefix",
                      .n_connections = 1,
                      .connect_timeout_ms = CALL_MS,
                      .keepalive_ms = -1},
          .max_reply_bytes = 1 << 20}};
  asked.made->call.headers = headers;
  asked.made->call.n_headers = 1;
  torture_lenient(open_call_close, &asked);
  asked.made->call.bytes = (qd_reply_bytes){0};
  free_call(asked.made);
  http_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_open_and_call_out_of_memory_is_a_status)};
  return cmocka_run_group_tests(tests, torture_libcurl, NULL);
}

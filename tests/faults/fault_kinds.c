#include "tests/faults/fault_kinds.h"

#define FAULT(when, what, after, ...)                                                                                  \
  { .moment = FAULT_##when, .says = FAULT_SAYS_##what, .then = FAULT_THEN_##after, __VA_ARGS__ }
#define GRPC(...) .of_http2 = FAULT(__VA_ARGS__)
#define REST(...) .of_http1 = FAULT(__VA_ARGS__)
#define BOTH(...) GRPC(__VA_ARGS__), REST(__VA_ARGS__)
#define EACH(when, grpc, rest) GRPC(when, ANSWER, KEEP, .answer = &(grpc)), REST(when, ANSWER, KEEP, .answer = &(rest))

#define GRPC_TYPE                                                                                                      \
  { "content-type", "application/grpc" }
#define JSON_TYPE                                                                                                      \
  { "content-type", "application/json" }
#define DATE                                                                                                           \
  { "date", "Tue, 24 Nov 2026 02:45:23 GMT" }
#define HTML_TYPE                                                                                                      \
  { "content-type", "text/html" }
#define WORDS "Rate limiting exceeded: Write rate limit exceeded: "
#define LIMIT "Operation requires 100 tokens but only 50 were available"
#define NEVER "request larger than rate limiter capacity, please try to split your request"
#define FULL "Insufficient storage: no space left on the device"

/* A large message and long headers go beyond what the client takes: 256 KiB of the one, 300 KiB of the others. */
enum { LARGE_BYTES = 1 << 20, LONG_BYTES = 400000, N_LONG = 8 };

static const fault_answer bad_request = {
    .body = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"};
static const fault_answer ssh = {.body = "SSH-2.0-OpenSSH_9.2p1\r\n"};
static const fault_answer half_chunk = {
    .body =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"result\":"};
static const fault_answer page_503 = {.status = "503",
    .headers = {HTML_TYPE},
    .body = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"};
static const fault_answer page_200 = {
    .status = "200", .headers = {HTML_TYPE}, .body = "<html><head><title>Welcome</title></head></html>"};

/* gRPC's five bytes before a message announce 1 MiB. */
static const fault_answer large_grpc = {
    .status = "200", .headers = {GRPC_TYPE}, .body = "\0\0\x10\0\0", .n_body = 5, .n_zeros = LARGE_BYTES};
static const fault_answer large_rest = {
    .status = "200", .headers = {JSON_TYPE}, .body = "{\"result\":", .n_zeros = LARGE_BYTES};
static const fault_answer long_grpc = {
    .status = "200", .headers = {GRPC_TYPE, {"grpc-status", "0"}}, .n_long = 1, .long_bytes = LONG_BYTES};
static const fault_answer long_rest = {
    .status = "200", .headers = {JSON_TYPE}, .body = "{}", .n_long = N_LONG, .long_bytes = LONG_BYTES / N_LONG};

/* Qdrant's own answers have a date. */
#define GRPC_LIMIT(text, ...)                                                                                          \
  {                                                                                                                    \
    .status = "200", .headers = { GRPC_TYPE, {"grpc-status", "8"}, {"grpc-message", text}, DATE, __VA_ARGS__ }         \
  }
#define REST_LIMIT(code, text, ...)                                                                                    \
  { .status = code, .headers = {JSON_TYPE, __VA_ARGS__}, .body = "{\"status\":{\"error\":\"" text "\"},\"time\":0.1}" }
#define AFTER(seconds)                                                                                                 \
  { "retry-after", seconds }
#define NO_HEADER                                                                                                      \
  { NULL, NULL }

static const fault_answer limited_grpc = GRPC_LIMIT(WORDS LIMIT, NO_HEADER);
static const fault_answer limited_rest = REST_LIMIT("429", WORDS LIMIT, NO_HEADER);
static const fault_answer limited_1_grpc = GRPC_LIMIT(WORDS LIMIT, AFTER("1"));
static const fault_answer limited_1_rest = REST_LIMIT("429", WORDS LIMIT, AFTER("1"));
static const fault_answer limited_60_grpc = GRPC_LIMIT(WORDS LIMIT, AFTER("60"));
static const fault_answer limited_60_rest = REST_LIMIT("429", WORDS LIMIT, AFTER("60"));
static const fault_answer never_grpc =
    GRPC_LIMIT("Rate limiting exceeded: Write rate limit exceeded, " NEVER, NO_HEADER);
static const fault_answer never_rest =
    REST_LIMIT("429", "Rate limiting exceeded: Write rate limit exceeded, " NEVER, NO_HEADER);
static const fault_answer full_grpc = GRPC_LIMIT(FULL, {"qdrant-insufficient-storage", "1"});
static const fault_answer full_rest = REST_LIMIT("507", FULL, NO_HEADER);
static const fault_answer full_60_grpc = {.status = "200",
    .headers = {GRPC_TYPE, {"grpc-status", "8"}, {"grpc-message", FULL}, DATE, AFTER("60"),
        {"qdrant-insufficient-storage", "1"}}};
static const fault_answer full_60_rest = REST_LIMIT("507", FULL, AFTER("60"));

const fault_kind fault_kinds[N_FAULT_KINDS] = {
#define QD_FAULT_KIND(kind, ...) {.name = #kind, __VA_ARGS__},
#include "tests/faults/fault_kinds.def"
#undef QD_FAULT_KIND
};

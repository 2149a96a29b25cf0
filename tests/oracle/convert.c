/* Converts between messages and REST for check_codec.py. A line in: operation, RPC ("Points/Upsert"), arguments, parted
 * by tabs. A line out: what the operation gives, parted by tabs, or "error", status and message. Messages are written
 * in hexadecimal digits, JSON stands on one line. */
#include "codec/route.h"
#include "core/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 5, MAX_BODY_BYTES = 64 << 20 };

typedef struct conversion {
  const qd_rpc *rpc;
  char *arguments[MAX_FIELDS];
  qd_arena *arena;
  qdrant_error err;
} conversion;

static void require(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "%s\n", what);
    exit(1);
  }
}

static ProtobufCMessage *unpack(conversion *of, const ProtobufCMessageDescriptor *type, const char *hex) {
  size_t n = strlen(hex) / 2;
  uint8_t *bytes = qd_arena_alloc(of->arena, n + 1);
  for (size_t i = 0; i < n; i++) {
    unsigned byte = 0;
    require(sscanf(hex + 2 * i, "%2x", &byte) == 1, "a message is not hexadecimal");
    bytes[i] = (uint8_t)byte;
  }
  ProtobufCMessage *message = protobuf_c_message_unpack(type, qd_arena_allocator(of->arena), n, bytes);
  require(message != NULL, "a message does not unpack");
  return message;
}

static void print_message(conversion *of, const ProtobufCMessage *message) {
  size_t n = protobuf_c_message_get_packed_size(message);
  uint8_t *bytes = qd_arena_alloc(of->arena, n + 1);
  protobuf_c_message_pack(message, bytes);
  for (size_t i = 0; i < n; i++)
    printf("%02x", bytes[i]);
}

static qdrant_status write_request(conversion *of) {
  qd_rest_request out;
  qdrant_status status = qd_route_write_request(
      of->rpc, unpack(of, of->rpc->request, of->arguments[0]), 0, MAX_BODY_BYTES, of->arena, &out, &of->err);
  if (status == QDRANT_OK)
    printf("%s\t%s\t%s", out.verb, out.target, out.body == NULL ? "" : out.body);
  return status;
}

static qdrant_status read_request(conversion *of) {
  int has_path = 0;
  const char *body = of->arguments[2];
  ProtobufCMessage *request = NULL;
  if (qd_route_find(of->arguments[0], of->arguments[1], &has_path) != of->rpc)
    return qd_fail(&of->err, QDRANT_UNIMPLEMENTED, "the RPC has another route");
  qdrant_status status =
      qd_route_read_request(of->rpc, of->arguments[1], body, strlen(body), of->arena, &request, &of->err);
  if (status == QDRANT_OK)
    print_message(of, request);
  return status;
}

static qdrant_status read_user(conversion *of) {
  ProtobufCMessage *request = NULL;
  const char *json = of->arguments[0];
  qdrant_status status = qd_route_read_user(of->rpc, json, strlen(json), of->arena, &request, &of->err);
  if (status == QDRANT_OK)
    print_message(of, request);
  return status;
}

static qdrant_status read_reply(conversion *of) {
  ProtobufCMessage *reply = NULL;
  const char *json = of->arguments[0];
  qdrant_status status = qd_route_read_reply(of->rpc, json, strlen(json), of->arena, &reply, &of->err);
  if (status == QDRANT_OK)
    print_message(of, reply);
  return status;
}

typedef qdrant_status (*json_writer)(
    const qd_rpc *rpc, const ProtobufCMessage *message, qd_text *text, qdrant_error *err);

static qdrant_status write_json(conversion *of, json_writer writer, const ProtobufCMessageDescriptor *type) {
  qd_text text;
  qd_text_init(&text, of->arena, MAX_BODY_BYTES);
  qdrant_status status = writer(of->rpc, unpack(of, type, of->arguments[0]), &text, &of->err);
  if (status == QDRANT_OK)
    fputs(qd_text_end(&text), stdout);
  return status;
}

static qdrant_status write_user(conversion *of) {
  return write_json(of, qd_route_write_user, of->rpc->request);
}

static qdrant_status write_reply(conversion *of) {
  return write_json(of, qd_route_write_reply, of->rpc->reply);
}

static const struct {
  const char *name;
  int n_arguments;
  qdrant_status (*run)(conversion *of);
} operations[] = {{"write_request", 1, write_request}, {"read_request", 3, read_request}, {"read_user", 1, read_user},
    {"write_user", 1, write_user}, {"read_reply", 1, read_reply}, {"write_reply", 1, write_reply}};

/* Parts a line at its tabs; the fields are the line's own bytes. */
static int part(char *line, char *fields[MAX_FIELDS]) {
  int n = 0;
  line[strcspn(line, "\n")] = '\0';
  for (char *at = line; at != NULL && n < MAX_FIELDS; n++) {
    fields[n] = at;
    at = strchr(at, '\t');
    if (at != NULL)
      *at++ = '\0';
  }
  return n;
}

static void convert(char *line, qd_arena *arena) {
  char *fields[MAX_FIELDS] = {NULL};
  qdrant_rpc id = 0;
  int n = part(line, fields);
  size_t at = 0;
  while (at < sizeof operations / sizeof operations[0] && strcmp(operations[at].name, fields[0]) != 0)
    at++;
  require(at < sizeof operations / sizeof operations[0] && n == operations[at].n_arguments + 2,
      "no such operation, or not its arguments");
  require(qdrant_rpc_find(fields[1], &id), "no such RPC");
  conversion of = {.rpc = qd_rpc_row(id), .arguments = {fields[2], fields[3], fields[4]}, .arena = arena};
  qdrant_status status = operations[at].run(&of);
  if (status != QDRANT_OK)
    printf("error\t%s\t%s", qdrant_status_name(status), of.err.message);
  putchar('\n');
  fflush(stdout);
}

int main(void) {
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) >= 0) {
    qd_arena *arena = qd_arena_new(0);
    require(arena != NULL, "out of memory");
    convert(line, arena);
    qd_arena_free(arena);
  }
  free(line);
  return 0;
}

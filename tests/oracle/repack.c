/* Unpacks and packs again the messages that check_messages.py writes, and compares the bytes.
 * A record is: is_reply (1 byte), length of the path (1), length of the body (4, little endian), path, body. */
#include "core/rpc.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 6

typedef struct record {
  bool is_reply;
  char path[UINT8_MAX + 1];
  size_t path_bytes;
  uint8_t *body;
  size_t body_bytes;
} record;

/* False at the end of the input; a torn record ends the program. */
static bool read_record(FILE *input, record *out) {
  uint8_t header[HEADER_BYTES];
  size_t n_read = fread(header, 1, sizeof header, input);
  if (n_read == 0)
    return false;
  out->is_reply = header[0] != 0;
  out->path_bytes = header[1];
  out->body_bytes = (size_t)header[2] | (size_t)header[3] << 8 | (size_t)header[4] << 16 | (size_t)header[5] << 24;
  out->body = malloc(out->body_bytes + 1);
  if (n_read != sizeof header || out->body == NULL || fread(out->path, 1, out->path_bytes, input) != out->path_bytes ||
      fread(out->body, 1, out->body_bytes, input) != out->body_bytes) {
    fputs("torn record, or out of memory\n", stderr);
    exit(1);
  }
  return true;
}

/* NULL when the bytes come back equal, else what went wrong. */
static const char *repack(const record *in) {
  const char *problem = NULL;
  const qd_rpc *rpc = qd_rpc_find_path(in->path, in->path_bytes);
  if (rpc == NULL)
    return "no such row in core/rpc.def";
  ProtobufCMessage *message =
      protobuf_c_message_unpack(in->is_reply ? rpc->reply : rpc->request, NULL, in->body_bytes, in->body);
  if (message == NULL)
    return "does not unpack";
  size_t n_bytes = protobuf_c_message_get_packed_size(message);
  uint8_t *packed = malloc(n_bytes + 1);
  if (packed == NULL)
    problem = "out of memory";
  else if (protobuf_c_message_pack(message, packed) != in->body_bytes || n_bytes != in->body_bytes ||
           memcmp(packed, in->body, n_bytes) != 0)
    problem = "packs to other bytes";
  free(packed);
  protobuf_c_message_free_unpacked(message, NULL);
  return problem;
}

int main(void) {
  size_t n_equal = 0;
  size_t n_different = 0;
  record in = {0};
  while (read_record(stdin, &in)) {
    const char *problem = repack(&in);
    if (problem == NULL) {
      n_equal++;
    } else {
      n_different++;
      printf("%.*s %s: %s\n", (int)in.path_bytes, in.path, in.is_reply ? "reply" : "request", problem);
    }
    free(in.body);
  }
  printf("equal: %zu\n", n_equal);
  return n_different == 0 ? 0 : 1;
}

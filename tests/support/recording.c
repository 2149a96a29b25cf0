#include "tests/support/recording.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct recording {
  FILE *file;
  char *line;
  size_t capacity;
  struct json_object *object;
  uint8_t *request;
  uint8_t *reply;
};

const char *recording_directory(void) {
  const char *given = getenv("QDRANT_RECORDINGS");
  const char *directory = given != NULL ? given : "../shared/recordings/qdrant-1.18.3";
  return access(directory, R_OK) == 0 ? directory : NULL;
}

recording *recording_open(const char *directory, const char *scenario) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s.jsonl", directory, scenario);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return NULL;
  recording *opened = calloc(1, sizeof *opened);
  assert_non_null(opened);
  opened->file = file;
  return opened;
}

static int digit_value(char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c != '\0' ? strchr(digits, c) : NULL;
  return at != NULL ? (int)(at - digits) : -1;
}

static uint8_t *decode_base64(const char *text, size_t *n_bytes) {
  uint8_t *bytes = malloc(strlen(text) + 1);
  uint32_t bits = 0;
  int n_bits = 0;
  *n_bytes = 0;
  assert_non_null(bytes);
  for (; *text != '\0' && *text != '='; text++) {
    assert_true(digit_value(*text) >= 0);
    bits = bits << 6 | (uint32_t)digit_value(*text);
    n_bits += 6;
    if (n_bits >= 8) {
      n_bits -= 8;
      bytes[(*n_bytes)++] = (uint8_t)(bits >> n_bits);
    }
  }
  return bytes;
}

static struct json_object *member(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  json_object_object_get_ex(object, key, &value);
  return value;
}

static const char *text_of(struct json_object *object, const char *key) {
  struct json_object *value = member(object, key);
  return value != NULL ? json_object_get_string(value) : NULL;
}

static void forget_line(recording *opened) {
  json_object_put(opened->object);
  free(opened->request);
  free(opened->reply);
  opened->object = NULL;
  opened->request = opened->reply = NULL;
}

/* 0 when the line has no gRPC side. */
static int read_line(recording *opened, recorded_call *call) {
  opened->object = json_tokener_parse(opened->line);
  assert_non_null(opened->object);
  struct json_object *grpc = member(opened->object, "grpc");
  const char *request = grpc != NULL ? text_of(grpc, "request_b64") : NULL;
  *call = (recorded_call){.name = text_of(opened->object, "case"), .rpc = text_of(opened->object, "rpc")};
  if (request == NULL || call->rpc == NULL)
    return 0;
  opened->request = decode_base64(request, &call->n_request);
  call->request = opened->request;
  const char *reply = text_of(grpc, "reply_b64");
  if (reply != NULL)
    opened->reply = decode_base64(reply, &call->n_reply);
  call->reply = opened->reply;
  call->status = json_object_get_int(member(grpc, "status"));
  call->message = text_of(grpc, "message");
  return 1;
}

int recording_next(recording *opened, recorded_call *call) {
  do {
    forget_line(opened);
    if (getline(&opened->line, &opened->capacity, opened->file) < 0)
      return 0;
  } while (!read_line(opened, call));
  return 1;
}

void recording_close(recording *opened) {
  forget_line(opened);
  free(opened->line);
  fclose(opened->file);
  free(opened);
}

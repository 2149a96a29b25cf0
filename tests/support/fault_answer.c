#include "tests/support/fault_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_CONTINUATION = 9 };
enum { END_STREAM = 1, END_HEADERS = 4, MAX_FRAME_BYTES = 16384 };

static size_t size_body(const fault_answer *answer) {
  return answer->n_body > 0 || answer->body == NULL ? answer->n_body : strlen(answer->body);
}

static void append_zeros(fault_bytes *out, size_t n) {
  uint8_t *zeros = calloc(n + 1, 1);
  fault_append(out, zeros, n);
  free(zeros);
}

static void append_text(fault_bytes *out, const char *text) {
  fault_append(out, text, strlen(text));
}

static char *make_long(size_t n) {
  char *text = malloc(n + 1);
  memset(text, 'l', n);
  text[n] = '\0';
  return text;
}

static void put_line(fault_bytes *out, const char *name, const char *value) {
  append_text(out, name);
  append_text(out, ": ");
  append_text(out, value);
  append_text(out, "\r\n");
}

fault_bytes fault_answer_http1(const fault_answer *answer) {
  fault_bytes out = {0};
  char line[64];
  snprintf(line, sizeof line, "HTTP/1.1 %s Said\r\n", answer->status);
  append_text(&out, line);
  for (size_t i = 0; i < FAULT_MAX_HEADERS && answer->headers[i][0] != NULL; i++)
    put_line(&out, answer->headers[i][0], answer->headers[i][1]);
  char *text = make_long(answer->long_bytes);
  for (size_t i = 0; i < answer->n_long; i++)
    put_line(&out, "x-long", text);
  free(text);
  snprintf(line, sizeof line, "content-length: %zu\r\n\r\n", size_body(answer) + answer->n_zeros);
  append_text(&out, line);
  fault_append(&out, answer->body, size_body(answer));
  append_zeros(&out, answer->n_zeros);
  return out;
}

void fault_put_frame(fault_bytes *out, int type, int flags, uint32_t stream, const void *content, size_t n_bytes) {
  uint8_t head[9] = {(uint8_t)(n_bytes >> 16), (uint8_t)(n_bytes >> 8), (uint8_t)n_bytes, (uint8_t)type, (uint8_t)flags,
      (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
  fault_append(out, head, sizeof head);
  fault_append(out, content, n_bytes);
}

/* HPACK's integer of 7 bits. */
static void put_length(fault_bytes *out, size_t n) {
  uint8_t byte = n < 127 ? (uint8_t)n : 127;
  fault_append(out, &byte, 1);
  if (n < 127)
    return;
  for (n -= 127; n >= 128; n /= 128) {
    byte = (uint8_t)(n % 128 + 128);
    fault_append(out, &byte, 1);
  }
  byte = (uint8_t)n;
  fault_append(out, &byte, 1);
}

/* HPACK: a literal that goes into no table. */
static void put_literal(fault_bytes *out, const char *name, const char *value) {
  uint8_t kind = 0;
  fault_append(out, &kind, 1);
  put_length(out, strlen(name));
  append_text(out, name);
  put_length(out, strlen(value));
  append_text(out, value);
}

static fault_bytes encode_headers(const fault_answer *answer) {
  fault_bytes block = {0};
  put_literal(&block, ":status", answer->status);
  for (size_t i = 0; i < FAULT_MAX_HEADERS && answer->headers[i][0] != NULL; i++)
    put_literal(&block, answer->headers[i][0], answer->headers[i][1]);
  char *text = make_long(answer->long_bytes);
  for (size_t i = 0; i < answer->n_long; i++)
    put_literal(&block, "x-long", text);
  free(text);
  return block;
}

static void put_pieces(fault_bytes *out, int first_type, int next_type, int first_flags, int last_flags,
    uint32_t stream, const fault_bytes *content) {
  size_t at = 0;
  do {
    size_t n_left = content->n - at;
    size_t n = n_left < MAX_FRAME_BYTES ? n_left : MAX_FRAME_BYTES;
    int flags = (at == 0 ? first_flags : 0) | (n == n_left ? last_flags : 0);
    fault_put_frame(out, at == 0 ? first_type : next_type, flags, stream, content->at + at, n);
    at += n;
  } while (at < content->n);
}

fault_bytes fault_answer_http2(const fault_answer *answer, uint32_t stream) {
  fault_bytes out = {0};
  fault_bytes block = encode_headers(answer);
  fault_bytes body = {0};
  fault_append(&body, answer->body, size_body(answer));
  append_zeros(&body, answer->n_zeros);
  put_pieces(&out, FRAME_HEADERS, FRAME_CONTINUATION, body.n > 0 ? 0 : END_STREAM, END_HEADERS, stream, &block);
  if (body.n > 0)
    put_pieces(&out, FRAME_DATA, FRAME_DATA, 0, END_STREAM, stream, &body);
  free(block.at);
  free(body.at);
  return out;
}

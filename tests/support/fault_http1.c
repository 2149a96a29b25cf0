#include "tests/support/fault_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const uint8_t *find_head_end(const fault_bytes *bytes) {
  const uint8_t *end = bytes->n > 0 ? memmem(bytes->at, bytes->n, "\r\n\r\n", 4) : NULL;
  return end != NULL ? end + 4 : NULL;
}

/* Reads more from the client or the target, whichever is asked for; 0 at the end. */
static int read_more(fault_connection *connection, int is_of_target) {
  int has[2] = {0, 0};
  fault_bytes *bytes = is_of_target ? &connection->from_target : &connection->from_client;
  if (!fault_await(connection, &has[0], &has[1]) || !has[is_of_target])
    return 0; /* the other one went: neither speaks out of turn */
  return fault_read(is_of_target ? connection->target_fd : connection->client_fd, bytes);
}

static size_t await_head(fault_connection *connection, int is_of_target) {
  fault_bytes *bytes = is_of_target ? &connection->from_target : &connection->from_client;
  const uint8_t *end = NULL;
  while ((end = find_head_end(bytes)) == NULL)
    if (!read_more(connection, is_of_target))
      return 0;
  return (size_t)(end - bytes->at);
}

static size_t read_length(const fault_bytes *bytes, size_t n_head) {
  static const char name[] = "\r\ncontent-length:";
  for (size_t at = 0; at + sizeof name - 1 < n_head; at++)
    if (strncasecmp((const char *)bytes->at + at, name, sizeof name - 1) == 0)
      return (size_t)strtoul((const char *)bytes->at + at + sizeof name - 1, NULL, 10);
  return 0;
}

/* The whole message, of which n_head bytes are there; its length, 0 at the end. */
static size_t await_whole(fault_connection *connection, int is_of_target, size_t n_head) {
  fault_bytes *bytes = is_of_target ? &connection->from_target : &connection->from_client;
  size_t n_whole = n_head + read_length(bytes, n_head);
  while (bytes->n < n_whole)
    if (!read_more(connection, is_of_target))
      return 0;
  return n_whole;
}

static size_t count_said(const fault *what, size_t n_head, size_t n_whole) {
  const size_t counts[] = {[FAULT_SAYS_HALF_HEAD] = n_head / 2,
      [FAULT_SAYS_HEAD] = n_head,
      [FAULT_SAYS_HALF_BODY] = n_head + (n_whole - n_head) / 2};
  return what->says <= FAULT_SAYS_HALF_BODY ? counts[what->says] : 0;
}

/* 0: the connection is over. */
static int play(fault_connection *connection, const fault *what, const uint8_t *reply, size_t n_head, size_t n_whole) {
  fault_bytes words = {0};
  if (what->says == FAULT_SAYS_ANSWER)
    words = fault_answer_http1(what->answer);
  else if (what->says == FAULT_SAYS_BYTES)
    fault_append(&words, what->answer->body, strlen(what->answer->body));
  else
    fault_append(&words, reply, count_said(what, n_head, n_whole));
  int is_open = fault_write(connection->client_fd, words.at, words.n);
  free(words.at);
  return fault_end(connection, what) && is_open;
}

/* The target's answer is whole before a word of it is said. */
static int pass_request(fault_connection *connection, const fault *what, size_t n_request) {
  if (!fault_write(connection->target_fd, connection->from_client.at, n_request))
    return 0;
  fault_drop(&connection->from_client, n_request);
  size_t n_head = await_head(connection, 1);
  size_t n_whole = n_head > 0 ? await_whole(connection, 1, n_head) : 0;
  if (n_whole == 0)
    return 0;
  const uint8_t *reply = connection->from_target.at;
  int is_open = what != NULL ? play(connection, what, reply, n_head, n_whole)
                             : fault_write(connection->client_fd, reply, n_whole);
  fault_drop(&connection->from_target, n_whole);
  return is_open;
}

static int is_for_points(const fault_connection *connection) {
  static const char name[] = "/points";
  const fault_bytes *bytes = &connection->from_client;
  const uint8_t *end = memmem(bytes->at, bytes->n, "\r\n", 2);
  return memmem(bytes->at, (size_t)(end - bytes->at), name, sizeof name - 1) != NULL;
}

static int serve_one(fault_connection *connection) {
  size_t n_head = await_head(connection, 0);
  if (n_head == 0)
    return 0;
  const fault *what =
      is_for_points(connection) ? fault_take(connection->server, FAULT_AT_REQUEST, FAULT_AT_REPLY) : NULL;
  int is_swallowed = what != NULL && what->moment == FAULT_AT_REQUEST;
  if (is_swallowed && what->then == FAULT_THEN_STOP_READING)
    return play(connection, what, NULL, 0, 0);
  size_t n_request = await_whole(connection, 0, n_head);
  if (n_request == 0)
    return 0;
  if (!is_swallowed)
    return pass_request(connection, what, n_request);
  fault_drop(&connection->from_client, n_request);
  return play(connection, what, NULL, 0, 0);
}

void fault_http1_serve(fault_connection *connection) {
  while (serve_one(connection)) {
  }
}

#include "tests/support/fault_connection.h"

#include <stdlib.h>
#include <string.h>

enum { PREFACE_BYTES = 24, HEAD_BYTES = 9, MAX_STREAMS = 1 << 14, MAX_HTTP2_STREAM = 0x7fffffff };
enum { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RST_STREAM = 3, FRAME_SETTINGS = 4, FRAME_GOAWAY = 7 };
enum { FLAG_ACK = 1 };

/* What becomes of a stream; of streams beyond the table nothing does. */
enum stream_fate { GOES_ON = 0, DOOMED /* its answer meets the fault */, GONE /* nothing of it is handed on */ };

typedef struct http2_state {
  fault_connection *connection;
  const fault *what; /* of doomed streams */
  uint8_t fates[MAX_STREAMS];
  int has_preface;
  int has_settings[2]; /* of the client, of the target */
} http2_state;

typedef struct frame {
  int type;
  int flags;
  uint32_t stream;
  const uint8_t *whole; /* head and content */
  size_t n_whole;
} frame;

/* The first whole frame in bytes; 0 when there is none yet. */
static int find_frame(const fault_bytes *bytes, frame *found) {
  const uint8_t *at = bytes->at;
  if (bytes->n < HEAD_BYTES)
    return 0;
  size_t n_content = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
  *found = (frame){.type = at[3],
      .flags = at[4],
      .stream = (uint32_t)at[5] << 24 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 8 | at[8],
      .whole = at,
      .n_whole = HEAD_BYTES + n_content};
  return bytes->n >= found->n_whole;
}

static uint8_t *fate_of(http2_state *state, uint32_t stream) {
  static _Thread_local uint8_t none;
  return stream / 2 < MAX_STREAMS ? &state->fates[stream / 2] : &none;
}

/* Both sides are told to compress headers without a table, so that frames can be left out. */
static int pass_settings(int fd, const frame *given) {
  static const uint8_t no_table[6] = {0, 1, 0, 0, 0, 0};
  fault_bytes out = {0};
  fault_bytes content = {0};
  fault_append(&content, given->whole + HEAD_BYTES, given->n_whole - HEAD_BYTES);
  fault_append(&content, no_table, sizeof no_table);
  fault_put_frame(&out, FRAME_SETTINGS, 0, 0, content.at, content.n);
  int is_written = fault_write(fd, out.at, out.n);
  free(out.at);
  free(content.at);
  return is_written;
}

static int pass_frame(http2_state *state, int is_of_target, const frame *given) {
  int fd = is_of_target ? state->connection->client_fd : state->connection->target_fd;
  if (given->type == FRAME_SETTINGS && !(given->flags & FLAG_ACK) && !state->has_settings[is_of_target]) {
    state->has_settings[is_of_target] = 1;
    return pass_settings(fd, given);
  }
  return fault_write(fd, given->whole, given->n_whole);
}

static void put_u32(uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++)
    out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t find_last(const fault *what, uint32_t stream) {
  const uint32_t lasts[] = {[FAULT_LAST_NONE] = 0,
      [FAULT_LAST_BELOW] = stream > 2 ? stream - 2 : 0,
      [FAULT_LAST_OURS] = stream,
      [FAULT_LAST_MAX] = MAX_HTTP2_STREAM};
  return lasts[what->last];
}

static void put_goaway(fault_bytes *out, const fault *what, uint32_t stream) {
  uint8_t content[8];
  put_u32(content, find_last(what, stream));
  put_u32(content + 4, what->code);
  fault_put_frame(out, FRAME_GOAWAY, 0, 0, content, sizeof content);
}

/* What the client hears; answer: the frame of the server's that is replaced, or NULL. */
static fault_bytes make_words(const fault *what, uint32_t stream, const frame *answer) {
  fault_bytes out = {0};
  uint8_t code[4];
  put_u32(code, what->code);
  if (what->says == FAULT_SAYS_RST)
    fault_put_frame(&out, FRAME_RST_STREAM, 0, stream, code, sizeof code);
  else if (what->says == FAULT_SAYS_GOAWAY || what->says == FAULT_SAYS_DRAIN)
    put_goaway(&out, what, stream);
  else if (what->says == FAULT_SAYS_ANSWER)
    out = fault_answer_http2(what->answer, stream);
  else if (what->says == FAULT_SAYS_BYTES)
    fault_append(&out, what->answer->body, strlen(what->answer->body));
  else if (answer != NULL && what->says != FAULT_SAYS_NOTHING)
    fault_append(&out, answer->whole, what->says == FAULT_SAYS_HEAD ? answer->n_whole : answer->n_whole / 2);
  return out;
}

/* 0: the connection is over. */
static int play(http2_state *state, const fault *what, uint32_t stream, const frame *answer) {
  fault_bytes words = make_words(what, stream, answer);
  int is_open = fault_write(state->connection->client_fd, words.at, words.n);
  free(words.at);
  *fate_of(state, stream) = what->says == FAULT_SAYS_DRAIN ? GOES_ON : GONE;
  if (is_open && what->says == FAULT_SAYS_DRAIN && answer != NULL)
    return pass_frame(state, 1, answer);
  return fault_end(state->connection, what) && is_open;
}

static int is_for_points(const frame *given) {
  static const char name[] = "/qdrant.Points/";
  return given->type == FRAME_HEADERS && memmem(given->whole, given->n_whole, name, sizeof name - 1) != NULL;
}

static int take_from_client(http2_state *state, const frame *given) {
  uint8_t *fate = fate_of(state, given->stream);
  const fault *what =
      is_for_points(given) ? fault_take(state->connection->server, FAULT_AT_REQUEST, FAULT_AT_REPLY) : NULL;
  if (what != NULL && what->moment == FAULT_AT_REQUEST)
    return play(state, what, given->stream, NULL);
  if (what != NULL) {
    *fate = DOOMED;
    state->what = what;
  }
  return (given->stream != 0 && *fate == GONE) || pass_frame(state, 0, given);
}

/* The first frame of an answer has its headers; the second meets the fault that waits for the body. */
static int take_from_target(http2_state *state, const frame *given) {
  uint8_t *fate = fate_of(state, given->stream);
  if (given->stream == 0 || *fate == GOES_ON)
    return pass_frame(state, 1, given);
  if (*fate == GONE)
    return 1;
  int awaits_body = state->what->says == FAULT_SAYS_HALF_BODY;
  if (given->type != FRAME_HEADERS && given->type != FRAME_DATA)
    return pass_frame(state, 1, given);
  if (awaits_body == (given->type == FRAME_DATA))
    return play(state, state->what, given->stream, given);
  return pass_frame(state, 1, given);
}

static int take_frames(http2_state *state, fault_bytes *bytes, int is_of_target) {
  frame found;
  int is_open = 1;
  while (is_open && find_frame(bytes, &found)) {
    is_open = is_of_target ? take_from_target(state, &found) : take_from_client(state, &found);
    fault_drop(bytes, found.n_whole);
  }
  return is_open;
}

static int take_client_bytes(http2_state *state) {
  fault_bytes *bytes = &state->connection->from_client;
  if (!fault_read(state->connection->client_fd, bytes))
    return 0;
  if (!state->has_preface) {
    if (bytes->n < PREFACE_BYTES)
      return 1;
    state->has_preface = 1;
    if (!fault_write(state->connection->target_fd, bytes->at, PREFACE_BYTES))
      return 0;
    fault_drop(bytes, PREFACE_BYTES);
  }
  return take_frames(state, bytes, 0);
}

static int take_target_bytes(http2_state *state) {
  fault_bytes *bytes = &state->connection->from_target;
  return fault_read(state->connection->target_fd, bytes) && take_frames(state, bytes, 1);
}

void fault_http2_serve(fault_connection *connection) {
  http2_state *state = calloc(1, sizeof *state);
  int has_client = 0;
  int has_target = 0;
  state->connection = connection;
  while (fault_await(connection, &has_client, &has_target)) {
    if ((has_client && !take_client_bytes(state)) || (has_target && !take_target_bytes(state)))
      break;
  }
  free(state);
}

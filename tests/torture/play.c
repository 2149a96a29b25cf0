#include "tests/torture/play.h"

#include "qdrant/build.h"
#include "qdrant/json.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The end of a started call. */
typedef struct ending {
  sem_t is_there;
  qdrant_reply *reply;
  qdrant_error err;
} ending;

static void take_ending(void *user, qdrant_reply *reply, const qdrant_error *err) {
  ending *end = user;
  end->reply = reply;
  end->err = *err;
  sem_post(&end->is_there);
}

static qdrant_status call_back(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  ending end = {.reply = NULL};
  sem_init(&end.is_there, 0, 0);
  const qdrant_then then = {.done = take_ending, .user = &end};
  qdrant_status status = qdrant_call_start(client, rpc, request, options, &then, err);
  if (status == QDRANT_OK) {
    while (sem_wait(&end.is_there) != 0) {
    }
    *reply = end.reply;
    *err = end.err;
    status = end.err.status;
  }
  sem_destroy(&end.is_there);
  return status;
}

static qdrant_status call_by_queue(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qdrant_cq *queue = NULL;
  qdrant_completion end;
  qdrant_status status = qdrant_cq_new(client, &queue, err);
  const qdrant_then then = {.queue = queue};
  if (status == QDRANT_OK)
    status = qdrant_call_start(client, rpc, request, options, &then, err);
  if (status == QDRANT_OK) {
    if (qdrant_cq_wait(queue, &end, 1, -1) != 1)
      abort(); /* a call that never reports */
    *reply = end.reply;
    *err = end.error;
    status = end.error.status;
  }
  qdrant_cq_free(queue);
  return status;
}

typedef qdrant_status (*call_maker)(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

static const call_maker makers[N_PLAY_WAYS] = {qdrant_call, call_back, call_by_queue};

/* Writes are counted by these, those that nobody heard of as well. */
static const char *const counters[] = {"\"operation_id\":", "\"version\":"};

/* Whether `at` is where the value of a counter begins. */
static int is_after_counter(const char *json, const char *at) {
  for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
    size_t n = strlen(counters[i]);
    if ((size_t)(at - json) >= n && strncmp(at - n, counters[i], n) == 0)
      return 1;
  }
  return 0;
}

static char *without_counters(const char *json) {
  char *text = malloc(strlen(json) + 1), *to = text;
  if (text == NULL)
    abort();
  for (const char *from = json; *from != '\0';) {
    if (is_after_counter(json, from))
      from += strspn(from, "0123456789");
    *to++ = *from++;
  }
  *to = '\0';
  return text;
}

play_answer play(qdrant_client *client, const torture_case *of, play_way way, qdrant_toggle checks) {
  play_answer answer = {.text = NULL};
  struct ProtobufCMessage *request = NULL;
  const struct ProtobufCMessage *message = NULL;
  qdrant_reply *reply = NULL;
  const char *json = NULL;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.checks = checks;
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_status status =
      arena == NULL ? QDRANT_NO_MEMORY
                    : qdrant_message_from_json(of->rpc, of->request, strlen(of->request), arena, &request, &answer.err);
  if (status == QDRANT_OK)
    status = makers[way](client, of->rpc, request, &options, &reply, &answer.err);
  if (status == QDRANT_OK) {
    message = qdrant_reply_message(reply, &answer.err);
    status = message != NULL ? qdrant_message_to_json(message, arena, &json, NULL, &answer.err) : answer.err.status;
  }
  answer.err.status = status;
  answer.text = status == QDRANT_OK ? without_counters(json) : NULL;
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return answer;
}

void play_free(play_answer *answer) {
  free(answer->text);
  *answer = (play_answer){.text = NULL};
}

/* Whether one text is the other with its parts in another order, as near as counting bytes tells. */
static int has_same_bytes(const char *left, const char *right) {
  long counts[256] = {0};
  for (; *left != '\0'; left++)
    counts[(unsigned char)*left]++;
  for (; *right != '\0'; right++)
    counts[(unsigned char)*right]--;
  for (size_t i = 0; i < 256; i++)
    if (counts[i] != 0)
      return 0;
  return 1;
}

/* An error names whichever point it met first: numbers aside. */
static int has_same_words(const char *left, const char *right) {
  static const char numeral[] = "0123456789.-";
  for (;;) {
    left += strspn(left, numeral);
    right += strspn(right, numeral);
    if (*left != *right || *left == '\0')
      return *left == *right;
    left++;
    right++;
  }
}

int play_is_same(const torture_case *of, const play_answer *left, const play_answer *right) {
  if (left->err.status != right->err.status)
    return 0;
  if (!of->says_the_same)
    return 1;
  if (left->text == NULL || right->text == NULL)
    return left->text == right->text && has_same_words(left->err.message, right->err.message);
  return of->has_order ? strcmp(left->text, right->text) == 0 : has_same_bytes(left->text, right->text);
}

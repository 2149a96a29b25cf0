#ifndef QD_TORTURE_PLAY_H
#define QD_TORTURE_PLAY_H

#include "qdrant/call.h"
#include "tests/torture/cases.h"

/* How a call is made. */
typedef enum play_way { PLAY_BLOCKING = 0, PLAY_CALLBACK, PLAY_QUEUE, N_PLAY_WAYS } play_way;

/* What came of a case. */
typedef struct play_answer {
  qdrant_error err; /* its status is the answer's */
  char *text;       /* the reply as JSON, without what differs by the run; NULL when there is none */
} play_answer;

/* From the JSON of the request to that of the reply. */
play_answer play(qdrant_client *client, const torture_case *of, play_way way, qdrant_toggle checks);
void play_free(play_answer *answer);

/* Whether two answers to a case say the same. */
int play_is_same(const torture_case *of, const play_answer *left, const play_answer *right);

#endif

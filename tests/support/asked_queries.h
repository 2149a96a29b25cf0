#ifndef QD_TEST_ASKED_QUERIES_H
#define QD_TEST_ASKED_QUERIES_H

#include "tests/support/asked_engine.h"

/* cmocka's set-up, before asked_engine_teardown: collection c of four points 1 to 4 with the vectors (1, 0), (0, 2),
 * (3, 4) and (-1, -1) under the names dot, cos, euclid, man (its distance each) and multi (with a second row (1, 1)),
 * with sparse vectors s ({0..3: 2, 100: 0.5}) and idf ({0..3: 1, 9: 1}), and n = 0 to 3 in the payload. */
int asked_queries_setup(void **state);

/* Asks Points/Query about c, `question` being the other members of the request. Fails the test unless the hits' ids and
 * scores are as written: "3:4.5 1:0". */
void assert_hits(asked_engine *engine, const char *question, const char *hits);

/* The same of another call whose reply is a list of hits. */
void assert_hits_of(asked_engine *engine, const char *rpc, const char *question, const char *hits);

/* A query near a dense vector, for a question. */
#define QD_NEAR(x, y) "'query': {'nearest': {'dense': {'data': [" x ", " y "]}}}"

#endif

#ifndef QD_TEST_HITS_COMPARE_H
#define QD_TEST_HITS_COMPARE_H

#include "tests/support/message_compare.h"

/* 1 when two replies to a query, or to a batch of them, have the same scores in the same order and differ in nothing
 * but the order of points with equal scores, and in which of those with the lowest score are there. */
int hits_are_tied(const ProtobufCMessage *a, const ProtobufCMessage *b, const message_rules *rules);

#endif

#ifndef QD_ROUTE_TABLE_H
#define QD_ROUTE_TABLE_H

#include "core/rpc.h"

/* Where an HTTP answer has the reply. */
typedef enum qd_route_answer {
  QD_ANSWER_RESULT, /* in the envelope's `result` */
  QD_ANSWER_TRUE,   /* nowhere: `result` is true */
  QD_ANSWER_WHOLE   /* it is the whole answer, without an envelope */
} qd_route_answer;

/* A row of routes.def. */
typedef struct qd_route {
  const char *verb;
  const char *path; /* names of the request's fields in braces */
  int has_body;
  int always_waits; /* there is no field for the parameter `wait`, since the RPC does not return before the end */
  qd_route_answer answer;
} qd_route;

const qd_route *qd_route_row(qdrant_rpc id); /* of an RPC that exists */

#endif

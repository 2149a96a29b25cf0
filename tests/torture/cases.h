#ifndef QD_TORTURE_CASES_H
#define QD_TORTURE_CASES_H

#include "qdrant/rpc.h"

#include <stddef.h>

/* One call of a scenario of tests/contract/cases. */
typedef struct torture_case {
  char *name;
  qdrant_rpc rpc;
  char *request;     /* JSON */
  int has_order;     /* its lists come in a defined order */
  int says_the_same; /* asked again, it gives the same answer: no names made of the time, no counts of how often */
} torture_case;

/* A scenario: its calls in order, from an empty server. */
typedef struct torture_scenario {
  char *name;
  torture_case *cases;
  size_t n_cases;
} torture_scenario;

/* Reads a file of cases; ends the process with a message when it cannot be. */
torture_scenario scenario_read(const char *path);
void scenario_free(torture_scenario *scenario);

#endif

#ifndef QD_LEDGER_NODE_H
#define QD_LEDGER_NODE_H

#include "tests/ledger/schedule.h"

#include <sys/types.h>

/* A server that the upload goes to, in this process or in one of its own. What it applied is in a file that outlives
 * it, as a real server's log does; its collection begins empty again each time it is begun. One thread at a time. */
typedef struct ledger_node {
  const ledger_schedule *schedule;
  const char *folder;
  size_t number;
  qdrant_mock *mock; /* NULL: it has a process, or is stopped */
  pid_t child;       /* 0: none */
  int child_input;   /* the child ends when it is closed */
  uint16_t grpc_port;
  uint16_t rest_port;
} ledger_node;

/* The name of a file in the folder: the collection to begin with, and what a node applied. */
enum { LEDGER_MAX_PATH = 300 };
void ledger_collection_path(char path[LEDGER_MAX_PATH], const char *folder);
void ledger_applied_path(char path[LEDGER_MAX_PATH], const char *folder, size_t number);

/* Begins it, on the ports that it had if it had any. Ends the program when that cannot be done. */
void ledger_node_begin(ledger_node *node);
void ledger_node_end(ledger_node *node);  /* stopped, or killed if it has a process; it may be begun again */
void ledger_node_drop(ledger_node *node); /* its connections; nothing for one with a process */

/* The program when it is a node of its own process: arguments are folder, seed, number of the node, points, ports. */
int ledger_node_main(char **args);

#endif

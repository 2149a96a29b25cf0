#include "tests/ledger/node.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_TRIES = 100, TRY_US = 50000 };

extern char **environ;

void ledger_collection_path(char path[LEDGER_MAX_PATH], const char *folder) {
  snprintf(path, LEDGER_MAX_PATH, "%s/collection", folder);
}

void ledger_applied_path(char path[LEDGER_MAX_PATH], const char *folder, size_t number) {
  snprintf(path, LEDGER_MAX_PATH, "%s/applied-%zu", folder, number);
}

static void fail(const ledger_node *node, const char *what, const char *why) {
  fprintf(stderr, "ledger: node %zu of seed %" PRIu64 ": %s: %s\n", node->number, node->schedule->seed, what, why);
  exit(2);
}

static void add_faults(const ledger_node *node) {
  qdrant_error err;
  for (size_t i = 0; i < node->schedule->n_faults[node->number]; i++)
    if (qdrant_mock_add_fault(node->mock, &node->schedule->faults[node->number][i], &err) != QDRANT_OK)
      fail(node, "a fault", err.message);
}

/* A port may still be somebody's for a moment. */
static void begin_here(ledger_node *node) {
  char collection[LEDGER_MAX_PATH];
  char applied[LEDGER_MAX_PATH];
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_error err;
  ledger_collection_path(collection, node->folder);
  ledger_applied_path(applied, node->folder, node->number);
  options.grpc_port = node->grpc_port;
  options.rest_port = node->rest_port;
  options.load_path = collection;
  options.applied_path = applied;
  for (int i = 0; qdrant_mock_start(&options, &node->mock, &err) != QDRANT_OK; i++) {
    if (err.status != QDRANT_UNAVAILABLE || i == N_TRIES)
      fail(node, "start", err.message);
    usleep(TRY_US);
  }
  add_faults(node);
  node->grpc_port = qdrant_mock_grpc_port(node->mock);
  node->rest_port = qdrant_mock_rest_port(node->mock);
}

int ledger_node_main(char **args) {
  static ledger_schedule schedule;
  ledger_node node = {.schedule = &schedule, .folder = args[0]};
  char end;
  node.number = strtoul(args[2], NULL, 10);
  ledger_schedule_make(&schedule, strtoull(args[1], NULL, 10), strtoul(args[3], NULL, 10));
  node.grpc_port = (uint16_t)strtoul(args[4], NULL, 10);
  node.rest_port = (uint16_t)strtoul(args[5], NULL, 10);
  begin_here(&node);
  printf("%u %u\n", node.grpc_port, node.rest_port);
  fflush(stdout);
  while (read(STDIN_FILENO, &end, 1) > 0) {
  }
  qdrant_mock_stop(node.mock);
  return 0;
}

static pid_t spawn(const ledger_node *node, int input, int output) {
  char seed[24], number[24], n_points[24], grpc_port[8], rest_port[8];
  posix_spawn_file_actions_t actions;
  pid_t child = 0;
  snprintf(seed, sizeof seed, "%" PRIu64, node->schedule->seed);
  snprintf(number, sizeof number, "%zu", node->number);
  snprintf(n_points, sizeof n_points, "%" PRIu64, node->schedule->upload.total_points);
  snprintf(grpc_port, sizeof grpc_port, "%u", node->grpc_port);
  snprintf(rest_port, sizeof rest_port, "%u", node->rest_port);
  char *args[] = {
      (char *)"ledger", (char *)"node", (char *)node->folder, seed, number, n_points, grpc_port, rest_port, NULL};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  int failure = posix_spawn(&child, "/proc/self/exe", &actions, NULL, args, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    fail(node, "spawn", strerror(failure));
  return child;
}

static void begin_child(ledger_node *node) {
  int input[2];
  int output[2];
  unsigned grpc_port = 0;
  unsigned rest_port = 0;
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
    fail(node, "pipe", strerror(errno));
  node->child = spawn(node, input[0], output[1]);
  node->child_input = input[1];
  close(input[0]);
  close(output[1]);
  FILE *answer = fdopen(output[0], "r");
  if (answer == NULL || fscanf(answer, "%u %u", &grpc_port, &rest_port) != 2)
    fail(node, "its process", "does not say its ports");
  fclose(answer);
  node->grpc_port = (uint16_t)grpc_port;
  node->rest_port = (uint16_t)rest_port;
}

void ledger_node_begin(ledger_node *node) {
  if (node->schedule->has_children)
    begin_child(node);
  else
    begin_here(node);
}

void ledger_node_end(ledger_node *node) {
  qdrant_mock_stop(node->mock);
  node->mock = NULL;
  if (node->child == 0)
    return;
  kill(node->child, SIGKILL);
  while (waitpid(node->child, NULL, 0) < 0 && errno == EINTR) {
  }
  close(node->child_input);
  node->child = 0;
}

void ledger_node_drop(ledger_node *node) {
  if (node->mock != NULL)
    qdrant_mock_drop_connections(node->mock);
}

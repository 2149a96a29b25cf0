#include "tests/torture/bed.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const torture_transport transports[] = {
    {.name = "memory"},
    {.name = "grpc", .has_server = 1},
    {.name = "rest", .has_server = 1, .is_rest = 1},
    {.name = "served grpc", .has_server = 1, .is_server_tortured = 1},
    {.name = "served rest", .has_server = 1, .is_rest = 1, .is_server_tortured = 1},
};

const torture_transport *torture_transport_find(const char *name) {
  for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++)
    if (strcmp(transports[i].name, name) == 0)
      return &transports[i];
  return NULL;
}

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

/* Says where it is on stdout and stays until stdin ends. */
int bed_serve(void) {
  qdrant_mock *mock = NULL;
  qdrant_error err;
  char byte;
  if (qdrant_mock_start(NULL, &mock, &err) != QDRANT_OK)
    give_up("server", err.message);
  printf("%s %" PRIu16 "\n", qdrant_mock_url(mock), qdrant_mock_rest_port(mock));
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  qdrant_mock_stop(mock);
  return 0;
}

/* A fresh program, for a process that has used gRPC cannot be forked. */
static void spawn_server(torture_bed *bed) {
  int down[2], up[2];
  char *const arguments[] = {(char *)"torture", (char *)"--serve", NULL};
  posix_spawn_file_actions_t actions;
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0)
    give_up("server", "no pipe");
  posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO);
  if (posix_spawn(&bed->pid, "/proc/self/exe", &actions, NULL, arguments, environ) != 0)
    give_up("server", "cannot be started");
  posix_spawn_file_actions_destroy(&actions);
  close(down[0]);
  close(up[1]);
  bed->stop_fd = down[1];
  FILE *said = fdopen(up[0], "r");
  if (said == NULL || fscanf(said, "%63s %" SCNu16, bed->url, &bed->rest_port) != 2)
    give_up("server", "did not say where it is");
  fclose(said);
}

static void start_server(torture_bed *bed) {
  qdrant_error err;
  if (!bed->transport->is_server_tortured) {
    spawn_server(bed);
    return;
  }
  if (qdrant_mock_start(NULL, &bed->mock, &err) != QDRANT_OK)
    give_up("server", err.message);
  snprintf(bed->url, sizeof bed->url, "%s", qdrant_mock_url(bed->mock));
  bed->rest_port = qdrant_mock_rest_port(bed->mock);
}

qdrant_options bed_options(const torture_bed *bed) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = bed->transport->has_server ? bed->url : ":memory:";
  options.rest_port = bed->rest_port;
  options.prefer_grpc = bed->transport->is_rest ? QDRANT_OFF : QDRANT_ON;
  options.rest_fallback = QDRANT_OFF;
  options.retry_delay_ms = 1;
  options.retry_budget = -1;
  options.timeout_ms = 20000;
  return options;
}

void bed_open(torture_bed *bed, const torture_transport *transport) {
  qdrant_error err;
  *bed = (torture_bed){.transport = transport, .stop_fd = -1};
  if (transport->has_server)
    start_server(bed);
  qdrant_options options = bed_options(bed);
  if (qdrant_client_open(&options, &bed->client, &err) != QDRANT_OK ||
      qdrant_client_wait_ready(bed->client, 20000, &err) != QDRANT_OK)
    give_up("client", err.message);
}

void bed_close(torture_bed *bed) {
  int state = 0;
  qdrant_client_close(bed->client);
  qdrant_mock_stop(bed->mock);
  if (bed->pid != 0) {
    close(bed->stop_fd);
    if (waitpid(bed->pid, &state, 0) != bed->pid || state != 0)
      give_up("server", "did not end well");
  }
  *bed = (torture_bed){0};
}

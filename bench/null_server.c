/* A server that does nothing, so that what a client costs can be measured: see docs in bench/null_server.h. */
#include "bench/null_server.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_USAGE = 2, DEFAULT_LIMIT = 10, MAX_LIMIT = 10000 };

typedef struct server_options {
  bool is_tcp;
  uint16_t port;
  uint32_t limit;
} server_options;

static const char usage[] =
    "usage: qdrant-null-server [--tcp] [--port N] [--limit N]\n"
    "Answers qdrant.Points Upsert, Query and QueryBatch with canned replies on 127.0.0.1; any other method with an\n"
    "empty OK. /bench.Null/Stats answers with the counts so far; the same line is printed on SIGTERM.\n"
    "  --port N    listen there; default: a free port, printed as JSON\n"
    "  --limit N   hits in each result; default 10\n"
    "  --tcp       no gRPC: frames of {u32 request bytes, u32 reply bytes, request}, answered by zeros\n";

void null_counts_print(const null_counts *counts, char text[NULL_COUNTS_TEXT_BYTES]) {
  snprintf(text, NULL_COUNTS_TEXT_BYTES,
      "{\"calls\":%" PRIu64 ",\"items\":%" PRIu64 ",\"request_bytes\":%" PRIu64 ",\"other_calls\":%" PRIu64 "}",
      counts->calls, counts->items, counts->request_bytes, counts->other_calls);
}

void null_print_ready(uint16_t grpc_port, uint16_t tcp_port) {
  printf("{\"ready\":true,\"grpc_port\":%u,\"tcp_port\":%u}\n", (unsigned)grpc_port, (unsigned)tcp_port);
  fflush(stdout);
}

static bool parse_number(const char *text, unsigned long max, unsigned long *out) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || end == text || *end || *text == '-' || value > max)
    return false;
  *out = value;
  return true;
}

static bool parse_options(int argc, char **argv, server_options *options) {
  static const struct option known[] = {{"tcp", no_argument, NULL, 't'}, {"port", required_argument, NULL, 'p'},
      {"limit", required_argument, NULL, 'l'}, {0}};
  unsigned long number = 0;
  for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    switch (letter) {
    case 't': options->is_tcp = true; break;
    case 'p':
      if (!parse_number(optarg, UINT16_MAX, &number))
        return false;
      options->port = (uint16_t)number;
      break;
    case 'l':
      if (!parse_number(optarg, MAX_LIMIT, &number))
        return false;
      options->limit = (uint32_t)number;
      break;
    default: return false;
    }
  }
  return optind == argc;
}

/* Before any thread starts, so that all inherit the mask and the signal waits for whoever asks for it. */
static void block_stop_signals(void) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv) {
  server_options options = {.limit = DEFAULT_LIMIT};
  if (!parse_options(argc, argv, &options)) {
    fputs(usage, stderr);
    return EXIT_USAGE;
  }
  block_stop_signals();
  null_counts counts = {0};
  bool has_served =
      options.is_tcp ? null_serve_tcp(options.port, &counts) : null_serve_grpc(options.port, options.limit, &counts);
  if (!has_served) {
    fprintf(stderr, "error: could not listen on 127.0.0.1:%u\n", (unsigned)options.port);
    return EXIT_FAILURE;
  }
  char text[NULL_COUNTS_TEXT_BYTES];
  null_counts_print(&counts, text);
  puts(text);
  return EXIT_SUCCESS;
}

/* CPU time of the hot path, against floors: see usage below. */
#include "bench/columns.h"
#include "bench/encode.h"
#include "bench/floor_grpc.h"
#include "bench/floor_tcp.h"
#include "bench/library.h"
#include "bench/messages.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/uploader.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, DEFAULT_ROUNDS = 3, DEFAULT_PERCENT = 100, LIMIT = 10, COMMAND_BYTES = 1024 };

static const bench_case cases[] = {
    {"upsert-100x128", BENCH_UPSERT, 100, 128, 0, 8, 4, 30000},
    {"upsert-1000x128", BENCH_UPSERT, 1000, 128, 0, 8, 4, 6000},
    {"upsert-100x1024", BENCH_UPSERT, 100, 1024, 0, 8, 4, 8000},
    {"upsert-100x1536", BENCH_UPSERT, 100, 1536, 0, 8, 4, 6000},
    {"query-batch-32x1024", BENCH_QUERY_BATCH, 32, 1024, LIMIT, 4, 2, 12000},
    {"query-1-in-flight", BENCH_QUERY, 1, 1024, LIMIT, 1, 1, 10000},
    {"query-32-in-flight", BENCH_QUERY, 1, 1024, LIMIT, 32, 4, 40000},
};

static const bench_contender contenders[] = {
    {.name = "tcp",
        .about = "the same bytes over bare TCP, one thread",
        .peer = BENCH_PEER_TCP,
        .is_floor = true,
        .open = bench_tcp_open,
        .run = bench_tcp_run,
        .close = bench_tcp_close},
    {.name = "grpc-floor",
        .about = "pre-encoded bytes through gRPC core, one poller thread",
        .peer = BENCH_PEER_GRPC,
        .is_floor = true,
        .open = bench_grpc_open_poller,
        .run = bench_grpc_run_poller,
        .close = bench_grpc_close},
    {.name = "grpc-pluck",
        .about = "the same, the caller polls; one call in flight only",
        .peer = BENCH_PEER_GRPC,
        .is_floor = true,
        .takes = bench_grpc_takes_pluck,
        .open = bench_grpc_open_pluck,
        .run = bench_grpc_run_pluck,
        .close = bench_grpc_close},
    {.name = "columns",
        .about = "libqdrant, columnar, validation on",
        .peer = BENCH_PEER_GRPC,
        .max_size_difference = BENCH_LIBRARY_SIZE_DIFFERENCE,
        .open = bench_columns_open,
        .run = bench_library_run,
        .close = bench_library_close},
    {.name = "uploader",
        .about = "libqdrant, the bulk uploader, ids new in each batch",
        .peer = BENCH_PEER_GRPC,
        .max_size_difference = BENCH_LIBRARY_SIZE_DIFFERENCE,
        .takes = bench_uploader_takes,
        .open = bench_uploader_open,
        .run = bench_uploader_run,
        .close = bench_library_close},
    {.name = "messages",
        .about = "libqdrant, protobuf-c messages built for each call",
        .peer = BENCH_PEER_GRPC,
        .max_size_difference = BENCH_LIBRARY_SIZE_DIFFERENCE,
        .open = bench_messages_open,
        .run = bench_library_run,
        .close = bench_library_close},
};

enum { N_CASES = sizeof cases / sizeof *cases, N_CONTENDERS = sizeof contenders / sizeof *contenders };
_Static_assert((int)N_CONTENDERS <= (int)BENCH_MAX_CONTENDERS, "a table has a row for each contender");

typedef struct bench_options {
  uint32_t rounds;
  uint32_t percent;
  uint32_t in_flight;     /* 0: the case's */
  uint32_t n_connections; /* 0: the case's */
  const char *only_case;  /* part of a name; NULL: all */
  const char *only_contender;
  bool is_json;
  char server[PATH_MAX];
} bench_options;

static const char usage[] = "usage: hotpath [options]\n"
                            "Runs each contender in a process of its own against a null server on another core, in "
                            "interleaved rounds, and prints what\n"
                            "the client's process costs. The server's counts of calls, points and bytes are checked; a "
                            "difference is an error.\n"
                            "  --rounds N        default 3\n"
                            "  --calls PERCENT   of each case's number of calls; default 100\n"
                            "  --case TEXT       only cases whose name contains it\n"
                            "  --contender TEXT  only contenders whose name contains it\n"
                            "  --in-flight N     instead of each case's own\n"
                            "  --connections N   instead of each case's own\n"
                            "  --server PATH     the null server; default: qdrant-null-server beside this program\n"
                            "  --json            one JSON object instead of tables\n"
                            "  --list            cases and contenders, then stop\n";

static bool parse_count(const char *text, uint32_t max, uint32_t *out) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || end == text || *end || *text == '-' || value == 0 || value > max)
    return false;
  *out = (uint32_t)value;
  return true;
}

static bool set_server_beside(bench_options *options) {
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n < 0)
    return false;
  self[n] = 0;
  int n_path = snprintf(options->server, sizeof options->server, "%s/qdrant-null-server", dirname(self));
  return n_path > 0 && (size_t)n_path < sizeof options->server;
}

static void list_names(void) {
  puts("cases:");
  for (size_t i = 0; i < N_CASES; i++)
    printf("  %s\n", cases[i].name);
  puts("contenders:");
  for (size_t i = 0; i < N_CONTENDERS; i++)
    printf("  %-14s%s\n", contenders[i].name, contenders[i].about);
}

static const struct option known_options[] = {
    {"rounds", required_argument, NULL, 'r'},
    {"calls", required_argument, NULL, 'n'},
    {"case", required_argument, NULL, 'c'},
    {"contender", required_argument, NULL, 'w'},
    {"in-flight", required_argument, NULL, 'f'},
    {"connections", required_argument, NULL, 'k'},
    {"server", required_argument, NULL, 's'},
    {"json", no_argument, NULL, 'j'},
    {"list", no_argument, NULL, 'l'},
    {0},
};

static bool set_option(int letter, bench_options *options) {
  switch (letter) {
  case 'r': return parse_count(optarg, BENCH_MAX_ROUNDS, &options->rounds);
  case 'n': return parse_count(optarg, 10000, &options->percent);
  case 'c': options->only_case = optarg; return true;
  case 'w': options->only_contender = optarg; return true;
  case 'f': return parse_count(optarg, 256, &options->in_flight);
  case 'k': return parse_count(optarg, 64, &options->n_connections);
  case 's': return snprintf(options->server, sizeof options->server, "%s", optarg) < (int)sizeof options->server;
  case 'j': options->is_json = true; return true;
  case 'l': list_names(); exit(EXIT_SUCCESS);
  default: return false;
  }
}

static bool parse_options(int argc, char **argv, bench_options *options) {
  for (int letter; (letter = getopt_long(argc, argv, "", known_options, NULL)) != -1;)
    if (!set_option(letter, options))
      return false;
  return optind == argc;
}

static bench_case adapt_case(const bench_case *original, const bench_options *options) {
  bench_case adapted = *original;
  uint64_t n_calls = original->n_calls * options->percent / 100;
  adapted.n_calls = n_calls ? n_calls : 1;
  if (options->in_flight)
    adapted.in_flight = options->in_flight;
  if (options->n_connections)
    adapted.n_connections = options->n_connections;
  return adapted;
}

/* What the server counted must be what the contender was asked to send, warm-up included. */
static bool check_counts(const bench_table *table, const bench_contender *contender, const bench_result *result,
    const bench_counts *counts, bench_error *err) {
  uint64_t n_calls = result->n_warm_up_calls + result->n_calls;
  uint64_t n_items = n_calls * table->which->n_items;
  uint64_t least = n_calls * (table->request_bytes - contender->max_size_difference);
  uint64_t most = n_calls * (table->request_bytes + contender->max_size_difference);
  if (counts->calls != n_calls)
    return bench_fail(err, "the server counted %" PRIu64 " calls instead of %" PRIu64, counts->calls, n_calls);
  if (contender->peer == BENCH_PEER_GRPC && counts->items != n_items)
    return bench_fail(err, "the server counted %" PRIu64 " items instead of %" PRIu64, counts->items, n_items);
  if (counts->request_bytes < least || counts->request_bytes > most)
    return bench_fail(err, "the server counted %" PRIu64 " bytes instead of %" PRIu64 " to %" PRIu64,
        counts->request_bytes, least, most);
  return true;
}

static bool run_once(const bench_table *table, const bench_contender *contender, const bench_options *options,
    bench_result *result, bench_error *err) {
  bench_server server;
  bench_counts counts = {0};
  bench_error stop_error;
  if (!bench_server_start(&server, options->server, contender->peer, LIMIT, err))
    return false;
  bool has_run = bench_contender_run(contender, table->which, server.port, result, err);
  bool has_counts = bench_server_stop(&server, &counts, &stop_error);
  if (has_run && !has_counts)
    *err = stop_error;
  return has_run && has_counts && check_counts(table, contender, result, &counts, err);
}

static bool is_chosen(const bench_contender *contender, const bench_case *which, const bench_options *options) {
  if (options->only_contender && !strstr(contender->name, options->only_contender))
    return false;
  return !contender->takes || contender->takes(which);
}

static void choose_rows(bench_table *table, const bench_options *options) {
  table->n_rows = 0;
  for (size_t i = 0; i < N_CONTENDERS; i++)
    if (is_chosen(&contenders[i], table->which, options))
      table->rows[table->n_rows++].contender = &contenders[i];
}

/* A contender that failed once is out: its other rounds could not be compared. */
static void remove_row(bench_table *table, size_t i) {
  memmove(&table->rows[i], &table->rows[i + 1], (table->n_rows - i - 1) * sizeof *table->rows);
  table->n_rows--;
}

static bool run_round(bench_table *table, size_t round, const bench_options *options) {
  bool has_succeeded = true;
  for (size_t i = 0; i < table->n_rows;) {
    bench_error err = {""};
    bench_row *row = &table->rows[i];
    if (run_once(table, row->contender, options, &row->rounds[round], &err)) {
      i++;
      continue;
    }
    fprintf(stderr, "error: %s, %s: %s\n", table->which->name, row->contender->name, err.text);
    remove_row(table, i);
    has_succeeded = false;
  }
  return has_succeeded;
}

static bool size_case(bench_table *table) {
  bench_buffer request = {0};
  bench_buffer reply = {0};
  bool has_encoded = bench_encode_request(table->which, &request) && bench_encode_reply(table->which, &reply);
  table->request_bytes = request.n;
  table->reply_bytes = reply.n;
  bench_buffer_free(&request);
  bench_buffer_free(&reply);
  return has_encoded;
}

static bool run_case(bench_table *table, const bench_case *which, const bench_options *options) {
  bool has_succeeded = true;
  table->which = which;
  table->n_rounds = options->rounds;
  choose_rows(table, options);
  if (!size_case(table)) {
    fputs("error: out of memory\n", stderr);
    return false;
  }
  for (size_t round = 0; round < table->n_rounds; round++)
    has_succeeded = run_round(table, round, options) && has_succeeded;
  return has_succeeded;
}

static bool run_cases(bench_table *table, const bench_options *options) {
  bool has_succeeded = true;
  bool is_first = true;
  for (size_t i = 0; i < N_CASES; i++) {
    if (options->only_case && !strstr(cases[i].name, options->only_case))
      continue;
    bench_case adapted = adapt_case(&cases[i], options);
    has_succeeded = run_case(table, &adapted, options) && has_succeeded;
    if (options->is_json)
      bench_json_table(stdout, table, is_first);
    else
      bench_print_table(stdout, table);
    is_first = false;
  }
  return has_succeeded;
}

static void join_command(int argc, char **argv, char text[COMMAND_BYTES]) {
  size_t n = 0;
  for (int i = 0; i < argc && n < COMMAND_BYTES; i++) {
    int n_word = snprintf(text + n, COMMAND_BYTES - n, "%s%s", i ? " " : "", argv[i]);
    n += n_word > 0 ? (size_t)n_word : 0;
  }
}

static bool run_and_report(const bench_options *options, const char *command) {
  bench_setting setting = {.command = command, .is_pinned = bench_can_pin(), .n_rounds = options->rounds};
  bench_table *table = calloc(1, sizeof *table);
  if (!table) {
    fputs("error: out of memory\n", stderr);
    return false;
  }
  if (options->is_json)
    bench_json_begin(stdout, &setting);
  else
    bench_print_setting(stdout, &setting);
  bool has_succeeded = run_cases(table, options);
  if (options->is_json)
    bench_json_end(stdout);
  free(table);
  return has_succeeded;
}

int main(int argc, char **argv) {
  char command[COMMAND_BYTES] = "";
  bench_options options = {.rounds = DEFAULT_ROUNDS, .percent = DEFAULT_PERCENT};
  join_command(argc, argv, command);
  if (!set_server_beside(&options) || !parse_options(argc, argv, &options)) {
    fputs(usage, stderr);
    return EXIT_USAGE;
  }
  return run_and_report(&options, command) ? EXIT_SUCCESS : EXIT_FAILURE;
}

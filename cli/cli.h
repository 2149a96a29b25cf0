#ifndef QD_CLI_CLI_H
#define QD_CLI_CLI_H

#include "cli/args.h"
#include "qdrant/client.h"

/* What a command runs with. */
typedef struct qd_cli {
  qd_args args;
  qdrant_client *client; /* open when the command's row says so; main closes it */
  qdrant_error err;
  int is_usage;      /* the failure is one of the command line: exit status 2 */
  int signal_number; /* that ended the command early: exit status 128 + it; 0: none */
  int argc;
  char **argv;
} qd_cli;

/* Fails as a usage error that points to the command's help. */
qdrant_status qd_cli_misuse(qd_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The rows of the table in commands.c; the last has no name. */
extern const qd_command qd_commands[];

struct qd_cli_key;

/* Opens a client to url by the command line's options. key: NULL: none is sent. */
qdrant_status qd_cli_open(qd_cli *cli, const char *url, const struct qd_cli_key *key, qdrant_client **client);

/* Opens cli->client to the URL of the command line or the environment. */
qdrant_status qd_cli_connect(qd_cli *cli);

/* Writes the figures of cli->client to the file that --metrics names. */
qdrant_status qd_cli_write_metrics(qd_cli *cli, qdrant_error *err);

/* Waits until a connection is ready, and then a second at most for the others: they are made in the background, and a
 * command that measures should find them. */
qdrant_status qd_cli_wait_connections(qd_cli *cli);

/* What the commands do; one each in the file of its noun. */
qdrant_status qd_run_ping(qd_cli *cli);
qdrant_status qd_run_info(qd_cli *cli);
qdrant_status qd_run_collections_list(qd_cli *cli);
qdrant_status qd_run_collections_create(qd_cli *cli);
qdrant_status qd_run_collections_show(qd_cli *cli);
qdrant_status qd_run_collections_delete(qd_cli *cli);
qdrant_status qd_run_import(qd_cli *cli);
qdrant_status qd_run_search(qd_cli *cli);
qdrant_status qd_run_scroll(qd_cli *cli);
qdrant_status qd_run_count(qd_cli *cli);
qdrant_status qd_run_delete(qd_cli *cli);
qdrant_status qd_run_call(qd_cli *cli);
qdrant_status qd_run_serve(qd_cli *cli);
qdrant_status qd_run_quickstart(qd_cli *cli);
qdrant_status qd_run_bench_upsert(qd_cli *cli);
qdrant_status qd_run_bench_search(qd_cli *cli);

#endif

/* qdrantctl: the library's tool. Reads the command line by the tables in options.c and commands.c, runs one command. */
#include "cli/cli.h"
#include "cli/fail.h"
#include "qdrant/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Also of a command that failed, whose error stays. */
static qdrant_status write_metrics(qd_cli *cli, qdrant_status status) {
  qdrant_error error = {0};
  qdrant_status written = qd_cli_write_metrics(cli, &error);
  if (status != QDRANT_OK || written == QDRANT_OK)
    return status;
  cli->err = error;
  return written;
}

static qdrant_status run_command(qd_cli *cli) {
  qdrant_status status = QDRANT_OK;
  if (qd_args_has(&cli->args, "log-level"))
    qdrant_log_set((qdrant_log_level)cli->args.log_level, NULL, NULL);
  if (cli->args.command->needs_client)
    status = qd_cli_connect(cli);
  if (status == QDRANT_OK)
    status = cli->args.command->run(cli);
  if (cli->client != NULL && cli->args.metrics != NULL)
    status = write_metrics(cli, status);
  qdrant_client_close(cli->client);
  return status;
}

/* What was printed has to arrive: a full disk is a failure. */
static qdrant_status finish_output(qd_cli *cli) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return QDRANT_OK;
  return qd_cli_fail(&cli->err, QDRANT_IO_ERROR, "standard output: %s", strerror(errno));
}

/* An error is one line: gRPC core would put lines of its own beside it. GRPC_VERBOSITY in the environment wins. */
static void silence_grpc(void) {
  setenv("GRPC_VERBOSITY", "NONE", 0);
}

int main(int argc, char **argv) {
  qd_cli cli = {.argc = argc, .argv = argv};
  silence_grpc();
  qdrant_status status = qd_args_parse(argc, argv, qd_commands, &cli.args, &cli.err);
  cli.is_usage = status != QDRANT_OK;
  if (status == QDRANT_OK && cli.args.wants_help)
    qd_args_help(&cli.args, qd_commands, stdout);
  else if (status == QDRANT_OK && cli.args.wants_version)
    printf("qdrantctl %s\n", qdrant_version());
  else if (status == QDRANT_OK)
    status = run_command(&cli);
  if (status == QDRANT_OK)
    status = finish_output(&cli);
  if (status == QDRANT_OK)
    return 0;
  fflush(stdout);
  qd_cli_print_error(stderr, &cli.err);
  if (cli.signal_number)
    return 128 + cli.signal_number;
  return cli.is_usage ? 2 : 1;
}

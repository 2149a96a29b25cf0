#include "cli/cli.h"
#include "cli/output.h"
#include "qdrant/mock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

enum { default_port = 6334 };

static qdrant_status print_url(qd_cli *cli, const qdrant_mock *server) {
  if (cli->args.output == QD_OUTPUT_JSON) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "url", qdrant_mock_url(server));
    qd_output_count(output, "grpc_port", qdrant_mock_grpc_port(server));
    qdrant_status status = qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
    fflush(stdout);
    return status;
  }
  printf("serving gRPC on %s\n", qdrant_mock_url(server));
  fflush(stdout);
  return QDRANT_OK;
}

qdrant_status qd_run_serve(qd_cli *cli) {
  const qd_args *args = &cli->args;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *server = NULL;
  qdrant_status status = qd_cli_api_key(cli, &options.api_key);
  if (status != QDRANT_OK)
    return status;
  options.host = args->host;
  options.grpc_port = (uint16_t)(qd_args_has(args, "grpc-port") ? args->grpc_port : default_port);
  /* Blocked before the server's threads begin, so that the signals wait for sigwait whoever runs. */
  sigset_t ends;
  int signal_number;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
  status = qdrant_mock_start(&options, &server, &cli->err);
  if (status == QDRANT_OK)
    status = print_url(cli, server);
  if (status == QDRANT_OK)
    sigwait(&ends, &signal_number);
  qdrant_mock_stop(server);
  return status;
}

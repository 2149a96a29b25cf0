#include "cli/key.h"
#include "cli/output.h"
#include "cli/serve_tls.h"
#include "qdrant/mock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { default_grpc_port = 6334, default_rest_port = 6333 };

/* As the gRPC one, but with the port of REST. */
static void print_rest_url(const qdrant_mock *server) {
  const char *url = qdrant_mock_url(server);
  int n_host = (int)(strrchr(url, ':') - url);
  printf("serving REST on %.*s:%u\n", n_host, url, (unsigned)qdrant_mock_rest_port(server));
}

static qdrant_status print_url(qd_cli *cli, const qdrant_mock *server) {
  if (cli->args.output == QD_OUTPUT_JSON) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "url", qdrant_mock_url(server));
    qd_output_count(output, "grpc_port", qdrant_mock_grpc_port(server));
    qd_output_count(output, "rest_port", qdrant_mock_rest_port(server));
    qdrant_status status = qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
    fflush(stdout);
    return status;
  }
  printf("serving gRPC on %s\n", qdrant_mock_url(server));
  print_rest_url(server);
  fflush(stdout);
  return QDRANT_OK;
}

/* A free gRPC port (0) goes with a free REST port, so that several servers can run. */
static void choose_ports(const qd_args *args, qdrant_mock_options *options) {
  int has_grpc = qd_args_has(args, "grpc-port");
  int has_rest = qd_args_has(args, "rest-port");
  options->grpc_port = (uint16_t)(has_grpc ? args->grpc_port : default_grpc_port);
  options->rest_port = (uint16_t)(has_rest ? args->rest_port : default_rest_port);
  if (has_grpc && args->grpc_port == 0 && !has_rest)
    options->rest_port = 0;
}

/* The key that callers must have; "": none. */
static qdrant_status find_key(qd_cli *cli, char *key, size_t n_key) {
  qd_cli_key found;
  qdrant_status status = qd_cli_key_find(cli, &found);
  if (status == QDRANT_OK && found.path)
    return qd_cli_key_read(found.path, key, n_key, &cli->err);
  if (status == QDRANT_OK && found.text)
    snprintf(key, n_key, "%s", found.text);
  return status;
}

qdrant_status qd_run_serve(qd_cli *cli) {
  const qd_args *args = &cli->args;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_mock *server = NULL;
  qd_cli_certificates certificates = {0};
  char key[4096] = "";
  qdrant_status status = find_key(cli, key, sizeof key);
  if (status == QDRANT_OK)
    status = qd_cli_read_certificates(cli, &certificates, &options);
  if (status != QDRANT_OK)
    goto end;
  options.host = args->host;
  options.api_key = *key ? key : NULL;
  options.load_path = args->load;
  options.applied_path = args->applied;
  choose_ports(args, &options);
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
end:
  qdrant_mock_stop(server);
  qd_cli_free_certificates(&certificates);
  explicit_bzero(key, sizeof key);
  return status;
}

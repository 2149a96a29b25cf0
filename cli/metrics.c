/* --metrics: a client's figures in a file. */
#include "qdrant/metrics.h"
#include "cli/cli.h"
#include "cli/fail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static qdrant_status write_file(const char *path, const char *text, size_t n_bytes, qdrant_error *err) {
  FILE *file = fopen(path, "w");
  int is_written = file && fwrite(text, 1, n_bytes, file) == n_bytes;
  int cause = errno;
  if (file && fclose(file) != 0) {
    is_written = 0;
    cause = errno;
  }
  return is_written ? QDRANT_OK : qd_cli_fail(err, QDRANT_IO_ERROR, "--metrics %s: %s", path, strerror(cause));
}

qdrant_status qd_cli_write_metrics(qd_cli *cli, qdrant_error *err) {
  char *text = NULL;
  size_t n_bytes = 0;
  qdrant_status status = qdrant_client_metrics_text(cli->client, NULL, &text, &n_bytes, err);
  if (status == QDRANT_OK)
    status = write_file(cli->args.metrics, text, n_bytes, err);
  qdrant_metrics_free(text);
  return status;
}

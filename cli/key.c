#include "cli/key.h"
#include "cli/fail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { max_key_bytes = 4096, look_ms = 1000 };

qdrant_status qd_cli_key_read(const char *path, char *key, size_t n_key, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  FILE *file = fopen(path, "re");
  if (file)
    setvbuf(file, NULL, _IONBF, 0); /* no copy of the key stays in a buffer */
  if (!file || !fgets(key, (int)n_key, file))
    status = qd_cli_fail(err, QDRANT_IO_ERROR, "--api-key-file %s: %s", path,
        !file || ferror(file) ? strerror(errno) : "the file is empty");
  else if (strlen(key) == n_key - 1)
    status = qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "--api-key-file %s: the line is longer than %zu bytes", path, n_key - 2);
  else
    key[strcspn(key, "\r\n")] = '\0';
  if (file)
    fclose(file);
  return status;
}

qdrant_status qd_cli_key_find(qd_cli *cli, qd_cli_key *key) {
  char line[max_key_bytes];
  *key = (qd_cli_key){.text = cli->args.api_key, .path = cli->args.api_key_file};
  if (key->text && key->path)
    return qd_cli_misuse(cli, "--api-key and --api-key-file are both given");
  if (key->path) { /* a file that is not there is told at once */
    qdrant_status status = qd_cli_key_read(key->path, line, sizeof line, &cli->err);
    explicit_bzero(line, sizeof line);
    return status;
  }
  if (!key->text)
    key->text = getenv("QDRANT_API_KEY");
  if (key->text && *key->text == '\0')
    key->text = NULL;
  return QDRANT_OK;
}

static qdrant_status read_again(void *user, char *key, size_t n_key, int64_t *valid_ms, qdrant_error *err) {
  *valid_ms = look_ms;
  return qd_cli_key_read(user, key, n_key, err);
}

void qd_cli_key_set(const qd_cli_key *key, qdrant_options *options) {
  options->api_key = key->text;
  if (key->path) {
    options->api_key_provider = read_again;
    options->api_key_user = (void *)(uintptr_t)key->path;
  }
}

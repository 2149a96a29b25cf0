#ifndef QD_CLI_KEY_H
#define QD_CLI_KEY_H

#include "cli/cli.h"

/* Where the key comes from: the command line, a file or the environment, in that order. Both NULL: there is none. */
typedef struct qd_cli_key {
  const char *text; /* borrowed: it lives as long as the program */
  const char *path; /* of a file, whose first line is the key; read again when the key is wanted */
} qd_cli_key;

/* Not OK: there are two keys, or the file cannot be read. */
qdrant_status qd_cli_key_find(qd_cli *cli, qd_cli_key *key);

/* Gives the options the key, from a file by a provider, which looks at it again every second and after a refusal. */
void qd_cli_key_set(const qd_cli_key *key, qdrant_options *options);

/* The first line of a key file, without the line's end. */
qdrant_status qd_cli_key_read(const char *path, char *key, size_t n_key, qdrant_error *err);

#endif

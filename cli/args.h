#ifndef QD_CLI_ARGS_H
#define QD_CLI_ARGS_H

#include "qdrant/error.h"

#include <stdint.h>
#include <stdio.h>

struct qd_cli;

/* One command: a row of the table in commands.c. */
typedef struct qd_command {
  const char *name;      /* one word, or two as in "collections list" */
  const char *arguments; /* words after it, for the help */
  const char *summary;
  const char *details; /* more for its own help, or "" */
  const char *options; /* names of its own options, separated by spaces; the common ones go with every command */
  size_t min_words, max_words;
  int needs_client; /* main opens cli->client before run */
  qdrant_status (*run)(struct qd_cli *cli);
} qd_command;

typedef enum qd_output_format { QD_OUTPUT_TABLE = 0, QD_OUTPUT_JSON = 1 } qd_output_format;
enum { QD_MAX_WORDS = 4, QD_MAX_TEXTS = 32 };

/* The values of an option that may be given several times. */
typedef struct qd_texts {
  const char *items[QD_MAX_TEXTS];
  size_t n;
} qd_texts;

/* The command line, read. Text points into argv. Numbers that were not given are 0, choices keep what qd_args_parse
 * sets first. */
typedef struct qd_args {
  const qd_command *command;
  const char *words[QD_MAX_WORDS]; /* after the command */
  size_t n_words;
  uint64_t given; /* bit i: row i of the table of options was on the line */
  int wants_help, wants_version;

  const char *url, *api_key, *api_key_file, *tls_ca, *tls_cert, *tls_key, *tls_server_name;
  qd_texts endpoints;
  uint64_t grpc_port, rest_port, pool, retries;
  int64_t timeout_ms, attempt_timeout_ms;
  int tls_verify; /* qdrant_tls_verify */
  int repeat;     /* qdrant_repeat less one */
  int output;     /* qd_output_format */
  int log_level;  /* qdrant_log_level */

  const char *collection, *id, *vector, *vectors, *vector_name, *filter, *offset, *host, *load, *applied, *data,
      *sparse, *script, *metrics, *checkpoint;
  uint64_t dim, limit, batch, first_id, calls, in_flight, points, max_in_flight, max_rate;
  int distance; /* index into qd_distances */
  int format;   /* qdrant_source_format */
  int is_rest, is_hedged, is_created, is_not_created, is_multi, with_payload, with_vectors, allows_duplicates;
  int is_resumed, goes_on, is_verified, is_not_bisected;
} qd_args;

/* Names of the distances in the order of Qdrant__Distance less one: "cosine", ...; ended by NULL. */
extern const char *const qd_distances[];

/* Reads argv by the table of options and the given commands (ended by a row without name). Not OK: a usage error, whose
 * message points to the help that is nearest. args->command is NULL when only --help or --version was asked for. */
qdrant_status qd_args_parse(int argc, char **argv, const qd_command *commands, qd_args *args, qdrant_error *err);

/* Whether an option was on the line. */
int qd_args_has(const qd_args *args, const char *option);

/* Help of one command; of the program when args->command is NULL, narrowed to the commands that begin with the word
 * given, as "collections". */
void qd_args_help(const qd_args *args, const qd_command *commands, FILE *out);

#endif

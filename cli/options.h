#ifndef QD_CLI_OPTIONS_H
#define QD_CLI_OPTIONS_H

#include "cli/args.h"

#include <stddef.h>

typedef enum qd_option_kind {
  QD_OPTION_FLAG = 0,    /* int */
  QD_OPTION_TEXT = 1,    /* const char * */
  QD_OPTION_COUNT = 2,   /* uint64_t from min to max */
  QD_OPTION_SECONDS = 3, /* int64_t in milliseconds, from a number of seconds up to max */
  QD_OPTION_CHOICE = 4,  /* int, index into choices */
  QD_OPTION_TEXTS = 5    /* qd_texts: one more each time */
} qd_option_kind;

/* One option: a row of the table in options.c. */
typedef struct qd_option {
  const char *name;
  const char *argument; /* as the help calls it; NULL: none */
  const char *help;
  size_t offset; /* of its value in qd_args */
  qd_option_kind kind;
  int is_common; /* goes with every command */
  uint64_t min, max;
  const char *const *choices;
} qd_option;

/* The table, n_options rows. */
extern const qd_option qd_options[];
extern const size_t qd_n_options;

/* The row of a name of n bytes, or NULL. */
const qd_option *qd_option_find(const char *name, size_t n);

/* Whether an option may go with a command. */
int qd_option_fits(const qd_option *option, const qd_command *command);

/* Reads text as the option's value into args. */
qdrant_status qd_option_set(const qd_option *option, const char *text, qd_args *args, qdrant_error *err);

#endif

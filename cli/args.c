#include "cli/args.h"

#include "cli/fail.h"
#include "cli/options.h"
#include "cli/text.h"

#include <string.h>

/* Where argv is being read. */
typedef struct reader {
  int argc;
  char **argv;
  int at;
  int is_past_options; /* after "--" */
  const char *words[QD_MAX_WORDS + 2];
  size_t n_words;
} reader;

static const char *program_help(const qd_command *command, char text[96]) {
  snprintf(text, 96, "qdrantctl %s%s--help", command ? command->name : "", command ? " " : "");
  return text;
}

/* The command that the words begin with; *n_used is the number of its words. */
static const qd_command *find_command(const qd_command *commands, const reader *in, size_t *n_used) {
  for (const qd_command *command = commands; command->name; command++) {
    const char *second = strchr(command->name, ' ');
    size_t n = second ? (size_t)(second - command->name) : strlen(command->name);
    *n_used = second ? 2 : 1;
    if (in->n_words < *n_used || strlen(in->words[0]) != n || memcmp(in->words[0], command->name, n) != 0)
      continue;
    if (!second || strcmp(in->words[1], second + 1) == 0)
      return command;
  }
  *n_used = 0;
  return NULL;
}

static const char *nearest_option(const char *name, const qd_command *command) {
  const char *nearest = NULL;
  size_t best = 4;
  for (size_t i = 0; i < qd_n_options; i++) {
    size_t distance = qd_text_distance(name, qd_options[i].name);
    if (distance < best && (!command || qd_option_fits(&qd_options[i], command))) {
      best = distance;
      nearest = qd_options[i].name;
    }
  }
  return nearest;
}

static qdrant_status refuse_option(const char *name, const char *why, const qd_command *command, qdrant_error *err) {
  char help[96];
  const char *nearest = nearest_option(name, command);
  qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s %s", name, why);
  if (nearest && strcmp(nearest, name) != 0)
    qd_cli_suffix(err, "; did you mean --%s?", nearest);
  qd_cli_suffix(err, "; see '%s'", program_help(command, help));
  return err->status;
}

static qdrant_status read_option(reader *in, const qd_command *commands, qd_args *args, qdrant_error *err) {
  const char *name = in->argv[in->at] + 2, *equals = strchr(name, '=');
  size_t n = equals ? (size_t)(equals - name) : strlen(name), n_used;
  const qd_option *option = qd_option_find(name, n);
  char text[64];
  snprintf(text, sizeof text, "%.*s", (int)(n < 60 ? n : 60), name);
  if (!option)
    return refuse_option(text, "is not an option", find_command(commands, in, &n_used), err);
  uint64_t bit = 1ull << (option - qd_options);
  if (args->given & bit && option->argument && option->kind != QD_OPTION_TEXTS)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s is given twice", option->name);
  args->given |= bit;
  if (!option->argument && equals)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s takes no value", option->name);
  if (!option->argument || equals)
    return qd_option_set(option, equals ? equals + 1 : NULL, args, err);
  if (in->at + 1 >= in->argc)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s needs a value: %s", option->name, option->help);
  return qd_option_set(option, in->argv[++in->at], args, err);
}

static qdrant_status read_line(reader *in, const qd_command *commands, qd_args *args, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (in->at = 1; status == QDRANT_OK && in->at < in->argc; in->at++) {
    const char *text = in->argv[in->at];
    if (!in->is_past_options && strcmp(text, "--") == 0)
      in->is_past_options = 1;
    else if (!in->is_past_options && strcmp(text, "-h") == 0)
      args->wants_help = 1;
    else if (!in->is_past_options && strncmp(text, "--", 2) == 0)
      status = read_option(in, commands, args, err);
    else if (!in->is_past_options && text[0] == '-' && text[1])
      status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT,
          "%s is not an option: they begin with two dashes; see 'qdrantctl --help'", text);
    else if (in->n_words == QD_MAX_WORDS + 2)
      status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: too many words; see 'qdrantctl --help'", text);
    else
      in->words[in->n_words++] = text;
  }
  return status;
}

static qdrant_status refuse_command(const qd_command *commands, const reader *in, qdrant_error *err) {
  if (in->n_words == 0)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "no command is given; see 'qdrantctl --help'");
  const char *nearest = NULL;
  size_t best = 4, n = strlen(in->words[0]);
  for (const qd_command *command = commands; command->name; command++) {
    if (strncmp(command->name, in->words[0], n) == 0 && command->name[n] == ' ')
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s %s is not a command; see 'qdrantctl %s --help'",
          in->words[0], in->n_words > 1 ? in->words[1] : "alone", in->words[0]);
    if (qd_text_distance(in->words[0], command->name) < best) {
      best = qd_text_distance(in->words[0], command->name);
      nearest = command->name;
    }
  }
  qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s is not a command", in->words[0]);
  if (nearest)
    qd_cli_suffix(err, "; did you mean %s?", nearest);
  qd_cli_suffix(err, "; see 'qdrantctl --help'");
  return err->status;
}

static qdrant_status check_fit(const qd_args *args, qdrant_error *err) {
  const qd_command *command = args->command;
  char help[96];
  for (size_t i = 0; i < qd_n_options; i++)
    if (args->given & (1ull << i) && !qd_option_fits(&qd_options[i], command))
      return refuse_option(qd_options[i].name, "is an option of other commands", command, err);
  if (args->n_words < command->min_words)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s needs %s; see '%s'", command->name, command->arguments,
        program_help(command, help));
  if (args->n_words > command->max_words)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: %s takes no such word; see '%s'",
        args->words[command->max_words], command->name, program_help(command, help));
  if (args->collection && args->collection[0] == '\0')
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name is empty");
  return QDRANT_OK;
}

qdrant_status qd_args_parse(int argc, char **argv, const qd_command *commands, qd_args *args, qdrant_error *err) {
  reader in = {.argc = argc, .argv = argv};
  size_t n_used = 0;
  *args = (qd_args){.command = NULL};
  qdrant_status status = read_line(&in, commands, args, err);
  if (status != QDRANT_OK)
    return status;
  args->command = find_command(commands, &in, &n_used);
  for (size_t i = n_used; i < in.n_words && args->n_words < QD_MAX_WORDS; i++)
    args->words[args->n_words++] = in.words[i];
  if (args->wants_help || args->wants_version)
    return QDRANT_OK;
  return args->command ? check_fit(args, err) : refuse_command(commands, &in, err);
}

int qd_args_has(const qd_args *args, const char *option) {
  const qd_option *row = qd_option_find(option, strlen(option));
  return row && args->given & (1ull << (row - qd_options));
}

static void print_options(const qd_command *command, int is_common, FILE *out) {
  for (size_t i = 0; i < qd_n_options; i++) {
    const qd_option *option = &qd_options[i];
    if (option->is_common != is_common || (command && !qd_option_fits(option, command)))
      continue;
    char left[40];
    snprintf(left, sizeof left, "--%s %s", option->name, option->argument ? option->argument : "");
    fprintf(out, "  %-22s %s\n", left, option->help);
  }
}

void qd_args_help(const qd_args *args, const qd_command *commands, FILE *out) {
  const qd_command *one = args->command;
  if (one) {
    fprintf(out, "usage: qdrantctl %s%s%s [OPTIONS]\n\n%s\n%s", one->name, one->arguments[0] ? " " : "", one->arguments,
        one->summary, one->details);
    fputs(one->options[0] ? "\nOptions\n" : "", out);
    print_options(one, 0, out);
  } else {
    fputs("usage: qdrantctl COMMAND [OPTIONS]\n\nCommands\n", out);
    for (const qd_command *command = commands; command->name; command++) {
      size_t n = args->n_words ? strlen(args->words[0]) : 0;
      if (n == 0 || strncmp(command->name, args->words[0], n) == 0)
        fprintf(out, "  %-22s %s\n", command->name, command->summary);
    }
    fputs("\n'qdrantctl COMMAND --help' has a command's own options.\n", out);
  }
  fputs("\nCommon options, before or after the command\n", out);
  print_options(NULL, 1, out);
  fputs(
      "\nExit status: 0 done, 1 failed, 2 the command line or the environment is wrong; 130 or 143: SIGINT or SIGTERM "
      "ended it.\n",
      out);
}

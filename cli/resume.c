#include "cli/resume.h"

#include "cli/fail.h"
#include "cli/text.h"

#include <string.h>

static qdrant_status name_checkpoint(qd_cli *cli, qd_resume *resume) {
  const qd_args *args = &cli->args;
  const char *ending = args->checkpoint ? "" : ".qdrant-checkpoint";
  if (!args->is_resumed && !args->checkpoint)
    return QDRANT_OK;
  if (strcmp(args->words[0], "-") == 0)
    return qd_cli_misuse(cli, "--resume and --checkpoint need a file: standard input cannot be read again");
  int n =
      snprintf(resume->path, sizeof resume->path, "%s%s", args->checkpoint ? args->checkpoint : args->words[0], ending);
  if (n <= 0 || (size_t)n >= sizeof resume->path)
    return qd_cli_misuse(
        cli, "the name of the checkpoint has %d bytes; 1 to %zu are possible", n, sizeof resume->path - 1);
  return QDRANT_OK;
}

/* Whether a checkpoint that is there may be gone on from. */
static qdrant_status check_match(qd_cli *cli, const qd_resume *resume) {
  const qdrant_checkpoint *checkpoint = resume->checkpoint;
  if (strcmp(checkpoint->collection, cli->args.collection) != 0)
    return qd_cli_fail(&cli->err, QDRANT_FAILED_PRECONDITION,
        "%s is of an import into collection \"%.100s\"; delete it, or name another with --checkpoint", resume->path,
        checkpoint->collection);
  if (strcmp(checkpoint->source, resume->identity) != 0)
    return qd_cli_fail(&cli->err, QDRANT_FAILED_PRECONDITION,
        "%s, or the way it is read, has changed since %s was written; delete that to import all of it",
        cli->args.words[0], resume->path);
  return QDRANT_OK;
}

int qd_resume_is_done(const qd_resume *resume) {
  return resume->checkpoint && resume->checkpoint->is_complete && resume->checkpoint->n_failed == 0;
}

/* Without --resume a checkpoint is only written over when nothing is lost by it. */
static qdrant_status check_overwrite(qd_cli *cli, qd_resume *resume) {
  char done[QD_NUMBER_TEXT];
  int is_done = qd_resume_is_done(resume);
  qd_text_count(qd_resume_n_stored(cli, resume), done);
  qdrant_checkpoint_free(resume->checkpoint);
  resume->checkpoint = NULL;
  if (is_done)
    return QDRANT_OK;
  return qd_cli_fail(&cli->err, QDRANT_FAILED_PRECONDITION,
      "%s is of an import that stored %s points and not all; --resume goes on with it, deleting it begins anew",
      resume->path, done);
}

qdrant_status qd_resume_find(qd_cli *cli, qdrant_source *source, qd_resume *resume) {
  qdrant_status status = name_checkpoint(cli, resume);
  if (status != QDRANT_OK || !resume->path[0])
    return status;
  resume->identity = qdrant_source_identity(source, &cli->err);
  if (!resume->identity)
    return cli->err.status;
  status = qdrant_checkpoint_read(resume->path, &resume->checkpoint, &cli->err);
  if (status == QDRANT_NOT_FOUND)
    return QDRANT_OK;
  if (status != QDRANT_OK) {
    qd_cli_suffix(&cli->err, "; deleting it begins anew");
    return status;
  }
  return cli->args.is_resumed ? check_match(cli, resume) : check_overwrite(cli, resume);
}

/* Where equal ids may follow each other the last one only stays if all that follows a gap is sent again. */
uint64_t qd_resume_first_point(const qd_cli *cli, const qd_resume *resume) {
  const qdrant_checkpoint *checkpoint = resume->checkpoint;
  if (!checkpoint)
    return 0;
  int begins_at_gap = cli->args.allows_duplicates && checkpoint->n_failed > 0;
  return begins_at_gap ? checkpoint->failed[0] : checkpoint->first_unreported;
}

/* The checkpoint's n_done also counts points behind first_unreported, which are sent again. */
uint64_t qd_resume_n_stored(const qd_cli *cli, const qd_resume *resume) {
  uint64_t n = qd_resume_first_point(cli, resume);
  for (size_t i = 0; n > 0 && !cli->args.allows_duplicates && i < resume->checkpoint->n_failed; i++)
    n -= resume->checkpoint->failed[2 * i + 1];
  return n;
}

void qd_resume_free(qd_resume *resume) {
  qdrant_checkpoint_free(resume->checkpoint);
  resume->checkpoint = NULL;
}

qdrant_status qd_resume_refuse(qd_cli *cli, const qd_resume *resume) {
  char done[QD_NUMBER_TEXT];
  return qd_cli_fail(&cli->err, QDRANT_FAILED_PRECONDITION,
      "collection \"%.100s\" is not there, but %s says that it holds %s points of this file; delete that to import "
      "all of them",
      cli->args.collection, resume->path, qd_text_count(qd_resume_n_stored(cli, resume), done));
}

/* Prints a word so that a shell reads it as it is. */
static void print_word(const char *word, FILE *out) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+%";
  if (word[0] && strspn(word, plain) == strlen(word)) {
    fputs(word, out);
    return;
  }
  fputc('\'', out);
  for (const char *c = word; *c; c++)
    if (*c == '\'')
      fputs("'\\''", out);
    else
      fputc(*c, out);
  fputc('\'', out);
}

void qd_resume_print_line(const qd_cli *cli, FILE *out) {
  static const char key[] = "--api-key";
  fputs("to go on:", out);
  for (int i = 0; i < cli->argc; i++) {
    const char *word = cli->argv[i];
    int is_key = strcmp(word, key) == 0;
    fputc(' ', out);
    if (strncmp(word, "--api-key=", sizeof key) == 0)
      fputs("--api-key=KEY", out);
    else
      print_word(word, out);
    if (is_key && i + 1 < cli->argc) {
      fputs(" KEY", out);
      i++;
    }
  }
  fputs(cli->args.is_resumed ? "\n" : " --resume\n", out);
}

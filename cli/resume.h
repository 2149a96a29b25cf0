#ifndef QD_CLI_RESUME_H
#define QD_CLI_RESUME_H

#include "cli/cli.h"
#include "qdrant/source.h"
#include "qdrant/uploader.h"

#include <limits.h>

/* Where an import begins, by --resume and --checkpoint. */
typedef struct qd_resume {
  char path[PATH_MAX];                 /* of the checkpoint; "": none is kept */
  const char *identity;                /* of the source, whose it is */
  const qdrant_checkpoint *checkpoint; /* to go on from, owned; NULL: from the first point */
} qd_resume;

/* Finds the checkpoint that is to be kept and the one to go on from, and holds it against file and collection. Not OK:
 * it is of another file, another state of it or another collection, or would be written over. */
qdrant_status qd_resume_find(qd_cli *cli, qdrant_source *source, qd_resume *resume);

/* Whether the checkpoint leaves nothing to do. */
int qd_resume_is_done(const qd_resume *resume);
void qd_resume_free(qd_resume *resume);

/* The point to begin with. */
uint64_t qd_resume_first_point(const qd_cli *cli, const qd_resume *resume);

/* Points that are stored and will not be sent again. */
uint64_t qd_resume_n_stored(const qd_cli *cli, const qd_resume *resume);

/* Fails because the collection that the checkpoint is of is not there. */
qdrant_status qd_resume_refuse(qd_cli *cli, const qd_resume *resume);

/* Prints the command line that goes on with the import, without its key. */
void qd_resume_print_line(const qd_cli *cli, FILE *out);

#endif

#ifndef QD_CHECKPOINT_H
#define QD_CHECKPOINT_H

#include "qdrant/uploader.h"

#include <stddef.h>

/* The file that says how far an upload is. Text: a line that names the format, one line a member, one line a failed
 * range, and at the end a checksum of all lines before it. Texts are percent-encoded. */
#define QD_CHECKPOINT_MAX_BYTES ((size_t)1 << 20)
#define QD_CHECKPOINT_MAX_FAILED 10000

/* Writes it beside path, flushes it to disk and puts it in path's place. IO_ERROR, NO_MEMORY. */
qdrant_status qd_checkpoint_write(const char *path, const qdrant_checkpoint *checkpoint, qdrant_error *err);

/* Reads what is in memory. INVALID_ARGUMENT names the line; NO_MEMORY. Freed with qdrant_checkpoint_free. */
qdrant_status qd_checkpoint_parse(
    const char *bytes, size_t n_bytes, const qdrant_checkpoint **checkpoint, qdrant_error *err);

/* The checksum of the lines. */
uint64_t qd_checkpoint_sum(const char *bytes, size_t n_bytes);

/* The checkpoint of an upload. The thread that adds, without the lock unless said. */

/* When it is to be written next; INT64_MAX: nothing new is to be said. With the lock. */
int64_t qd_checkpoint_due_ns(const qdrant_uploader *uploader);

/* Writes it if there is something new and it is due by now, or by until_ns. What goes wrong is logged and kept for
 * finish. */
void qd_checkpoint_keep(qdrant_uploader *uploader, int64_t until_ns);

/* Writes the last one, of an upload that reached its end. */
void qd_checkpoint_finish(qdrant_uploader *uploader);

#endif

#ifndef QD_SNAPSHOT_FILE_H
#define QD_SNAPSHOT_FILE_H

#include "core/arena.h"
#include "qdrant/error.h"

#include <stdint.h>

/* A snapshot is a file of records: what there is, one after the other, and at the end how many there were. Numbers are
 * little-endian. */
typedef enum qd_record_kind {
  QD_RECORD_COLLECTION = 1, /* begins a collection: its name */
  QD_RECORD_CONFIG = 2,     /* qdrant.CollectionConfig */
  QD_RECORD_OPERATIONS = 3, /* the number of its last operation: 8 bytes */
  QD_RECORD_INDEX = 4,      /* qdrant.CollectionInfo.PayloadSchemaEntry */
  QD_RECORD_POINT = 5,      /* qdrant.ScoredPoint, its version the operation that wrote it */
  QD_RECORD_ALIAS = 6,      /* qdrant.AliasDescription */
  QD_RECORD_END = 7         /* the number of records before it: 8 bytes */
} qd_record_kind;

/* A file being written under another name, until it is whole. */
typedef struct qd_snapshot_writer qd_snapshot_writer;

/* INTERNAL names the file that cannot be written, NO_MEMORY. */
qdrant_status qd_snapshot_writer_open(const char *path, qd_snapshot_writer **writer, qdrant_error *err);
qdrant_status qd_snapshot_writer_put(
    qd_snapshot_writer *writer, qd_record_kind kind, const void *bytes, size_t n_bytes, qdrant_error *err);
qdrant_status qd_snapshot_writer_put_number(
    qd_snapshot_writer *writer, qd_record_kind kind, uint64_t number, qdrant_error *err);
qdrant_status qd_snapshot_writer_put_message(
    qd_snapshot_writer *writer, qd_record_kind kind, const void *message, qdrant_error *err);
/* Ends the file and gives it its name. */
qdrant_status qd_snapshot_writer_finish(qd_snapshot_writer *writer, qdrant_error *err);
/* Removes what is not finished. NULL is fine. */
void qd_snapshot_writer_free(qd_snapshot_writer *writer);

typedef struct qd_record {
  qd_record_kind kind;
  const uint8_t *bytes; /* followed by a NUL; until the next record is read */
  size_t n_bytes;
} qd_record;

typedef struct qd_snapshot_reader qd_snapshot_reader;

/* NOT_FOUND, or INVALID_ARGUMENT for a file that is no snapshot; NO_MEMORY. */
qdrant_status qd_snapshot_reader_open(const char *path, qd_snapshot_reader **reader, qdrant_error *err);
/* The last record is END, which is checked. INVALID_ARGUMENT when the file is cut or damaged. */
qdrant_status qd_snapshot_reader_next(qd_snapshot_reader *reader, qd_record *record, qdrant_error *err);
/* The number in a record; 0 when it is not one. */
int qd_record_number(const qd_record *record, uint64_t *number);
qdrant_status qd_snapshot_reader_fail(const qd_snapshot_reader *reader, qdrant_error *err);
void qd_snapshot_reader_free(qd_snapshot_reader *reader); /* NULL is fine */

#endif

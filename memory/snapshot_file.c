#include "memory/snapshot_file.h"

#include "core/alloc.h"
#include "core/error.h"

#include <errno.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char first_bytes[8] = {'Q', 'D', 'R', 'S', 'N', 'A', 'P', '1'};

enum { HEAD_BYTES = 5, NUMBER_BYTES = 8 };

struct qd_snapshot_writer {
  FILE *file;
  char *path;
  char *part_path; /* while it is written */
  uint64_t n_records;
  uint8_t *buffer; /* of a packed message */
  size_t capacity;
};

struct qd_snapshot_reader {
  FILE *file;
  char *path;
  uint64_t n_left; /* bytes of the file */
  uint64_t n_records;
  uint8_t *buffer;
  size_t capacity;
};

static void write_little_endian(uint64_t number, uint8_t *bytes, size_t n_bytes) {
  for (size_t i = 0; i < n_bytes; i++, number >>= 8)
    bytes[i] = (uint8_t)number;
}

static uint64_t read_little_endian(const uint8_t *bytes, size_t n_bytes) {
  uint64_t number = 0;
  while (n_bytes-- > 0)
    number = number << 8 | bytes[n_bytes];
  return number;
}

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a snapshot");
}

static qdrant_status fail_writing(const qd_snapshot_writer *writer, qdrant_error *err) {
  return qd_fail(
      err, QDRANT_INTERNAL, "Service internal error: cannot write %s: %s", writer->part_path, strerror(errno));
}

static int reserve(uint8_t **buffer, size_t *capacity, size_t n_bytes) {
  if (n_bytes <= *capacity)
    return 1;
  uint8_t *grown = qd_realloc(*buffer, n_bytes);
  if (grown == NULL)
    return 0;
  *buffer = grown;
  *capacity = n_bytes;
  return 1;
}

static char *part_path_of(const char *path) {
  static const char suffix[] = ".part";
  size_t n_bytes = strlen(path);
  char *made = qd_alloc(n_bytes + sizeof suffix);
  if (made == NULL)
    return NULL;
  memcpy(made, path, n_bytes);
  memcpy(made + n_bytes, suffix, sizeof suffix);
  return made;
}

qdrant_status qd_snapshot_writer_open(const char *path, qd_snapshot_writer **writer, qdrant_error *err) {
  qd_snapshot_writer *made = qd_zalloc(sizeof *made);
  qdrant_status status = made != NULL ? QDRANT_OK : fail_memory(err);
  if (made != NULL) {
    made->path = qd_strdup(path);
    made->part_path = part_path_of(path);
    if (made->path == NULL || made->part_path == NULL)
      status = fail_memory(err);
  }
  if (status == QDRANT_OK) {
    made->file = fopen(made->part_path, "wb");
    if (made->file == NULL || fwrite(first_bytes, sizeof first_bytes, 1, made->file) != 1)
      status = fail_writing(made, err);
  }
  if (status == QDRANT_OK)
    *writer = made;
  else
    qd_snapshot_writer_free(made);
  return status;
}

qdrant_status qd_snapshot_writer_put(
    qd_snapshot_writer *writer, qd_record_kind kind, const void *bytes, size_t n_bytes, qdrant_error *err) {
  uint8_t head[HEAD_BYTES] = {(uint8_t)kind};
  if (n_bytes > UINT32_MAX)
    return qd_fail(
        err, QDRANT_INTERNAL, "Service internal error: a snapshot cannot hold a record of %zu bytes", n_bytes);
  write_little_endian(n_bytes, head + 1, sizeof head - 1);
  writer->n_records++;
  if (fwrite(head, sizeof head, 1, writer->file) != 1 || (n_bytes > 0 && fwrite(bytes, n_bytes, 1, writer->file) != 1))
    return fail_writing(writer, err);
  return QDRANT_OK;
}

qdrant_status qd_snapshot_writer_put_number(
    qd_snapshot_writer *writer, qd_record_kind kind, uint64_t number, qdrant_error *err) {
  uint8_t bytes[NUMBER_BYTES];
  write_little_endian(number, bytes, sizeof bytes);
  return qd_snapshot_writer_put(writer, kind, bytes, sizeof bytes, err);
}

qdrant_status qd_snapshot_writer_put_message(
    qd_snapshot_writer *writer, qd_record_kind kind, const void *message, qdrant_error *err) {
  size_t n_bytes = protobuf_c_message_get_packed_size(message);
  if (!reserve(&writer->buffer, &writer->capacity, n_bytes))
    return fail_memory(err);
  protobuf_c_message_pack(message, writer->buffer);
  return qd_snapshot_writer_put(writer, kind, writer->buffer, n_bytes, err);
}

/* On the disk before it has its name: after a crash there is no snapshot that is cut. */
qdrant_status qd_snapshot_writer_finish(qd_snapshot_writer *writer, qdrant_error *err) {
  qdrant_status status = qd_snapshot_writer_put_number(writer, QD_RECORD_END, writer->n_records, err);
  if (status != QDRANT_OK)
    return status;
  if (fflush(writer->file) != 0 || fsync(fileno(writer->file)) != 0)
    return fail_writing(writer, err);
  FILE *file = writer->file;
  writer->file = NULL;
  if (fclose(file) != 0 || rename(writer->part_path, writer->path) != 0)
    return fail_writing(writer, err);
  qd_free(writer->part_path);
  writer->part_path = NULL;
  return QDRANT_OK;
}

void qd_snapshot_writer_free(qd_snapshot_writer *writer) {
  if (writer == NULL)
    return;
  if (writer->file != NULL)
    fclose(writer->file);
  if (writer->part_path != NULL)
    unlink(writer->part_path);
  qd_free(writer->buffer);
  qd_free(writer->part_path);
  qd_free(writer->path);
  qd_free(writer);
}

qdrant_status qd_snapshot_reader_fail(const qd_snapshot_reader *reader, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: %s is no snapshot of the embedded engine, or is damaged",
      reader->path);
}

static int read_bytes(qd_snapshot_reader *reader, void *bytes, size_t n_bytes) {
  if (n_bytes > reader->n_left || (n_bytes > 0 && fread(bytes, n_bytes, 1, reader->file) != 1))
    return 0;
  reader->n_left -= n_bytes;
  return 1;
}

/* The file's length, so that a damaged record cannot ask for more memory than the file has bytes. */
static int measure(qd_snapshot_reader *reader) {
  long n_bytes = -1;
  if (fseek(reader->file, 0, SEEK_END) == 0)
    n_bytes = ftell(reader->file);
  if (n_bytes < 0 || fseek(reader->file, 0, SEEK_SET) != 0)
    return 0;
  reader->n_left = (uint64_t)n_bytes;
  return 1;
}

qdrant_status qd_snapshot_reader_open(const char *path, qd_snapshot_reader **reader, qdrant_error *err) {
  char first[sizeof first_bytes];
  qd_snapshot_reader *made = qd_zalloc(sizeof *made);
  if (made == NULL || (made->path = qd_strdup(path)) == NULL) {
    qd_snapshot_reader_free(made);
    return fail_memory(err);
  }
  qdrant_status status = QDRANT_OK;
  made->file = fopen(path, "rb");
  if (made->file == NULL)
    status = qd_fail(err, QDRANT_NOT_FOUND, "Not found: cannot read %s: %s", path, strerror(errno));
  else if (!measure(made) || !read_bytes(made, first, sizeof first) || memcmp(first, first_bytes, sizeof first) != 0)
    status = qd_snapshot_reader_fail(made, err);
  if (status == QDRANT_OK)
    *reader = made;
  else
    qd_snapshot_reader_free(made);
  return status;
}

qdrant_status qd_snapshot_reader_next(qd_snapshot_reader *reader, qd_record *record, qdrant_error *err) {
  uint8_t head[HEAD_BYTES];
  uint64_t n_records;
  if (!read_bytes(reader, head, sizeof head))
    return qd_snapshot_reader_fail(reader, err);
  *record = (qd_record){.kind = head[0], .n_bytes = (size_t)read_little_endian(head + 1, sizeof head - 1)};
  if (record->n_bytes > reader->n_left)
    return qd_snapshot_reader_fail(reader, err);
  if (!reserve(&reader->buffer, &reader->capacity, record->n_bytes + 1))
    return fail_memory(err);
  if (!read_bytes(reader, reader->buffer, record->n_bytes))
    return qd_snapshot_reader_fail(reader, err);
  reader->buffer[record->n_bytes] = 0;
  record->bytes = reader->buffer;
  if (record->kind == QD_RECORD_END && (!qd_record_number(record, &n_records) || n_records != reader->n_records))
    return qd_snapshot_reader_fail(reader, err);
  reader->n_records++;
  return QDRANT_OK;
}

int qd_record_number(const qd_record *record, uint64_t *number) {
  *number = record->n_bytes == NUMBER_BYTES ? read_little_endian(record->bytes, NUMBER_BYTES) : 0;
  return record->n_bytes == NUMBER_BYTES;
}

void qd_snapshot_reader_free(qd_snapshot_reader *reader) {
  if (reader == NULL)
    return;
  if (reader->file != NULL)
    fclose(reader->file);
  qd_free(reader->buffer);
  qd_free(reader->path);
  qd_free(reader);
}

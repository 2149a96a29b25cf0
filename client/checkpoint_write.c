#include "client/checkpoint.h"
#include "client/part_file.h"
#include "core/arena.h"
#include "core/error.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ARENA_BYTES 4096

uint64_t qd_checkpoint_sum(const char *bytes, size_t n_bytes) {
  uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (size_t i = 0; i < n_bytes; i++)
    sum = (sum ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
  return sum;
}

static void add_text(qd_text *out, const char *text) {
  qd_text_add(out, text, strlen(text));
}

/* Blanks, control characters, DEL and '%' as %XX, so that a value has one line and no blank. */
static void add_encoded(qd_text *out, const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    char escape[4];
    if (byte > ' ' && byte != '%' && byte != 0x7f) {
      qd_text_add(out, text, 1);
    } else {
      snprintf(escape, sizeof escape, "%%%02X", byte);
      add_text(out, escape);
    }
  }
}

static void add_text_line(qd_text *out, const char *key, const char *value) {
  add_text(out, key);
  add_text(out, " ");
  add_encoded(out, value);
  add_text(out, "\n");
}

static void add_number_line(qd_text *out, const char *key, uint64_t value) {
  add_text(out, key);
  add_text(out, " ");
  qd_text_add_unsigned(out, value);
  add_text(out, "\n");
}

static void add_failed_lines(qd_text *out, const qdrant_checkpoint *checkpoint) {
  for (size_t i = 0; i < checkpoint->n_failed; i++) {
    add_text(out, "failed ");
    qd_text_add_unsigned(out, checkpoint->failed[2 * i]);
    add_text(out, " ");
    qd_text_add_unsigned(out, checkpoint->failed[2 * i + 1]);
    add_text(out, "\n");
  }
}

static void add_lines(qd_text *out, const qdrant_checkpoint *checkpoint) {
  add_text(out, "qdrant-checkpoint 1\n");
  add_text_line(out, "library", checkpoint->library);
  add_text_line(out, "collection", checkpoint->collection);
  add_text_line(out, "source", checkpoint->source);
  add_number_line(out, "first_unreported", checkpoint->first_unreported);
  add_number_line(out, "n_done", checkpoint->n_done);
  add_number_line(out, "is_complete", checkpoint->is_complete != 0);
  add_number_line(out, "n_failed", checkpoint->n_failed);
  add_failed_lines(out, checkpoint);
}

static void add_sum(qd_text *out) {
  char line[32];
  if (out->has_failed)
    return;
  snprintf(line, sizeof line, "sum %016" PRIx64 "\n", qd_checkpoint_sum(out->bytes, out->n_bytes));
  add_text(out, line);
}

static qdrant_status write_file(const char *path, const qd_text *text, qdrant_error *err) {
  qd_part_file file;
  qdrant_status status = qd_part_file_open(&file, path, 0, err);
  if (status == QDRANT_OK)
    status = qd_part_file_append(&file, text->bytes, text->n_bytes, err);
  if (status == QDRANT_OK)
    status = qd_part_file_flush(&file, err);
  if (status == QDRANT_OK)
    status = qd_part_file_finish(&file, err);
  qd_part_file_close(&file);
  return status;
}

qdrant_status qd_checkpoint_write(const char *path, const qdrant_checkpoint *checkpoint, qdrant_error *err) {
  qd_text text;
  qd_arena *arena = qd_arena_new(ARENA_BYTES);
  qdrant_status status = QDRANT_NO_MEMORY;
  if (arena != NULL) {
    qd_text_init(&text, arena, QD_CHECKPOINT_MAX_BYTES);
    add_lines(&text, checkpoint);
    add_sum(&text);
    if (!text.has_failed)
      status = write_file(path, &text, err);
  }
  qd_arena_free(arena);
  return status == QDRANT_NO_MEMORY ? qd_fail(err, status, "out of memory for the text of a checkpoint") : status;
}

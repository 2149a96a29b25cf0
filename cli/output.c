#include "cli/output.h"

#include "cli/fail.h"
#include "cli/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct qd_output {
  json_object *rows; /* array of objects */
  json_object *row;  /* the last of them, borrowed */
  int is_record;
  int is_failed; /* out of memory on the way */
};

/* The columns of a table while it is printed, in the order in which they first appear. */
enum { max_columns = 16 };
typedef struct layout {
  const char *names[max_columns];
  size_t widths[max_columns];
  int is_number[max_columns];
  size_t n;
} layout;

qd_output *qd_output_new(void) {
  qd_output *output = calloc(1, sizeof *output);
  if (output && !(output->rows = json_object_new_array())) {
    free(output);
    return NULL;
  }
  return output;
}

qd_output *qd_output_new_record(void) {
  qd_output *output = qd_output_new();
  if (output) {
    output->is_record = 1;
    qd_output_row(output);
  }
  return output;
}

void qd_output_free(qd_output *output) {
  if (!output)
    return;
  json_object_put(output->rows);
  free(output);
}

void qd_output_row(qd_output *output) {
  if (!output)
    return;
  output->row = json_object_new_object();
  if (!output->row || json_object_array_add(output->rows, output->row) != 0) {
    json_object_put(output->row);
    output->row = NULL;
    output->is_failed = 1;
  }
}

void qd_output_json(qd_output *output, const char *column, json_object *value) {
  if (output && output->row && value && json_object_object_add(output->row, column, value) == 0)
    return;
  json_object_put(value);
  if (output)
    output->is_failed = 1;
}

void qd_output_text(qd_output *output, const char *column, const char *value) {
  qd_output_json(output, column, json_object_new_string(value));
}

void qd_output_count(qd_output *output, const char *column, uint64_t value) {
  qd_output_json(output, column, json_object_new_uint64(value));
}

json_object *qd_json_float(float value) {
  char text[QD_NUMBER_TEXT];
  qd_text_float(value, text);
  return isfinite(value) ? json_object_new_double_s((double)value, text) : json_object_new_string(text);
}

json_object *qd_json_double(double value) {
  char text[QD_NUMBER_TEXT];
  qd_text_double(value, text);
  return isfinite(value) ? json_object_new_double_s(value, text) : json_object_new_string(text);
}

void qd_output_float(qd_output *output, const char *column, float value) {
  qd_output_json(output, column, qd_json_float(value));
}

void qd_output_double(qd_output *output, const char *column, double value) {
  qd_output_json(output, column, qd_json_double(value));
}

json_object *qd_output_take(qd_output *output) {
  json_object *value = NULL;
  if (output && !output->is_failed)
    value = json_object_get(output->is_record ? output->row : output->rows);
  qd_output_free(output);
  return value;
}

/* A cell as a table shows it: text as it is, all else as JSON. Borrowed from the cell. */
static const char *cell_text(json_object *cell) {
  if (json_object_is_type(cell, json_type_string))
    return json_object_get_string(cell);
  return json_object_to_json_string_ext(cell, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* Characters of a text; control characters count as the one that stands for them. */
static size_t text_width(const char *text) {
  size_t n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

/* Text from a server must not steer the terminal. */
static void print_text(const char *text, FILE *out) {
  for (; *text; text++)
    fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void print_padding(size_t n, FILE *out) {
  for (; n > 0; n--)
    fputc(' ', out);
}

static size_t find_column(layout *columns, const char *name) {
  size_t i = 0;
  while (i < columns->n && strcmp(columns->names[i], name) != 0)
    i++;
  if (i == columns->n && i < max_columns) {
    columns->names[i] = name;
    columns->widths[i] = text_width(name);
    columns->n++;
  }
  return i;
}

static void measure_rows(const qd_output *output, layout *columns) {
  for (size_t r = 0; r < json_object_array_length(output->rows); r++) {
    json_object_object_foreach(json_object_array_get_idx(output->rows, r), name, cell) {
      size_t i = find_column(columns, name);
      size_t width = text_width(cell_text(cell));
      if (i == max_columns)
        continue;
      columns->widths[i] = width > columns->widths[i] ? width : columns->widths[i];
      columns->is_number[i] |= json_object_is_type(cell, json_type_int) || json_object_is_type(cell, json_type_double);
    }
  }
}

static void print_cell(const layout *columns, size_t i, const char *text, FILE *out) {
  size_t width = text_width(text), space = columns->widths[i] > width ? columns->widths[i] - width : 0;
  if (i > 0)
    fputs("  ", out);
  if (columns->is_number[i])
    print_padding(space, out);
  print_text(text, out);
  if (!columns->is_number[i] && i + 1 < columns->n)
    print_padding(space, out);
}

static void print_table(const qd_output *output, FILE *out) {
  layout columns = {.n = 0};
  measure_rows(output, &columns);
  for (size_t i = 0; i < columns.n; i++)
    print_cell(&columns, i, columns.names[i], out);
  if (columns.n > 0)
    fputc('\n', out);
  for (size_t r = 0; r < json_object_array_length(output->rows); r++) {
    json_object *row = json_object_array_get_idx(output->rows, r);
    for (size_t i = 0; i < columns.n; i++) {
      json_object *cell = json_object_object_get(row, columns.names[i]);
      print_cell(&columns, i, cell ? cell_text(cell) : "", out);
    }
    fputc('\n', out);
  }
}

static void print_record(const qd_output *output, FILE *out) {
  size_t width = 0;
  json_object_object_foreach(output->row, name, cell) {
    (void)cell;
    width = text_width(name) > width ? text_width(name) : width;
  }
  json_object_object_foreach(output->row, key, value) {
    print_text(key, out);
    print_padding(width - text_width(key) + 2, out);
    print_text(cell_text(value), out);
    fputc('\n', out);
  }
}

qdrant_status qd_output_print_json(json_object *value, FILE *out, qdrant_error *err) {
  if (!value)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the output");
  fprintf(out, "%s\n", json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put(value);
  return QDRANT_OK;
}

qdrant_status qd_output_print(qd_output *output, int format, FILE *out, qdrant_error *err) {
  if (!output || output->is_failed) {
    qd_output_free(output);
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the output");
  }
  if (format == QD_OUTPUT_JSON)
    return qd_output_print_json(qd_output_take(output), out, err);
  if (output->is_record)
    print_record(output, out);
  else
    print_table(output, out);
  qd_output_free(output);
  return QDRANT_OK;
}

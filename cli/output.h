#ifndef QD_CLI_OUTPUT_H
#define QD_CLI_OUTPUT_H

#include "cli/args.h"

#include <json-c/json.h>

/* Rows of named cells, printed as an aligned table or as a JSON array of objects; a record is one row, printed as lines
 * "name  value" or as one object. Out of memory sticks: qd_output_print reports it. */
typedef struct qd_output qd_output;

/* NULL when out of memory, which all functions here take. */
qd_output *qd_output_new(void);
qd_output *qd_output_new_record(void);
void qd_output_free(qd_output *output);

/* Begins another row. A record has its one from the start. */
void qd_output_row(qd_output *output);

/* Adds a cell to the row last begun. */
void qd_output_text(qd_output *output, const char *column, const char *value);
void qd_output_count(qd_output *output, const char *column, uint64_t value);
void qd_output_float(qd_output *output, const char *column, float value);
void qd_output_double(qd_output *output, const char *column, double value);
/* Takes value, which may be NULL: then it is a lack of memory. */
void qd_output_json(qd_output *output, const char *column, json_object *value);

/* A number as JSON, printed with as few digits as read back the same; one that is not finite becomes text. NULL when
 * out of memory. */
json_object *qd_json_float(float value);
json_object *qd_json_double(double value);

/* The rows as a JSON array (of a record: its object) for the caller, NULL when out of memory. Frees output. */
json_object *qd_output_take(qd_output *output);

/* Prints and frees. */
qdrant_status qd_output_print(qd_output *output, int format, FILE *out, qdrant_error *err);

/* Prints value as one JSON document and gives the reference back; NULL is a lack of memory. */
qdrant_status qd_output_print_json(json_object *value, FILE *out, qdrant_error *err);

#endif

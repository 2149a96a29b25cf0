#ifndef QD_CLI_IDS_H
#define QD_CLI_IDS_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

/* Room for the text of an id, NUL included. */
enum { QD_ID_TEXT = 40 };

/* Reads one id: a whole number from 0 to 2^64 - 1, or a UUID. */
qdrant_status qd_id_parse(const char *text, size_t n, qdrant_point_id *id, qdrant_error *err);

/* Reads ids separated by commas. *ids is the caller's to free. */
qdrant_status qd_ids_parse(const char *text, qdrant_point_id **ids, size_t *n, qdrant_error *err);

/* Writes an id. Returns text. */
const char *qd_id_format(const qdrant_point_id *id, char text[QD_ID_TEXT]);

/* Reads floats separated by commas or spaces. *values is the caller's to free. */
qdrant_status qd_floats_parse(const char *text, float **values, size_t *n, qdrant_error *err);

#endif

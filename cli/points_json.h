#ifndef QD_CLI_POINTS_JSON_H
#define QD_CLI_POINTS_JSON_H

#include "qdrant/calls.h"
#include "qdrant/columns.h"

#include <json-c/json.h>

/* Parts of a point as JSON, for output. All are NULL when out of memory; the caller owns what is returned. */
json_object *qd_json_id(const qdrant_point_id *id);
json_object *qd_json_id_message(const Qdrant__PointId *id);
json_object *qd_json_of_text(const char *json); /* JSON text as a value; text that is not JSON becomes a string */
json_object *qd_json_payload(const Qdrant__RetrievedPoint *point);
json_object *qd_json_vectors(const Qdrant__VectorsOutput *vectors);

#endif

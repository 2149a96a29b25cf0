#ifndef QD_CLI_SCHEMA_H
#define QD_CLI_SCHEMA_H

#include "qdrant/build.h"
#include "qdrant/client.h"
#include "qdrant/source.h"

/* One vector that a collection takes. */
typedef struct qd_schema_vector {
  char *name; /* owned; NULL: the unnamed one */
  qdrant_vector_kind kind;
  uint64_t dim; /* DENSE, MULTI */
  Qdrant__Distance distance;
} qd_schema_vector;

/* The vectors that a collection takes. All zero is an empty one. */
typedef struct qd_schema {
  qd_schema_vector *vectors;
  size_t n;
} qd_schema;

void qd_schema_free(qd_schema *schema);

/* Adds a vector; name is copied, NULL for the unnamed one. */
qdrant_status qd_schema_add(qd_schema *schema, const char *name, size_t n_name, qdrant_vector_kind kind, uint64_t dim,
    Qdrant__Distance distance, qdrant_error *err);

/* The vector of a name, or NULL. */
const qd_schema_vector *qd_schema_find(const qd_schema *schema, const char *name);

/* The same for the vector that --vector-name says; INVALID_ARGUMENT lists those there are when it is none of them. */
qdrant_status qd_schema_need(
    const qd_schema *schema, const char *name, const qd_schema_vector **vector, qdrant_error *err);

/* Reads the schema out of a collection's description. schema must be empty. */
qdrant_status qd_schema_of_info(const Qdrant__CollectionInfo *info, qd_schema *schema, qdrant_error *err);

/* Asks the server for the schema of a collection. NOT_FOUND when there is no such collection. */
qdrant_status qd_schema_get(qdrant_client *client, const char *collection, qd_schema *schema, qdrant_error *err);

/* Creates a collection that takes these vectors. */
qdrant_status qd_schema_create(
    qdrant_client *client, const char *collection, const qd_schema *schema, qdrant_error *err);

/* Adds the vectors that a source has: what a collection for it would take. */
qdrant_status qd_schema_of_source(
    qdrant_source *source, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err);

/* Tells a source what the collection takes. */
qdrant_status qd_schema_expect(const qd_schema *schema, qdrant_source *source, qdrant_error *err);

/* "dense", "sparse" or "multi". */
const char *qd_kind_name(qdrant_vector_kind kind);

/* "cosine" and so on. */
const char *qd_distance_name(Qdrant__Distance distance);

#endif

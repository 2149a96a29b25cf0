#ifndef QD_WRITE_H
#define QD_WRITE_H

#include "memory/job.h"

/* Writes of points. Each is an RPC of its own and an operation of Points/UpdateBatch, which makes the RPC's request of
 * it; the job's own request is then another one. */
typedef qdrant_status (*qd_write)(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);

qdrant_status qd_write_upsert(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_delete(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_set_payload(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_overwrite_payload(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_delete_payload(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_clear_payload(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_update_vectors(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);
qdrant_status qd_write_delete_vectors(qd_job *job, const ProtobufCMessage *request, Qdrant__UpdateResult *result);

/* Answers an RPC that is one write. */
qdrant_status qd_write_alone(qd_job *job, qd_write write);

/* What a write does once it is in the collection: as the collection's writer, with the operation's number. It may fail
 * before it has changed anything, or after all that can be done; one of very many points also when memory ends on the
 * way. */
typedef qdrant_status (*qd_write_apply)(qd_job *job, qd_collection *collection, void *user, uint64_t operation);

typedef struct qd_write_place {
  const ProtobufCMessage *request; /* for the strict mode */
  const char *collection_name;
  const Qdrant__ShardKeySelector *shard_keys;
  int is_empty; /* the request names no points */
  int has_waited;
} qd_write_place;

/* Finds the collection of a request that needs nothing of it before, and carries out the write. */
qdrant_status qd_write_run(
    qd_job *job, const qd_write_place *place, qd_write_apply apply, void *user, Qdrant__UpdateResult *result);

/* The same in a collection that is found already. Like the server it numbers the operation before it is carried out,
 * and does not tell those who do not wait that it failed. */
qdrant_status qd_write_run_in(qd_job *job, qd_collection *collection, const qd_write_place *place, qd_write_apply apply,
    void *user, Qdrant__UpdateResult *result);

#endif

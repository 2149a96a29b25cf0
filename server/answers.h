#ifndef QD_ANSWERS_H
#define QD_ANSWERS_H

#include "core/arena.h"
#include "core/rpc.h"
#include "qdrant/error.h"

#include <grpc/byte_buffer.h>
#include <stddef.h>
#include <stdint.h>

/* Makes encoded replies of encoded requests with an engine of its own, in memory that is used again. Thread-safe. */
typedef struct qd_answers qd_answers;

typedef struct qd_answer {
  grpc_byte_buffer *reply; /* the caller's; NULL unless OK */
  size_t n_points;         /* stored by the request */
} qd_answer;

/* How to make them; texts are borrowed until qd_answers_new returns. */
typedef struct qd_answers_options {
  size_t n_threads;
  const char *version;      /* what a health check says; NULL: the engine's */
  const char *load_path;    /* a snapshot file to begin with; NULL: no collections */
  const char *applied_path; /* applied.h; NULL: none */
} qd_answers_options;

/* NO_MEMORY, and what is wrong with one of the files. */
qdrant_status qd_answers_new(const qd_answers_options *options, qd_answers **answers, qdrant_error *err);
void qd_answers_free(qd_answers *answers); /* NULL is fine; replies may outlive it */

/* Arenas for requests and replies, used again; NULL when out of memory. give takes NULL. */
qd_arena *qd_answers_take_arena(qd_answers *answers);
void qd_answers_give_arena(qd_answers *answers, qd_arena *arena);

/* Carries a request out. Returns a status that can go over the wire, 0 to 16, with the text in err. *n_points: stored
 * by the request. */
qdrant_status qd_answers_run(qd_answers *answers, const qd_rpc *rpc, const ProtobufCMessage *request,
    int64_t deadline_ns, qd_arena *arena, ProtobufCMessage **reply, size_t *n_points, qdrant_error *err);

/* The same for encoded messages. Returns a status that can go over the wire. */
qdrant_status qd_answer_make(qd_answers *answers, const qd_rpc *rpc, grpc_byte_buffer *request, int64_t deadline_ns,
    qd_answer *answer, qdrant_error *err);

#endif

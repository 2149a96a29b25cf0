#ifndef QD_OPERATION_H
#define QD_OPERATION_H

#include "client/client.h"
#include "client/cq.h"
#include "client/newer.h"
#include "client/reply.h"

typedef enum qd_operation_state {
  QD_IDLE,      /* between attempts */
  QD_ADMITTING, /* waits for a place in flight */
  QD_STARTING,  /* inside the transport's start */
  QD_STARTED,   /* the transport has it */
  QD_SLEEPING   /* its alarm is set for the next attempt */
} qd_operation_state;

/* One call of the user's: all its attempts and the waits between them. Referenced by the flow that moves it on (a
 * blocking caller, or the chain of callbacks), by the transport during an attempt, and by whoever cancels it. */
typedef struct qd_operation {
  qd_call call; /* the attempt under way; first, so that `done` finds the operation */
  qd_alarm alarm;
  qdrant_client *client; /* held */
  atomic_uint refs;
  const qd_rpc *rpc;
  qd_request request; /* body: owned */
  size_t n_request_bytes;
  int64_t deadline_ns;
  int64_t attempt_timeout_ns; /* 0: none */
  qd_retry_class retry_class; /* of this request */
  qdrant_repeat repeat;
  int is_patient; /* no limit but the deadline */
  uint32_t max_attempts;
  uint32_t n_attempts; /* handed to the transport */
  uint32_t n_wished;   /* of them, those after which the server asked for a wait */
  uint32_t n_reads;    /* of them, those that read back what an earlier one did */
  uint32_t n_observed; /* of them, those that figures and hooks have heard of the end of */
  int64_t attempt_began_ns;
  uint32_t endpoint; /* of the attempt that ended; UINT32_MAX: not known */
  size_t n_reply_bytes;
  struct qd_observed *observed; /* NULL: there are no hooks */
  qd_newer_set newer;           /* fields that older servers do not know */
  uint32_t wanted_endpoint;     /* as in qd_call */
  uint32_t n_asked;             /* endpoints, for their versions */
  uint32_t oldest_version;      /* of those that answered; 0: none did */
  int is_question;              /* needs no place in flight */
  int fills_timeout;            /* the request has a timeout field that the user did not set */
  qdrant_header *headers;
  size_t n_headers;
  qd_key *key;                    /* that the attempt sends, referenced; NULL: there is no provider */
  int has_key_header;             /* headers begin with it */
  int has_renewed_key;            /* once is enough */
  int lacks_key;                  /* none was at hand where none may be asked for */
  qd_arena *arena;                /* in which the operation lies, and its headers */
  qdrant_reply *reply;            /* where the attempt's answer goes */
  qdrant_error error;             /* of the last attempt, then of the whole */
  qdrant_delivery delivery;       /* of all attempts */
  qdrant_cancel *cancel;          /* referenced; NULL: none */
  struct qd_reconcile *reconcile; /* in arena; NULL: it never had to be read back what became of it */
  qd_cq_item *item;               /* where the end is reported: to a queue, */
  qdrant_then then;               /* or to a function */
  pthread_mutex_t lock;           /* guards state, is_* and, while an attempt is under way, call */
  pthread_cond_t changed;         /* for a blocking caller */
  qd_operation_state state;
  atomic_int is_cancelled;
  const char *cancel_reason;
  int is_done;     /* `done` has run for the attempt of a blocking caller */
  int is_admitted; /* counted in client->n_in_flight; this and the next four under the client's lock */
  int is_listed;   /* in client->operations */
  int is_swept;    /* close has cancelled it */
  struct qd_operation *next;
  struct qd_operation *previous;
  struct qd_operation *next_of_cancel; /* list of the token, under its lock */
  struct qd_operation *previous_of_cancel;
  int is_in_cancel;
} qd_operation;

/* Makes an operation, not yet admitted; copies the headers, joins the cancel token. One reference. */
qdrant_status qd_operation_new(
    qdrant_client *client, const qd_rpc *rpc, const qd_settings *settings, qd_operation **operation, qdrant_error *err);

qd_operation *qd_operation_ref(qd_operation *operation);
void qd_operation_unref(qd_operation *operation);

/* Takes the operation out of all lists and gives the reference back: the end of one that did not begin or has run. */
void qd_operation_abandon(qd_operation *operation);

/* Whether the transport carries it out in the caller's thread. One that may be cancelled goes the other way: a
 * cancellation just before `run` would find nothing to cancel. */
int qd_operation_runs_here(const qd_operation *operation);

/* What is asked: a message (borrowed until the operation has run; only for qd_operation_run on a transport that takes
 * messages in the caller's thread), a body, whose reference is taken, or an HTTP request. */
void qd_operation_take_message(qd_operation *operation, const ProtobufCMessage *message);
void qd_operation_take_body(qd_operation *operation, qd_body *body);
/* Copied. 0 when out of memory. */
int qd_operation_take_http(qd_operation *operation, const qd_http_request *http);

/* Carries an admitted operation out and waits for its end, at most one second beyond the deadline. On success *reply is
 * the caller's. The caller keeps its reference. */
qdrant_status qd_operation_run(qd_operation *operation, qdrant_reply **reply, qdrant_error *err);

/* Begins an admitted operation. OK: the caller's reference is taken, and the end is reported once to item or then. */
qdrant_status qd_operation_start(qd_operation *operation, qdrant_error *err);

/* Reports that an operation which was taken could not begin; the reference it was taken with ends. */
void qd_operation_fail(qd_operation *operation, const qdrant_error *error);

/* Asks for an early end with the given reason (static text). Any thread, any time the caller holds a reference. */
void qd_operation_cancel(qd_operation *operation, const char *reason);

/* What client->alarms rings. */
void qd_operation_ring(qd_alarm *alarm);

#endif

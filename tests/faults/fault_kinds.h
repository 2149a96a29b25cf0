#ifndef QD_TEST_FAULT_KINDS_H
#define QD_TEST_FAULT_KINDS_H

#include "tests/support/fault_server.h"

/* How a fault is brought about. */
typedef enum fault_stage {
  STAGE_PLAYED,   /* by a fault server, as the fault says */
  STAGE_DIES,     /* the server goes and its port is closed */
  STAGE_RESTARTS, /* the same, and it is back at once */
  STAGE_BACKLOG,  /* the port's queue of connections is full */
  STAGE_STOPPED,  /* the server's process is stopped with SIGSTOP */
  STAGE_TLS       /* a server of https:// shows another certificate, or asks for one; it changes that when it heals */
} fault_stage;

typedef struct fault_kind {
  const char *name;
  fault_stage stage;
  fault of_http2;
  fault of_http1;
  int is_silence;          /* only a deadline ends what meets it */
  int is_deaf;             /* a request has to be large to feel it */
  const char *certificate; /* STAGE_TLS: what is shown, of tests/support/certificates.h */
  int asks_certificate;    /* STAGE_TLS: of the client */
} fault_kind;

enum fault_number {
#define QD_FAULT_KIND(name, ...) KIND_##name,
#include "tests/faults/fault_kinds.def"
#undef QD_FAULT_KIND
  N_FAULT_KINDS
};

extern const fault_kind fault_kinds[N_FAULT_KINDS];

#endif

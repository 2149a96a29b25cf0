#ifndef QD_TEST_FAULT_BED_H
#define QD_TEST_FAULT_BED_H

#include "qdrant/mock.h"
#include "qdrant/upsert.h"
#include "tests/faults/fault_kinds.h"
#include "tests/support/full_listener.h"

#include <sys/types.h>

/* Healthy servers with one collection, "c", for a whole program; in front of one of them, for each case, two fault
 * servers that a client dials. */
enum { BED_DIM = 4, BED_TEXT_BYTES = 4096, BED_FEW_POINTS = 4, BED_MANY_POINTS = 1500 };

/* What a client speaks, and where the faults are. FAILOVER: on gRPC's port, with a healthy REST port beside it. */
typedef enum fault_transport { OVER_GRPC, OVER_REST, OVER_FAILOVER } fault_transport;

/* By number, and the number of a name. */
extern const char *const fault_transport_names[3];
fault_transport fault_transport_of(const char *name);

/* Whether there is such a fault on this transport. */
int fault_kind_is_for(const fault_kind *kind, fault_transport transport);

typedef struct fault_bed {
  qdrant_mock *mock;
  qdrant_mock *tls_mock; /* the same over https:// */
  uint64_t ids[BED_MANY_POINTS];
  float values[BED_MANY_POINTS * BED_DIM];
  char texts[BED_MANY_POINTS * BED_TEXT_BYTES]; /* a payload, so that many points fill every buffer on the way */
  int32_t offsets[BED_MANY_POINTS + 1];
  qdrant_vector_column vectors;
  qdrant_payload_column payload;
  qdrant_point_batch batch;
  uint64_t n_before; /* points in upserts when the case began */
  const fault_kind *kind;
  fault_transport transport;
  fault_server *grpc;
  fault_server *rest;
  full_listener backlog;
  pid_t child; /* the process in front of the fault server; 0: none */
  uint16_t child_port;
} fault_bed;

fault_bed *fault_bed_new(void);
void fault_bed_free(fault_bed *bed);

/* The servers of a case. */
void fault_bed_open(fault_bed *bed, const fault_kind *kind, fault_transport transport);
void fault_bed_close(fault_bed *bed);

/* Whether the fault is met by a connection, and so has to begin before there is one. */
int fault_bed_is_of_connections(const fault_bed *bed);

/* once: the next connection or request only. */
void fault_bed_begin(fault_bed *bed, int once);
void fault_bed_heal(fault_bed *bed);

/* How often the fault was met; a server that is gone was met. */
size_t fault_bed_n_met(const fault_bed *bed);

/* Fills in the ports. */
void fault_bed_dial(const fault_bed *bed, qdrant_options *options);

/* How often an upsert of n_points was carried out since the case began. */
uint64_t fault_bed_n_applied(const fault_bed *bed, size_t n_points);

#endif

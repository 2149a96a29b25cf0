#ifndef QD_SOAK_BED_H
#define QD_SOAK_BED_H

#include "qdrant/mock.h"
#include "tests/support/random.h"

#include <stdint.h>

/* Two servers in this process with the same points in the collection "base", which nobody changes, and what goes wrong
 * with them. */
enum { SOAK_DIM = 16, SOAK_N_BASE = 2000, SOAK_N_NODES = 2 };

/* How a client reaches them; writes go to the first one only. */
typedef enum soak_route { SOAK_GRPC, SOAK_REST, SOAK_FAILOVER, SOAK_ENDPOINTS, N_SOAK_ROUTES } soak_route;

typedef struct soak_bed {
  qdrant_mock *nodes[SOAK_N_NODES];
  uint64_t ids[SOAK_N_BASE]; /* from 1 on */
  float values[SOAK_N_BASE * SOAK_DIM];
  uint64_t n_expected; /* what a count of them must be */
} soak_bed;

extern char soak_base[];   /* "base" */
extern char soak_writes[]; /* "writes", empty at first, on the first server */

/* Ends the program with the error when a step of the test's own fails. */
void soak_demand(qdrant_status status, const char *what, const qdrant_error *err);

void soak_bed_begin(soak_bed *bed, random_source *random);
void soak_bed_end(soak_bed *bed);
qdrant_client *soak_bed_open(const soak_bed *bed, soak_route route);

/* Makes one thing go wrong at one of the servers. */
void soak_bed_disturb(soak_bed *bed, random_source *random);
uint64_t soak_bed_n_faults(const soak_bed *bed);

#endif

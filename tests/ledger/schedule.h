#ifndef QD_LEDGER_SCHEDULE_H
#define QD_LEDGER_SCHEDULE_H

#include "qdrant/mock.h"
#include "qdrant/uploader.h"

#include <stdint.h>

/* What happens during one upload, all of it made of a number: who is asked and how, with which options, and what goes
 * wrong when. */
enum { LEDGER_MAX_NODES = 3, LEDGER_MAX_FAULTS = 8, LEDGER_MAX_EVENTS = 3 };

typedef enum ledger_route { ROUTE_GRPC, ROUTE_REST, ROUTE_FAILOVER, ROUTE_ENDPOINTS, N_LEDGER_ROUTES } ledger_route;

typedef enum ledger_action {
  ACTION_DROP,    /* a server closes every connection */
  ACTION_RESTART, /* it is stopped, and begun again on its ports */
  ACTION_KILL,    /* the same by SIGKILL: it has a process of its own */
  ACTION_CANCEL   /* the upload is cancelled */
} ledger_action;

typedef struct ledger_event {
  ledger_action action;
  size_t node;
  unsigned at_per_mille; /* of the points are reported */
  unsigned pause_ms;     /* before it is begun again */
} ledger_event;

typedef struct ledger_schedule {
  uint64_t seed;
  ledger_route route;
  int is_grpc_away; /* FAILOVER: nobody listens where gRPC should be */
  int has_children; /* servers have processes of their own */
  int ends_by_free; /* the uploader is freed while batches are on their way */
  size_t n_nodes;
  size_t piece_points; /* added at once */
  qdrant_mock_fault faults[LEDGER_MAX_NODES][LEDGER_MAX_FAULTS];
  size_t n_faults[LEDGER_MAX_NODES];
  ledger_event events[LEDGER_MAX_EVENTS]; /* in their order */
  size_t n_events;
  qdrant_options client;          /* without the addresses */
  qdrant_uploader_options upload; /* without the callback */
  qdrant_upsert_options upsert;   /* to be named by it */
} ledger_schedule;

void ledger_schedule_make(ledger_schedule *schedule, uint64_t seed, size_t n_points);
void ledger_schedule_print(const ledger_schedule *schedule);

#endif

#ifndef TEST_PORTED_CLIENT_H
#define TEST_PORTED_CLIENT_H

#include "qdrant/calls.h"

/* A client of 127.0.0.1 without retries, and the two calls that tests of the transports make. */
qdrant_client *open_on_ports(uint16_t grpc_port, uint16_t rest_port, qdrant_toggle prefer_grpc);

/* HealthCheck, which may be repeated. The reply is dropped. */
qdrant_status ask_health(qdrant_client *client, int64_t timeout_ms, qdrant_error *err);

/* Deletes the points of collection "c" by filter, which may not. */
qdrant_status delete_by_filter(qdrant_client *client, int64_t timeout_ms, qdrant_error *err);

/* What HealthCheck and the delete are answered over REST. */
extern const char rest_health[];
extern const char rest_deleted[];

qdrant_stats stats_of(qdrant_client *client);

#endif

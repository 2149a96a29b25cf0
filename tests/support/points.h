#ifndef QD_TEST_POINTS_H
#define QD_TEST_POINTS_H

#include "tests/support/raw_client.h"

/* Requests about one collection, "stars": two floats a point, dot product. */

/* Creates the collection; fails the test if the server does not. */
void points_create(raw_client *client);

/* Starts an upsert of points with ids first to first + n - 1. */
raw_call *points_start_upsert(raw_client *client, uint64_t first, size_t n);

/* Carries the upsert out and answers gRPC's status. */
int points_upsert(raw_client *client, uint64_t first, size_t n);

/* How many points the collection has, exactly; fails the test if the server does not say. */
uint64_t points_count(raw_client *client);

/* HealthCheck's status. */
int points_health(raw_client *client);

#endif

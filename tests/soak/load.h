#ifndef QD_SOAK_LOAD_H
#define QD_SOAK_LOAD_H

#include "tests/soak/bed.h"

#include <pthread.h>
#include <stdatomic.h>

/* What all workers did. A call that fails with a status that faults explain is counted; anything else is wrong. */
typedef struct soak_tally {
  atomic_uint_fast64_t n_reads;
  atomic_uint_fast64_t n_writes;
  atomic_uint_fast64_t n_uploads;
  atomic_uint_fast64_t n_uploads_whole;
  atomic_uint_fast64_t n_failed;
  atomic_uint_fast64_t n_attempts;
  atomic_uint_fast64_t n_retries;
  atomic_uint_fast64_t n_clients;
  atomic_uint_fast64_t n_wrong;
} soak_tally;

/* A thread that works until it is over. */
typedef struct soak_worker {
  const soak_bed *bed;
  soak_tally *tally;
  const atomic_int *is_over;
  size_t number; /* ids that it alone writes follow from it */
  random_source random;
  qdrant_client *client;
  soak_route route;
  pthread_t thread;
  uint64_t generation; /* of the points that it writes */
} soak_worker;

/* The threads' functions; user is the worker. */
void *soak_read(void *user);
void *soak_write(void *user);
void *soak_upload(void *user);

#endif

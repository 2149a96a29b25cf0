#ifndef QD_TEST_RECORDING_H
#define QD_TEST_RECORDING_H

#include <stddef.h>
#include <stdint.h>

/* Traffic recorded with a real server: a file of JSON Lines, one call a line (format: the README beside the files). */
typedef struct recording recording;

/* One call over gRPC. Everything is the recording's and lives until the next line is read. */
typedef struct recorded_call {
  const char *name; /* "case" in the file */
  const char *rpc;  /* "Points/Upsert" */
  const uint8_t *request;
  size_t n_request;
  const uint8_t *reply; /* NULL after an error */
  size_t n_reply;
  int status;
  const char *message;
} recorded_call;

/* Where the recordings of that server version are: in $QDRANT_RECORDINGS, else beside the project. NULL when they are
 * not there. */
const char *recording_directory(void);

/* Opens the scenario in the directory. NULL when there is no such file. */
recording *recording_open(const char *directory, const char *scenario);
/* The next call that was made over gRPC with an RPC of the public services: 1, or 0 at the end of the file. Fails the
 * test on a malformed line. */
int recording_next(recording *opened, recorded_call *call);
void recording_close(recording *opened);

#endif

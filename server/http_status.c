#include "server/http_status.h"

#include <stddef.h>

typedef struct pair {
  qdrant_status status;
  unsigned http;
} pair;

static const pair PAIRS[] = {
    {QDRANT_OK, 200},
    {QDRANT_INVALID_ARGUMENT, 400},
    {QDRANT_DATA_LOSS, 400},
    {QDRANT_UNAUTHENTICATED, 401},
    {QDRANT_PERMISSION_DENIED, 403},
    {QDRANT_NOT_FOUND, 404},
    {QDRANT_UNIMPLEMENTED, 405},
    {QDRANT_CANCELLED, 408},
    {QDRANT_DEADLINE_EXCEEDED, 408},
    {QDRANT_ALREADY_EXISTS, 409},
    {QDRANT_RESOURCE_EXHAUSTED, 429},
    {QDRANT_UNAVAILABLE, 503},
};

unsigned qd_http_status(qdrant_status status) {
  for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++)
    if (PAIRS[i].status == status)
      return PAIRS[i].http;
  return 500;
}

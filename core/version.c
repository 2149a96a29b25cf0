#include "qdrant/client.h"

const char *qdrant_version(void) {
  return QDRANT_VERSION;
}

#include "qdrant/error.h"

const char *qdrant_status_name(qdrant_status status) {
  switch ((int)status) {
#define QDRANT_STATUS_ROW(name, number, text)                                                                          \
  case number:                                                                                                         \
    return #name;
#include "qdrant/status.def"
#undef QDRANT_STATUS_ROW
  default: return "UNKNOWN_STATUS";
  }
}

const char *qdrant_status_text(qdrant_status status) {
  switch ((int)status) {
#define QDRANT_STATUS_ROW(name, number, text)                                                                          \
  case number:                                                                                                         \
    return text;
#include "qdrant/status.def"
#undef QDRANT_STATUS_ROW
  default: return "a status this version of the library does not know";
  }
}

const char *qdrant_delivery_name(qdrant_delivery delivery) {
  switch ((int)delivery) {
  case QDRANT_NOT_SENT: return "NOT_SENT";
  case QDRANT_ANSWERED: return "ANSWERED";
  default: return "MAYBE";
  }
}

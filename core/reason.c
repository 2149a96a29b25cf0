#include "qdrant/error.h"

const char *qdrant_reason_name(qdrant_reason reason) {
  switch ((int)reason) {
#define QDRANT_REASON_ROW(name, number, text)                                                                          \
  case number:                                                                                                         \
    return #name;
#include "qdrant/reason.def"
#undef QDRANT_REASON_ROW
  default: return "UNKNOWN_REASON";
  }
}

const char *qdrant_reason_text(qdrant_reason reason) {
  switch ((int)reason) {
#define QDRANT_REASON_ROW(name, number, text)                                                                          \
  case number:                                                                                                         \
    return text;
#include "qdrant/reason.def"
#undef QDRANT_REASON_ROW
  default: return "";
  }
}

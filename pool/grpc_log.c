#include "qdrant/log.h"

#include "core/log.h"
#include "core/redact.h"

#include <grpc/support/log.h>

#include <stdio.h>

enum { MAX_LINE_BYTES = 1024 };

/* Core's levels are DEBUG, INFO and ERROR; warnings of its own come as ERROR. */
static qdrant_log_level find_level(gpr_log_severity severity) {
  switch (severity) {
  case GPR_LOG_SEVERITY_ERROR: return QDRANT_LOG_ERROR;
  case GPR_LOG_SEVERITY_INFO: return QDRANT_LOG_INFO;
  default: return QDRANT_LOG_DEBUG;
  }
}

static void take_line(gpr_log_func_args *line) {
  char text[MAX_LINE_BYTES];
  qdrant_log_level level = find_level(line->severity);
  if (!qd_log_has(level))
    return;
  snprintf(text, sizeof text, "%s", line->message);
  qd_redact(text);
  qd_log(level, "grpc", "%s", text);
}

void qdrant_log_take_grpc(qdrant_toggle toggle) {
  gpr_set_log_function(toggle == QDRANT_ON ? take_line : NULL);
}

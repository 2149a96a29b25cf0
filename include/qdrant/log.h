#ifndef QDRANT_LOG_H
#define QDRANT_LOG_H

#include "qdrant/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the library has to say beside its errors: a certificate that is not checked, a key sent in clear, a node that is
 * left out for a while. One log a process. No key, token or payload is ever in it. */

typedef enum qdrant_log_level {
  QDRANT_LOG_OFF = 0,
  QDRANT_LOG_ERROR = 1, /* something is lost or broken, and no call could tell */
  QDRANT_LOG_WARN = 2,  /* works, but not as it should */
  QDRANT_LOG_INFO = 3,  /* connections, endpoints, credentials: what changed */
  QDRANT_LOG_DEBUG = 4  /* attempts that failed, connections that are made and lost */
} qdrant_log_level;

/* Takes one line, without line break. Any thread of the library or the caller's, one at a time; must not block for long
 * nor call the library. subject: which part speaks, as "tls" or "endpoints". Both texts are borrowed. */
typedef void (*qdrant_log_sink)(void *user, qdrant_log_level level, const char *subject, const char *text);

/* Chooses what is logged and where it goes. sink NULL: standard error. Before the first call of this: warnings and
 * errors to standard error. When it returns, the former sink is not in use any more. Not inside a sink. */
QDRANT_API void qdrant_log_set(qdrant_log_level level, qdrant_log_sink sink, void *user);

/* ON: what gRPC core logs in this process goes to the log as well, with keys blanked out (what follows "api-key" or
 * "authorization" in a line); OFF: core writes to standard error again, as it does by default. Core has one log a
 * process, which other users of gRPC share; how much it says is GRPC_VERBOSITY's to choose. */
QDRANT_API void qdrant_log_take_grpc(qdrant_toggle toggle);

/* "ERROR", "WARN" ...; static text. */
QDRANT_API const char *qdrant_log_level_name(qdrant_log_level level);

#ifdef __cplusplus
}
#endif
#endif

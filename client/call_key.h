#ifndef QD_CALL_KEY_H
#define QD_CALL_KEY_H

#include "client/operation.h"

/* The key that an operation's attempts send, when a provider gives it. Nothing to do otherwise. */

/* Before each attempt: takes the present key, in threads that may block also one that has to be asked for. The errors
 * of qd_credentials_take. */
qdrant_status qd_call_key_take(qd_operation *operation, qdrant_error *err);

/* Whether the operation, which was just refused for its key, has not been repeated with another one yet and now may: it
 * was not carried out. The next attempt then asks anew. */
int qd_call_key_renew(qd_operation *operation);

/* The last attempt has ended. */
void qd_call_key_drop(qd_operation *operation);

#endif

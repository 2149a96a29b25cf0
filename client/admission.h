#ifndef QD_ADMISSION_H
#define QD_ADMISSION_H

#include "client/operation.h"

/* Counts an operation as in flight once the client's limits allow it, and lists it for close. may_wait: until the
 * operation's deadline, else AGAIN. CLOSED, CANCELLED, DEADLINE_EXCEEDED; nothing is sent then. */
qdrant_status qd_admit(qd_operation *operation, int may_wait, qdrant_error *err);

/* Gives the place back, so that a callback can start the next call; twice is fine. */
void qd_admission_release(qd_operation *operation);

/* Takes the operation off the client's list: nothing of it will be heard any more; twice is fine. */
void qd_admission_unlist(qd_operation *operation);

/* Wakes an operation that waits in qd_admit, to see that it is cancelled. */
void qd_admission_wake(qdrant_client *client);

/* AGAIN when it is already clear that no further call is admitted now: spares encoding in vain. */
qdrant_status qd_admission_check(qdrant_client *client, qdrant_error *err);

#endif

#ifndef QD_PROCESS_H
#define QD_PROCESS_H

/* How often this process, counted from its ancestor that first asked, has been made by fork. A client keeps the number
 * of its birth: threads and locks do not survive a fork. */
unsigned qd_fork_generation(void);

/* Whether this thread runs a callback of a user. */
void qd_callback_enter(void);
void qd_callback_leave(void);
int qd_is_in_callback(void);

#endif

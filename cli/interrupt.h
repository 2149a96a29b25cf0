#ifndef QD_CLI_INTERRUPT_H
#define QD_CLI_INTERRUPT_H

/* From now on the first SIGINT or SIGTERM is noted and interrupts what waits for input; the second of either ends the
 * program as it would without us. */
void qd_interrupt_catch(void);

/* The signal that was noted; 0: none. */
int qd_interrupt_signal(void);

#endif

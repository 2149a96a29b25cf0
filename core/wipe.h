#ifndef QD_WIPE_H
#define QD_WIPE_H

#include <stddef.h>

/* Overwrites secrets before their memory is given back, in a way that no compiler leaves out. NULL is fine. */
void qd_wipe(void *bytes, size_t n_bytes);
void qd_wipe_text(char *text);

/* Wipes a text of qd_alloc's and frees it. */
void qd_wipe_free(char *text);

#endif

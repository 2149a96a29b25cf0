#ifndef QD_RETRY_AFTER_H
#define QD_RETRY_AFTER_H

#include <stddef.h>
#include <stdint.h>

/* Reads the value of a "retry-after" header or trailer: whole seconds, or one of the three forms of an HTTP date (RFC
 * 9110, 5.6.7), which counts from now_s (seconds since 1970). Blanks around it are skipped. 1, and in *wait_ms the time
 * to wait, at most a day (0: it is over already); 0 when the text is none of these. */
int qd_retry_after_parse(const char *text, size_t n_bytes, int64_t now_s, uint32_t *wait_ms);

#endif

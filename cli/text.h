#ifndef QD_CLI_TEXT_H
#define QD_CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for the text of any number here, NUL included. */
enum { QD_NUMBER_TEXT = 40 };

/* The shortest decimal text that reads back as the same number. Both return text. */
const char *qd_text_float(float value, char text[QD_NUMBER_TEXT]);
const char *qd_text_double(double value, char text[QD_NUMBER_TEXT]);

/* "3,000". Returns text. */
const char *qd_text_count(uint64_t value, char text[QD_NUMBER_TEXT]);

/* Characters that are inserted, deleted or changed from a to b; both up to 63 bytes count. */
size_t qd_text_distance(const char *a, const char *b);

#endif

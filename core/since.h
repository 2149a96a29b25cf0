#ifndef QD_SINCE_H
#define QD_SINCE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/* Which servers know which fields of requests: a server passes over what it does not know without a word. */
typedef enum qd_since_rule { QD_SINCE_MEANING, QD_SINCE_HINT } qd_since_rule;

/* A row of since.def. */
typedef struct qd_since {
  const ProtobufCMessageDescriptor *type;
  const char *field;
  uint32_t version; /* as qd_version_parse makes it */
  qd_since_rule rule;
} qd_since;

extern const qd_since qd_since_rows[];
extern const size_t qd_n_since_rows;

/* The version from which on a server knows all of them. */
uint32_t qd_since_newest(void);

/* A number that orders versions: of "1.18.3", also with words behind it ("1.19.0-dev"). 0: not a version. */
uint32_t qd_version_parse(const char *text);

/* "1.18" of such a number. */
enum { QD_VERSION_TEXT_BYTES = 16 };
void qd_version_format(uint32_t version, char text[QD_VERSION_TEXT_BYTES]);

#endif

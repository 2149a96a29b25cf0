#include "core/since.h"

#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#include <stdio.h>

#define VERSION(major, minor, patch) ((uint32_t)(major) << 20 | (uint32_t)(minor) << 10 | (uint32_t)(patch))

enum { MAX_PART = 1023 };

const qd_since qd_since_rows[] = {
#define QD_SINCE_ROW(message, field, minor, rule)                                                                      \
  {&qdrant__##message##__descriptor, field, VERSION(1, minor, 0), QD_SINCE_##rule},
#include "core/since.def"
#undef QD_SINCE_ROW
};

const size_t qd_n_since_rows = sizeof qd_since_rows / sizeof qd_since_rows[0];

/* The rows are in the order of versions. */
uint32_t qd_since_newest(void) {
  return qd_since_rows[qd_n_since_rows - 1].version;
}

/* A number from 0 to MAX_PART at *at, which is moved behind it; -1: there is none. */
static int read_part(const char **at) {
  const char *begin = *at;
  int part = 0;
  while (**at >= '0' && **at <= '9' && part <= MAX_PART)
    part = part * 10 + (*(*at)++ - '0');
  return *at > begin && part <= MAX_PART ? part : -1;
}

uint32_t qd_version_parse(const char *text) {
  int parts[3] = {0};
  const char *at = text;
  for (size_t i = 0; i < 3; i++) {
    parts[i] = read_part(&at);
    if (parts[i] < 0 || (i < 2 && *at++ != '.'))
      return 0;
  }
  return VERSION(parts[0], parts[1], parts[2]);
}

void qd_version_format(uint32_t version, char text[QD_VERSION_TEXT_BYTES]) {
  snprintf(text, QD_VERSION_TEXT_BYTES, "%u.%u", (unsigned)(version >> 20), (unsigned)(version >> 10 & MAX_PART));
}

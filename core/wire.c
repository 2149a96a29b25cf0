#include "core/wire.h"

qd_wire_number qd_wire_long_number(const uint8_t *at, const uint8_t *end) {
  qd_wire_number number = {0, NULL};
  for (unsigned shift = 0; shift < 70 && at < end; shift += 7) {
    uint8_t byte = *at++;
    number.value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      number.end = at;
      return number;
    }
  }
  return number;
}

#include "core/digits.h"

#include <string.h>

/* Two digits at a time: a division by 100 costs what one by 10 does. */
size_t qd_digits_write(char *out, uint64_t value) {
  static const char pairs[] =
      "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
      "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
  char backwards[QD_DIGITS_MAX];
  char *at = backwards + sizeof backwards;
  while (value >= 100) {
    at -= 2;
    memcpy(at, pairs + 2 * (value % 100), 2);
    value /= 100;
  }
  if (value >= 10) {
    at -= 2;
    memcpy(at, pairs + 2 * value, 2);
  } else {
    *--at = (char)('0' + value);
  }
  size_t n = (size_t)(backwards + sizeof backwards - at);
  memcpy(out, at, n);
  return n;
}

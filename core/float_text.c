#include "core/float_text.h"

#include "core/digits.h"

#include <stdint.h>
#include <string.h>

/* Raffaello Giulietti, "The Schubfach way to render doubles", for floats: of all decimals within the interval that
 * rounds to a float, the one with the fewest digits. */

enum { FRACTION_BITS = 23, MIN_POWER = -31, MAX_POWER = 46 };

/* 10^k from k = MIN_POWER, as its leading 64 bits, rounded up. */
static const uint64_t powers[MAX_POWER - MIN_POWER + 1] = {
    0x81CEB32C4B43FCF5,
    0xA2425FF75E14FC32,
    0xCAD2F7F5359A3B3F,
    0xFD87B5F28300CA0E,
    0x9E74D1B791E07E49,
    0xC612062576589DDB,
    0xF79687AED3EEC552,
    0x9ABE14CD44753B53,
    0xC16D9A0095928A28,
    0xF1C90080BAF72CB2,
    0x971DA05074DA7BEF,
    0xBCE5086492111AEB,
    0xEC1E4A7DB69561A6,
    0x9392EE8E921D5D08,
    0xB877AA3236A4B44A,
    0xE69594BEC44DE15C,
    0x901D7CF73AB0ACDA,
    0xB424DC35095CD810,
    0xE12E13424BB40E14,
    0x8CBCCC096F5088CC,
    0xAFEBFF0BCB24AAFF,
    0xDBE6FECEBDEDD5BF,
    0x89705F4136B4A598,
    0xABCC77118461CEFD,
    0xD6BF94D5E57A42BD,
    0x8637BD05AF6C69B6,
    0xA7C5AC471B478424,
    0xD1B71758E219652C,
    0x83126E978D4FDF3C,
    0xA3D70A3D70A3D70B,
    0xCCCCCCCCCCCCCCCD,
    0x8000000000000000,
    0xA000000000000000,
    0xC800000000000000,
    0xFA00000000000000,
    0x9C40000000000000,
    0xC350000000000000,
    0xF424000000000000,
    0x9896800000000000,
    0xBEBC200000000000,
    0xEE6B280000000000,
    0x9502F90000000000,
    0xBA43B74000000000,
    0xE8D4A51000000000,
    0x9184E72A00000000,
    0xB5E620F480000000,
    0xE35FA931A0000000,
    0x8E1BC9BF04000000,
    0xB1A2BC2EC5000000,
    0xDE0B6B3A76400000,
    0x8AC7230489E80000,
    0xAD78EBC5AC620000,
    0xD8D726B7177A8000,
    0x878678326EAC9000,
    0xA968163F0A57B400,
    0xD3C21BCECCEDA100,
    0x84595161401484A0,
    0xA56FA5B99019A5C8,
    0xCECB8F27F4200F3A,
    0x813F3978F8940985,
    0xA18F07D736B90BE6,
    0xC9F2C9CD04674EDF,
    0xFC6F7C4045812297,
    0x9DC5ADA82B70B59E,
    0xC5371912364CE306,
    0xF684DF56C3E01BC7,
    0x9A130B963A6C115D,
    0xC097CE7BC90715B4,
    0xF0BDC21ABB48DB21,
    0x96769950B50D88F5,
    0xBC143FA4E250EB32,
    0xEB194F8E1AE525FE,
    0x92EFD1B8D0CF37BF,
    0xB7ABC627050305AE,
    0xE596B7B0C643C71A,
    0x8F7E32CE7BEA5C70,
    0xB35DBF821AE4F38C,
    0xE0352F62A19E306F,
};

typedef struct decimal {
  uint32_t digits;
  int exponent;
} decimal;

/* floor(log2(10^e)), floor(log10(2^e)) and floor(log10(3/4 * 2^e)) for every e that occurs here. Shifts to the right of
 * negative numbers round down with every compiler we know. */
static int floor_log2_of_power_of_10(int e) {
  return (e * 1741647) >> 19;
}

static int floor_log10_of_power_of_2(int e) {
  return (e * 1262611) >> 22;
}

static int floor_log10_of_three_quarters(int e) {
  return (e * 1262611 - 524031) >> 22;
}

/* The product's upper part; its last bit is 1 as well when anything below it was cut off. */
static uint32_t multiply_to_odd(uint64_t power, uint32_t value) {
  unsigned __int128 product = (unsigned __int128)power * value;
  uint32_t high = (uint32_t)(product >> 64);
  uint32_t low = (uint32_t)((uint64_t)product >> 32);
  return high | (low > 1);
}

/* The candidates are s and s + 1, or with one digit less 10 * (s / 10) and the next; bounds are in quarters. */
static decimal choose(uint32_t value, uint32_t lower, uint32_t upper, int exponent) {
  uint32_t s = value / 4;
  if (s >= 10) {
    uint32_t tens = s / 10;
    int is_tens_inside = lower <= 40 * tens;
    int is_next_inside = 40 * tens + 40 <= upper;
    if (is_tens_inside != is_next_inside)
      return (decimal){tens + (uint32_t)is_next_inside, exponent + 1};
  }
  int is_s_inside = lower <= 4 * s;
  int is_next_inside = 4 * s + 4 <= upper;
  if (is_s_inside != is_next_inside)
    return (decimal){s + (uint32_t)is_next_inside, exponent};
  uint32_t middle = 4 * s + 2;
  int is_above = value > middle || (value == middle && (s & 1) != 0);
  return (decimal){s + (uint32_t)is_above, exponent};
}

/* Of a finite float above zero. */
static decimal shortest(uint32_t fraction, int biased_exponent) {
  uint32_t c = biased_exponent == 0 ? fraction : fraction | UINT32_C(1) << FRACTION_BITS;
  int q = (biased_exponent == 0 ? 1 : biased_exponent) - 150;
  if (q <= 0 && q > -24 && (c & ((UINT32_C(1) << -q) - 1)) == 0)
    return (decimal){c >> -q, 0}; /* a whole number below 2^24 */
  int is_even = (c & 1) == 0;
  int is_lower_closer = fraction == 0 && biased_exponent > 1;
  int k = is_lower_closer ? floor_log10_of_three_quarters(q) : floor_log10_of_power_of_2(q);
  int shift = q + floor_log2_of_power_of_10(-k) + 1;
  uint64_t power = powers[-k - MIN_POWER];
  uint32_t lower = multiply_to_odd(power, (4 * c - 2 + (uint32_t)is_lower_closer) << shift);
  uint32_t value = multiply_to_odd(power, (4 * c) << shift);
  uint32_t upper = multiply_to_odd(power, (4 * c + 2) << shift);
  return choose(value, lower + !is_even, upper - !is_even, k);
}

/* d.ddde-xx */
static char *write_with_exponent(char *out, const char *digits, int n, int exponent) {
  *out++ = digits[0];
  if (n > 1) {
    *out++ = '.';
    memcpy(out, digits + 1, (size_t)n - 1);
    out += n - 1;
  }
  *out++ = 'e';
  if (exponent < 0)
    *out++ = '-';
  return out + qd_digits_write(out, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

/* point: how many digits stand before it; 0 and less: zeros behind it. */
static char *write_with_point(char *out, const char *digits, int n, int point) {
  if (point <= 0) {
    memcpy(out, "0.00000", 7);
    out += 2 - point;
    memcpy(out, digits, (size_t)n);
    return out + n;
  }
  if (point >= n) {
    memcpy(out, digits, (size_t)n);
    memset(out + n, '0', (size_t)(point - n));
    memcpy(out + point, ".0", 2);
    return out + point + 2;
  }
  memcpy(out, digits, (size_t)point);
  out[point] = '.';
  memcpy(out + point + 1, digits + point, (size_t)(n - point));
  return out + n + 1;
}

static char *write_decimal(char *out, decimal number) {
  while (number.digits % 10 == 0) {
    number.digits /= 10;
    number.exponent++;
  }
  char digits[QD_DIGITS_MAX];
  int n = (int)qd_digits_write(digits, number.digits);
  int point = n + number.exponent;
  if (point < -4 || point > 10)
    return write_with_exponent(out, digits, n, point - 1);
  return write_with_point(out, digits, n, point);
}

size_t qd_float_write(char *out, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  char *at = out;
  uint32_t fraction = bits & ((UINT32_C(1) << FRACTION_BITS) - 1);
  int biased_exponent = (int)(bits >> FRACTION_BITS & 0xFF);
  if (biased_exponent == 0xFF) {
    memcpy(out, "null", 4);
    return 4;
  }
  if (bits >> 31 != 0)
    *at++ = '-';
  if (fraction == 0 && biased_exponent == 0) {
    memcpy(at, "0.0", 3);
    return (size_t)(at - out) + 3;
  }
  return (size_t)(write_decimal(at, shortest(fraction, biased_exponent)) - out);
}

/* core/wide.h - dividing 128-bit numbers by 64-bit ones without the compiler's library. Internal to core.
 * What must stay true: core needs nothing from libgcc, so it can be linked anywhere and proves that
 * it is only arithmetic. */
#ifndef ORDERTAPE_CORE_WIDE_H
#define ORDERTAPE_CORE_WIDE_H

#include <assert.h>

#include "core/types.h"

#define WIDE(high, low) (((u128)(high) << 64) | (u128)(low))

/* (high * 2^64 + low) / d for high < d: the quotient fits. Knuth's algorithm D with two 32-bit digits. */
static inline uint64_t wide_div_step(uint64_t high, uint64_t low, uint64_t d, uint64_t *remainder)
{
    assert(high < d);
    unsigned shift = (unsigned)__builtin_clzll(d);
    d <<= shift;
    uint64_t d1 = d >> 32, d0 = d & 0xffffffff;
    uint64_t top = shift == 0 ? high : (high << shift) | (low >> (64 - shift));
    uint64_t digits[2] = {(low << shift) >> 32, (low << shift) & 0xffffffff};
    uint64_t quotient = 0;
    for (int i = 0; i < 2; i++) {
        uint64_t q = top / d1, r = top % d1;
        while (q >> 32 != 0 || q * d0 > ((r << 32) | digits[i])) {
            q--;
            r += d1;
            if (r >> 32 != 0) break;
        }
        top = ((top << 32) | digits[i]) - q * d;
        quotient = (quotient << 32) | q;
    }
    *remainder = top >> shift;
    return quotient;
}

/* n / d, d > 0. */
static inline u128 wide_div(u128 n, uint64_t d, uint64_t *remainder)
{
    assert(d > 0);
    uint64_t high = (uint64_t)(n >> 64), low = (uint64_t)n;
    if (__builtin_expect(high == 0, 1)) {
        *remainder = low % d;
        return low / d;
    }
    uint64_t quotient_high = high / d;
    uint64_t quotient_low = wide_div_step(high % d, low, d, remainder);
    return WIDE(quotient_high, quotient_low);
}

/* |x|, also of the smallest number there is. */
static inline u128 wide_magnitude(i128 x)
{
    return x < 0 ? (u128)0 - (u128)x : (u128)x;
}

static inline i128 wide_with_sign(u128 magnitude, bool negative)
{
    return (i128)(negative ? (u128)0 - magnitude : magnitude);
}

#endif

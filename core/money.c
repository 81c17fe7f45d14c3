/* core/money.c - the arithmetic of cash beyond the cases that core/money.h answers inline.
 * Signed values are split into magnitude and sign, so that every rounding is stated once, for magnitudes. */
#include "core/money.h"
#include "core/wide.h"

/* INVERSE_OF_POW5[k] * 5^k = 1 mod 2^128: multiplying an exact multiple of 5^k by it divides. */
static const u128 INVERSE_OF_POW5[] = {
    WIDE(0x0000000000000000, 0x0000000000000001), /* 5^-0 */
    WIDE(0xcccccccccccccccc, 0xcccccccccccccccd), /* 5^-1 */
    WIDE(0x28f5c28f5c28f5c2, 0x8f5c28f5c28f5c29), /* 5^-2 */
    WIDE(0x6e978d4fdf3b645a, 0x1cac083126e978d5), /* 5^-3 */
    WIDE(0x495182a9930be0de, 0xd288ce703afb7e91), /* 5^-4 */
    WIDE(0xdb76b3bb83cf2cf9, 0x5d4e8fb00bcbe61d), /* 5^-5 */
    WIDE(0xc57e23f24d8fd5cb, 0x790fb65668c26139), /* 5^-6 */
    WIDE(0xc1193a63a91cc45b, 0xe5032477ae8d46a5), /* 5^-7 */
    WIDE(0xf36b7213ee9f5a78, 0xc767074b22e90e21), /* 5^-8 */
    WIDE(0x97157d372fb9787e, 0x8e47ce423a2e9c6d), /* 5^-9 */
    WIDE(0x516ab2a4a3251819, 0x4fa7f60d3ed61f49), /* 5^-10 */
    WIDE(0x76aef08753d43805, 0x0fee64690c913975), /* 5^-11 */
    WIDE(0xb156301b10c40b34, 0x3662e0e1cf503eb1), /* 5^-12 */
    WIDE(0x2377a3389cf4023d, 0xa47a2cf9f6433fbd), /* 5^-13 */
    WIDE(0x0717ed71b8fd9a0c, 0x54186f653140a659), /* 5^-14 */
    WIDE(0xce37fc49f1cc5202, 0x7738164770402145), /* 5^-15 */
    WIDE(0xf60b3275305c1066, 0xe4a4d1417cd9a041), /* 5^-16 */
    WIDE(0x6468a3b109ac0347, 0xc75429d9e5c5200d), /* 5^-17 */
    WIDE(0xe0e1ba569b88cd74, 0xc1773b91fac10669), /* 5^-18 */
};
_Static_assert(sizeof INVERSE_OF_POW5 / sizeof INVERSE_OF_POW5[0] == 2 * DECIMAL_SCALE_MAX + 1,
               "a price scale and a quantity scale add up to at most this");

static i128 divide_exactly_by_pow10(i128 value, unsigned exponent)
{
    assert(((u128)value & (((u128)1 << exponent) - 1)) == 0);
    i128 quotient = (i128)((u128)(value >> exponent) * INVERSE_OF_POW5[exponent]);
    assert((i128)((u128)quotient * (u128)pow10_i64(exponent)) == value);
    return quotient;
}

/* value * 10^exponent; what would not fit becomes +-MONEY_SATURATED. */
static i128 multiply_by_pow10(i128 value, unsigned exponent)
{
    u128 magnitude = wide_magnitude(value);
    u128 factor = (u128)pow10_i64(exponent);
    u128 low = (uint64_t)magnitude * factor;
    u128 high = (magnitude >> 64) * factor + (low >> 64); /* both halves are below 2^64 and the factor below 2^60 */
    u128 product = (high >> 62) != 0 ? (u128)MONEY_SATURATED : (high << 64) | (uint64_t)low;
    return wide_with_sign(product, value < 0);
}

i128 money_scale_by_pow10(i128 value, int exponent)
{
    assert(exponent >= -2 * DECIMAL_SCALE_MAX && exponent <= CASH_SCALE_MAX);
    if (exponent < 0) return divide_exactly_by_pow10(value, (unsigned)-exponent);
    return multiply_by_pow10(value, (unsigned)exponent);
}

static u128 round_half_even(u128 quotient, uint64_t remainder, uint64_t divisor)
{
    uint64_t rest = divisor - remainder; /* remainder > rest is "more than half", without doubling */
    return remainder > rest || (remainder == rest && (quotient & 1) != 0) ? quotient + 1 : quotient;
}

i128 money_div_half_even(i128 a, int64_t b)
{
    assert(b > 0);
    uint64_t remainder;
    u128 quotient = wide_div(wide_magnitude(a), (uint64_t)b, &remainder);
    return wide_with_sign(round_half_even(quotient, remainder, (uint64_t)b), a < 0);
}

i128 money_div_ceil(i128 a, int64_t b)
{
    assert(b > 0);
    uint64_t remainder;
    u128 quotient = wide_div(wide_magnitude(a), (uint64_t)b, &remainder);
    if (a > 0 && remainder != 0) quotient++;
    return wide_with_sign(quotient, a < 0);
}

i128 money_mul_div_half_even(i128 a, int64_t b, int64_t c)
{
    assert(b >= 0 && b <= c && c > 0);
    if (b == c) return a;
    u128 magnitude = wide_magnitude(a);
    uint64_t factor = (uint64_t)b, divisor = (uint64_t)c, remainder;
    u128 low = (u128)(uint64_t)magnitude * factor;
    u128 high = (magnitude >> 64) * factor + (low >> 64); /* the product is high * 2^64 + the low half of low */
    if (high >> 64 == 0) {
        u128 quotient = wide_div((high << 64) | (uint64_t)low, divisor, &remainder);
        return wide_with_sign(round_half_even(quotient, remainder, divisor), a < 0);
    }
    /* a < 2^127 and b <= c, so the quotient's part above 64 bits fits in 64. */
    u128 quotient_high = wide_div(high, divisor, &remainder);
    uint64_t quotient_low = wide_div_step(remainder, (uint64_t)low, divisor, &remainder);
    u128 quotient = (quotient_high << 64) | quotient_low;
    return wide_with_sign(round_half_even(quotient, remainder, divisor), a < 0);
}

i128 money_fee_charged_nonzero(i128 fee_accrued)
{
    return money_div_half_even(fee_accrued, FEE_RATE_ONE);
}

i128 money_margin_leveraged(i128 cost, uint32_t leverage)
{
    assert(leverage > 0 && leverage <= LEVERAGE_MAX);
    uint64_t remainder;
    u128 quotient = wide_div(wide_magnitude(cost) * LEVERAGE_ONE, leverage, &remainder);
    return (i128)(remainder != 0 ? quotient + 1 : quotient);
}

i128 money_hold(i128 opening_notional, uint32_t leverage, int64_t fee_rate_worst, i128 fee_accrued)
{
    assert(opening_notional >= 0 && fee_rate_worst >= 0 && fee_rate_worst <= FEE_RATE_ONE);
    if (opening_notional == 0) return 0;
    i128 margin = money_margin(opening_notional, leverage);
    if (fee_rate_worst == 0 && fee_accrued == 0) return margin;
    i128 fee_after = fee_accrued + opening_notional * fee_rate_worst;
    return margin + money_div_ceil(fee_after, FEE_RATE_ONE) - money_fee_charged(fee_accrued);
}

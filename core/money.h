/* core/money.h - the arithmetic of cash. Integers only; every result is exact or its rounding is stated.
 * Bounds in core/limits.h keep every sum and product below 2^127. All functions are pure; any thread. */
#ifndef ORDERTAPE_CORE_MONEY_H
#define ORDERTAPE_CORE_MONEY_H

#include "core/limits.h"
#include "core/types.h"

/* value * 10^exponent, exponent from -18 to 18. Below 0 it must divide exactly (asserted). What would not fit becomes
 * +-MONEY_SATURATED, far above NOTIONAL_MAX, so that it is refused. */
#define MONEY_SATURATED ((i128)1 << 126)
i128 money_scale_by_pow10(i128 value, int exponent);

/* price x quantity in the currency's smallest unit:
 * price * quantity * 10^(currency_scale - price_scale - quantity_scale).
 * Exact, because both are multiples of steps whose product is a whole number of units (instrument_state.tick_gcd). */
static inline i128 money_notional(int64_t price, int64_t quantity, unsigned price_scale, unsigned quantity_scale,
                                  unsigned currency_scale)
{
    i128 product = (i128)price * quantity;
    int exponent = (int)currency_scale - (int)(price_scale + quantity_scale);
    return __builtin_expect(exponent == 0, 1) ? product : money_scale_by_pow10(product, exponent);
}

/* a / b, b > 0, to the nearest, ties to even. */
i128 money_div_half_even(i128 a, int64_t b);
/* a / b, b > 0, towards +infinity. */
i128 money_div_ceil(i128 a, int64_t b);
/* a * b / c to the nearest, ties to even, without overflow; 0 <= b <= c, c > 0. */
i128 money_mul_div_half_even(i128 a, int64_t b, int64_t c);

/* What an order has been charged when its exact fee is fee_accrued (10^-8 units): round-half-even. */
i128 money_fee_charged_nonzero(i128 fee_accrued);
static inline i128 money_fee_charged(i128 fee_accrued)
{
    return fee_accrued == 0 ? 0 : money_fee_charged_nonzero(fee_accrued);
}

/* Initial margin of a position of that cost, or of an order of that notional: |cost| * 100 / leverage, rounded up. */
i128 money_margin_leveraged(i128 cost, uint32_t leverage);
static inline i128 money_margin(i128 cost, uint32_t leverage)
{
    if (__builtin_expect(leverage == LEVERAGE_ONE, 1)) return cost < 0 ? -cost : cost;
    return money_margin_leveraged(cost, leverage);
}

/* What an open LIMIT order holds: margin of its opening part at its limit price plus the worst fee still to come on
 * that part. 0 when nothing opens. fee_rate_worst = max(maker, taker, 0) of the instrument at acceptance or
 * modification.
 *   margin(n) + ceil((fee_accrued + rate * n) / 10^8) - charged(fee_accrued), n = notional(price, opening) */
i128 money_hold(i128 opening_notional, uint32_t leverage, int64_t fee_rate_worst, i128 fee_accrued);

#endif

/* core/money.h - the arithmetic of cash. Integers only; every result is exact or its rounding is stated.
 * Bounds in core/limits.h keep every sum and product below 2^127. All functions are pure; any thread. */
#ifndef ORDERTAPE_CORE_MONEY_H
#define ORDERTAPE_CORE_MONEY_H

#include "core/limits.h"
#include "core/types.h"

/* price x quantity in the currency's smallest unit: price * quantity * 10^(currency_scale - price_scale - quantity_scale).
 * Exact, because both are multiples of steps whose product is a whole number of units (instrument_state.tick_gcd). */
i128 money_notional(int64_t price, int64_t quantity, unsigned price_scale, unsigned quantity_scale, unsigned currency_scale);

/* a / b, b > 0, to the nearest, ties to even. */
i128 money_div_half_even(i128 a, int64_t b);
/* a / b, b > 0, towards +infinity. */
i128 money_div_ceil(i128 a, int64_t b);
/* a * b / c to the nearest, ties to even, without overflow; 0 <= b <= c, c > 0. */
i128 money_mul_div_half_even(i128 a, int64_t b, int64_t c);

/* What an order has been charged when its exact fee is fee_accrued (10^-8 units): round-half-even. */
i128 money_fee_charged(i128 fee_accrued);

/* Initial margin of a position of that cost, or of an order of that notional: |cost| * 100 / leverage, rounded up. */
i128 money_margin(i128 cost, uint32_t leverage);

/* What an open LIMIT order holds: margin of its opening part at its limit price plus the worst fee still to come on that
 * part. 0 when nothing opens. fee_rate_worst = max(maker, taker, 0) of the instrument at acceptance or modification.
 *   margin(notional(price, opening)) + ceil((fee_accrued + rate * notional(price, opening)) / 10^8) - charged(fee_accrued) */
i128 money_hold(i128 opening_notional, uint32_t leverage, int64_t fee_rate_worst, i128 fee_accrued);

#endif

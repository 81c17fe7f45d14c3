/* tests/model/arithmetic.c - integers only; every rounding is spelled out where it happens. */
#include "tests/model/arithmetic.h"

#include <assert.h>

static enum fit fit(i128 mantissa, unsigned scale, unsigned scale_max, unsigned target_scale, i128 bound, i128 *out)
{
    *out = 0;
    if (scale == DECIMAL_ABSENT) return FIT_ABSENT;
    if (scale > scale_max) return FIT_BAD_SCALE;
    for (; scale > target_scale; scale--) {
        if (mantissa % 10 != 0) return FIT_NOT_EXACT;
        mantissa /= 10;
    }
    for (; scale < target_scale; scale++) {
        if (mantissa > bound || mantissa < -bound) return FIT_TOO_LARGE;
        mantissa *= 10;
    }
    if (mantissa > bound || mantissa < -bound) return FIT_TOO_LARGE;
    *out = mantissa;
    return FIT_EXACT;
}

enum fit model_fit_decimal(struct decimal d, unsigned target_scale, i128 bound, int64_t *out)
{
    i128 wide;
    enum fit result = fit(d.mantissa, d.scale, DECIMAL_SCALE_MAX, target_scale, bound, &wide);
    *out = (int64_t)wide;
    return result;
}

enum fit model_fit_amount(struct amount a, unsigned target_scale, i128 bound, i128 *out)
{
    return fit(a.mantissa, a.scale, CASH_SCALE_MAX, target_scale, bound, out);
}

i128 model_notional_of(const struct instrument_spec *spec, int64_t price, int64_t quantity)
{
    i128 value = (i128)price * quantity;
    int exponent = spec->currency_scale - spec->price_scale - spec->quantity_scale;
    for (; exponent < 0; exponent++) {
        assert(value % 10 == 0);
        value /= 10;
    }
    for (; exponent > 0; exponent--) {
        if (value > NOTIONAL_BEYOND / 10) return NOTIONAL_BEYOND;
        value *= 10;
    }
    return value > NOTIONAL_BEYOND ? NOTIONAL_BEYOND : value;
}

i128 model_divide_up(i128 a, i128 b)
{
    i128 quotient = a / b;
    return a % b > 0 ? quotient + 1 : quotient;
}

i128 model_divide_half_even(i128 a, i128 b)
{
    i128 quotient = a / b, rest = a % b;
    i128 size = rest < 0 ? -rest : rest;
    bool away = size > b - size || (size == b - size && quotient % 2 != 0);
    if (!away) return quotient;
    return a < 0 ? quotient - 1 : quotient + 1;
}

i128 model_fee_charged(i128 fee_accrued)
{
    return model_divide_half_even(fee_accrued, FEE_RATE_ONE);
}

i128 model_margin_of(i128 cost, uint32_t leverage)
{
    return model_divide_up((cost < 0 ? -cost : cost) * 100, leverage);
}

i128 model_hold_of(i128 opening_notional, uint32_t leverage, int64_t fee_rate_worst, i128 fee_accrued)
{
    if (opening_notional == 0) return 0;
    i128 fee_at_worst = model_divide_up(fee_accrued + fee_rate_worst * opening_notional, FEE_RATE_ONE);
    return model_margin_of(opening_notional, leverage) + fee_at_worst - model_fee_charged(fee_accrued);
}

int64_t model_gcd_of(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

bool model_product_is_whole(int64_t a, int64_t b, int exponent)
{
    i128 product = (i128)a * b;
    for (; exponent > 0; exponent--) {
        if (product % 10 != 0) return false;
        product /= 10;
    }
    return true;
}

/* value * part / whole, ties to even. value * part may pass 2^127, so the whole multiples of `whole` go first: they
 * need no rounding, and what is left of value is below whole. */
static i128 share_half_even(i128 value, int64_t part, int64_t whole)
{
    i128 fraction = value % whole * part;
    i128 quotient = value / whole * part + fraction / whole, rest = fraction % whole;
    i128 twice = rest < 0 ? -rest * 2 : rest * 2;
    bool away = twice > whole || (twice == whole && quotient % 2 != 0);
    if (!away) return quotient;
    return value < 0 ? quotient - 1 : quotient + 1;
}

void model_position_take_fill(struct position_state *p, int side, int64_t quantity, i128 notional)
{
    int64_t held = p->quantity < 0 ? -p->quantity : p->quantity;
    bool against = (side == SIDE_BUY && p->quantity < 0) || (side == SIDE_SELL && p->quantity > 0);
    int64_t closed = !against ? 0 : quantity < held ? quantity : held;
    if (closed > 0) {
        i128 closing_notional = share_half_even(notional, closed, quantity); /* exact: price * closed */
        i128 removed = share_half_even(p->cost, closed, held);
        p->realized += side == SIDE_SELL ? closing_notional - removed : -removed - closing_notional;
        p->cost -= removed;
        p->quantity += side == SIDE_SELL ? -closed : closed;
        quantity -= closed;
        notional -= closing_notional;
    }
    p->quantity += side == SIDE_BUY ? quantity : -quantity;
    p->cost += side == SIDE_BUY ? notional : -notional;
}

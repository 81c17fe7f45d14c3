/* tests/model/arithmetic.h - the model's own arithmetic, by plain 128-bit division. Pure; any thread. */
#ifndef ORDERTAPE_TESTS_MODEL_ARITHMETIC_H
#define ORDERTAPE_TESTS_MODEL_ARITHMETIC_H

#include "core/state.h"

/* What became of mantissa / 10^scale when it was wanted as an integer at another scale. */
enum fit { FIT_EXACT, FIT_ABSENT, FIT_BAD_SCALE, FIT_NOT_EXACT, FIT_TOO_LARGE };
enum fit model_fit_decimal(struct decimal d, unsigned target_scale, i128 bound, int64_t *out);
enum fit model_fit_amount(struct amount a, unsigned target_scale, i128 bound, i128 *out);

/* notional(p, q) of an instrument; any product that is larger comes back as NOTIONAL_BEYOND. */
#define NOTIONAL_BEYOND ((i128)1 << 126)
i128 model_notional_of(const struct instrument_spec *spec, int64_t price, int64_t quantity);

i128 model_divide_half_even(i128 a, i128 b); /* b > 0 */
i128 model_divide_up(i128 a, i128 b);        /* b > 0, towards +infinity */
i128 model_fee_charged(i128 fee_accrued);
i128 model_margin_of(i128 cost, uint32_t leverage);
/* The hold of an order whose opening part is worth opening_notional; 0 when that is 0. */
i128 model_hold_of(i128 opening_notional, uint32_t leverage, int64_t fee_rate_worst, i128 fee_accrued);

int64_t model_gcd_of(int64_t a, int64_t b);
/* True when 10^exponent divides a * b. */
bool model_product_is_whole(int64_t a, int64_t b, int exponent);

/* One fill's effect on quantity, cost and realized of p. */
void model_position_take_fill(struct position_state *p, int side, int64_t quantity, i128 notional);

#endif

/* tests/model/terms.c - the numbers a command writes, judged against an instrument; prices that are made from prices.
 * Invariant: every model_judge_ function answers 0 or a reject with m->refusal filled, and changes nothing else. */
#include "tests/model/internal.h"

bool model_given(struct decimal d)
{
    return d.scale != DECIMAL_ABSENT;
}

int model_refuse_decimal(struct model *m, enum reject reason, int field, struct decimal d, i128 limit,
                         unsigned limit_scale)
{
    return model_refuse(m, reason, field, d.mantissa, d.scale, limit, limit_scale);
}

int model_judge_price(struct model *m, const struct instrument_spec *spec, struct decimal d, enum reject required,
                      int field, int64_t *out)
{
    if (!model_given(d)) return model_refuse_decimal(m, required, field, d, 0, DECIMAL_ABSENT);
    if (d.scale > DECIMAL_SCALE_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, field);
    if (d.mantissa <= 0) return model_refuse_decimal(m, required, field, d, 0, DECIMAL_ABSENT);
    enum fit fit = model_fit_decimal(d, spec->price_scale, PRICE_MAX, out);
    if (fit == FIT_TOO_LARGE)
        return model_refuse_decimal(m, REJECT_PRICE_TOO_LARGE, field, d, PRICE_MAX, spec->price_scale);
    if (fit == FIT_NOT_EXACT || *out % spec->tick != 0)
        return model_refuse_decimal(m, REJECT_PRICE_OFF_TICK, field, d, spec->tick, spec->price_scale);
    return 0;
}

int model_judge_quantity(struct model *m, const struct instrument_spec *spec, struct decimal d, int field, int64_t *out)
{
    if (!model_given(d)) return model_refuse_decimal(m, REJECT_QUANTITY_NOT_POSITIVE, field, d, 0, DECIMAL_ABSENT);
    if (d.scale > DECIMAL_SCALE_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, field);
    if (d.mantissa <= 0) return model_refuse_decimal(m, REJECT_QUANTITY_NOT_POSITIVE, field, d, 0, DECIMAL_ABSENT);
    enum fit fit = model_fit_decimal(d, spec->quantity_scale, QUANTITY_MAX, out);
    if (fit == FIT_NOT_EXACT)
        return model_refuse_decimal(m, REJECT_QUANTITY_OFF_LOT, field, d, spec->lot, spec->quantity_scale);
    if (fit == FIT_TOO_LARGE)
        return model_refuse_decimal(m, REJECT_QUANTITY_TOO_LARGE, field, d, QUANTITY_MAX, spec->quantity_scale);
    return 0;
}

int model_judge_bounds(struct model *m, const struct instrument_spec *spec, struct decimal asked, int64_t quantity)
{
    unsigned scale = spec->quantity_scale;
    if (quantity % spec->lot != 0)
        return model_refuse_decimal(m, REJECT_QUANTITY_OFF_LOT, REFUSAL_QUANTITY, asked, spec->lot, scale);
    if (quantity < spec->min_quantity)
        return model_refuse(m, REJECT_QUANTITY_TOO_SMALL, REFUSAL_QUANTITY, quantity, scale, spec->min_quantity, scale);
    if (spec->max_quantity != 0 && quantity > spec->max_quantity)
        return model_refuse(m, REJECT_QUANTITY_TOO_LARGE, REFUSAL_QUANTITY, quantity, scale, spec->max_quantity, scale);
    return 0;
}

/* A quantity in whole lots that is at most another one: what an iceberg shows, what a first execution must have. */
static int judge_part(struct model *m, const struct instrument_spec *spec, struct decimal d, int field,
                      int64_t quantity, enum reject too_large, int64_t *out)
{
    int reason = model_judge_quantity(m, spec, d, field, out);
    if (reason != 0) return reason;
    if (*out % spec->lot != 0)
        return model_refuse_decimal(m, REJECT_QUANTITY_OFF_LOT, field, d, spec->lot, spec->quantity_scale);
    if (*out <= quantity) return 0;
    return model_refuse_decimal(m, too_large, field, d, quantity, spec->quantity_scale);
}

int model_judge_display(struct model *m, const struct instrument_spec *spec, struct decimal d, int64_t quantity,
                        int64_t *out)
{
    return judge_part(m, spec, d, REFUSAL_DISPLAY_QUANTITY, quantity, REJECT_DISPLAY_NOT_ALLOWED, out);
}

int model_judge_min_quantity(struct model *m, const struct instrument_spec *spec, struct decimal d, int64_t quantity,
                             int64_t *out)
{
    return judge_part(m, spec, d, REFUSAL_MIN_QUANTITY, quantity, REJECT_MIN_QUANTITY_NOT_ALLOWED, out);
}

static uint32_t timers_open(const struct model *m)
{
    uint32_t timers = 0;
    for (uint32_t i = 0; i < m->orders_count; i++)
        timers += m->orders[i].tif == TIF_GTD && m->orders[i].expires_ns != 0;
    return timers;
}

/* There are never more levels than orders, so most of the time nothing needs to be counted. */
static bool levels_beyond(const struct model *m, uint32_t more)
{
    uint32_t levels_max = m->scalars.limits.levels_max;
    more += m->batch.levels;
    return m->orders_count + more > levels_max && model_levels(m) + more > levels_max;
}

int model_judge_tables(struct model *m, uint32_t orders, uint32_t timers, uint32_t levels)
{
    const struct limits *l = &m->scalars.limits;
    if (m->orders_count + orders > l->orders_max)
        return model_refuse(m, REJECT_ORDERS_FULL, 0, 0, DECIMAL_ABSENT, l->orders_max, 0);
    if (timers > 0 && timers_open(m) + timers > l->timers_max)
        return model_refuse(m, REJECT_TIMERS_FULL, 0, 0, DECIMAL_ABSENT, l->timers_max, 0);
    if (levels > 0 && levels_beyond(m, levels))
        return model_refuse(m, REJECT_LEVELS_FULL, 0, 0, DECIMAL_ABSENT, l->levels_max, 0);
    return 0;
}

int model_judge_open_orders(struct model *m, const struct account_state *a, uint32_t more)
{
    if (a->limits.max_open_orders == 0) return 0;
    uint32_t open = 0;
    for (uint32_t i = 0; i < m->orders_count; i++) open += m->orders[i].account_id == a->id;
    if (open + more <= a->limits.max_open_orders) return 0;
    return model_refuse(m, REJECT_OPEN_ORDERS_LIMIT, 0, open + more, 0, a->limits.max_open_orders, 0);
}

/* x to a multiple of step: up, or down when that would be above PRICE_MAX. */
static int64_t up_to_multiple(i128 x, int64_t step)
{
    if (x > PRICE_MAX) x = PRICE_MAX;
    i128 up = model_divide_up(x, step) * step;
    return (int64_t)(up > PRICE_MAX ? up - step : up);
}

int64_t model_raise(const struct instrument_state *i, int64_t x)
{
    return up_to_multiple(x + (i128)x * i->spec.collar_ppm / 1000000, i->tick_gcd);
}

int64_t model_follow(const struct instrument_state *i, int side, int64_t trail, bool percent, int64_t x)
{
    i128 distance = percent ? (i128)x * trail / 1000000 : trail;
    if (model_is_buy(side)) return up_to_multiple(x + distance, i->spec.tick);
    i128 stop = x - distance;
    if (stop < i->spec.tick) return i->spec.tick;
    return (int64_t)(stop - stop % i->spec.tick);
}

int64_t model_reference(const struct instrument_state *i, int side)
{
    if (i->spec.trigger != TRIGGER_QUOTE) return i->last_price;
    return model_is_buy(side) ? i->ask : i->bid;
}

bool model_stop_is_met(const struct instrument_state *i, int side, int64_t stop_price)
{
    int64_t reference = model_reference(i, side);
    if (model_is_buy(side)) return reference >= stop_price;
    return reference > 0 && reference <= stop_price;
}

/* tests/model/rules.c - the twenty rules of PLACE, in the order of docs/ENGINE.md; MODIFY, triggers and activation ask some
 * of them again.
 * Invariant: every judge_ function answers 0 or a reject with m->refusal filled, and changes nothing of the state. */
#include "tests/model/internal.h"

#include <string.h>

/* ---- rules 1 to 3: shape ---- */

bool model_is_stop(int type)
{
    return type == ORDER_TYPE_STOP || type == ORDER_TYPE_STOP_LIMIT;
}

static bool may_rest(int type, int tif)
{
    return type == ORDER_TYPE_LIMIT && (tif == TIF_DAY || tif == TIF_GTC || tif == TIF_GTD);
}

static bool is_session_tif(int tif)
{
    return tif == TIF_ON_OPEN || tif == TIF_ON_CLOSE;
}

static int judge_words(struct model *m, const struct command_place *p)
{
    int field = 0;
    if (p->side < 1 || p->side > SIDE_NUMBER_MAX)
        field = REFUSAL_SIDE;
    else if (p->type < 1 || p->type > ORDER_TYPE_NUMBER_MAX)
        field = REFUSAL_TYPE;
    else if (p->tif < 1 || p->tif > TIF_NUMBER_MAX)
        field = REFUSAL_TIF;
    else if (p->stp > STP_NUMBER_MAX)
        field = REFUSAL_STP;
    else if (p->client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX)
        field = REFUSAL_CLIENT_ORDER_ID;
    else if (p->flags & ~(PLACE_POST_ONLY | PLACE_REDUCE_ONLY | PLACE_ALL_OR_NONE | PLACE_TRAIL_PERCENT))
        field = REFUSAL_FLAGS;
    return field == 0 ? 0 : model_refuse_plain(m, REJECT_FIELD_INVALID, field);
}

/* Rule 3a. */
static int judge_stop_words(struct model *m, const struct command_place *p)
{
    bool stop = model_given(p->stop_price), trail = model_given(p->trail);
    if (model_is_stop(p->type)) {
        if (!stop && !trail)
            return model_refuse_decimal(m, REJECT_STOP_PRICE_REQUIRED, REFUSAL_STOP_PRICE, p->stop_price, 0,
                                        DECIMAL_ABSENT);
        if (trail && (stop || p->type == ORDER_TYPE_STOP_LIMIT))
            return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
        if (p->tif != TIF_DAY && p->tif != TIF_GTC && p->tif != TIF_GTD)
            return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TIF);
    } else {
        if (stop) return model_refuse_plain(m, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
        if (trail) return model_refuse_plain(m, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_TRAIL);
    }
    if (p->flags & PLACE_TRAIL_PERCENT && !trail) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_FLAGS);
    return 0;
}

/* Rules 3b to 3d. */
static int judge_resting_words(struct model *m, const struct command_place *p)
{
    bool rests = may_rest(p->type, p->tif), display = model_given(p->display_quantity);
    if (display && !rests) return model_refuse_plain(m, REJECT_DISPLAY_NOT_ALLOWED, REFUSAL_DISPLAY_QUANTITY);
    if (p->flags & PLACE_POST_ONLY && !rests) return model_refuse_plain(m, REJECT_POST_ONLY_NEEDS_LIMIT, REFUSAL_FLAGS);
    if (p->flags & PLACE_ALL_OR_NONE && (!rests || display || p->flags & PLACE_POST_ONLY))
        return model_refuse_plain(m, REJECT_ALL_OR_NONE_NOT_ALLOWED, REFUSAL_FLAGS);
    return 0;
}

/* Rules 3e to 3h. */
static int judge_taking_words(struct model *m, const struct command_place *p)
{
    bool market = p->type == ORDER_TYPE_MARKET;
    bool takes_now = (p->tif == TIF_IOC && (market || p->type == ORDER_TYPE_LIMIT)) ||
                     (market && (p->tif == TIF_DAY || p->tif == TIF_GTC));
    if (model_given(p->min_quantity) && !takes_now)
        return model_refuse_plain(m, REJECT_MIN_QUANTITY_NOT_ALLOWED, REFUSAL_MIN_QUANTITY);
    if (model_given(p->quote_quantity) && (!market || model_given(p->quantity) || is_session_tif(p->tif)))
        return model_refuse_plain(m, REJECT_QUOTE_QUANTITY_NOT_ALLOWED, REFUSAL_QUOTE_QUANTITY);
    if (p->tif == TIF_GTD && market) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TIF);
    return model_judge_venue(m, p);
}

int model_judge_shape(struct model *m, const struct command_place *p)
{
    int reason = judge_words(m, p);
    if (reason != 0) return reason;
    if (p->venue.bytes[0] != '\0' && model_venue_number(m, &p->venue) == 0)
        return model_refuse_plain(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    reason = judge_stop_words(m, p);
    if (reason == 0) reason = judge_resting_words(m, p);
    if (reason == 0) reason = judge_taking_words(m, p);
    return reason;
}

int model_judge_names(struct model *m, struct request *r)
{
    r->account = model_find_account(m, &r->asked->account);
    if (r->account == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    r->instrument = model_find_instrument(m, &r->asked->symbol);
    if (r->instrument == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    return 0;
}

/* ---- rules 7 and 8: may anybody trade ---- */

int model_judge_halted(struct model *m, const struct account_state *a, const struct instrument_state *i)
{
    if (m->scalars.trading == ACCOUNT_STATUS_HALTED) return model_refuse_plain(m, REJECT_SYSTEM_HALTED, 0);
    if (i->spec.trading == ACCOUNT_STATUS_HALTED) return model_refuse_plain(m, REJECT_INSTRUMENT_TRADING_HALTED, 0);
    if (a->status == ACCOUNT_STATUS_HALTED) return model_refuse_plain(m, REJECT_ACCOUNT_HALTED, 0);
    return 0;
}

int model_judge_reducing(struct model *m, const struct account_state *a, const struct instrument_state *i,
                         int64_t opening)
{
    int reason = 0;
    if (opening <= 0)
        return 0;
    else if (m->scalars.trading == ACCOUNT_STATUS_REDUCING)
        reason = REJECT_SYSTEM_REDUCING;
    else if (i->spec.trading == ACCOUNT_STATUS_REDUCING)
        reason = REJECT_INSTRUMENT_REDUCING;
    else if (a->status == ACCOUNT_STATUS_REDUCING)
        reason = REJECT_ACCOUNT_REDUCING;
    unsigned scale = i->spec.quantity_scale;
    return reason == 0 ? 0 : model_refuse(m, (enum reject)reason, REFUSAL_QUANTITY, opening, scale, 0, scale);
}

int model_judge_session(struct model *m, const struct instrument_state *i, const struct order_state *o)
{
    bool collects = may_rest(o->type, o->tif) && !(o->flags & PLACE_POST_ONLY);
    collects = collects || model_is_stop(o->type) || o->tif == TIF_ON_CLOSE;
    bool taken = false;
    if (i->spec.state == INSTRUMENT_STATE_CONTINUOUS) taken = o->tif != TIF_ON_OPEN;
    if (i->spec.state == INSTRUMENT_STATE_PRE_OPEN) taken = collects || o->tif == TIF_ON_OPEN;
    if (i->spec.state == INSTRUMENT_STATE_AUCTION) taken = collects;
    if (taken) return 0;
    return model_refuse(m, REJECT_INSTRUMENT_NOT_OPEN, REFUSAL_STATE, i->spec.state, 0, 0, DECIMAL_ABSENT);
}

/* ---- rules 9 to 14: the terms ---- */

static int judge_limit_price(struct model *m, struct request *r)
{
    const struct command_place *p = r->asked;
    if (p->type == ORDER_TYPE_LIMIT || p->type == ORDER_TYPE_STOP_LIMIT)
        return model_judge_price(m, &r->instrument->spec, p->price, REJECT_PRICE_REQUIRED, REFUSAL_PRICE,
                                 &r->plan.order.price);
    return model_given(p->price) ? model_refuse_plain(m, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE) : 0;
}

static int judge_trail(struct model *m, struct request *r)
{
    struct decimal d = r->asked->trail;
    const struct instrument_spec *spec = &r->instrument->spec;
    int64_t *out = &r->plan.order.extra.trail;
    if (d.mantissa <= 0 || d.scale > DECIMAL_SCALE_MAX)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
    if (r->asked->flags & PLACE_TRAIL_PERCENT) {
        bool fits = model_fit_decimal(d, 4, 999999, out) == FIT_EXACT;
        return fits ? 0 : model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
    }
    return model_judge_price(m, spec, d, REJECT_FIELD_INVALID, REFUSAL_TRAIL, out);
}

static uint32_t trailing_stops(const struct model *m, uint64_t instrument_id)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        count +=
            o->instrument_id == instrument_id && o->extra.phase == ORDER_PHASE_PENDING_TRIGGER && o->extra.trail != 0;
    }
    return count;
}

static int judge_stop(struct model *m, struct request *r)
{
    struct order_state *o = &r->plan.order;
    const struct instrument_state *i = r->instrument;
    if (!model_is_stop(o->type)) return 0;
    int64_t reference = model_reference(i, o->side);
    int reason = 0;
    if (model_given(r->asked->trail)) {
        reason = judge_trail(m, r);
        if (reason == 0 && reference == 0) reason = model_refuse_plain(m, REJECT_NO_REFERENCE_PRICE, 0);
        bool percent = r->asked->flags & PLACE_TRAIL_PERCENT;
        if (reason == 0) o->extra.stop_price = model_follow(i, o->side, o->extra.trail, percent, reference);
    } else {
        reason = model_judge_price(m, &i->spec, r->asked->stop_price, REJECT_STOP_PRICE_REQUIRED, REFUSAL_STOP_PRICE,
                                   &o->extra.stop_price);
    }
    if (reason != 0) return reason;
    if (o->extra.trail == 0 && !model_is_at_desk(o) && model_stop_is_met(i, o->side, o->extra.stop_price))
        return model_refuse(m, REJECT_STOP_WOULD_TRIGGER, REFUSAL_STOP_PRICE, o->extra.stop_price, i->spec.price_scale,
                            reference, i->spec.price_scale);
    if (o->extra.trail != 0 && trailing_stops(m, i->id) >= TRAILING_MAX)
        return model_refuse(m, REJECT_TRAILING_FULL, 0, 0, DECIMAL_ABSENT, TRAILING_MAX, 0);
    return 0;
}

static int judge_quote_quantity(struct model *m, struct request *r)
{
    struct decimal d = r->asked->quote_quantity;
    struct order_state *o = &r->plan.order;
    i128 amount = 0;
    bool good = d.scale <= DECIMAL_SCALE_MAX && d.mantissa > 0 &&
                model_fit_amount((struct amount){d.mantissa, d.scale}, r->instrument->spec.currency_scale, NOTIONAL_MAX,
                                 &amount) == FIT_EXACT;
    if (!good) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_QUOTE_QUANTITY);
    o->quantity = o->extra.venue == VENUE_QUOTE ? model_quote_amount(r->instrument, o->side, amount)
                                                : model_walk_amount(m, o, amount);
    if (o->quantity > 0) return 0;
    return model_refuse_decimal(m, REJECT_QUANTITY_TOO_SMALL, REFUSAL_QUOTE_QUANTITY, d, 0, DECIMAL_ABSENT);
}

/* Rule 11. */
static int judge_quantities(struct model *m, struct request *r)
{
    const struct command_place *p = r->asked;
    const struct instrument_spec *spec = &r->instrument->spec;
    struct order_state *o = &r->plan.order;
    int reason = model_given(p->quote_quantity)
                     ? judge_quote_quantity(m, r)
                     : model_judge_quantity(m, spec, p->quantity, REFUSAL_QUANTITY, &o->quantity);
    if (reason == 0) reason = model_judge_bounds(m, spec, p->quantity, o->quantity);
    if (reason == 0 && model_given(p->display_quantity))
        reason = model_judge_display(m, spec, p->display_quantity, o->quantity, &o->extra.display_quantity);
    if (reason == 0 && model_given(p->min_quantity))
        reason = model_judge_min_quantity(m, spec, p->min_quantity, o->quantity, &r->plan.min_quantity);
    o->leaves = o->quantity;
    return reason;
}

static int judge_expiry(struct model *m, struct request *r)
{
    const struct command_place *p = r->asked;
    if (p->tif == TIF_GTD && p->expires_ns <= m->scalars.now_ns)
        return model_refuse_plain(m, REJECT_EXPIRY_REQUIRED, REFUSAL_EXPIRES_AT);
    if (p->tif != TIF_GTD && p->expires_ns != 0)
        return model_refuse_plain(m, REJECT_EXPIRY_NOT_ALLOWED, REFUSAL_EXPIRES_AT);
    r->plan.order.expires_ns = p->expires_ns;
    return 0;
}

static int judge_leverage(struct model *m, struct request *r)
{
    struct decimal d = r->asked->leverage;
    int64_t leverage = 0;
    if (!model_given(d)) return 0;
    if (model_fit_decimal(d, 2, LEVERAGE_MAX, &leverage) != FIT_EXACT || leverage < LEVERAGE_ONE)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_LEVERAGE);
    uint32_t effective = model_effective_leverage(r->account, r->instrument);
    if (leverage > effective)
        return model_refuse_decimal(m, REJECT_LEVERAGE_TOO_HIGH, REFUSAL_LEVERAGE, d, effective, 2);
    r->plan.order.extra.leverage = (uint32_t)leverage;
    return 0;
}

/* Rule 14, and the hold price of an order that has no limit price and waits. */
static int judge_hold_price(struct model *m, struct request *r)
{
    struct order_state *o = &r->plan.order;
    const struct instrument_state *i = r->instrument;
    bool buy = model_is_buy(o->side);
    if (o->type == ORDER_TYPE_STOP) {
        o->extra.hold_price = buy ? model_raise(i, o->extra.stop_price) : o->extra.stop_price;
    } else if (o->type == ORDER_TYPE_MARKET && is_session_tif(o->tif)) {
        if (i->spec.collar_ppm == 0 || i->last_price == 0) return model_refuse_plain(m, REJECT_NO_REFERENCE_PRICE, 0);
        o->extra.hold_price = model_raise(i, i->last_price);
    } else if (o->type == ORDER_TYPE_MARKET && o->extra.venue != 0) {
        int64_t price = model_quote_price(i, o->side);
        bool desk = model_is_at_desk(o);
        if (desk && price == 0) price = i->last_price;
        if (price == 0) return model_refuse_plain(m, desk ? REJECT_NO_REFERENCE_PRICE : REJECT_NO_QUOTE, 0);
        o->extra.hold_price = buy ? model_raise(i, price) : price;
    }
    return 0;
}

/* ---- rules 15 to 17: limits of instrument and account ---- */

/* notional / 10^currency_scale > limit / 10^9 */
static bool is_above_notional_limit(i128 notional, i128 limit, unsigned currency_scale)
{
    for (; currency_scale < 9; currency_scale++) notional *= 10;
    for (; currency_scale > 9; currency_scale--) limit *= 10;
    return notional > limit;
}

static bool is_above_quantity_limit(i128 quantity, i128 limit, unsigned quantity_scale)
{
    for (; quantity_scale < 9; quantity_scale++) quantity *= 10;
    return quantity > limit;
}

static i128 max_notional_of(const struct instrument_spec *spec)
{
    return spec->max_notional == 0 ? NOTIONAL_MAX : spec->max_notional;
}

int model_judge_notional(struct model *m, const struct account_state *a, const struct instrument_state *i,
                         int64_t price, int64_t quantity)
{
    unsigned scale = i->spec.currency_scale;
    i128 notional = model_notional_of(&i->spec, price, quantity);
    if (notional > max_notional_of(&i->spec))
        return model_refuse(m, REJECT_NOTIONAL_TOO_LARGE, 0, notional, scale, max_notional_of(&i->spec), scale);
    i128 limit = a->limits.max_order_notional;
    if (limit != 0 && is_above_notional_limit(notional, limit, scale))
        return model_refuse(m, REJECT_ORDER_NOTIONAL_LIMIT, 0, notional, scale, limit, 9);
    return 0;
}

int64_t model_highest_price(struct model *m, const struct order_state *o)
{
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    if (o->type != ORDER_TYPE_LIMIT && o->type != ORDER_TYPE_STOP_LIMIT) return o->extra.hold_price;
    if (model_is_buy(o->side) || model_is_at_desk(o)) return o->price;
    int64_t bid = i->bid;
    if (o->extra.venue != VENUE_QUOTE) {
        const struct order_state *best = model_first(m, i->id, QUEUE_BOOK, SIDE_BUY, 0);
        while (best != NULL && best->type != ORDER_TYPE_LIMIT) best = model_next(m, best);
        bid = best == NULL ? 0 : best->price;
        for (uint32_t k = 0; k < m->batch.bids_count; k++)
            if (m->batch.bids[k].instrument_id == i->id && m->batch.bids[k].price > bid) bid = m->batch.bids[k].price;
    }
    return bid > o->price ? bid : o->price;
}

bool model_takes_now(const struct order_state *o)
{
    return o->type == ORDER_TYPE_MARKET && o->extra.venue == 0 && !is_session_tif(o->tif);
}

int model_judge_order_quantity(struct model *m, const struct account_state *a, const struct instrument_state *i,
                               int64_t quantity)
{
    i128 limit = a->limits.max_order_quantity;
    unsigned scale = i->spec.quantity_scale;
    if (limit == 0 || !is_above_quantity_limit(quantity, limit, scale)) return 0;
    return model_refuse(m, REJECT_ORDER_QUANTITY_LIMIT, REFUSAL_QUANTITY, quantity, scale, limit, 9);
}

/* The token bucket: how far each order moves the time at which it is full again, and where that starts from. */
struct bucket {
    int64_t step_ns, start_ns;
};
static struct bucket bucket_of(const struct model *m, const struct account_state *a)
{
    int64_t rate = a->limits.max_orders_per_second, now = m->scalars.now_ns;
    return (struct bucket){.step_ns = (1000000000 + rate - 1) / rate,
                           .start_ns = a->rate_tat_ns > now ? a->rate_tat_ns : now};
}

static int judge_rate(struct model *m, const struct account_state *a)
{
    if (a->limits.max_orders_per_second == 0) return 0;
    struct bucket b = bucket_of(m, a);
    int64_t ahead = b.start_ns - m->scalars.now_ns;
    if (ahead + b.step_ns <= 1000000000) return 0;
    i128 held = model_divide_up(ahead, b.step_ns);
    return model_refuse(m, REJECT_ORDER_RATE_LIMIT, 0, held + 1, 0, a->limits.max_orders_per_second, 0);
}

void model_count_rate(struct model *m, struct account_state *a)
{
    if (a->limits.max_orders_per_second == 0) return;
    struct bucket b = bucket_of(m, a);
    a->rate_tat_ns = b.start_ns + b.step_ns;
}

int model_judge_collar(struct model *m, const struct instrument_state *i, int64_t price)
{
    if (i->spec.collar_ppm == 0 || i->last_price == 0) return 0;
    i128 away = price > i->last_price ? (i128)price - i->last_price : (i128)i->last_price - price;
    if (away * 1000000 <= (i128)i->last_price * i->spec.collar_ppm) return 0;
    i128 width = (i128)i->last_price * i->spec.collar_ppm / 1000000;
    i128 nearest = price > i->last_price ? i->last_price + width : i->last_price - width;
    unsigned scale = i->spec.price_scale;
    return model_refuse(m, REJECT_PRICE_OUTSIDE_COLLAR, REFUSAL_PRICE, price, scale, nearest, scale);
}

static uint32_t orders_of(const struct request *r)
{
    return 1 + r->plan.legs_count;
}

static int judge_limits(struct model *m, struct request *r)
{
    const struct order_state *o = &r->plan.order;
    int reason = 0;
    if (!model_takes_now(o))
        reason = model_judge_notional(m, r->account, r->instrument, model_highest_price(m, o), o->quantity);
    if (reason == 0) reason = model_judge_order_quantity(m, r->account, r->instrument, o->quantity);
    if (reason == 0) reason = model_judge_open_orders(m, r->account, orders_of(r));
    if (reason == 0) reason = judge_rate(m, r->account);
    if (reason == 0 && o->type == ORDER_TYPE_LIMIT && o->extra.venue == 0)
        reason = model_judge_collar(m, r->instrument, o->price);
    if (reason == 0 && r->linked != NULL && r->linked->link == LINK_OCO) reason = model_judge_second(m, r);
    return reason;
}

/* ---- rules 18 and 19: room ---- */

static bool may_wait(const struct order_state *o)
{
    if (model_is_at_desk(o)) return true;
    bool at_once = o->tif == TIF_IOC || o->tif == TIF_FOK;
    return !at_once && !model_takes_now(o);
}

/* Two accounts' positions and three accounts' balances, each counted once. */
static int judge_objects(struct model *m, const struct request *r)
{
    uint64_t currency_id = model_currency_id(m, r->instrument), own = r->account->id, fees = model_fees_account(m)->id;
    uint8_t venue = r->plan.order.extra.venue;
    const struct account_state *house = venue == 0 || venue == VENUE_NONE ? NULL : model_house_of(m, venue);
    uint32_t positions = model_find_position(m, own, r->instrument->id) == NULL;
    uint32_t balances = model_find_balance(m, own, currency_id) == NULL;
    if (fees != own) balances += model_find_balance(m, fees, currency_id) == NULL;
    if (house != NULL && house->id != own) {
        positions += model_find_position(m, house->id, r->instrument->id) == NULL;
        balances += model_find_balance(m, house->id, currency_id) == NULL;
    }
    const struct limits *l = &m->scalars.limits;
    if (m->positions_count + positions > l->positions_max && positions > 0)
        return model_refuse(m, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, l->positions_max, 0);
    if (m->balances_count + balances > l->balances_max && balances > 0)
        return model_refuse(m, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, l->balances_max, 0);
    return 0;
}

static int judge_reduce_only_room(struct model *m, const struct request *r)
{
    uint32_t count = 0;
    if (!(r->plan.order.flags & PLACE_REDUCE_ONLY)) return 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        bool same = o->account_id == r->account->id && o->instrument_id == r->instrument->id;
        count += same && o->flags & PLACE_REDUCE_ONLY;
    }
    if (count < REDUCE_ONLY_MAX) return 0;
    return model_refuse(m, REJECT_REDUCE_ONLY_FULL, 0, 0, DECIMAL_ABSENT, REDUCE_ONLY_MAX, 0);
}

int model_judge_post_only(struct model *m, const struct order_state *o)
{
    if (!(o->flags & PLACE_POST_ONLY)) return 0;
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    const struct order_state *best = model_first(m, i->id, QUEUE_BOOK, model_other_side(o->side), 0);
    struct reach reach = {.price = o->price};
    if (best == NULL || !model_reaches(reach, o->side, best->price)) return 0;
    return model_refuse(m, REJECT_POST_ONLY_WOULD_CROSS, REFUSAL_PRICE, o->price, i->spec.price_scale, best->price,
                        i->spec.price_scale);
}

static int judge_route_room(struct model *m, const struct order_state *o)
{
    uint32_t most = m->scalars.limits.routes_max;
    if (!model_is_at_desk(o) || m->routes_count + m->batch.routes < most) return 0;
    return model_refuse(m, REJECT_ROUTES_FULL, 0, 0, DECIMAL_ABSENT, most, 0);
}

static int judge_room(struct model *m, struct request *r)
{
    const struct order_state *o = &r->plan.order;
    uint32_t timers = o->tif == TIF_GTD, levels = may_wait(o) ? 1 : 0;
    int reason = model_judge_tables(m, orders_of(r), timers, 0);
    if (reason == 0) reason = judge_objects(m, r);
    if (reason == 0) reason = model_judge_tables(m, 0, 0, r->linked != NULL ? orders_of(r) : levels);
    if (reason == 0) reason = judge_route_room(m, o);
    if (reason == 0) reason = judge_reduce_only_room(m, r);
    if (reason == 0) reason = model_judge_post_only(m, o);
    return reason;
}

/* ---- rule 20: risk ---- */

struct exposure model_exposure(struct model *m, const struct order_state *o)
{
    struct exposure x = {0};
    const struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    uint64_t currency_id = model_currency_id(m, model_instrument_by_id(m, o->instrument_id));
    const struct balance_state *b = model_find_balance(m, o->account_id, currency_id);
    if (p != NULL) x.position = *p;
    if (b != NULL) x.balance = *b;
    return x;
}

int64_t model_cover(const struct position_state *p, int side)
{
    int64_t cover = 0;
    if (side == SIDE_SELL && p->quantity > 0) cover = p->quantity - p->closing_sell;
    if (side == SIDE_BUY && p->quantity < 0) cover = -p->quantity - p->closing_buy;
    return cover > 0 ? cover : 0;
}

static int judge_opening(struct model *m, const struct exposure *x, const struct account_state *a,
                         const struct instrument_state *i, int side, int64_t quantity, int64_t cover)
{
    unsigned scale = i->spec.quantity_scale;
    int64_t opening = quantity - (quantity < cover ? quantity : cover);
    int reason = model_judge_reducing(m, a, i, opening);
    if (reason != 0 || opening == 0) return reason;
    bool may_short = a->type == ACCOUNT_TYPE_MARGIN && a->allow_short;
    if (side == SIDE_SELL && !may_short)
        return model_refuse(m, REJECT_POSITION_SHORT, REFUSAL_QUANTITY, quantity, scale, cover, scale);
    const struct position_state *p = &x->position;
    i128 grown = model_is_buy(side) ? (i128)p->quantity + p->open_buy : -(i128)p->quantity + p->open_sell;
    grown += quantity;
    i128 limit = a->limits.max_position;
    if (limit == 0 || !is_above_quantity_limit(grown, limit, scale)) return 0;
    return model_refuse(m, REJECT_POSITION_LIMIT, REFUSAL_QUANTITY, grown, scale, limit, 9);
}

int model_judge_position(struct model *m, const struct exposure *x, const struct order_state *o, int64_t quantity,
                         int64_t *closing)
{
    const struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    const struct position_state *p = &x->position;
    unsigned scale = i->spec.quantity_scale;
    i128 most = (p->quantity < 0 ? -(i128)p->quantity : p->quantity) + quantity;
    most += model_is_buy(o->side) ? p->open_buy : p->open_sell;
    *closing = 0;
    if (most > POSITION_MAX)
        return model_refuse(m, REJECT_POSITION_TOO_LARGE, REFUSAL_QUANTITY, most, scale, POSITION_MAX, scale);
    int64_t cover = model_cover(p, o->side);
    if (o->flags & PLACE_REDUCE_ONLY && quantity > cover)
        return model_refuse(m, REJECT_REDUCE_ONLY_TOO_LARGE, REFUSAL_QUANTITY, quantity, scale, cover, scale);
    if (a->type == ACCOUNT_TYPE_HOUSE) return 0;
    *closing = quantity < cover ? quantity : cover;
    return judge_opening(m, x, a, i, o->side, quantity, cover);
}

int model_judge_cash(struct model *m, const struct exposure *x, const struct instrument_state *i, i128 need)
{
    i128 available = model_free_of(&x->balance);
    unsigned scale = i->spec.currency_scale;
    return need > available ? model_refuse(m, REJECT_CASH_SHORT, 0, need, scale, available, scale) : 0;
}

static i128 need_of(struct model *m, const struct request *r, const struct walk *w)
{
    const struct order_state *o = &r->plan.order;
    if (model_takes_now(o)) return model_taker_need(m, o, w->notional);
    int64_t opening = o->quantity - o->closing_leaves;
    i128 need = model_hold_at(r->account, r->instrument, o, opening);
    if (r->linked == NULL || r->linked->link != LINK_OCO) return need;
    struct order_state second = r->plan.legs[0];
    second.extra.leverage = o->extra.leverage;
    i128 other = model_hold_at(r->account, r->instrument, &second, opening);
    return other > need ? other : need;
}

static int judge_risk(struct model *m, struct request *r)
{
    struct order_state *o = &r->plan.order;
    struct walk w = {0};
    if (model_takes_now(o)) w = model_walk(m, o, o->quantity);
    int reason = 0;
    if (w.highest_price != 0) reason = model_judge_notional(m, r->account, r->instrument, w.highest_price, o->quantity);
    struct exposure x = model_exposure(m, o);
    if (reason == 0) reason = model_judge_position(m, &x, o, o->quantity, &o->closing_leaves);
    if (reason != 0 || r->account->type == ACCOUNT_TYPE_HOUSE || o->quantity == o->closing_leaves) return reason;
    i128 need = need_of(m, r, &w);
    if (!model_takes_now(o)) o->hold = need;
    return model_judge_cash(m, &x, r->instrument, need);
}

/* What the command's words say of the order. */
static struct order_state order_asked(const struct model *m, const struct request *r, uint64_t order_id)
{
    const struct command_place *p = r->asked;
    struct order_state o = {.id = order_id,
                            .account_id = r->account->id,
                            .instrument_id = r->instrument->id,
                            .created_ns = m->scalars.now_ns,
                            .updated_ns = m->scalars.now_ns,
                            .side = p->side,
                            .type = p->type,
                            .tif = p->tif,
                            .flags = p->flags | r->batch_flag,
                            .stp = p->stp == 0 ? r->account->stp : p->stp,
                            .extra.venue = r->decision.venue,
                            .client_order_id_len = (uint8_t)p->client_order_id.len_bytes};
    if (o.stp == STP_NONE) o.stp = 0;
    if (r->linked != NULL) {
        o.extra.link = r->linked->link;
        o.extra.activation = r->linked->activation;
    }
    if (o.client_order_id_len > 0) memcpy(o.client_order_id, p->client_order_id.bytes, o.client_order_id_len);
    return o;
}

int model_judge_from_7(struct model *m, struct request *r, uint64_t id)
{
    r->plan.order = order_asked(m, r, id);
    int reason = model_judge_halted(m, r->account, r->instrument);
    if (reason == 0) reason = model_judge_session(m, r->instrument, &r->plan.order);
    if (reason == 0) reason = judge_limit_price(m, r);
    if (reason == 0) reason = judge_stop(m, r);
    if (reason == 0 && r->linked != NULL) reason = model_judge_leg_prices(m, r);
    if (reason == 0) reason = judge_quantities(m, r);
    if (reason == 0) reason = judge_expiry(m, r);
    if (reason == 0) reason = judge_leverage(m, r);
    if (reason == 0) reason = judge_hold_price(m, r);
    if (reason == 0) reason = judge_limits(m, r);
    if (reason == 0) reason = judge_room(m, r);
    if (reason == 0) reason = judge_risk(m, r);
    return reason;
}

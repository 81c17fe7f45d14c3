/* tests/model/orders.c - PLACE, MODIFY, CANCEL and matching.
 * Invariant: every judge_ function answers 0 or a reject and changes nothing; every other one cannot fail. The best
 * order of a book is found by looking at all orders each time, so there is no list that could be wrong. */
#include "tests/model/internal.h"

#include <assert.h>
#include <string.h>

static bool is_buy(int side)
{
    return side == SIDE_BUY;
}

static int other_side(int side)
{
    return is_buy(side) ? SIDE_SELL : SIDE_BUY;
}

/* True when a is a better price than b for the orders of a side. */
static bool is_better(int side, int64_t a, int64_t b)
{
    return is_buy(side) ? a > b : a < b;
}

/* What an aggressor takes: prices up to (BUY) or down to (SELL) a bound, or any. */
struct reach {
    bool any;
    i128 price;
};

static bool reaches(struct reach reach, int side, int64_t price)
{
    return reach.any || (is_buy(side) ? price <= reach.price : price >= reach.price);
}

/* The order of one side that trades first, leaving out one id (0: nobody). NULL when there is none. */
static struct order_state *first_to_trade(struct model *m, uint64_t instrument_id, int side, uint64_t except_id)
{
    struct order_state *best = NULL;
    for (uint32_t i = 0; i < m->orders_count; i++) {
        struct order_state *o = &m->orders[i];
        if (o->instrument_id != instrument_id || o->side != side || o->id == except_id) continue;
        if (best == NULL || is_better(side, o->price, best->price) ||
            (o->price == best->price && o->priority < best->priority))
            best = o;
    }
    return best;
}

struct level {
    int64_t price;
    i128 quantity;
    uint32_t orders;
};

/* The best level of a side that is worse than *after (NULL: the very best). False when there is none. */
static bool next_level(const struct model *m, uint64_t instrument_id, int side, const struct level *after,
                       struct level *out)
{
    struct level found = {0};
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        if (o->instrument_id != instrument_id || o->side != side) continue;
        if (after != NULL && !is_better(side, after->price, o->price)) continue;
        if (found.orders == 0 || is_better(side, o->price, found.price)) found = (struct level){.price = o->price};
        if (o->price != found.price) continue;
        found.quantity += o->leaves;
        found.orders++;
    }
    *out = found;
    return found.orders > 0;
}

/* What an aggressor would meet now. */
struct walk {
    i128 quantity; /* whole levels: may pass what was wanted */
    i128 notional; /* of min(quantity, wanted) */
    uint64_t orders;
    int64_t highest_price; /* 0: nothing to trade with */
};

static struct walk walk_book(const struct model *m, const struct instrument_state *i, int side, int64_t wanted,
                             struct reach reach)
{
    struct walk w = {0};
    struct level level, last;
    const struct level *after = NULL;
    while (w.quantity < wanted && next_level(m, i->id, other_side(side), after, &level) &&
           reaches(reach, side, level.price)) {
        i128 part = wanted - w.quantity < level.quantity ? wanted - w.quantity : level.quantity;
        w.notional += model_notional_of(&i->spec, level.price, (int64_t)part);
        w.quantity += level.quantity;
        w.orders += level.orders;
        if (level.price > w.highest_price) w.highest_price = level.price;
        last = level;
        after = &last;
    }
    return w;
}

static i128 floor_ratio(i128 a, i128 b)
{
    i128 quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/* How far a MARKET order goes: the collar around the best opposite price at its start. */
static struct reach market_reach(struct model *m, const struct instrument_state *i, int side)
{
    const struct order_state *touch = first_to_trade(m, i->id, other_side(side), 0);
    if (i->spec.collar_ppm == 0 || touch == NULL) return (struct reach){.any = true};
    i128 width = (i128)touch->price * i->spec.collar_ppm; /* in millionths */
    i128 price = is_buy(side) ? floor_ratio((i128)touch->price * 1000000 + width, 1000000)
                              : -floor_ratio(width - (i128)touch->price * 1000000, 1000000);
    return (struct reach){.price = price};
}

static struct reach limit_reach(int64_t price)
{
    return (struct reach){.price = price};
}

static i128 max_notional_of(const struct instrument_spec *spec)
{
    return spec->max_notional == 0 ? NOTIONAL_MAX : spec->max_notional;
}

static int64_t fee_rate_worst(const struct instrument_spec *spec)
{
    int64_t worst = spec->maker_fee_rate > spec->taker_fee_rate ? spec->maker_fee_rate : spec->taker_fee_rate;
    return worst > 0 ? worst : 0;
}

/* The hold of a LIMIT order with this much still opening. */
static i128 hold_now(const struct instrument_state *i, const struct account_state *a, int64_t price, int64_t opening,
                     i128 fee_accrued)
{
    if (a->type == ACCOUNT_TYPE_HOUSE) return 0;
    return model_hold_of(model_notional_of(&i->spec, price, opening), model_effective_leverage(a),
                         fee_rate_worst(&i->spec), fee_accrued);
}

static int64_t size_of(int64_t x)
{
    return x < 0 ? -x : x;
}

/* ---- judging ---- */

static int judge_price(const struct instrument_spec *spec, struct decimal price, int64_t *out)
{
    if (price.scale == DECIMAL_ABSENT) return REJECT_PRICE_REQUIRED;
    if (price.scale > DECIMAL_SCALE_MAX) return REJECT_FIELD_INVALID;
    if (price.mantissa <= 0) return REJECT_PRICE_REQUIRED;
    enum fit fit = model_fit_decimal(price, spec->price_scale, PRICE_MAX, out);
    if (fit == FIT_NOT_EXACT) return REJECT_PRICE_OFF_TICK;
    if (fit == FIT_TOO_LARGE) return REJECT_PRICE_TOO_LARGE;
    return *out % spec->tick == 0 ? 0 : REJECT_PRICE_OFF_TICK;
}

/* The part of judging a quantity that needs no lot: a whole number above zero that the engine can hold. */
static int judge_quantity_number(const struct instrument_spec *spec, struct decimal quantity, int64_t *out)
{
    if (quantity.scale == DECIMAL_ABSENT) return REJECT_QUANTITY_NOT_POSITIVE;
    if (quantity.scale > DECIMAL_SCALE_MAX) return REJECT_FIELD_INVALID;
    if (quantity.mantissa <= 0) return REJECT_QUANTITY_NOT_POSITIVE;
    enum fit fit = model_fit_decimal(quantity, spec->quantity_scale, QUANTITY_MAX, out);
    if (fit == FIT_NOT_EXACT) return REJECT_QUANTITY_OFF_LOT;
    return fit == FIT_TOO_LARGE ? REJECT_QUANTITY_TOO_LARGE : 0;
}

static int judge_quantity_bounds(const struct instrument_spec *spec, int64_t quantity)
{
    if (quantity % spec->lot != 0) return REJECT_QUANTITY_OFF_LOT;
    if (quantity < spec->min_quantity) return REJECT_QUANTITY_TOO_SMALL;
    if (spec->max_quantity != 0 && quantity > spec->max_quantity) return REJECT_QUANTITY_TOO_LARGE;
    return 0;
}

static int judge_collar(const struct instrument_state *i, int64_t price)
{
    if (i->spec.collar_ppm == 0 || i->last_price == 0) return 0;
    i128 away = (i128)size_of(price - i->last_price) * 1000000;
    return away > (i128)i->last_price * i->spec.collar_ppm ? REJECT_PRICE_OUTSIDE_COLLAR : 0;
}

static int judge_notional(const struct instrument_state *i, int64_t price, int64_t quantity)
{
    return model_notional_of(&i->spec, price, quantity) > max_notional_of(&i->spec) ? REJECT_NOTIONAL_TOO_LARGE : 0;
}

/* The highest price a LIMIT order may trade at: a SELL may meet a better bid. */
static int64_t highest_price_of(struct model *m, const struct instrument_state *i, int side, int64_t price)
{
    const struct order_state *bid = is_buy(side) ? NULL : first_to_trade(m, i->id, SIDE_BUY, 0);
    return bid != NULL && bid->price > price ? bid->price : price;
}

static int judge_shape(const struct command_place *p)
{
    if (p->side < 1 || p->side > SIDE_NUMBER_MAX || p->type < 1 || p->type > ORDER_TYPE_NUMBER_MAX || p->tif < 1 ||
        p->tif > TIF_NUMBER_MAX || p->stp > STP_NUMBER_MAX)
        return REJECT_FIELD_INVALID;
    if (p->client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) return REJECT_FIELD_INVALID;
    if (p->type == ORDER_TYPE_STOP || p->type == ORDER_TYPE_STOP_LIMIT) return REJECT_NOT_SUPPORTED;
    if (p->stop_price.scale != DECIMAL_ABSENT || p->display_quantity.scale != DECIMAL_ABSENT ||
        p->leverage.scale != DECIMAL_ABSENT)
        return REJECT_NOT_SUPPORTED;
    if (p->flags & PLACE_REDUCE_ONLY || p->stp > STP_NONE) return REJECT_NOT_SUPPORTED;
    if (p->flags & ~PLACE_POST_ONLY) return REJECT_FIELD_INVALID;
    bool book = p->venue.bytes[0] == '\0' || memcmp(p->venue.bytes, (struct name){"BOOK"}.bytes, NAME_BYTES) == 0;
    return book ? 0 : REJECT_UNKNOWN_VENUE;
}

/* Rules 9 to 12: the words of the order against the words of the instrument. */
static int judge_terms(const struct model *m, const struct command_place *p, const struct instrument_spec *spec,
                       int64_t *price, int64_t *quantity)
{
    *price = 0;
    int reason = 0;
    if (p->type == ORDER_TYPE_LIMIT)
        reason = judge_price(spec, p->price, price);
    else if (p->price.scale != DECIMAL_ABSENT)
        reason = REJECT_PRICE_NOT_ALLOWED;
    if (reason == 0) reason = judge_quantity_number(spec, p->quantity, quantity);
    if (reason == 0) reason = judge_quantity_bounds(spec, *quantity);
    if (reason != 0) return reason;
    bool may_rest = p->type == ORDER_TYPE_LIMIT && p->tif != TIF_IOC && p->tif != TIF_FOK;
    if (p->flags & PLACE_POST_ONLY && !may_rest) return REJECT_POST_ONLY_NEEDS_LIMIT;
    if (p->tif == TIF_GTD && p->type == ORDER_TYPE_MARKET) return REJECT_FIELD_INVALID;
    if (p->tif == TIF_GTD && p->expires_ns <= m->scalars.now_ns) return REJECT_EXPIRY_REQUIRED;
    if (p->tif != TIF_GTD && p->expires_ns != 0) return REJECT_EXPIRY_NOT_ALLOWED;
    return 0;
}

static uint32_t timers_open(const struct model *m)
{
    uint32_t timers = 0;
    for (uint32_t i = 0; i < m->orders_count; i++) timers += m->orders[i].tif == TIF_GTD;
    return timers;
}

/* There are never more levels than orders, so most of the time nothing needs to be counted. */
static bool levels_full(const struct model *m)
{
    return m->orders_count >= m->scalars.limits.levels_max && model_levels(m) >= m->scalars.limits.levels_max;
}

static int judge_room(struct model *m, const struct command_place *p, const struct account_state *a,
                      const struct instrument_state *i, uint64_t currency_id)
{
    const struct limits *l = &m->scalars.limits;
    if (m->orders_count >= l->orders_max) return REJECT_ORDERS_FULL;
    if (p->tif == TIF_GTD && timers_open(m) >= l->timers_max) return REJECT_TIMERS_FULL;
    uint32_t positions = model_find_position(m, a->id, i->id) == NULL;
    uint32_t balances = model_find_balance(m, a->id, currency_id) == NULL;
    if (a != model_fees_account(m)) balances += model_find_balance(m, model_fees_account(m)->id, currency_id) == NULL;
    if (m->positions_count + positions > l->positions_max || m->balances_count + balances > l->balances_max)
        return REJECT_POSITIONS_FULL;
    bool may_rest = p->type == ORDER_TYPE_LIMIT && p->tif != TIF_IOC && p->tif != TIF_FOK;
    return may_rest && levels_full(m) ? REJECT_LEVELS_FULL : 0;
}

/* What an order needs to know of its account to be judged: the state's values, or zeros, without the order itself. */
struct exposure {
    struct position_state position;
    struct balance_state balance;
};

static struct exposure exposure_of(struct model *m, const struct account_state *a, const struct instrument_state *i,
                                   uint64_t currency_id)
{
    struct exposure x = {0};
    const struct position_state *p = model_find_position(m, a->id, i->id);
    const struct balance_state *b = model_find_balance(m, a->id, currency_id);
    if (p != NULL) x.position = *p;
    if (b != NULL) x.balance = *b;
    return x;
}

static int64_t cover_of(const struct position_state *p, int side)
{
    int64_t cover = 0;
    if (side == SIDE_SELL && p->quantity > 0) cover = p->quantity - p->closing_sell;
    if (side == SIDE_BUY && p->quantity < 0) cover = -p->quantity - p->closing_buy;
    return cover > 0 ? cover : 0;
}

/* Rule 17 up to what must be paid; says how much of the quantity closes. */
static int judge_position(const struct account_state *a, const struct position_state *p, int side, int64_t quantity,
                          int64_t *closing)
{
    *closing = 0;
    int64_t open = is_buy(side) ? p->open_buy : p->open_sell;
    if ((i128)size_of(p->quantity) + open + quantity > POSITION_MAX) return REJECT_POSITION_TOO_LARGE;
    if (a->type == ACCOUNT_TYPE_HOUSE) return 0;
    int64_t cover = cover_of(p, side);
    *closing = quantity < cover ? quantity : cover;
    bool opens = quantity > *closing;
    if (opens && a->status == ACCOUNT_STATUS_REDUCING) return REJECT_ACCOUNT_REDUCING;
    bool may_short = a->type == ACCOUNT_TYPE_MARGIN && a->allow_short;
    return opens && side == SIDE_SELL && !may_short ? REJECT_POSITION_SHORT : 0;
}

static i128 market_need(const struct instrument_spec *spec, const struct account_state *a, i128 notional)
{
    int64_t rate = spec->taker_fee_rate > 0 ? spec->taker_fee_rate : 0;
    return model_margin_of(notional, model_effective_leverage(a)) + model_divide_up(rate * notional, FEE_RATE_ONE);
}

/* ---- one fill ---- */

struct filled_side {
    i128 fee, hold;
    int64_t leaves;
};

static void fill_position(struct model *m, const struct order_state *o, const struct account_state *a,
                          struct balance_state *b, int64_t quantity, i128 notional)
{
    struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    i128 cost = p->cost, margin = model_margin_of(p->cost, model_effective_leverage(a));
    model_position_take_fill(p, o->side, quantity, notional);
    b->cost_net += p->cost - cost;
    b->margin_used += model_margin_of(p->cost, model_effective_leverage(a)) - margin;
}

static void fill_open_sums(struct model *m, struct order_state *o, int64_t quantity)
{
    struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    int64_t closed = quantity < o->closing_leaves ? quantity : o->closing_leaves;
    o->closing_leaves -= closed;
    o->leaves -= quantity;
    if (is_buy(o->side)) {
        p->open_buy -= quantity;
        p->closing_buy -= closed;
    } else {
        p->open_sell -= quantity;
        p->closing_sell -= closed;
    }
}

static struct filled_side fill_side(struct model *m, struct order_state *o, const struct instrument_state *i,
                                    uint64_t currency_id, int64_t quantity, i128 notional, bool is_aggressor)
{
    const struct account_state *a = model_account_by_id(m, o->account_id);
    struct balance_state *b = model_find_balance(m, o->account_id, currency_id);
    struct filled_side side = {0};
    o->notional_filled += notional;
    o->updated_ns = m->scalars.now_ns;
    fill_open_sums(m, o, quantity);
    if (a->type != ACCOUNT_TYPE_HOUSE) {
        i128 charged = model_fee_charged(o->fee_accrued);
        o->fee_accrued += notional * (is_aggressor ? i->spec.taker_fee_rate : i->spec.maker_fee_rate);
        side.fee = model_fee_charged(o->fee_accrued) - charged;
    }
    b->cash += is_buy(o->side) ? -notional : notional;
    b->cash -= side.fee;
    model_find_balance(m, model_fees_account(m)->id, currency_id)->cash += side.fee;
    if (o->type == ORDER_TYPE_LIMIT)
        side.hold = hold_now(i, a, o->price, o->leaves - o->closing_leaves, o->fee_accrued);
    b->reserved += side.hold - o->hold;
    o->hold = side.hold;
    side.leaves = o->leaves;
    fill_position(m, o, a, b, quantity, notional);
    return side;
}

static void say_filled(struct model *m, const struct instrument_state *i, const struct order_state *buy,
                       const struct order_state *sell, int64_t price, int64_t quantity, i128 notional,
                       struct filled_side bought, struct filled_side sold, int aggressor_side)
{
    struct event_filled *f = &model_say(m, EVENT_FILLED)->filled;
    f->symbol = i->spec.symbol;
    f->buy_account = model_account_by_id(m, buy->account_id)->account;
    f->sell_account = model_account_by_id(m, sell->account_id)->account;
    f->price = price;
    f->quantity = quantity;
    f->notional = notional;
    f->buy_order_id = buy->id;
    f->sell_order_id = sell->id;
    f->buy_leaves = bought.leaves;
    f->sell_leaves = sold.leaves;
    f->buy_fee = bought.fee;
    f->sell_fee = sold.fee;
    f->buy_hold = bought.hold;
    f->sell_hold = sold.hold;
    f->aggressor_side = (uint8_t)aggressor_side;
    f->price_scale = i->spec.price_scale;
    f->quantity_scale = i->spec.quantity_scale;
    f->currency_scale = i->spec.currency_scale;
}

static void fill_pair(struct model *m, struct instrument_state *i, struct order_state *aggressor,
                      struct order_state *head)
{
    uint64_t currency_id = model_find_currency(m, &i->spec.currency)->id;
    int64_t price = head->price;
    int64_t quantity = aggressor->leaves < head->leaves ? aggressor->leaves : head->leaves;
    i128 notional = model_notional_of(&i->spec, price, quantity);
    struct order_state *buy = is_buy(aggressor->side) ? aggressor : head;
    struct order_state *sell = is_buy(aggressor->side) ? head : aggressor;
    i->last_price = price;
    struct filled_side bought = fill_side(m, buy, i, currency_id, quantity, notional, buy == aggressor);
    struct filled_side sold = fill_side(m, sell, i, currency_id, quantity, notional, sell == aggressor);
    say_filled(m, i, buy, sell, price, quantity, notional, bought, sold, aggressor->side);
}

/* Trades until nothing acceptable is there or work_max fills were made. True when it was work_max that stopped it. */
static bool match(struct model *m, uint64_t order_id, struct reach reach)
{
    for (uint32_t fills = 0;; fills++) {
        struct order_state *aggressor = model_find_order(m, order_id);
        if (aggressor->leaves == 0) return false;
        struct order_state *head = first_to_trade(m, aggressor->instrument_id, other_side(aggressor->side), 0);
        if (head == NULL || !reaches(reach, aggressor->side, head->price)) return false;
        if (fills == m->scalars.limits.work_max) return true;
        fill_pair(m, model_instrument_by_id(m, aggressor->instrument_id), aggressor, head);
        if (head->leaves == 0) model_order_leaves_state(m, head->id);
    }
}

/* ---- the end of an order ---- */

/* A position that says nothing any more. An aggressor that is filled but still being settled keeps it. */
static bool is_over(const struct model *m, const struct position_state *p)
{
    for (uint32_t k = 0; k < m->orders_count; k++)
        if (m->orders[k].account_id == p->account_id && m->orders[k].instrument_id == p->instrument_id) return false;
    return p->quantity == 0 && p->cost == 0 && p->realized == 0 && p->open_buy == 0 && p->open_sell == 0 &&
           p->closing_buy == 0 && p->closing_sell == 0;
}

void model_order_leaves_state(struct model *m, uint64_t order_id)
{
    model_sweep_pass_over(m, order_id);
    struct order_state *o = model_find_order(m, order_id);
    struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    model_find_balance(m, o->account_id, model_find_currency(m, &i->spec.currency)->id)->reserved -= o->hold;
    if (is_buy(o->side)) {
        p->open_buy -= o->leaves;
        p->closing_buy -= o->closing_leaves;
    } else {
        p->open_sell -= o->leaves;
        p->closing_sell -= o->closing_leaves;
    }
    *o = m->orders[--m->orders_count];
    if (is_over(m, p)) *p = m->positions[--m->positions_count];
}

static void order_ends(struct model *m, uint64_t order_id, enum event_kind kind, int reason)
{
    const struct order_state *o = model_find_order(m, order_id);
    struct event *e = model_say(m, kind);
    e->cancelled.order_id = o->id;
    e->cancelled.account = model_account_by_id(m, o->account_id)->account;
    e->cancelled.symbol = model_instrument_by_id(m, o->instrument_id)->spec.symbol;
    e->cancelled.leaves = o->leaves;
    e->cancelled.reason = (uint8_t)reason;
    e->cancelled.side = o->side;
    e->cancelled.quantity_scale = model_instrument_by_id(m, o->instrument_id)->spec.quantity_scale;
    model_order_leaves_state(m, order_id);
}

void model_order_cancel(struct model *m, uint64_t order_id, enum cancel_reason reason)
{
    order_ends(m, order_id, EVENT_CANCELLED, (int)reason);
}

void model_order_expire(struct model *m, uint64_t order_id)
{
    order_ends(m, order_id, EVENT_EXPIRED, 0);
}

/* What becomes of an aggressor once it has matched. An order that stays in the array rests. */
static void settle_aggressor(struct model *m, uint64_t order_id, bool stopped)
{
    const struct order_state *o = model_find_order(m, order_id);
    if (o->leaves == 0)
        model_order_leaves_state(m, order_id);
    else if (stopped)
        model_order_cancel(m, order_id, CANCEL_REASON_WORK_LIMIT);
    else if (o->type == ORDER_TYPE_MARKET)
        model_order_cancel(m, order_id, CANCEL_REASON_MARKET_REMAINDER);
    else if (o->tif == TIF_IOC)
        model_order_cancel(m, order_id, CANCEL_REASON_IOC_REMAINDER);
}

/* ---- PLACE ---- */

static void add_order(struct model *m, const struct command_place *p, struct order_state o)
{
    const struct instrument_state *i = model_instrument_by_id(m, o.instrument_id);
    const struct currency_state *currency = model_find_currency(m, &i->spec.currency);
    model_open_balance(m, model_fees_account(m)->id, currency->id);
    model_open_balance(m, o.account_id, currency->id)->reserved += o.hold;
    struct position_state *position = model_open_position(m, o.account_id, o.instrument_id);
    if (is_buy(o.side)) {
        position->open_buy += o.leaves;
        position->closing_buy += o.closing_leaves;
    } else {
        position->open_sell += o.leaves;
        position->closing_sell += o.closing_leaves;
    }
    m->orders[m->orders_count++] = o;
    struct event_placed *e = &model_say(m, EVENT_PLACED)->placed;
    e->order_id = o.id;
    e->hold = o.hold;
    e->currency_scale = i->spec.currency_scale;
    e->terms = (struct order_terms){.account = p->account,
                                    .symbol = p->symbol,
                                    .price = o.price,
                                    .quantity = o.quantity,
                                    .expires_ns = p->expires_ns,
                                    .price_scale = o.type == ORDER_TYPE_LIMIT ? i->spec.price_scale : DECIMAL_ABSENT,
                                    .quantity_scale = i->spec.quantity_scale,
                                    .side = o.side,
                                    .type = o.type,
                                    .tif = o.tif,
                                    .flags = o.flags,
                                    .client_order_id_len = o.client_order_id_len};
    memcpy(e->terms.client_order_id, o.client_order_id, sizeof o.client_order_id);
}

static struct order_state new_order(struct model *m, const struct command_place *p, const struct account_state *a,
                                    const struct instrument_state *i, int64_t price, int64_t quantity, int64_t closing)
{
    struct order_state o = {.id = model_own_id(m, 0),
                            .account_id = a->id,
                            .instrument_id = i->id,
                            .priority = m->scalars.priority_next,
                            .price = price,
                            .quantity = quantity,
                            .leaves = quantity,
                            .closing_leaves = closing,
                            .created_ns = m->scalars.now_ns,
                            .updated_ns = m->scalars.now_ns,
                            .expires_ns = p->expires_ns,
                            .side = p->side,
                            .type = p->type,
                            .tif = p->tif,
                            .flags = p->flags,
                            .client_order_id_len = (uint8_t)p->client_order_id.len_bytes};
    if (o.client_order_id_len > 0) memcpy(o.client_order_id, p->client_order_id.bytes, o.client_order_id_len);
    if (o.type == ORDER_TYPE_LIMIT) o.hold = hold_now(i, a, price, quantity - closing, 0);
    return o;
}

/* A FOK order that cannot be filled whole within work_max is over before its first fill. */
static bool fok_ends(struct model *m, const struct order_state *o, const struct instrument_state *i, struct reach reach)
{
    struct walk w = walk_book(m, i, o->side, o->quantity, reach);
    if (w.quantity >= o->quantity && w.orders <= m->scalars.limits.work_max) return false;
    model_order_cancel(m, o->id, w.quantity < o->quantity ? CANCEL_REASON_FOK_UNFILLED : CANCEL_REASON_WORK_LIMIT);
    return true;
}

static int judge_risk(struct model *m, const struct command_place *p, const struct account_state *a,
                      const struct instrument_state *i, uint64_t currency_id, int64_t price, int64_t quantity,
                      struct reach reach, int64_t *closing)
{
    bool market = p->type == ORDER_TYPE_MARKET;
    struct walk w = {0};
    if (market) w = walk_book(m, i, p->side, quantity, reach);
    if (market && w.highest_price != 0 && judge_notional(i, w.highest_price, quantity) != 0)
        return REJECT_NOTIONAL_TOO_LARGE;
    struct exposure x = exposure_of(m, a, i, currency_id);
    int reason = judge_position(a, &x.position, p->side, quantity, closing);
    if (reason != 0 || a->type == ACCOUNT_TYPE_HOUSE) return reason;
    int64_t opening = quantity - *closing;
    if (opening == 0) return 0;
    i128 need = market ? market_need(&i->spec, a, w.notional) : hold_now(i, a, price, opening, 0);
    return need > model_free_of(&x.balance) ? REJECT_CASH_SHORT : 0;
}

static bool would_cross(struct model *m, const struct instrument_state *i, int side, int64_t price, uint64_t except_id)
{
    const struct order_state *best = first_to_trade(m, i->id, other_side(side), except_id);
    return best != NULL && reaches(limit_reach(price), side, best->price);
}

int model_apply_place(struct model *m, const struct command *c)
{
    const struct command_place *p = &c->place;
    int reason = judge_shape(p);
    if (reason != 0) return reason;
    struct account_state *a = model_find_account(m, &p->account);
    if (a == NULL) return REJECT_UNKNOWN_ACCOUNT;
    struct instrument_state *i = model_find_instrument(m, &p->symbol);
    if (i == NULL) return REJECT_UNKNOWN_INSTRUMENT;
    if (m->scalars.sweep.kind != SWEEP_NONE) return REJECT_SWEEP_PENDING;
    if (a->status == ACCOUNT_STATUS_HALTED) return REJECT_ACCOUNT_HALTED;
    if (i->spec.state != INSTRUMENT_STATE_CONTINUOUS) return REJECT_INSTRUMENT_NOT_OPEN;
    int64_t price, quantity, closing;
    reason = judge_terms(m, p, &i->spec, &price, &quantity);
    bool limit = p->type == ORDER_TYPE_LIMIT;
    uint64_t currency_id = model_find_currency(m, &i->spec.currency)->id;
    if (reason == 0 && limit) reason = judge_notional(i, highest_price_of(m, i, p->side, price), quantity);
    if (reason == 0 && limit) reason = judge_collar(i, price);
    if (reason == 0) reason = judge_room(m, p, a, i, currency_id);
    if (reason == 0 && p->flags & PLACE_POST_ONLY && would_cross(m, i, p->side, price, 0))
        reason = REJECT_POST_ONLY_WOULD_CROSS;
    struct reach reach = limit ? limit_reach(price) : market_reach(m, i, p->side);
    if (reason == 0) reason = judge_risk(m, p, a, i, currency_id, price, quantity, reach, &closing);
    if (reason != 0) return reason;

    struct order_state o = new_order(m, p, a, i, price, quantity, closing);
    m->scalars.priority_next++;
    add_order(m, p, o);
    if (o.tif == TIF_FOK && fok_ends(m, &o, i, reach)) return 0;
    settle_aggressor(m, o.id, match(m, o.id, reach));
    return 0;
}

/* ---- MODIFY ---- */

static void say_modified(struct model *m, const struct order_state *o, bool kept_priority)
{
    struct event_modified *e = &model_say(m, EVENT_MODIFIED)->modified;
    e->order_id = o->id;
    e->account = model_account_by_id(m, o->account_id)->account;
    e->symbol = model_instrument_by_id(m, o->instrument_id)->spec.symbol;
    e->price = o->price;
    e->quantity = o->quantity;
    e->leaves = o->leaves;
    e->hold = o->hold;
    e->side = o->side;
    e->kept_priority = kept_priority;
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    e->price_scale = spec->price_scale;
    e->quantity_scale = spec->quantity_scale;
    e->currency_scale = spec->currency_scale;
}

/* Gives the order new numbers and carries the differences into the sums of its account. */
static void revalue(struct model *m, struct order_state *o, int64_t price, int64_t quantity, int64_t leaves,
                    int64_t closing_leaves, i128 hold)
{
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    model_find_balance(m, o->account_id, model_find_currency(m, &i->spec.currency)->id)->reserved += hold - o->hold;
    if (is_buy(o->side)) {
        p->open_buy += leaves - o->leaves;
        p->closing_buy += closing_leaves - o->closing_leaves;
    } else {
        p->open_sell += leaves - o->leaves;
        p->closing_sell += closing_leaves - o->closing_leaves;
    }
    o->price = price;
    o->quantity = quantity;
    o->leaves = leaves;
    o->closing_leaves = closing_leaves;
    o->hold = hold;
    o->updated_ns = m->scalars.now_ns;
}

static void decrease(struct model *m, struct order_state *o, const struct instrument_state *i,
                     const struct account_state *a, int64_t quantity)
{
    int64_t less = o->quantity - quantity, opening = o->leaves - o->closing_leaves;
    int64_t closing = less > opening ? o->closing_leaves - (less - opening) : o->closing_leaves;
    int64_t leaves = o->leaves - less;
    revalue(m, o, o->price, quantity, leaves, closing, hold_now(i, a, o->price, leaves - closing, o->fee_accrued));
    say_modified(m, o, true);
}

static bool alone_at_its_level(const struct model *m, const struct order_state *o)
{
    uint32_t there = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *p = &m->orders[k];
        there += p->instrument_id == o->instrument_id && p->side == o->side && p->price == o->price;
    }
    return there == 1;
}

/* Rules 11 to 13, as if the order were out of the book. */
static int judge_move(struct model *m, const struct order_state *o, const struct instrument_state *i,
                      const struct account_state *a, int64_t price, int64_t leaves, int64_t *closing)
{
    if (model_levels(m) - alone_at_its_level(m, o) >= m->scalars.limits.levels_max) return REJECT_LEVELS_FULL;
    if (o->flags & PLACE_POST_ONLY && would_cross(m, i, o->side, price, o->id)) return REJECT_POST_ONLY_WOULD_CROSS;
    struct exposure x = exposure_of(m, a, i, model_find_currency(m, &i->spec.currency)->id);
    if (is_buy(o->side)) {
        x.position.open_buy -= o->leaves;
        x.position.closing_buy -= o->closing_leaves;
    } else {
        x.position.open_sell -= o->leaves;
        x.position.closing_sell -= o->closing_leaves;
    }
    x.balance.reserved -= o->hold;
    int reason = judge_position(a, &x.position, o->side, leaves, closing);
    if (reason != 0 || a->type == ACCOUNT_TYPE_HOUSE || leaves == *closing) return reason;
    i128 need = hold_now(i, a, price, leaves - *closing, o->fee_accrued);
    return need > model_free_of(&x.balance) ? REJECT_CASH_SHORT : 0;
}

/* Rule 9: the whole order at its new terms, and what it has traded with what it still may. */
static int judge_larger(struct model *m, const struct order_state *o, const struct instrument_state *i, int64_t price,
                        int64_t quantity)
{
    int64_t highest = highest_price_of(m, i, o->side, price);
    if (judge_notional(i, highest, quantity) != 0) return REJECT_NOTIONAL_TOO_LARGE;
    i128 to_come = model_notional_of(&i->spec, highest, quantity - (o->quantity - o->leaves));
    return o->notional_filled + to_come > NOTIONAL_MAX ? REJECT_NOTIONAL_TOO_LARGE : 0;
}

int model_apply_modify(struct model *m, const struct command *c)
{
    const struct command_modify *s = &c->modify;
    if (s->stop_price.scale != DECIMAL_ABSENT || s->display_quantity.scale != DECIMAL_ABSENT)
        return REJECT_NOT_SUPPORTED;
    struct order_state *o = model_find_order(m, s->order_id);
    if (o == NULL) return REJECT_ORDER_NOT_OPEN;
    if (m->scalars.sweep.kind != SWEEP_NONE) return REJECT_SWEEP_PENDING;
    bool names_price = s->price.scale != DECIMAL_ABSENT, names_quantity = s->quantity.scale != DECIMAL_ABSENT;
    if (!names_price && !names_quantity) return REJECT_FIELD_INVALID;
    struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    struct account_state *a = model_account_by_id(m, o->account_id);
    int64_t price = o->price, quantity = o->quantity, filled = o->quantity - o->leaves, asked, closing;
    int reason = names_quantity ? judge_quantity_number(&i->spec, s->quantity, &quantity) : 0;
    if (reason != 0) return reason;
    if (quantity <= filled) {
        model_order_cancel(m, o->id, CANCEL_REASON_REDUCED_TO_FILLED);
        return 0;
    }
    bool price_stays =
        !names_price ||
        (model_fit_decimal(s->price, i->spec.price_scale, PRICE_MAX, &asked) == FIT_EXACT && asked == o->price);
    bool pure_decrease = price_stays && quantity <= o->quantity;
    if (!pure_decrease && a->status == ACCOUNT_STATUS_HALTED) return REJECT_ACCOUNT_HALTED;
    if (!pure_decrease && i->spec.state != INSTRUMENT_STATE_CONTINUOUS) return REJECT_INSTRUMENT_NOT_OPEN;
    if (!price_stays) reason = judge_price(&i->spec, s->price, &price);
    if (reason == 0 && quantity != o->quantity) reason = judge_quantity_bounds(&i->spec, quantity);
    if (reason == 0 && !pure_decrease) reason = judge_larger(m, o, i, price, quantity);
    if (reason == 0 && !price_stays) reason = judge_collar(i, price);
    if (reason == 0 && !pure_decrease) reason = judge_move(m, o, i, a, price, quantity - filled, &closing);
    if (reason != 0) return reason;
    if (pure_decrease) {
        decrease(m, o, i, a, quantity);
        return 0;
    }
    int64_t leaves = quantity - filled;
    revalue(m, o, price, quantity, leaves, closing, hold_now(i, a, price, leaves - closing, o->fee_accrued));
    o->priority = m->scalars.priority_next++;
    uint64_t order_id = o->id;
    say_modified(m, o, false);
    settle_aggressor(m, order_id, match(m, order_id, limit_reach(price)));
    return 0;
}

int model_apply_cancel(struct model *m, const struct command *c)
{
    if (model_find_order(m, c->cancel.order_id) == NULL) return REJECT_ORDER_NOT_OPEN;
    model_order_cancel(m, c->cancel.order_id, CANCEL_REASON_REQUESTED);
    return 0;
}

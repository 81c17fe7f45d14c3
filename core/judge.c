/* core/judge.c - every check of a new order, in the order of docs/ENGINE.md, PLACE.
 * What must stay true: a judge changes nothing but the turn's refusal and its ticket; the first check that fails is the reason; what a
 * plain order does not ask for costs it one test. */
#include "core/desk_parts.h"
#include "core/walk.h"
#include "core/wide.h"

enum { PPM_ONE = 1000000, SECOND_NS = 1000000000, LIMIT_SCALE = 9, TRAIL_PERCENT_SCALE = 4, LEVERAGE_SCALE = 2 };

static bool at_auction(uint8_t tif)
{
    return tif == TIF_ON_OPEN || tif == TIF_ON_CLOSE;
}
static bool may_wait(uint8_t tif)
{
    return tif == TIF_DAY || tif == TIF_GTC || tif == TIF_GTD;
}
static bool may_rest(const struct command_place *p)
{
    return p->type == ORDER_TYPE_LIMIT && may_wait(p->tif);
}
/* A MARKET order at BOOK outside an auction: what it trades now is found by a walk. */
static bool walks(const struct ticket *k)
{
    return k->asked->type == ORDER_TYPE_MARKET && k->venue == 0 && !at_auction(k->asked->tif);
}

/* Rules 1 to 3. */

static __attribute__((noinline)) enum reject judge_lists(struct turn *t, const struct command_place *p)
{
    if (p->side == 0 || p->side > SIDE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (p->type == 0 || p->type > ORDER_TYPE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TYPE);
    if (p->tif == 0 || p->tif > TIF_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TIF);
    if (p->stp > STP_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_STP);
    if (p->client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_CLIENT_ORDER_ID);
    if (p->flags & ~(PLACE_POST_ONLY | PLACE_REDUCE_ONLY | PLACE_ALL_OR_NONE | PLACE_TRAIL_PERCENT))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FLAGS);
    return 0;
}

static __attribute__((noinline)) enum reject judge_venue(struct turn *t, struct ticket *k)
{
    const struct name *venue = &k->asked->venue;
    if (venue->bytes[0] == 0) return 0;
    k->asked_venue = venue_find(t->engine, venue);
    return k->asked_venue == 0 ? refuse(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE) : 0;
}

/* 3a. */
static __attribute__((noinline)) enum reject judge_stop_shape(struct turn *t, const struct command_place *p)
{
    bool stop = decimal_given(p->stop_price), trail = decimal_given(p->trail);
    if (type_is_stop(p->type)) {
        if (!stop && !trail)
            return refuse_decimal(t, REJECT_STOP_PRICE_REQUIRED, REFUSAL_STOP_PRICE, p->stop_price, 0, DECIMAL_ABSENT);
        if (trail && (stop || p->type == ORDER_TYPE_STOP_LIMIT)) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
        if (!may_wait(p->tif)) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TIF);
    } else {
        if (stop) return refuse(t, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
        if (trail) return refuse(t, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_TRAIL);
    }
    if ((p->flags & PLACE_TRAIL_PERCENT) && !trail) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FLAGS);
    return 0;
}

/* 3b to 3h. */
static __attribute__((noinline)) enum reject judge_combination(struct turn *t, const struct ticket *k)
{
    const struct command_place *p = k->asked;
    bool rest = may_rest(p), market = p->type == ORDER_TYPE_MARKET, display = decimal_given(p->display_quantity);
    bool min_quantity = decimal_given(p->min_quantity);
    if (display && !rest) return refuse(t, REJECT_DISPLAY_NOT_ALLOWED, REFUSAL_DISPLAY_QUANTITY);
    if ((p->flags & PLACE_POST_ONLY) && !rest) return refuse(t, REJECT_POST_ONLY_NEEDS_LIMIT, REFUSAL_FLAGS);
    if ((p->flags & PLACE_ALL_OR_NONE) && (!rest || display || (p->flags & PLACE_POST_ONLY)))
        return refuse(t, REJECT_ALL_OR_NONE_NOT_ALLOWED, REFUSAL_FLAGS);
    bool at_once =
        (p->tif == TIF_IOC && !type_is_stop(p->type)) || (market && (p->tif == TIF_DAY || p->tif == TIF_GTC));
    if (min_quantity && !at_once) return refuse(t, REJECT_MIN_QUANTITY_NOT_ALLOWED, REFUSAL_MIN_QUANTITY);
    if (decimal_given(p->quote_quantity) && (!market || decimal_given(p->quantity) || at_auction(p->tif)))
        return refuse(t, REJECT_QUOTE_QUANTITY_NOT_ALLOWED, REFUSAL_QUOTE_QUANTITY);
    if (p->tif == TIF_GTD && market) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TIF);
    if (k->asked_venue == 0) return 0;
    struct wants w = wants_of_place(p, NULL, k->asked_venue);
    return venue_takes(&w, k->asked_venue) ? 0 : refuse(t, REJECT_NOT_SUPPORTED, REFUSAL_VENUE);
}

/* A LIMIT or MARKET order that asks for nothing special. */
static bool shape_plain(const struct command_place *p)
{
    uint8_t given = p->stop_price.scale & p->display_quantity.scale & p->quote_quantity.scale & p->min_quantity.scale &
                    p->trail.scale;
    return given == DECIMAL_ABSENT && p->venue.bytes[0] == 0 && p->flags == 0 && p->side - 1u < SIDE_NUMBER_MAX &&
           p->type - 1u < ORDER_TYPE_MARKET && p->tif - 1u < TIF_FOK && p->stp <= STP_NUMBER_MAX &&
           p->client_order_id.len_bytes <= CLIENT_ORDER_ID_BYTES_MAX &&
           !(p->tif == TIF_GTD && p->type == ORDER_TYPE_MARKET);
}

static __attribute__((noinline)) enum reject judge_shape_other(struct turn *t, struct ticket *k)
{
    enum reject no = judge_lists(t, k->asked);
    if (no == 0) no = judge_venue(t, k);
    if (no == 0) no = judge_stop_shape(t, k->asked);
    return no != 0 ? no : judge_combination(t, k);
}

HOT enum reject judge_shape(struct turn *t, struct ticket *k)
{
    k->venue = k->asked_venue = 0;
    k->client_id = 0;
    k->route.rule = 0;
    return LIKELY(shape_plain(k->asked)) ? 0 : judge_shape_other(t, k);
}

/* Rules 4 to 8. */

HOT enum reject judge_names(struct turn *t, struct ticket *k)
{
    struct engine *e = t->engine;
    k->account_index = account_find(e, &k->asked->account);
    if (k->account_index == 0) return refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    k->instrument_index = instrument_find(e, &k->asked->symbol);
    if (k->instrument_index == 0) return refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    k->account = account_at(e, k->account_index);
    k->instrument = instrument_at(e, k->instrument_index);
    enum reject no = LIKELY(k->asked->client_order_id.len_bytes == 0) ? 0 : judge_client_id(t, k);
    return no != 0 ? no : pending_judge(t);
}

HOT enum reject judge_halted(struct turn *t, const struct account *a, const struct instrument *i)
{
    uint8_t system = t->engine->trading;
    if (LIKELY((system | i->trading) == 0 && a->status != ACCOUNT_STATUS_HALTED)) return 0;
    if (system == ACCOUNT_STATUS_HALTED) return refuse(t, REJECT_SYSTEM_HALTED, 0);
    if (i->trading == ACCOUNT_STATUS_HALTED) return refuse(t, REJECT_INSTRUMENT_TRADING_HALTED, 0);
    return a->status == ACCOUNT_STATUS_HALTED ? refuse(t, REJECT_ACCOUNT_HALTED, 0) : 0;
}

enum reject judge_reducing(struct turn *t, const struct account *a, const struct instrument *i, int64_t opening)
{
    enum reject no = 0;
    if (opening <= 0) return 0;
    if (t->engine->trading == ACCOUNT_STATUS_REDUCING)
        no = REJECT_SYSTEM_REDUCING;
    else if (i->trading == ACCOUNT_STATUS_REDUCING)
        no = REJECT_INSTRUMENT_REDUCING;
    else if (a->status == ACCOUNT_STATUS_REDUCING)
        no = REJECT_ACCOUNT_REDUCING;
    return no == 0 ? 0 : refuse_numbers(t, no, REFUSAL_QUANTITY, opening, i->quantity_scale, 0, i->quantity_scale);
}

static bool collecting_takes(const struct instrument *i, uint8_t type, uint8_t tif, uint8_t flags)
{
    if (tif == TIF_ON_OPEN) return i->state == INSTRUMENT_STATE_PRE_OPEN;
    if (tif == TIF_ON_CLOSE || type_is_stop(type)) return true;
    return type == ORDER_TYPE_LIMIT && may_wait(tif) && !(flags & PLACE_POST_ONLY);
}

HOT enum reject judge_session(struct turn *t, const struct instrument *i, uint8_t type, uint8_t tif, uint8_t flags)
{
    bool takes = false;
    if (LIKELY(i->state == INSTRUMENT_STATE_CONTINUOUS))
        takes = tif != TIF_ON_OPEN;
    else if (i->state == INSTRUMENT_STATE_PRE_OPEN || i->state == INSTRUMENT_STATE_AUCTION)
        takes = collecting_takes(i, type, tif, flags);
    if (LIKELY(takes)) return 0;
    return refuse_numbers(t, REJECT_INSTRUMENT_NOT_OPEN, REFUSAL_STATE, i->state, 0, 0, DECIMAL_ABSENT);
}

HOT enum reject judge_gates(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    uint8_t stp = p->stp == 0 && k->account->special ? more_of(t->engine, k->account)->stp : p->stp;
    k->stp = stp == STP_NONE ? 0 : stp;
    enum reject no = judge_halted(t, k->account, k->instrument);
    return no != 0 ? no : judge_session(t, k->instrument, p->type, p->tif, p->flags);
}

/* Prices: rules 9 and 10. */

static enum reject refuse_price(struct turn *t, const struct instrument *i, enum reject reason,
                                enum refusal_field field, struct decimal d)
{
    return refuse_decimal(t, reason, field, d, reason == REJECT_PRICE_TOO_LARGE ? PRICE_MAX : i->tick, i->price_scale);
}

static HOT enum reject judge_distance(struct turn *t, const struct instrument *i, struct decimal d,
                                      enum refusal_field field, int64_t *price)
{
    switch (scale_decimal(d, i->price_scale, PRICE_MAX, price)) {
    case SCALE_GOOD:
        return i->tick != 1 && *price % i->tick != 0 ? refuse_price(t, i, REJECT_PRICE_OFF_TICK, field, d) : 0;
    case SCALE_INEXACT: return refuse_price(t, i, REJECT_PRICE_OFF_TICK, field, d);
    default: return refuse_price(t, i, REJECT_PRICE_TOO_LARGE, field, d);
    }
}

HOT enum reject judge_price(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                            enum reject required, int64_t *price)
{
    if (!decimal_given(d)) return refuse_decimal(t, required, field, d, 0, DECIMAL_ABSENT);
    if (d.scale > DECIMAL_SCALE_MAX) return refuse(t, REJECT_FIELD_INVALID, field);
    if (d.mantissa <= 0) return refuse_decimal(t, required, field, d, 0, DECIMAL_ABSENT);
    return judge_distance(t, i, d, field, price);
}

int64_t reference_price(const struct instrument *i, int side)
{
    if (i->trigger != TRIGGER_QUOTE) return i->last_price;
    return side == SIDE_BUY ? i->ask : i->bid;
}

static i128 ppm_of(int64_t x, int64_t ppm)
{
    uint64_t rest;
    return (i128)wide_div((u128)(uint64_t)x * (uint64_t)ppm, PPM_ONE, &rest);
}

/* x up to a multiple of step; when that is above PRICE_MAX, the highest multiple that is not. */
static int64_t price_step_up(i128 x, int64_t step)
{
    int64_t price = x > PRICE_MAX ? PRICE_MAX : (int64_t)x;
    int64_t over = price % step;
    if (over == 0) return price;
    return step - over > PRICE_MAX - price ? price - over : price + (step - over);
}

int64_t price_raise(const struct instrument *i, int64_t x)
{
    return price_step_up(x + ppm_of(x, i->collar_ppm), i->tick_gcd);
}

int64_t price_follow(const struct instrument *i, int side, int64_t trail, bool percent, int64_t x)
{
    i128 distance = percent ? ppm_of(x, trail) : trail;
    if (side == SIDE_BUY) return price_step_up(x + distance, i->tick);
    i128 below = x - distance;
    if (below < i->tick) return i->tick;
    return (int64_t)below - (int64_t)below % i->tick;
}

static __attribute__((noinline)) enum reject judge_trail(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    const struct instrument *i = k->instrument;
    bool percent = (p->flags & PLACE_TRAIL_PERCENT) != 0;
    if (p->trail.mantissa <= 0 || p->trail.scale > DECIMAL_SCALE_MAX)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
    if (percent) {
        if (scale_decimal(p->trail, TRAIL_PERCENT_SCALE, PPM_ONE - 1, &k->trail) != SCALE_GOOD)
            return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TRAIL);
    } else {
        enum reject no = judge_distance(t, i, p->trail, REFUSAL_TRAIL, &k->trail);
        if (no != 0) return no;
    }
    int64_t reference = reference_price(i, p->side);
    if (reference == 0) return refuse(t, REJECT_NO_REFERENCE_PRICE, 0);
    k->stop_price = price_follow(i, p->side, k->trail, percent, reference);
    if (i->trail_count < TRAILING_MAX) return 0;
    return refuse_numbers(t, REJECT_TRAILING_FULL, 0, 0, DECIMAL_ABSENT, TRAILING_MAX, 0);
}

enum reject judge_stop_met(struct turn *t, const struct instrument *i, int side, int64_t stop_price)
{
    int64_t reference = reference_price(i, side);
    bool met = side == SIDE_BUY ? reference >= stop_price : reference > 0 && reference <= stop_price;
    if (!met) return 0;
    return refuse_numbers(t, REJECT_STOP_WOULD_TRIGGER, REFUSAL_STOP_PRICE, stop_price, i->price_scale, reference,
                          i->price_scale);
}

/* The best price of a side of the book; 0: none. Only while collecting may it be a MARKET order's. */
static int64_t best_price(const struct engine *e, const struct instrument *i, int side)
{
    uint32_t best = book_best(e, &i->sides[side - 1]);
    return best == 0 ? 0 : level_at(e, best)->price;
}
static int64_t best_bid(const struct engine *e, const struct instrument *i)
{
    int64_t bid = best_price(e, i, SIDE_BUY);
    if (LIKELY(bid <= PRICE_MAX)) return bid;
    uint32_t next = book_level_after(e, &i->sides[SIDE_BUY - 1], SIDE_BUY, bid);
    return next == 0 ? 0 : level_at(e, next)->price;
}

/* The worst price a MARKET order may trade at: the touch and the collar; without a collar, any. */
int64_t market_bound(const struct engine *e, struct instrument *i, int side)
{
    int64_t touch = best_price(e, i, side_opposite(side));
    if (touch == 0 || i->collar_ppm == 0) return side == SIDE_BUY ? PRICE_MAX : 1;
    i128 reach = ppm_of(touch, i->collar_ppm);
    if (side == SIDE_BUY) return reach > PRICE_MAX - touch ? PRICE_MAX : touch + (int64_t)reach;
    return reach >= touch ? 1 : touch - (int64_t)reach; /* ceil(touch - x) = touch - floor(x) */
}

/* A MARKET order, and stops. */
static __attribute__((noinline)) enum reject judge_prices_other(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    struct instrument *i = k->instrument;
    enum reject no = 0;
    if (p->type == ORDER_TYPE_STOP_LIMIT)
        no = judge_price(t, i, p->price, REFUSAL_PRICE, REJECT_PRICE_REQUIRED, &k->price);
    else if (decimal_given(p->price))
        no = refuse(t, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
    if (no != 0) return no;
    if (p->type == ORDER_TYPE_MARKET) {
        if (walks(k))
            k->bound = market_bound(t->engine, i, p->side);
        else
            k->price = k->bound = p->side == SIDE_BUY ? MARKET_PRICE_BUY : MARKET_PRICE_SELL;
        return 0;
    }
    if (decimal_given(p->trail)) return judge_trail(t, k);
    no = judge_price(t, i, p->stop_price, REFUSAL_STOP_PRICE, REJECT_STOP_PRICE_REQUIRED, &k->stop_price);
    return no != 0 || venue_is_broker(k->venue) ? no : judge_stop_met(t, i, p->side, k->stop_price);
}

HOT enum reject judge_prices(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    k->price = k->stop_price = k->trail = k->hold_price = 0;
    if (UNLIKELY(p->type != ORDER_TYPE_LIMIT)) return judge_prices_other(t, k);
    enum reject no = judge_price(t, k->instrument, p->price, REFUSAL_PRICE, REJECT_PRICE_REQUIRED, &k->price);
    k->bound = k->price;
    return no;
}

/* What a MARKET order could trade now. */
struct market_walk {
    int64_t highest;
    i128 notional; /* at most once above NOTIONAL_MAX: then price x quantity is too, and is refused for it */
};
static void market_walk_add(struct market_walk *w, const struct instrument *i, int64_t price, int64_t part)
{
    if (price > w->highest) w->highest = price;
    if (w->notional <= NOTIONAL_MAX) w->notional += notional_of(i, price, part);
}

static struct market_walk market_walk(const struct turn *t, const struct ticket *k)
{
    struct market_walk found = {0};
    struct taker_walk w = taker_walk_begin(t->engine, k->instrument, k->asked->side, k->bound, k->account_index, k->stp,
                                           k->quantity, turn_work_left(t));
    int64_t price, part;
    while (taker_walk_next(&w, &price, &part)) market_walk_add(&found, k->instrument, price, part);
    return found;
}

/* The most whole lots, of at most `quantity`, whose notional at a price is not above an amount. */
static int64_t lots_within(const struct instrument *i, int64_t price, int64_t quantity, i128 amount)
{
    int64_t low = 0, high = quantity / i->lot;
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        if (notional_of(i, price, middle * i->lot) <= amount)
            low = middle;
        else
            high = middle - 1;
    }
    return low * i->lot;
}

/* The quantity that an amount of money buys, or that is sold for it. Nothing is wanted yet that DECREMENT could make less: it passes over
 * own orders, as CANCEL_OLDEST does. */
static int64_t quantity_for(const struct turn *t, const struct ticket *k, i128 amount)
{
    struct instrument *i = k->instrument;
    uint8_t stp = k->stp == STP_DECREMENT ? STP_CANCEL_OLDEST : k->stp;
    struct taker_walk w = taker_walk_begin(t->engine, i, k->asked->side, k->bound, k->account_index, stp, QUANTITY_MAX,
                                           turn_work_left(t));
    w.by_order = true;
    int64_t price, part, quantity = 0;
    while (taker_walk_next(&w, &price, &part)) {
        int64_t lots = lots_within(i, price, part, amount);
        quantity += lots;
        amount -= notional_of(i, price, lots);
        if (lots < part) break;
    }
    return quantity;
}

/* Rules 11 to 17. */

HOT enum reject judge_lots(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                           int64_t *quantity)
{
    if (!decimal_given(d)) return refuse_decimal(t, REJECT_QUANTITY_NOT_POSITIVE, field, d, 0, DECIMAL_ABSENT);
    if (d.scale > DECIMAL_SCALE_MAX) return refuse(t, REJECT_FIELD_INVALID, field);
    if (d.mantissa <= 0) return refuse_decimal(t, REJECT_QUANTITY_NOT_POSITIVE, field, d, 0, DECIMAL_ABSENT);
    switch (scale_decimal(d, i->quantity_scale, QUANTITY_MAX, quantity)) {
    case SCALE_GOOD: return 0;
    case SCALE_INEXACT: return refuse_decimal(t, REJECT_QUANTITY_OFF_LOT, field, d, i->lot, i->quantity_scale);
    default: return refuse_decimal(t, REJECT_QUANTITY_TOO_LARGE, field, d, QUANTITY_MAX, i->quantity_scale);
    }
}

HOT enum reject judge_bounds(struct turn *t, const struct instrument *i, struct decimal d, int64_t quantity)
{
    if (i->lot != 1 && quantity % i->lot != 0)
        return refuse_decimal(t, REJECT_QUANTITY_OFF_LOT, REFUSAL_QUANTITY, d, i->lot, i->quantity_scale);
    if (quantity < i->min_quantity)
        return refuse_numbers(t, REJECT_QUANTITY_TOO_SMALL, REFUSAL_QUANTITY, quantity, i->quantity_scale,
                              i->min_quantity, i->quantity_scale);
    if (i->max_quantity != 0 && quantity > i->max_quantity)
        return refuse_numbers(t, REJECT_QUANTITY_TOO_LARGE, REFUSAL_QUANTITY, quantity, i->quantity_scale,
                              i->max_quantity, i->quantity_scale);
    return 0;
}

/* A part of the quantity: display_quantity, min_quantity. */
enum reject judge_part(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                       int64_t quantity, enum reject too_large, int64_t *part)
{
    enum reject no = judge_lots(t, i, d, field, part);
    if (no != 0) return no;
    if (*part % i->lot != 0) return refuse_decimal(t, REJECT_QUANTITY_OFF_LOT, field, d, i->lot, i->quantity_scale);
    return *part > quantity ? refuse_decimal(t, too_large, field, d, quantity, i->quantity_scale) : 0;
}

static __attribute__((noinline)) enum reject judge_quote_quantity(struct turn *t, struct ticket *k)
{
    struct instrument *i = k->instrument;
    struct decimal d = k->asked->quote_quantity;
    i128 amount;
    if (d.scale > DECIMAL_SCALE_MAX || d.mantissa <= 0 ||
        scale_amount((struct amount){d.mantissa, d.scale}, i->currency_scale, NOTIONAL_MAX, &amount) != SCALE_GOOD)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_QUOTE_QUANTITY);
    if (k->venue != 0) {
        int64_t price = k->asked->side == SIDE_BUY ? i->ask : i->bid;
        k->quantity = price == 0 ? 0 : lots_within(i, price, QUANTITY_MAX, amount);
    } else {
        k->quantity = quantity_for(t, k, amount);
    }
    if (k->quantity != 0) return 0;
    return refuse_decimal(t, REJECT_QUANTITY_TOO_SMALL, REFUSAL_QUOTE_QUANTITY, d, 0, DECIMAL_ABSENT);
}

static HOT enum reject judge_how_much(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    const struct instrument *i = k->instrument;
    enum reject no = LIKELY(!decimal_given(p->quote_quantity))
                         ? judge_lots(t, i, p->quantity, REFUSAL_QUANTITY, &k->quantity)
                         : judge_quote_quantity(t, k);
    if (no == 0) no = judge_bounds(t, i, p->quantity, k->quantity);
    k->display_quantity = k->min_quantity = 0;
    if (no == 0 && UNLIKELY(decimal_given(p->display_quantity)))
        no = judge_part(t, i, p->display_quantity, REFUSAL_DISPLAY_QUANTITY, k->quantity, REJECT_DISPLAY_NOT_ALLOWED,
                        &k->display_quantity);
    if (no == 0 && UNLIKELY(decimal_given(p->min_quantity)))
        no = judge_part(t, i, p->min_quantity, REFUSAL_MIN_QUANTITY, k->quantity, REJECT_MIN_QUANTITY_NOT_ALLOWED,
                        &k->min_quantity);
    return no;
}

static HOT enum reject judge_leverage(struct turn *t, struct ticket *k)
{
    struct decimal d = k->asked->leverage;
    int64_t leverage;
    k->leverage = 0;
    if (LIKELY(!decimal_given(d))) return 0;
    if (d.scale > DECIMAL_SCALE_MAX || scale_decimal(d, LEVERAGE_SCALE, LEVERAGE_MAX, &leverage) != SCALE_GOOD ||
        leverage < LEVERAGE_ONE)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_LEVERAGE);
    uint32_t most = leverage_of(k->account, k->instrument);
    if (leverage > most) return refuse_decimal(t, REJECT_LEVERAGE_TOO_HIGH, REFUSAL_LEVERAGE, d, most, LEVERAGE_SCALE);
    k->leverage = (uint32_t)leverage;
    return 0;
}

/* Rule 14: what an order without a limit price holds for. */
static __attribute__((noinline)) enum reject judge_hold_price(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    const struct instrument *i = k->instrument;
    bool buy = p->side == SIDE_BUY;
    if (p->type == ORDER_TYPE_STOP) {
        k->hold_price = stop_hold_price(i, p->side, k->stop_price);
    } else if (p->type == ORDER_TYPE_MARKET && at_auction(p->tif)) {
        if (i->collar_ppm == 0 || i->last_price == 0) return refuse(t, REJECT_NO_REFERENCE_PRICE, 0);
        k->hold_price = price_raise(i, i->last_price);
    } else if (p->type == ORDER_TYPE_MARKET && venue_is_broker(k->venue)) {
        int64_t quoted = buy ? i->ask : i->bid, reference = quoted != 0 ? quoted : i->last_price;
        if (reference == 0) return refuse(t, REJECT_NO_REFERENCE_PRICE, 0);
        k->hold_price = buy ? price_raise(i, reference) : reference;
    } else if (p->type == ORDER_TYPE_MARKET && k->venue != 0) {
        if ((buy ? i->ask : i->bid) == 0) return refuse(t, REJECT_NO_QUOTE, 0);
        k->hold_price = buy ? price_raise(i, i->ask) : i->bid;
    }
    return 0;
}

int64_t price_highest(const struct engine *e, const struct instrument *i, int side, uint8_t venue, int64_t price)
{
    if (side == SIDE_BUY || venue_is_broker(venue)) return price;
    int64_t bid = venue == 0 ? best_bid(e, i) : i->bid;
    return bid > price ? bid : price;
}

/* A number at a scale of at most CASH_SCALE_MAX is above a limit of the account, which has 9 decimals; 0: no limit. */
static bool above_limit(i128 value, unsigned scale, i128 limit)
{
    if (limit == 0) return false;
    if (scale <= LIMIT_SCALE) return value * pow10_i64(LIMIT_SCALE - scale) > limit;
    return value > limit * pow10_i64(scale - LIMIT_SCALE);
}
static const struct account_limits *limits_of(const struct engine *e, const struct account *a)
{
    return a->special && more_of(e, a)->rules != 0 ? &account_rules_at(e, more_of(e, a)->rules)->limits : NULL;
}

HOT enum reject judge_notional(struct turn *t, const struct account *a, const struct instrument *i, int64_t price,
                               int64_t quantity)
{
    i128 notional = notional_of(i, price, quantity), most = i->max_notional == 0 ? NOTIONAL_MAX : i->max_notional;
    if (UNLIKELY(notional > most))
        return refuse_numbers(t, REJECT_NOTIONAL_TOO_LARGE, 0, notional, i->currency_scale, most, i->currency_scale);
    const struct account_limits *l = limits_of(t->engine, a);
    if (LIKELY(l == NULL) || !above_limit(notional, i->currency_scale, l->max_order_notional)) return 0;
    return refuse_numbers(t, REJECT_ORDER_NOTIONAL_LIMIT, 0, notional, i->currency_scale, l->max_order_notional,
                          LIMIT_SCALE);
}

enum reject judge_order_quantity(struct turn *t, const struct account *a, const struct instrument *i, int64_t quantity)
{
    const struct account_limits *l = limits_of(t->engine, a);
    if (LIKELY(l == NULL) || !above_limit(quantity, i->quantity_scale, l->max_order_quantity)) return 0;
    return refuse_numbers(t, REJECT_ORDER_QUANTITY_LIMIT, REFUSAL_QUANTITY, quantity, i->quantity_scale,
                          l->max_order_quantity, LIMIT_SCALE);
}

static int64_t rate_interval_ns(const struct account_limits *l)
{
    return (SECOND_NS + (int64_t)l->max_orders_per_second - 1) / l->max_orders_per_second;
}
static int64_t rate_start_ns(const struct engine *e, const struct account_rules *r)
{
    return r->rate_tat_ns > e->now_ns ? r->rate_tat_ns : e->now_ns;
}

static enum reject judge_rate(struct turn *t, const struct account_rules *r)
{
    if (r->limits.max_orders_per_second == 0) return 0;
    int64_t interval = rate_interval_ns(&r->limits), ahead = rate_start_ns(t->engine, r) - t->engine->now_ns;
    if (ahead + interval <= SECOND_NS) return 0;
    return refuse_numbers(t, REJECT_ORDER_RATE_LIMIT, 0, (ahead + interval - 1) / interval + 1, 0,
                          r->limits.max_orders_per_second, 0);
}

void rate_take(struct engine *e, const struct account *a)
{
    uint32_t rules = more_of(e, a)->rules;
    struct account_rules *r = account_rules_at(e, rules);
    if (rules == 0 || r->limits.max_orders_per_second == 0) return;
    account_rules_touch(e, r);
    r->rate_tat_ns = rate_start_ns(e, r) + rate_interval_ns(&r->limits);
}

enum reject judge_open_orders(struct turn *t, const struct account *a, unsigned orders)
{
    const struct account_limits *l = limits_of(t->engine, a);
    if (LIKELY(l == NULL) || l->max_open_orders == 0 || a->orders_count + (uint64_t)orders <= l->max_open_orders)
        return 0;
    return refuse_numbers(t, REJECT_OPEN_ORDERS_LIMIT, 0, (i128)a->orders_count + orders, 0, l->max_open_orders, 0);
}

/* Rule 16. */
static HOT enum reject judge_account_limits(struct turn *t, const struct ticket *k)
{
    const struct account *a = k->account;
    if (LIKELY(!a->special) || more_of(t->engine, a)->rules == 0) return 0;
    enum reject no = judge_order_quantity(t, a, k->instrument, k->quantity);
    if (no == 0) no = judge_open_orders(t, a, k->orders);
    return no != 0 ? no : judge_rate(t, account_rules_at(t->engine, more_of(t->engine, a)->rules));
}

static bool outside_collar(const struct instrument *i, int64_t price, int64_t base)
{
    if (LIKELY(i->collar_ppm == 0) || base == 0) return false;
    int64_t distance = price > base ? price - base : base - price;
    return (i128)distance * PPM_ONE > (i128)base * i->collar_ppm;
}
bool breaches_collar(const struct instrument *i, int64_t price, int64_t base)
{
    return outside_collar(i, price, base);
}

HOT enum reject judge_collar(struct turn *t, const struct instrument *i, int64_t price)
{
    if (!outside_collar(i, price, i->last_price)) return 0;
    i128 reach = ppm_of(i->last_price, i->collar_ppm);
    return refuse_numbers(t, REJECT_PRICE_OUTSIDE_COLLAR, REFUSAL_PRICE, price, i->price_scale,
                          price > i->last_price ? i->last_price + reach : i->last_price - reach, i->price_scale);
}

static HOT enum reject judge_expiry(struct turn *t, const struct command_place *p)
{
    if (p->tif == TIF_GTD)
        return p->expires_ns <= t->engine->now_ns ? refuse(t, REJECT_EXPIRY_REQUIRED, REFUSAL_EXPIRES_AT) : 0;
    return p->expires_ns != 0 ? refuse(t, REJECT_EXPIRY_NOT_ALLOWED, REFUSAL_EXPIRES_AT) : 0;
}

HOT enum reject judge_quantity(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    struct instrument *i = k->instrument;
    enum reject no = judge_how_much(t, k);
    if (no == 0) no = judge_expiry(t, p);
    if (no == 0) no = judge_leverage(t, k);
    if (no == 0 && UNLIKELY(p->type != ORDER_TYPE_LIMIT)) no = judge_hold_price(t, k);
    if (no == 0 && !walks(k)) {
        int64_t price =
            type_has_limit(p->type) ? price_highest(t->engine, i, p->side, k->venue, k->price) : k->hold_price;
        bool planned = UNLIKELY(t->planned.bid > price) && p->side == SIDE_SELL && k->venue == 0;
        if (planned && type_has_limit(p->type)) price = t->planned.bid;
        no = judge_notional(t, k->account, i, price, k->quantity);
    }
    if (no == 0) no = judge_account_limits(t, k);
    if (no == 0 && p->type == ORDER_TYPE_LIMIT && k->venue == 0) no = judge_collar(t, i, k->price);
    return no;
}

/* Rules 18 and 19. */

static enum reject refuse_full(struct turn *t, enum reject reason, uint32_t limit)
{
    return refuse_numbers(t, reason, 0, 0, DECIMAL_ABSENT, limit, 0);
}

/* The position and the balances that the order needs and nobody has made yet. */
static HOT enum reject judge_positions(struct turn *t, struct ticket *k)
{
    struct engine *e = t->engine;
    uint32_t currency = k->instrument->currency;
    k->position = position_find(e, k->account_index, k->instrument_index);
    k->balance = k->position != 0 ? position_at(e, k->position)->balance : balance_find(e, k->account_index, currency);
    bool fees = currency_at(e, currency)->fees_balance == 0 && balance_find(e, e->fees_account, currency) == 0;
    if (LIKELY(k->position != 0 && !fees && k->venue == 0)) return 0;
    uint32_t positions = k->position == 0, balances = k->balance == 0;
    balances += fees && k->account_index != e->fees_account;
    uint32_t house = venue_house(e, k->venue);
    if (house != 0 && k->account_index != house) {
        positions += position_find(e, house, k->instrument_index) == 0;
        balances += balance_find(e, house, currency) == 0;
    }
    if (positions > e->positions.capacity - e->positions.live)
        return refuse_full(t, REJECT_POSITIONS_FULL, e->limits.positions_max);
    if (balances > e->balances.capacity - e->balances.live)
        return refuse_full(t, REJECT_POSITIONS_FULL, e->limits.balances_max);
    return 0;
}

static bool may_need_level(const struct ticket *k)
{
    const struct command_place *p = k->asked;
    if (k->orders > 1 || venue_is_broker(k->venue)) return true;
    if (p->tif == TIF_IOC || p->tif == TIF_FOK) return false;
    return !walks(k);
}

enum reject judge_orders_room(struct turn *t, unsigned orders, unsigned timers, unsigned levels)
{
    const struct engine *e = t->engine;
    const struct limits *l = &e->limits;
    const struct planned *others = &t->planned;
    orders += others->orders;
    if (timers != 0) timers += others->timers;
    if (e->orders.live + (uint64_t)orders > l->orders_max) return refuse_full(t, REJECT_ORDERS_FULL, l->orders_max);
    if (e->timers_count - e->route_timers + (uint64_t)timers > l->timers_max)
        return refuse_full(t, REJECT_TIMERS_FULL, l->timers_max);
    if (levels != 0 && e->levels.live + (uint64_t)levels > l->levels_max)
        return refuse_full(t, REJECT_LEVELS_FULL, l->levels_max);
    return 0;
}

static enum reject judge_levels_room(struct turn *t, unsigned levels)
{
    const struct engine *e = t->engine;
    if (e->levels.live + (uint64_t)levels + t->planned.orders <= e->limits.levels_max) return 0;
    return refuse_full(t, REJECT_LEVELS_FULL, e->limits.levels_max);
}

static bool would_cross(const struct engine *e, struct instrument *i, int side, int64_t price, int64_t *other)
{
    *other = best_price(e, i, side_opposite(side));
    return *other != 0 && (side == SIDE_BUY ? *other <= price : *other >= price);
}

enum reject judge_post_only(struct turn *t, struct instrument *i, int side, int64_t price)
{
    int64_t other;
    if (!would_cross(t->engine, i, side, price, &other)) return 0;
    return refuse_numbers(t, REJECT_POST_ONLY_WOULD_CROSS, REFUSAL_PRICE, price, i->price_scale, other, i->price_scale);
}

HOT enum reject judge_room(struct turn *t, struct ticket *k)
{
    struct engine *e = t->engine;
    const struct command_place *p = k->asked;
    const struct limits *l = &e->limits;
    enum reject no = 0;
    uint64_t orders = k->orders + (uint64_t)t->planned.orders;
    if (UNLIKELY(e->orders.live + orders > l->orders_max || p->tif == TIF_GTD))
        no = judge_orders_room(t, k->orders, p->tif == TIF_GTD, 0);
    if (no == 0) no = judge_positions(t, k);
    if (no == 0 && UNLIKELY(e->levels.live + orders > l->levels_max) && may_need_level(k))
        no = judge_levels_room(t, k->orders);
    if (no == 0 && UNLIKELY(venue_is_broker(k->venue)) && e->routes.live + t->planned.routes >= l->routes_max)
        no = refuse_full(t, REJECT_ROUTES_FULL, l->routes_max);
    if (no != 0 || LIKELY(p->flags == 0)) return no;
    if ((p->flags & PLACE_REDUCE_ONLY) && position_at(e, k->position)->reduce_count >= REDUCE_ONLY_MAX)
        return refuse_full(t, REJECT_REDUCE_ONLY_FULL, REDUCE_ONLY_MAX);
    return p->flags & PLACE_POST_ONLY ? judge_post_only(t, k->instrument, p->side, k->price) : 0;
}

/* Risk: rule 20. */

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

HOT struct exposure exposure_of(const struct engine *e, uint32_t position, int side)
{
    const struct position *p = position_at(e, position); /* none: item 0, all zero */
    return (struct exposure){p->quantity, p->open[side - 1], p->closing[side - 1]};
}

static HOT enum reject judge_position_limit(struct turn *t, const struct account *a, const struct instrument *i,
                                            i128 quantity)
{
    const struct account_limits *l = limits_of(t->engine, a);
    if (LIKELY(l == NULL) || !above_limit(quantity, i->quantity_scale, l->max_position)) return 0;
    return refuse_numbers(t, REJECT_POSITION_LIMIT, REFUSAL_QUANTITY, quantity, i->quantity_scale, l->max_position,
                          LIMIT_SCALE);
}

HOT enum reject judge_exposure(struct turn *t, const struct account *a, const struct instrument *i,
                               const struct exposure *x, const struct wish *w, int64_t *closing)
{
    uint8_t scale = i->quantity_scale;
    *closing = 0;
    int64_t largest =
        magnitude(x->position) + x->open + w->quantity; /* at most 2 POSITION_MAX and a quantity: 63 bits */
    if (UNLIKELY(largest > POSITION_MAX))
        return refuse_numbers(t, REJECT_POSITION_TOO_LARGE, REFUSAL_QUANTITY, largest, scale, POSITION_MAX, scale);
    bool house = a->type == ACCOUNT_TYPE_HOUSE;
    int64_t own = w->side == SIDE_BUY ? x->position : -x->position, taken = house ? 0 : x->closing;
    int64_t cover = -own > taken ? -own - taken : 0;
    if (UNLIKELY(w->reduce_only) && w->quantity > cover)
        return refuse_numbers(t, REJECT_REDUCE_ONLY_TOO_LARGE, REFUSAL_QUANTITY, w->quantity, scale, cover, scale);
    if (house) return 0;
    *closing = w->quantity < cover ? w->quantity : cover;
    int64_t opening = w->quantity - *closing;
    if (opening == 0) return 0;
    enum reject no = judge_reducing(t, a, i, opening);
    if (no != 0) return no;
    if (w->side == SIDE_SELL && !(a->type == ACCOUNT_TYPE_MARGIN && a->allow_short))
        return refuse_numbers(t, REJECT_POSITION_SHORT, REFUSAL_QUANTITY, w->quantity, scale, cover, scale);
    return judge_position_limit(t, a, i, (i128)own + x->open + w->quantity);
}

/* What trading a notional at once takes. */
static i128 market_need(const struct engine *e, const struct account *a, const struct instrument *i, uint32_t leverage,
                        i128 notional)
{
    int64_t rate = fee_rate_taker(e, a, i);
    return money_margin(notional, leverage) + (rate > 0 ? money_div_ceil(notional * rate, FEE_RATE_ONE) : 0);
}

HOT enum reject judge_cash(struct turn *t, const struct instrument *i, i128 need, i128 free)
{
    if (LIKELY(need <= free)) return 0;
    return refuse_numbers(t, REJECT_CASH_SHORT, 0, need, i->currency_scale, free, i->currency_scale);
}

/* The walk's notional check, and what it would take to trade what can be traded now. */
static __attribute__((noinline)) enum reject judge_walk(struct turn *t, const struct ticket *k, i128 *need)
{
    struct market_walk walk = market_walk(t, k);
    uint32_t leverage = k->leverage != 0 ? k->leverage : leverage_of(k->account, k->instrument);
    enum reject no = walk.highest == 0 ? 0 : judge_notional(t, k->account, k->instrument, walk.highest, k->quantity);
    if (no == 0) *need = market_need(t->engine, k->account, k->instrument, leverage, walk.notional);
    return no;
}

static HOT i128 hold_needed(const struct engine *e, const struct ticket *k, int64_t opening)
{
    uint32_t leverage = k->leverage != 0 ? k->leverage : leverage_of(k->account, k->instrument);
    int64_t price = type_has_limit(k->asked->type) ? k->price : k->hold_price;
    if (k->other_hold_price > price) price = k->other_hold_price;
    return money_hold(notional_of(k->instrument, price, opening), leverage,
                      fee_rate_worst(e, k->account, k->instrument), 0);
}

HOT enum reject judge_risk(struct turn *t, struct ticket *k)
{
    const struct engine *e = t->engine;
    const struct command_place *p = k->asked;
    const struct account *a = k->account;
    const struct instrument *i = k->instrument;
    bool by_walk = walks(k);
    i128 need = 0;
    k->hold = 0;
    enum reject no = UNLIKELY(by_walk) ? judge_walk(t, k, &need) : 0;
    if (no != 0) return no;
    struct exposure x = exposure_of(e, k->position, p->side);
    struct wish wish = {p->side, (p->flags & PLACE_REDUCE_ONLY) != 0, k->quantity};
    no = judge_exposure(t, a, i, &x, &wish, &k->closing);
    int64_t opening = k->quantity - k->closing;
    if (no != 0 || a->type == ACCOUNT_TYPE_HOUSE || opening == 0) return no;
    if (LIKELY(!by_walk)) need = k->hold = hold_needed(e, k, opening);
    return judge_cash(t, i, need, k->balance == 0 ? 0 : balance_free(balance_at(e, k->balance)));
}

HOT enum reject judge_from_gates(struct turn *t, struct ticket *k)
{
    enum reject no = judge_gates(t, k);
    if (no == 0) no = judge_prices(t, k);
    if (no == 0) no = judge_quantity(t, k);
    if (no == 0) no = judge_room(t, k);
    return no != 0 ? no : judge_risk(t, k);
}

/* As most do: there is nothing to decide. */
static bool goes_to_book(const struct engine *e, const struct ticket *k)
{
    return e->route_rules_count == 0 && k->asked_venue <= VENUE_BOOK &&
           (k->asked_venue != 0 || k->asked->type == ORDER_TYPE_LIMIT) && e->venues[VENUE_BOOK].state == VENUE_STATE_UP;
}

enum reject judge_place(struct turn *t, struct ticket *k)
{
    enum reject no = judge_shape(t, k);
    if (no == 0) no = judge_names(t, k);
    if (no == 0 && !goes_to_book(t->engine, k)) no = judge_route(t, k);
    return no != 0 ? no : judge_from_gates(t, k);
}

/* core/triggers.c - what a command sets off: children, stops one at a time, trailing stops, all-or-none orders.
 * What must stay true: an instrument has a range between commands only while work is pending, and e->ranged is the first that has one;
 * the first elected order is the head of UP, then the head of DOWN; everything is bounded by the turn's work, and what is left waits
 * in state. */
#include "core/engine_parts.h"
#include "core/walk.h"

bool instrument_live(const struct engine *e, const struct instrument *i)
{
    return i->state == INSTRUMENT_STATE_CONTINUOUS && i->trading != ACCOUNT_STATUS_HALTED &&
           e->trading != ACCOUNT_STATUS_HALTED;
}

/* The range: prices seen since the stops were last looked at. */

static bool has_range(const struct instrument *i)
{
    return i->range_low != 0 || i->range_high != 0;
}

void range_set(struct engine *e, struct instrument *i, int64_t low, int64_t high)
{
    bool had = has_range(i);
    instrument_touch(e, i);
    i->range_low = low;
    i->range_high = high;
    if (had == has_range(i)) return;
    uint32_t index = instrument_index(e, i);
    if (!had) {
        if (e->ranged_count++ == 0 || index < e->ranged) e->ranged = index;
    } else if (--e->ranged_count == 0) {
        e->ranged = 0;
    } else if (index == e->ranged) {
        while (!has_range(instrument_at(e, e->ranged))) e->ranged++;
    }
}

void range_take(struct engine *e, struct instrument *i, int64_t low, int64_t high)
{
    if (!(i->waits & WAITS_TRIGGER)) return;
    if (!instrument_live(e, i) && e->sweep.kind != SWEEP_AUCTION) return;
    bool none = !has_range(i);
    range_set(e, i, none || low < i->range_low ? low : i->range_low,
              none || high > i->range_high ? high : i->range_high);
}

void range_clear(struct engine *e, struct instrument *i)
{
    if (has_range(i)) range_set(e, i, 0, 0);
}

/* The head of UP when a price at or above its stop was seen, else the head of DOWN when one at or below was; 0: none. */
static uint32_t elected_first(const struct engine *e, struct instrument *i, int64_t *seen)
{
    uint32_t up = book_best(e, queue_side(i, TREE_TRIGGER, SIDE_SELL));
    if (up != 0 && i->range_high != 0 && level_at(e, up)->price <= i->range_high) {
        *seen = i->range_high;
        return level_at(e, up)->first;
    }
    uint32_t down = book_best(e, queue_side(i, TREE_TRIGGER, SIDE_BUY));
    if (down != 0 && i->range_low != 0 && level_at(e, down)->price >= i->range_low) {
        *seen = i->range_low;
        return level_at(e, down)->first;
    }
    return 0;
}

/* A triggered stop. */

static void triggered_event(struct turn *t, const struct order *o, int64_t stop_price, int64_t seen)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_triggered *ev = &turn_event(t, EVENT_TRIGGERED)->triggered;
    *ev = (struct event_triggered){.order_id = o->id,
                                   .account = account_at(t->engine, o->account)->account,
                                   .symbol = i->symbol,
                                   .stop_price = stop_price,
                                   .price = seen,
                                   .side = o->side,
                                   .type = o->type,
                                   .price_scale = i->price_scale};
}

/* The pair's closing part is its first's. */
static int64_t opening_part(const struct engine *e, struct order *o)
{
    return o->leaves - links_carrier(e, o)->closing_leaves;
}

/* What the account may spend on it: free, and the order's own (or its pair's) hold. */
static i128 spendable(const struct engine *e, struct order *o)
{
    return balance_free(balance_at(e, position_at(e, o->position)->balance)) + links_carrier(e, o)->hold;
}

/* What trading notional n at once takes. */
static i128 taking_need(const struct engine *e, const struct order *o, i128 n)
{
    const struct account *a = account_at(e, o->account);
    const struct instrument *i = instrument_at(e, o->instrument);
    uint32_t own = order_extra_at(e, o->extra)->leverage;
    int64_t rate = fee_rate_taker(e, a, i);
    return money_margin(n, own != 0 ? own : leverage_of(a, i)) +
           money_div_ceil(n * (rate > 0 ? rate : 0), FEE_RATE_ONE);
}

/* The most of `part` at a price, in whole lots unless all of it, that can be paid after notional n. */
static int64_t lots_affordable(const struct engine *e, const struct order *o, i128 n, int64_t price, int64_t part,
                               i128 available)
{
    const struct instrument *i = instrument_at(e, o->instrument);
    if (taking_need(e, o, n + notional_of(i, price, part)) <= available) return part;
    int64_t low = 0, high = part / i->lot; /* low lots can be paid, more than high are not there */
    while (low < high) {
        int64_t middle = high - (high - low) / 2;
        if (taking_need(e, o, n + notional_of(i, price, middle * i->lot)) <= available)
            low = middle;
        else
            high = middle - 1;
    }
    return low * i->lot;
}

int64_t order_affordable(const struct engine *e, struct order *o, int64_t price, int64_t quantity)
{
    if (account_at(e, o->account)->type == ACCOUNT_TYPE_HOUSE || opening_part(e, o) == 0) return quantity;
    return lots_affordable(e, o, 0, price, quantity, spendable(e, o));
}

/* The affordable part of a MARKET order at the book. */
static int64_t book_affordable(const struct turn *t, struct order *o, int64_t bound)
{
    const struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, o->instrument);
    if (account_at(e, o->account)->type == ACCOUNT_TYPE_HOUSE || opening_part(e, o) == 0) return o->leaves;
    struct taker_walk w = taker_walk_begin(e, i, o->side, bound, o->account, o->stp, o->leaves, turn_work_left(t));
    w.by_order = true;
    i128 n = 0, available = spendable(e, o);
    int64_t price, part, sum = 0;
    while (taker_walk_next(&w, &price, &part)) {
        int64_t lots = lots_affordable(e, o, n, price, part, available);
        sum += lots;
        if (lots < part) return sum;
        n += notional_of(i, price, part);
    }
    return o->leaves; /* all that it could trade can be paid */
}

/* ENGINE.md, "A stop triggers": whether it may go on. */
static enum reject trigger_judge(struct turn *t, struct order *o)
{
    struct engine *e = t->engine;
    const struct account *a = account_at(e, o->account);
    struct instrument *i = instrument_at(e, o->instrument);
    uint8_t venue = order_extra_at(e, o->extra)->venue;
    enum reject no = judge_halted(t, a, i);
    if (no == 0 && a->type != ACCOUNT_TYPE_HOUSE && opening_part(e, o) > 0)
        no = judge_reducing(t, a, i, opening_part(e, o));
    if (no != 0) return no;
    if (o->type == ORDER_TYPE_LIMIT) {
        if (venue != VENUE_QUOTE) no = judge_collar(t, i, o->price);
        return no != 0 ? no : judge_notional(t, a, i, price_highest(e, i, o->side, venue, o->price), o->leaves);
    }
    if (venue == VENUE_QUOTE) return (o->side == SIDE_BUY ? i->ask : i->bid) == 0 ? refuse(t, REJECT_NO_QUOTE, 0) : 0;
    int64_t highest = taker_walk_highest(
        taker_walk_begin(e, i, o->side, market_bound(e, i, o->side), o->account, o->stp, o->leaves, turn_work_left(t)));
    return highest == 0 ? 0 : judge_notional(t, a, i, highest, o->leaves);
}

/* From STOP to MARKET, from STOP_LIMIT to LIMIT. */
static void stop_becomes(struct engine *e, struct order *o)
{
    struct order_extra *x = order_extra_at(e, o->extra);
    order_untrail(e, o);
    x->stop_price = 0;
    x->trail = 0;
    x->direction = 0;
    o->flags &= (uint8_t)~PLACE_TRAIL_PERCENT;
    o->phase = x->venue == VENUE_QUOTE ? ORDER_PHASE_AT_QUOTE : ORDER_PHASE_RESTING;
    if (o->type == ORDER_TYPE_STOP) {
        o->type = ORDER_TYPE_MARKET;
        o->price = o->side == SIDE_BUY ? MARKET_PRICE_BUY : MARKET_PRICE_SELL;
    } else {
        o->type = ORDER_TYPE_LIMIT;
    }
}

/* From here on a MARKET order, and its pair, hold nothing: what it takes is judged by what is free. */
static void hold_give_back(struct engine *e, struct order *o)
{
    struct order *carrier = links_carrier(e, o);
    order_extra_at(e, o->extra)->hold_price = 0;
    balance_at(e, position_at(e, o->position)->balance)->reserved -= carrier->hold;
    order_touch(e, carrier);
    carrier->hold = 0;
}

void order_work_judged(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    enum reject no = trigger_judge(t, o);
    if (no != 0) {
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_REFUSED, no);
        return;
    }
    struct instrument *i = instrument_at(e, o->instrument);
    bool market = o->type == ORDER_TYPE_MARKET;
    int64_t bound = market ? market_bound(e, i, o->side) : o->price, most = o->leaves;
    if (market) hold_give_back(e, o);
    if (market && o->phase == ORDER_PHASE_RESTING) most = book_affordable(t, o, bound);
    enum cancel_reason ends = 0;
    if (o->tif == TIF_FOK && o->phase == ORDER_PHASE_RESTING) /* from a broker; no stop is FOK */
        ends = most < o->leaves ? CANCEL_REASON_FOK_UNFILLED : fok_unfillable(e, i, o, bound, turn_work_left(t));
    if (ends != 0)
        order_end(t, index, EVENT_CANCELLED, ends, 0);
    else
        order_work(t, index, most);
}

static void stop_trigger(struct turn *t, uint32_t index, int64_t seen)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    int64_t stop_price = order_extra_at(e, o->extra)->stop_price;
    t->used++;
    order_touch(e, o);
    order_leave(e, index);
    stop_becomes(e, o);
    order_reprioritize(e, index);
    triggered_event(t, o, stop_price, seen);
    order_work_judged(t, index);
}

/* Trailing stops. */

static void trail_one(struct turn *t, struct instrument *i, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct order_extra *x = order_extra_at(e, o->extra);
    bool with_low = (o->side == SIDE_BUY) == (i->trigger == TRIGGER_LAST);
    int64_t price = with_low ? i->range_low : i->range_high;
    if (price == 0) return;
    int64_t stop = price_follow(i, o->side, x->trail, (o->flags & PLACE_TRAIL_PERCENT) != 0, price);
    if (o->side == SIDE_BUY ? stop >= x->stop_price : stop <= x->stop_price) return;
    order_touch(e, o);
    order_leave(e, index);
    x->stop_price = stop;
    order_join(e, index);
    t->used++;
    struct event_trailed *ev = &turn_event(t, EVENT_TRAILED)->trailed;
    *ev = (struct event_trailed){.order_id = o->id,
                                 .account = account_at(e, o->account)->account,
                                 .symbol = i->symbol,
                                 .stop_price = stop,
                                 .side = o->side,
                                 .price_scale = i->price_scale};
}

/* All or none. */

/* Whether the book can fill all of it now with at most so many orders; *orders: how many were counted. */
static bool all_or_none_can(struct turn *t, const struct order *o, uint64_t most, uint64_t *orders)
{
    struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, o->instrument);
    uint32_t best = book_best(e, book_side(i, side_opposite(o->side)));
    *orders = 0;
    if (best == 0) return false;
    return judge_notional(t, account_at(e, o->account), i, level_at(e, best)->price, o->leaves) == 0 &&
           match_reaches(e, i, o, o->price, most, orders);
}

void all_or_none_work(struct turn *t, uint32_t index)
{
    uint64_t orders;
    if (all_or_none_can(t, order_at(t->engine, index), turn_work_left(t), &orders))
        order_aggress(t, index, order_at(t->engine, index)->price, order_at(t->engine, index)->leaves);
    else
        order_join(t->engine, index);
}

/* One of the looks, which share work_max orders. */
static bool all_or_none_looks_good(struct turn *t, const struct order *o)
{
    uint64_t most = t->engine->limits.work_max - t->looked, left = turn_work_left(t), orders;
    bool good = all_or_none_can(t, o, most < left ? most : left, &orders);
    t->looks++;
    t->looked += orders;
    return good;
}

/* Looks through one side's queue as far as the book's best price meets it. True when one traded. */
static bool all_or_none_look(struct turn *t, struct instrument *i, int side)
{
    struct engine *e = t->engine;
    struct book_walk levels = book_walk_begin(e, queue_side(i, TREE_ALL_OR_NONE, side));
    uint32_t best = book_best(e, book_side(i, side_opposite(side)));
    if (best == 0) return false;
    int64_t meets = book_key(side, level_at(e, best)->price);
    for (uint32_t l; (l = book_walk_next(&levels)) != 0 && book_key(side, level_at(e, l)->price) <= meets;) {
        for (uint32_t o = level_at(e, l)->first; o != 0; o = order_at(e, o)->next) {
            if (t->looks == ALL_OR_NONE_CHECKS_MAX || t->looked > e->limits.work_max) return false;
            if (!all_or_none_looks_good(t, order_at(e, o))) continue;
            order_leave(e, o);
            order_aggress(t, o, order_at(e, o)->price, order_at(e, o)->leaves);
            return true;
        }
    }
    return false;
}

static bool all_or_none_step(struct turn *t)
{
    if (t->instrument == 0) return false;
    struct instrument *i = instrument_at(t->engine, t->instrument);
    if (!(i->waits & WAITS_ALL_OR_NONE) || !instrument_live(t->engine, i)) return false;
    return all_or_none_look(t, i, SIDE_BUY) || all_or_none_look(t, i, SIDE_SELL);
}

/* The first elected order, or the end of the range. */
static void range_step(struct turn *t)
{
    struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, e->ranged);
    int64_t seen = 0;
    assert(instrument_live(e, i));
    uint32_t o = elected_first(e, i, &seen);
    if (o == 0) {
        for (uint32_t next, at = i->trail_first; at != 0; at = next) {
            next = order_extra_at(e, order_at(e, at)->extra)->trail_next;
            trail_one(t, i, at);
        }
        range_clear(e, i);
        return;
    }
    turn_at(t, e->ranged);
    if (order_at(e, o)->flags & PLACE_GTT) {
        t->used++;
        gtt_trigger(t, o);
    } else {
        stop_trigger(t, o, seen);
    }
}

void aftermath_run(struct turn *t)
{
    struct engine *e = t->engine;
    while (turn_has_work(t)) {
        if (e->follow_first != 0)
            follow_step(t);
        else if (e->ranged != 0)
            range_step(t);
        else if (!all_or_none_step(t))
            return;
    }
}

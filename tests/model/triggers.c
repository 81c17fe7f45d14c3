/* tests/model/triggers.c - the aftermath of a command: children, elected stops, trailing stops, all-or-none orders.
 * What must stay true: every round looks at everything anew, so nothing that an earlier round changed is missed. */
#include "tests/model/internal.h"

struct instrument_state *model_instrument_with_range(struct model *m)
{
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        struct instrument_state *i = &m->instruments[k];
        if ((i->range_low != 0 || i->range_high != 0) && model_is_live(m, i)) return i;
    }
    return NULL;
}

/* ---- a stop triggers ---- */

static void say_triggered(struct model *m, const struct order_state *o, int64_t stop_price, int64_t price)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    model_say(m, EVENT_TRIGGERED)->triggered =
        (struct event_triggered){.order_id = o->id,
                                 .account = model_account_by_id(m, o->account_id)->account,
                                 .symbol = spec->symbol,
                                 .stop_price = stop_price,
                                 .price = price,
                                 .side = o->side,
                                 .type = o->type,
                                 .price_scale = spec->price_scale};
}

void model_become_market(struct model *m, struct order_state *o)
{
    o->type = ORDER_TYPE_MARKET;
    o->price = 0;
    if (o->extra.venue != 0) o->price = model_is_buy(o->side) ? PRICE_MAX + 1 : -1;
    o->extra.hold_price = 0;
    model_set_hold(m, model_carrier(m, o), 0);
}

static int64_t opening_of(struct model *m, struct order_state *o)
{
    const struct order_state *carrier = model_carrier(m, o);
    return carrier->leaves - carrier->closing_leaves;
}

static int judge_triggered(struct model *m, struct order_state *o)
{
    const struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    bool book = o->extra.venue != VENUE_QUOTE;
    int reason = model_judge_halted(m, a, i);
    if (reason == 0 && a->type != ACCOUNT_TYPE_HOUSE) reason = model_judge_reducing(m, a, i, opening_of(m, o));
    if (reason != 0) return reason;
    if (o->type == ORDER_TYPE_LIMIT) {
        if (book) reason = model_judge_collar(m, i, o->price);
        return reason != 0 ? reason : model_judge_notional(m, a, i, model_highest_price(m, o), o->quantity);
    }
    if (!book) return model_quote_price(i, o->side) == 0 ? REJECT_NO_QUOTE : 0;
    struct walk w = model_walk(m, o, o->leaves);
    return w.highest_price == 0 ? 0 : model_judge_notional(m, a, i, w.highest_price, o->leaves);
}

/* A FOK that comes from a broker (no stop is one): all of it with the work that is left, or nothing. */
static bool fok_ends(struct model *m, const struct order_state *o)
{
    uint64_t orders, most = model_work_room(m);
    if (o->tif != TIF_FOK || model_walk_whole(m, o, most, &orders)) return false;
    model_order_cancel(m, o->id, orders > most ? CANCEL_REASON_WORK_LIMIT : CANCEL_REASON_FOK_UNFILLED);
    return true;
}

static void trade_market(struct model *m, struct order_state *o)
{
    const struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int64_t most = INT64_MAX, affordable;
    bool short_of_cash = false;
    if (opening_of(m, o) > 0 && a->type != ACCOUNT_TYPE_HOUSE) {
        i128 budget = model_free_of(model_find_balance(m, a->id, model_currency_id(m, i)));
        affordable = model_walk_affordable(m, o, budget, &short_of_cash);
        if (short_of_cash) most = affordable;
    }
    if (o->tif == TIF_FOK && most < o->leaves) {
        model_order_cancel(m, o->id, CANCEL_REASON_FOK_UNFILLED);
        return;
    }
    if (fok_ends(m, o)) return;
    model_work_in_book(m, o->id, most, short_of_cash);
}

static void trigger(struct model *m, struct order_state *o, int64_t price)
{
    m->work_used++;
    model_turn_to(m, o->instrument_id);
    if (o->flags & PLACE_GTT) {
        model_gtt_triggered(m, o->id);
        return;
    }
    int64_t stop_price = o->extra.stop_price;
    uint64_t order_id = o->id;
    model_take_priority(m, o);
    o->extra.stop_price = 0;
    o->extra.trail = 0;
    o->flags = o->flags & (uint8_t)~PLACE_TRAIL_PERCENT;
    o->extra.direction = 0;
    o->extra.phase = o->extra.venue == VENUE_QUOTE ? ORDER_PHASE_AT_QUOTE : ORDER_PHASE_RESTING;
    if (o->type == ORDER_TYPE_STOP)
        model_become_market(m, o);
    else
        o->type = ORDER_TYPE_LIMIT;
    say_triggered(m, o, stop_price, price);
    model_go_on_triggered(m, order_id);
}

void model_go_on_triggered(struct model *m, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    m->taker_id = order_id;
    int reason = judge_triggered(m, o);
    m->taker_id = 0;
    if (reason != 0)
        model_order_cancel_refused(m, order_id, (enum reject)reason);
    else if (o->type == ORDER_TYPE_MARKET && o->extra.phase == ORDER_PHASE_RESTING)
        trade_market(m, o);
    else if (o->extra.phase != ORDER_PHASE_RESTING)
        model_work(m, order_id, 0);
    else if (!fok_ends(m, o))
        model_work_in_book(m, order_id, INT64_MAX, false);
}

/* The order that the range elects next, and the price that does; NULL: none. */
static struct order_state *elected(struct model *m, const struct instrument_state *i, int64_t *price)
{
    struct order_state *up = model_first(m, i->id, QUEUE_TRIGGER, SIDE_SELL, 0);
    struct order_state *down = model_first(m, i->id, QUEUE_TRIGGER, SIDE_BUY, 0);
    *price = i->range_high;
    if (up != NULL && i->range_high != 0 && up->extra.stop_price <= i->range_high) return up;
    *price = i->range_low;
    if (down != NULL && i->range_low != 0 && down->extra.stop_price >= i->range_low) return down;
    return NULL;
}

/* ---- trailing stops follow ---- */

static struct order_state *next_trailing(struct model *m, uint64_t instrument_id, uint64_t after_priority)
{
    struct order_state *next = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (o->instrument_id != instrument_id || o->extra.phase != ORDER_PHASE_PENDING_TRIGGER) continue;
        if (o->extra.trail == 0 || o->priority <= after_priority) continue;
        if (next == NULL || o->priority < next->priority) next = o;
    }
    return next;
}

static void trail(struct model *m, const struct instrument_state *i, struct order_state *o)
{
    bool buy = model_is_buy(o->side), by_quote = i->spec.trigger == TRIGGER_QUOTE;
    int64_t x = buy != by_quote ? i->range_low : i->range_high;
    if (x == 0) return;
    int64_t stop = model_follow(i, o->side, o->extra.trail, o->flags & PLACE_TRAIL_PERCENT, x);
    if (buy ? stop >= o->extra.stop_price : stop <= o->extra.stop_price) return;
    model_sweep_leaves_queue(m, o->id);
    o->extra.stop_price = stop;
    m->work_used++;
    model_say(m, EVENT_TRAILED)->trailed =
        (struct event_trailed){.order_id = o->id,
                               .account = model_account_by_id(m, o->account_id)->account,
                               .symbol = i->spec.symbol,
                               .stop_price = stop,
                               .side = o->side,
                               .price_scale = i->spec.price_scale};
}

static void range_step(struct model *m, struct instrument_state *i)
{
    int64_t price;
    struct order_state *o = elected(m, i, &price);
    if (o != NULL) {
        trigger(m, o, price);
        return;
    }
    for (o = next_trailing(m, i->id, 0); o != NULL; o = next_trailing(m, i->id, o->priority)) trail(m, i, o);
    i->range_low = 0;
    i->range_high = 0;
}

/* ---- all or none ---- */

/* Trades the first order of one side that the book can fill whole. False: there is none. */
static bool all_or_none_trades(struct model *m, const struct instrument_state *i, int side)
{
    const struct order_state *o = model_first(m, i->id, QUEUE_ALL_OR_NONE, side, 0);
    uint32_t work_max = m->scalars.limits.work_max;
    for (; o != NULL && m->checks < ALL_OR_NONE_CHECKS_MAX && m->checked <= work_max; o = model_next(m, o)) {
        const struct order_state *best = model_first(m, i->id, QUEUE_BOOK, model_other_side(side), 0);
        if (best == NULL || !model_reaches((struct reach){.price = o->price}, side, best->price)) return false;
        uint64_t orders, room = model_work_room(m), rest = work_max - m->checked;
        bool can = model_all_or_none_can(m, o->id, room < rest ? room : rest, &orders);
        m->checks++;
        m->checked += orders;
        if (!can) continue;
        model_work_in_book(m, o->id, INT64_MAX, false);
        return true;
    }
    return false;
}

static bool all_or_none_step(struct model *m)
{
    if (m->touched_instrument_id == 0) return false;
    const struct instrument_state *i = model_instrument_by_id(m, m->touched_instrument_id);
    if (!model_is_live(m, i)) return false;
    return all_or_none_trades(m, i, SIDE_BUY) || all_or_none_trades(m, i, SIDE_SELL);
}

void model_aftermath(struct model *m)
{
    while (m->scalars.sweep.kind != SWEEP_AUCTION && model_work_left(m)) {
        struct instrument_state *i;
        if (model_first_to_follow(m) != NULL)
            model_follow_step(m);
        else if ((i = model_instrument_with_range(m)) != NULL)
            range_step(m, i);
        else if (!all_or_none_step(m))
            return;
    }
}

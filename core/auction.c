/* core/auction.c - changes of session: an instrument goes from one state to another, through its auction where it has one.
 *
 *   1 join ----------> 2 prevention --> 3 uncross --> 4 remainders --> 5 the state changes
 *     '---- when the book is not to be uncrossed ---------------------^
 *
 * What must stay true: a stage looks for its next step first and asks for work then, so that a pending change always stands at a step;
 * a stage without one is over at once. Where it stands is in e->sweep (and the instrument's auction_price) alone. */
#include "core/book.h"
#include "core/engine_parts.h"

enum stage { STAGE_JOIN = 1, STAGE_PREVENT = 2, STAGE_UNCROSS = 3, STAGE_REMAINDERS = 4 };

static uint32_t queue_head(const struct engine *e, const struct side_tree *t)
{
    uint32_t level = book_best(e, t);
    return level == 0 ? 0 : level_at(e, level)->first;
}

void state_set(struct turn *t, struct instrument *i, uint8_t state, enum state_cause cause)
{
    struct event_state_set *ev = &turn_event(t, EVENT_STATE_SET)->state_set;
    ev->symbol = i->symbol;
    ev->state = state;
    ev->before = i->state;
    ev->cause = (uint8_t)cause;
    instrument_touch(t->engine, i);
    i->state = state;
    if (!instrument_live(t->engine, i)) range_clear(t->engine, i);
}

/* Stage 1: ON_CLOSE orders join the book. */

/* What a MARKET order must hold in the auction; 0: it may not take part, for the reason left in *reject (0: cash). */
static bool market_hold(struct engine *e, const struct instrument *i, struct order *o, enum reject *reject)
{
    *reject = i->last_price == 0 || i->collar_ppm == 0 ? REJECT_NO_REFERENCE_PRICE : 0;
    if (*reject != 0) return false;
    order_extra_at(e, o->extra)->hold_price = price_raise(i, i->last_price);
    i128 hold = order_hold(e, o);
    if (hold != 0 && hold > balance_free(balance_at(e, position_at(e, o->position)->balance)) + o->hold) return false;
    order_release(e, o);
    o->hold = hold;
    order_occupy(e, o);
    return true;
}

void activated_event(struct turn *t, const struct instrument *i, const struct order *o)
{
    struct event_activated *ev = &turn_event(t, EVENT_ACTIVATED)->activated;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->quantity = o->quantity;
    ev->leaves = o->leaves;
    ev->hold = o->hold;
    ev->side = o->side;
    ev->phase = o->phase;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
}

static void parked_join(struct turn *t, struct instrument *i, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    enum reject reject = 0;
    order_touch(e, o);
    if (o->type == ORDER_TYPE_MARKET && !market_hold(e, i, o, &reject)) {
        enum cancel_reason reason = reject != 0 ? CANCEL_REASON_REFUSED : CANCEL_REASON_CASH_SHORT;
        order_end(t, index, EVENT_CANCELLED, reason, reject);
        return;
    }
    order_leave(e, index);
    o->phase = ORDER_PHASE_RESTING;
    order_reprioritize(e, index);
    order_join(e, index);
    activated_event(t, i, o);
}

/* Each stage returns false when work is used up before it is over. */
static bool stage_join(struct turn *t, struct instrument *i)
{
    struct side_tree *close = &i->queues[(TREE_CLOSE - 1) * 2];
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        for (uint32_t o; (o = queue_head(t->engine, &close[side - 1])) != 0;) {
            if (!turn_has_work(t)) return false;
            t->used++;
            parked_join(t, i, o);
        }
    }
    return true;
}

/* Stage 2: an account's orders that could meet in the auction. */

static uint32_t book_next(const struct engine *e, struct instrument *i, const struct order *o)
{
    if (o->next != 0) return o->next;
    uint32_t level = book_level_after(e, book_side(i, o->side), o->side, o->price);
    return level == 0 ? 0 : level_at(e, level)->first;
}

static void next_order_set(struct engine *e, uint32_t o)
{
    e->sweep.next_order_id = o == 0 ? 0 : order_at(e, o)->id;
}

void session_order_leaves(struct engine *e, uint32_t o)
{
    next_order_set(e, book_next(e, instrument_at(e, order_at(e, o)->instrument), order_at(e, o)));
}

/* What a command knows of an account from earlier looks through its orders, so that not every BUY needs one. Orders only become fewer
 * meanwhile and BUYs come from the best price on, so it stays true: at worst it costs a look. What is forgotten for another account
 * does too. */
enum { ACCOUNTS_REMEMBERED = 256 };
struct own_sells {
    uint64_t passed_id;
    uint32_t account;
    uint32_t passed;     /* neither this order nor one before it is a SELL that meets a BUY; 0: none is known */
    bool whole;          /* a look came to the end, and the SELL orders that met the BUY were none but these: */
    int64_t lowest;      /* price */
    uint64_t oldest;     /* priority */
    uint64_t newest_stp; /* priority, of those that prevent; 0: none */
};

static bool may_meet_itself(const struct engine *e, const struct own_sells *known, const struct order *buy)
{
    if (account_more_at(e, buy->account)->stp_orders == 0) return false;
    if (position_at(e, buy->position)->open[SIDE_SELL - 1] == 0) return false;
    if (known->account != buy->account || !known->whole) return true;
    return known->lowest <= buy->price &&
           (known->newest_stp > buy->priority || (buy->stp != 0 && known->oldest < buy->priority));
}

/* A walk through an account's orders by priority, while some of them go. */
struct own_walk {
    uint64_t passed_id;
    uint32_t passed; /* the last one that was looked at and stayed; 0: none */
    bool met;        /* one of them met the BUY */
    struct own_sells found;
};
static struct own_walk own_walk_begin(const struct engine *e, const struct own_sells *known, uint32_t account)
{
    struct own_walk w = {.found = {.account = account, .lowest = INT64_MAX, .oldest = UINT64_MAX}};
    if (known->account != account || order_at(e, known->passed)->id != known->passed_id) return w;
    w.passed = w.found.passed = known->passed;
    w.passed_id = w.found.passed_id = known->passed_id;
    return w;
}

static void own_walk_pass(struct own_walk *w, uint32_t at, const struct order *o, bool meets)
{
    struct own_sells *f = &w->found;
    w->passed = at;
    w->passed_id = o->id;
    if (meets) {
        w->met = true;
        if (o->price < f->lowest) f->lowest = o->price;
        if (o->priority < f->oldest) f->oldest = o->priority;
        if (o->stp != 0 && o->priority > f->newest_stp) f->newest_stp = o->priority;
    } else if (!w->met) {
        f->passed = at;
        f->passed_id = o->id;
    }
}

/* The next SELL of the book that meets the BUY where that is to be prevented; 0: none. */
static uint32_t own_sell_next(const struct engine *e, const struct order *buy, struct own_walk *w)
{
    for (;;) {
        /* What was passed may have gone with another order's group. */
        if (w->passed != 0 && order_at(e, w->passed)->id != w->passed_id) w->passed = 0;
        uint32_t at = w->passed == 0 ? account_at(e, buy->account)->orders_first : order_at(e, w->passed)->account_next;
        if (at == 0) return 0;
        const struct order *o = order_at(e, at);
        bool meets = o->side == SIDE_SELL && o->instrument == buy->instrument && o->phase == ORDER_PHASE_RESTING &&
                     o->price <= buy->price;
        if (meets && (o->priority > buy->priority ? o : buy)->stp != 0) return at;
        own_walk_pass(w, at, o, meets);
    }
}

/* One BUY against its account's SELL orders. False: work ended before one. */
static bool buy_prevent(struct turn *t, struct instrument *i, struct own_sells *known, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *buy = order_at(e, index);
    uint64_t id = buy->id;
    known += buy->account % ACCOUNTS_REMEMBERED;
    if (!may_meet_itself(e, known, buy)) return true;
    struct own_walk w = own_walk_begin(e, known, buy->account);
    while (order_at(e, index)->id == id) {
        uint32_t s = own_sell_next(e, buy, &w);
        if (s == 0) {
            w.found.whole = true;
            break;
        }
        if (!turn_has_work(t)) {
            next_order_set(e, index);
            return false;
        }
        struct order *sell = order_at(e, s);
        bool buy_newest = buy->priority > sell->priority;
        struct order *newest = buy_newest ? buy : sell;
        prevent(t, i, newest, buy_newest ? sell : buy, 0, newest->stp);
    }
    if (w.found.whole || known->account != w.found.account) {
        *known = w.found;
    } else {
        known->passed = w.found.passed;
        known->passed_id = w.found.passed_id;
    }
    return true;
}

static bool stage_prevent(struct turn *t, struct instrument *i)
{
    struct engine *e = t->engine;
    struct own_sells known[ACCOUNTS_REMEMBERED] = {0};
    while (e->sweep.next_order_id != 0) {
        uint32_t buy = order_find(e, e->sweep.next_order_id), best = book_best(e, book_side(i, SIDE_SELL));
        if (best == 0 || level_at(e, best)->price > order_at(e, buy)->price) break;
        if (!turn_has_work(t)) return false;
        t->used++;
        next_order_set(e, book_next(e, i, order_at(e, buy)));
        if (!buy_prevent(t, i, known, buy)) return false;
    }
    e->sweep.next_order_id = 0;
    return true;
}

/* Stage 3: uncross. */

/* A side of the book as core/auction_price.h asks for it. The level of MARKET orders stands before the limit prices. */
struct side_levels {
    const struct engine *engine;
    const struct side_tree *tree;
    struct book_walk walk;
};
static bool is_market_price(int64_t price)
{
    return price == MARKET_PRICE_BUY || price == MARKET_PRICE_SELL;
}
static bool side_levels_next(void *context, struct auction_level *out)
{
    struct side_levels *s = context;
    uint32_t index = book_walk_next(&s->walk);
    if (index != 0 && is_market_price(level_at(s->engine, index)->price)) index = book_walk_next(&s->walk);
    if (index == 0) return false;
    const struct level *l = level_at(s->engine, index);
    *out = (struct auction_level){l->price, l->quantity};
    return true;
}
static void side_levels_rewind(void *context)
{
    struct side_levels *s = context;
    s->walk = book_walk_begin(s->engine, s->tree);
}
static struct auction_side auction_side_of(struct side_levels *s)
{
    uint32_t best = book_best(s->engine, s->tree);
    bool market = best != 0 && is_market_price(level_at(s->engine, best)->price);
    return (struct auction_side){s, side_levels_next, side_levels_rewind,
                                 market ? level_at(s->engine, best)->quantity : 0};
}

static bool price_find(const struct engine *e, const struct instrument *i, struct auction_price *out)
{
    struct side_levels buys = {.engine = e, .tree = &i->sides[0]}, sells = {.engine = e, .tree = &i->sides[1]};
    struct auction_side buy = auction_side_of(&buys), sell = auction_side_of(&sells);
    struct auction_terms terms = {.step = i->tick_gcd, .reference = i->last_price, .collar_ppm = i->collar_ppm};
    return auction_price_find(&buy, &sell, &terms, out);
}

bool engine_indicative(const struct engine *e, const struct name *symbol, struct auction_price *out)
{
    uint32_t i = instrument_find(e, symbol);
    if (i != 0) return price_find(e, instrument_at(e, i), out);
    *out = (struct auction_price){0};
    return false;
}

static void uncrossed_event(struct turn *t, const struct instrument *i, const struct auction_price *p)
{
    struct event_uncrossed *ev = &turn_event(t, EVENT_UNCROSSED)->uncrossed;
    ev->symbol = i->symbol;
    ev->price = p->price;
    ev->quantity = p->quantity;
    ev->imbalance = p->imbalance;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
}

/* The order's filled notional would leave its bound: it goes instead. */
static bool head_refused(struct turn *t, uint32_t index, i128 notional)
{
    if (order_at(t->engine, index)->notional_filled + notional <= NOTIONAL_MAX) return false;
    t->used++;
    order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_REFUSED, REJECT_NOTIONAL_TOO_LARGE);
    return true;
}

static void head_settle(struct turn *t, uint32_t index)
{
    if (order_at(t->engine, index)->leaves == 0)
        order_remove(t->engine, index);
    else
        order_show(t, index);
}

static void heads_fill(struct turn *t, struct instrument *i, uint32_t b, uint32_t s)
{
    struct order *buy = order_at(t->engine, b), *sell = order_at(t->engine, s);
    int64_t quantity = buy->leaves < sell->leaves ? buy->leaves : sell->leaves;
    i128 notional = notional_of(i, i->auction_price, quantity);
    if (head_refused(t, b, notional) || head_refused(t, s, notional)) return;
    fill(t, i, buy, sell, quantity, i->auction_price, 0);
    head_settle(t, b);
    head_settle(t, s);
}

static void auction_price_set(struct turn *t, struct instrument *i, int64_t price)
{
    instrument_touch(t->engine, i);
    i->auction_price = price;
}

static bool stage_uncross(struct turn *t, struct instrument *i)
{
    struct engine *e = t->engine;
    for (struct auction_price p; i->auction_price != 0 || price_find(e, i, &p);) {
        if (!turn_has_work(t)) return false;
        if (i->auction_price == 0) {
            auction_price_set(t, i, p.price);
            uncrossed_event(t, i, &p);
        }
        uint32_t buy, sell;
        while ((buy = queue_head(e, book_side(i, SIDE_BUY))) != 0 && order_at(e, buy)->price >= i->auction_price &&
               (sell = queue_head(e, book_side(i, SIDE_SELL))) != 0 && order_at(e, sell)->price <= i->auction_price) {
            if (!turn_has_work(t)) return false;
            heads_fill(t, i, buy, sell);
        }
        auction_price_set(t, i, 0);
    }
    return true;
}

/* Stage 4: what ON_OPEN and ON_CLOSE orders did not get. Those that are parked wait for an auction to come. */
static bool stage_remainders(struct turn *t, const struct instrument *i)
{
    struct engine *e = t->engine;
    for (uint32_t o = i->session_first, next; o != 0; o = next) {
        next = order_extra_at(e, order_at(e, o)->extra)->session_next;
        if (order_at(e, o)->phase == ORDER_PHASE_PARKED) continue;
        if (!turn_has_work(t)) return false;
        t->used++;
        order_end(t, o, EVENT_CANCELLED, CANCEL_REASON_AUCTION_REMAINDER, 0);
    }
    return true;
}

static bool uncrosses(uint8_t before, uint8_t state)
{
    return state == INSTRUMENT_STATE_CONTINUOUS ||
           (before == INSTRUMENT_STATE_AUCTION && state == INSTRUMENT_STATE_CLOSED);
}
static bool crossed(const struct engine *e, struct instrument *i)
{
    uint32_t bid = book_best(e, book_side(i, SIDE_BUY)), ask = book_best(e, book_side(i, SIDE_SELL));
    return bid != 0 && ask != 0 && level_at(e, bid)->price >= level_at(e, ask)->price;
}

/* The stage after the one that is over; 0: the state changes. */
static enum stage stage_next(struct engine *e, struct instrument *i, enum stage over)
{
    switch (over) {
    case STAGE_JOIN:
        if (!uncrosses(i->state, e->sweep.side)) return 0;
        next_order_set(e, queue_head(e, book_side(i, SIDE_BUY)));
        return STAGE_PREVENT;
    case STAGE_PREVENT: return STAGE_UNCROSS;
    case STAGE_UNCROSS: return STAGE_REMAINDERS;
    default: return 0;
    }
}

static bool stage_run(struct turn *t, struct instrument *i, enum stage stage)
{
    switch (stage) {
    case STAGE_JOIN: return t->engine->sweep.side != INSTRUMENT_STATE_AUCTION || stage_join(t, i);
    case STAGE_PREVENT: return stage_prevent(t, i);
    case STAGE_UNCROSS: return stage_uncross(t, i);
    default: return stage_remainders(t, i);
    }
}

static void session_run(struct turn *t, uint32_t instrument)
{
    struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, instrument);
    turn_at(t, instrument);
    for (enum stage stage = (enum stage)e->sweep.stage; stage != 0; stage = stage_next(e, i, stage)) {
        e->sweep.stage = (uint8_t)stage;
        if (!stage_run(t, i, stage)) return;
    }
    uint8_t state = e->sweep.side;
    bool halts = state == INSTRUMENT_STATE_CONTINUOUS && crossed(e, i);
    memset(&e->sweep, 0, sizeof e->sweep);
    if (halts)
        state_set(t, i, INSTRUMENT_STATE_HALTED, STATE_CAUSE_COLLAR);
    else
        state_set(t, i, state, STATE_CAUSE_COMMAND);
}

void session_change(struct turn *t, uint32_t instrument, uint8_t state)
{
    t->engine->sweep = (struct sweep_state){.kind = SWEEP_AUCTION,
                                            .side = state,
                                            .stage = STAGE_JOIN,
                                            .instrument_id = instrument_at(t->engine, instrument)->id};
    session_run(t, instrument);
}

void session_continue(struct turn *t)
{
    session_run(t, instrument_by_id(t->engine, t->engine->sweep.instrument_id));
}

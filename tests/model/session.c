/* tests/model/session.c - a change of session, and the price of a call auction by trying prices.
 * Invariant: while it runs the pending sweep is the change itself: kind AUCTION, the stage and the instrument; so it goes on
 * from the state alone. Stages: 1 parked orders join, 2 prevention, 3 uncross, 4 remainders, then the state changes. */
#include "tests/model/internal.h"

#include <stdlib.h>
#include <string.h>

enum { STAGE_JOIN = 1, STAGE_PREVENT = 2, STAGE_UNCROSS = 3, STAGE_REMAINDERS = 4 };

static struct sweep_state *change(struct model *m)
{
    return &m->scalars.sweep;
}

static struct instrument_state *changing(struct model *m)
{
    return model_instrument_by_id(m, change(m)->instrument_id);
}

static bool in_queue(const struct order_state *o, uint64_t instrument_id, enum queue queue, int side)
{
    return o->instrument_id == instrument_id && model_queue_of(o) == queue && o->side == side;
}

/* The first of a queue's side that stands after `after` (NULL: the very first). */
static struct order_state *next_in_queue(struct model *m, uint64_t instrument_id, enum queue queue, int side,
                                         const struct order_state *after)
{
    struct order_state *first = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (!in_queue(o, instrument_id, queue, side) || o == after) continue;
        if (after != NULL && !model_queue_before(after, o)) continue;
        if (first == NULL || model_queue_before(o, first)) first = o;
    }
    return first;
}

static struct order_state *head_of_book(struct model *m, uint64_t instrument_id, int side)
{
    return next_in_queue(m, instrument_id, QUEUE_BOOK, side, NULL);
}

static bool is_crossed(struct model *m, uint64_t instrument_id)
{
    const struct order_state *bid = head_of_book(m, instrument_id, SIDE_BUY);
    const struct order_state *ask = head_of_book(m, instrument_id, SIDE_SELL);
    return bid != NULL && ask != NULL && bid->price >= ask->price;
}

uint64_t model_session_buy_after(struct model *m, uint64_t order_id)
{
    const struct order_state *o = model_find_order(m, order_id);
    const struct order_state *next = next_in_queue(m, o->instrument_id, QUEUE_BOOK, SIDE_BUY, o);
    return next == NULL ? 0 : next->id;
}

/* ---- price P ---- */

static bool is_limit_in_book(const struct order_state *o, uint64_t instrument_id)
{
    return o->instrument_id == instrument_id && model_queue_of(o) == QUEUE_BOOK && o->type == ORDER_TYPE_LIMIT;
}

/* Where prices may lie: between the lowest and the highest limit price, inside the collar, or at the last price alone. */
static bool price_range(const struct model *m, const struct instrument_state *i, int64_t *low, int64_t *high)
{
    *low = *high = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        if (!is_limit_in_book(o, i->id)) continue;
        if (*low == 0 || o->price < *low) *low = o->price;
        if (o->price > *high) *high = o->price;
    }
    if (*low == 0) {
        *low = *high = i->last_price;
        return i->last_price != 0;
    }
    if (i->spec.collar_ppm == 0 || i->last_price == 0) return true;
    i128 width = (i128)i->last_price * i->spec.collar_ppm / 1000000;
    i128 least = i->last_price - width, most = i->last_price + width;
    i128 step = i->tick_gcd;
    if (*low < least) *low = (int64_t)(model_divide_up(least, step) * step);
    if (*high > most) *high = (int64_t)(most / step * step);
    return *low <= *high;
}

/* Demand and supply at one price. */
static struct model_price at_price(const struct model *m, const struct instrument_state *i, int64_t price)
{
    i128 demand = 0, supply = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        if (o->instrument_id != i->id || model_queue_of(o) != QUEUE_BOOK) continue;
        if (o->side == SIDE_BUY && o->price >= price) demand += o->leaves;
        if (o->side == SIDE_SELL && o->price <= price) supply += o->leaves;
    }
    return (struct model_price){
        .price = price, .quantity = demand < supply ? demand : supply, .imbalance = demand - supply};
}

static i128 size_of(i128 x)
{
    return x < 0 ? -x : x;
}

/* Rules 1 and 2: below 0 when a is the better price, 0 when they are as good. */
static int compare_prices(const struct model_price *a, const struct model_price *b)
{
    if (a->quantity != b->quantity) return a->quantity > b->quantity ? -1 : 1;
    i128 ia = size_of(a->imbalance), ib = size_of(b->imbalance);
    return ia < ib ? -1 : ia > ib;
}

/* The prices worth trying: demand and supply are the same at all prices between two limit prices, so each limit price, its two
 * neighbours, the ends and what is next to the reference stand for all. */
struct candidates {
    int64_t low, high, step;
    struct model_price *prices;
    uint32_t count;
};

static void try_price(struct candidates *c, const struct model *m, const struct instrument_state *i, i128 price)
{
    if (price < c->low || price > c->high) return;
    c->prices[c->count++] = at_price(m, i, (int64_t)price);
}

static void try_around(struct candidates *c, const struct model *m, const struct instrument_state *i, int64_t price)
{
    i128 below = price / c->step * c->step;
    try_price(c, m, i, below - c->step);
    try_price(c, m, i, below);
    try_price(c, m, i, below + c->step);
}

/* Rules 3 and 4 among those that are as good as the best. */
static struct model_price choose(const struct candidates *c, int64_t reference)
{
    const struct model_price *best = &c->prices[0];
    for (uint32_t k = 1; k < c->count; k++)
        if (compare_prices(&c->prices[k], best) < 0) best = &c->prices[k];
    struct model_price low = {0}, high = {0}, near = {0};
    bool buying = true, selling = true;
    for (uint32_t k = 0; k < c->count; k++) {
        const struct model_price *p = &c->prices[k];
        if (compare_prices(p, best) != 0) continue;
        buying = buying && p->imbalance > 0;
        selling = selling && p->imbalance < 0;
        if (low.price == 0 || p->price < low.price) low = *p;
        if (p->price > high.price) high = *p;
        i128 away = size_of((i128)p->price - reference), least = size_of((i128)near.price - reference);
        if (near.price == 0 || away < least || (away == least && p->price < near.price)) near = *p;
    }
    if (buying) return high;
    if (selling || reference == 0) return low;
    return near;
}

bool model_auction_price(const struct model *m, const struct instrument_state *i, struct model_price *out)
{
    struct candidates c = {.step = i->tick_gcd};
    *out = (struct model_price){0};
    if (!price_range(m, i, &c.low, &c.high)) return false;
    c.prices = calloc(3 * (m->orders_count + 3), sizeof *c.prices);
    if (c.prices == NULL) abort();
    try_around(&c, m, i, c.low);
    try_around(&c, m, i, c.high);
    if (i->last_price != 0) try_around(&c, m, i, i->last_price);
    for (uint32_t k = 0; k < m->orders_count; k++)
        if (is_limit_in_book(&m->orders[k], i->id)) try_around(&c, m, i, m->orders[k].price);
    struct model_price chosen = choose(&c, i->last_price);
    free(c.prices);
    if (chosen.quantity == 0) return false;
    *out = chosen;
    return true;
}

/* ---- the stages: each says whether it is over ---- */

/* Takes the order into the book and says so. */
static void join(struct model *m, const struct instrument_state *i, struct order_state *o, i128 hold)
{
    o->extra.phase = ORDER_PHASE_RESTING;
    o->priority = m->scalars.priority_next++;
    model_set_hold(m, o, hold);
    const struct account_state *a = model_account_by_id(m, o->account_id);
    struct event *e = model_say(m, EVENT_ACTIVATED);
    e->activated = (struct event_activated){.order_id = o->id,
                                            .account = a->account,
                                            .symbol = i->spec.symbol,
                                            .quantity = o->quantity,
                                            .leaves = o->leaves,
                                            .hold = o->hold,
                                            .side = o->side,
                                            .phase = ORDER_PHASE_RESTING,
                                            .quantity_scale = i->spec.quantity_scale,
                                            .currency_scale = i->spec.currency_scale};
}

static void join_or_refuse(struct model *m, const struct instrument_state *i, struct order_state *o)
{
    if (o->type != ORDER_TYPE_MARKET) {
        join(m, i, o, o->hold);
        return;
    }
    if (i->spec.collar_ppm == 0 || i->last_price == 0) {
        model_order_cancel_refused(m, o->id, REJECT_NO_REFERENCE_PRICE);
        return;
    }
    const struct currency_state *currency = model_find_currency(m, &i->spec.currency);
    i128 own_hold = o->hold;
    int64_t own_price = o->extra.hold_price;
    o->extra.hold_price = model_raise(i, i->last_price);
    i128 hold = model_hold_of_order(m, o);
    if (hold > 0 && hold > model_free_of(model_find_balance(m, o->account_id, currency->id)) + own_hold) {
        o->extra.hold_price = own_price;
        model_order_cancel(m, o->id, CANCEL_REASON_CASH_SHORT);
        return;
    }
    join(m, i, o, hold);
}

static bool join_on(struct model *m, const struct instrument_state *i)
{
    for (;;) {
        struct order_state *o = next_in_queue(m, i->id, QUEUE_CLOSE, SIDE_BUY, NULL);
        if (o == NULL) o = next_in_queue(m, i->id, QUEUE_CLOSE, SIDE_SELL, NULL);
        if (o == NULL) return true;
        if (!model_work_left(m)) return false;
        m->work_used++;
        join_or_refuse(m, i, o);
    }
}

/* The SELL of the buyer's account in the book at or below its price that comes after this priority. */
static struct order_state *next_own_sell(struct model *m, const struct order_state *buy, uint64_t after_priority)
{
    struct order_state *next = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (!in_queue(o, buy->instrument_id, QUEUE_BOOK, SIDE_SELL) || o->account_id != buy->account_id) continue;
        if (o->price > buy->price || o->priority <= after_priority) continue;
        if (next == NULL || o->priority < next->priority) next = o;
    }
    return next;
}

/* Every pair of one BUY. False when work ended before one. */
static bool prevent_pairs(struct model *m, uint64_t buy_id)
{
    uint64_t after_priority = 0;
    const struct order_state *buy;
    while ((buy = model_find_order(m, buy_id)) != NULL) {
        const struct order_state *sell = next_own_sell(m, buy, after_priority);
        if (sell == NULL) return true;
        after_priority = sell->priority;
        const struct order_state *newest = buy->priority > sell->priority ? buy : sell;
        const struct order_state *oldest = newest == buy ? sell : buy;
        if (newest->stp == 0) continue;
        if (!model_work_left(m)) return false;
        m->work_used++;
        model_prevent(m, newest->id, oldest->id, newest->stp, 0);
    }
    return true;
}

static bool prevent_on(struct model *m, const struct instrument_state *i)
{
    for (;;) {
        uint64_t buy_id = change(m)->next_order_id;
        const struct order_state *buy = buy_id == 0 ? NULL : model_find_order(m, buy_id);
        const struct order_state *ask = head_of_book(m, i->id, SIDE_SELL);
        if (buy == NULL || ask == NULL || ask->price > buy->price) return true;
        if (!model_work_left(m)) return false;
        m->work_used++;
        if (!prevent_pairs(m, buy_id)) return false;
        /* If the BUY is gone, its end has moved next_order_id on. */
        if (model_find_order(m, buy_id) != NULL) change(m)->next_order_id = model_session_buy_after(m, buy_id);
    }
}

static void say_uncrossed(struct model *m, struct instrument_state *i, const struct model_price *p)
{
    struct event *e = model_say(m, EVENT_UNCROSSED);
    e->uncrossed = (struct event_uncrossed){.symbol = i->spec.symbol,
                                            .price = p->price,
                                            .quantity = (int64_t)p->quantity,
                                            .imbalance = (int64_t)p->imbalance,
                                            .price_scale = i->spec.price_scale,
                                            .quantity_scale = i->spec.quantity_scale};
    i->auction_price = p->price;
}

/* An iceberg shows a full slice after each fill of an auction. */
static void show_again(struct model *m, const struct instrument_state *i, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o == NULL || o->extra.display_quantity == 0) return;
    int64_t shown = o->leaves < o->extra.display_quantity ? o->leaves : o->extra.display_quantity;
    if (shown == o->extra.shown) return;
    o->extra.shown = shown;
    struct event *e = model_say(m, EVENT_DISPLAYED);
    e->displayed = (struct event_displayed){.order_id = o->id,
                                            .account = model_account_by_id(m, o->account_id)->account,
                                            .symbol = i->spec.symbol,
                                            .shown = shown,
                                            .side = o->side,
                                            .quantity_scale = i->spec.quantity_scale};
}

/* One pair of heads at the auction's price: a fill, or the end of one that has traded too much. */
static void cross_heads(struct model *m, const struct instrument_state *i, const struct order_state *buy,
                        const struct order_state *sell)
{
    int64_t quantity = buy->leaves < sell->leaves ? buy->leaves : sell->leaves;
    i128 notional = model_notional_of(&i->spec, i->auction_price, quantity);
    uint64_t buy_id = buy->id, sell_id = sell->id;
    m->work_used++;
    bool buy_is_over = buy->notional_filled + notional > NOTIONAL_MAX;
    if (buy_is_over || sell->notional_filled + notional > NOTIONAL_MAX) {
        model_order_cancel_refused(m, buy_is_over ? buy_id : sell_id, REJECT_NOTIONAL_TOO_LARGE);
        return;
    }
    model_fill(m, buy_id, sell_id, i->auction_price, quantity, 0);
    show_again(m, i, buy_id);
    show_again(m, i, sell_id);
}

static bool uncross_on(struct model *m, struct instrument_state *i)
{
    for (;;) {
        struct model_price p;
        if (i->auction_price == 0) {
            if (!model_auction_price(m, i, &p)) return true;
            if (!model_work_left(m)) return false;
            say_uncrossed(m, i, &p);
        }
        const struct order_state *buy = head_of_book(m, i->id, SIDE_BUY);
        const struct order_state *sell = head_of_book(m, i->id, SIDE_SELL);
        if (buy != NULL && sell != NULL && buy->price >= i->auction_price && sell->price <= i->auction_price) {
            if (!model_work_left(m)) return false;
            cross_heads(m, i, buy, sell);
            continue;
        }
        i->auction_price = 0; /* and the price is looked for again */
    }
}

static bool remainders_on(struct model *m, const struct instrument_state *i)
{
    for (;;) {
        const struct order_state *first = NULL;
        for (uint32_t k = 0; k < m->orders_count; k++) {
            const struct order_state *o = &m->orders[k];
            if (o->instrument_id != i->id || model_queue_of(o) != QUEUE_BOOK) continue;
            if (o->tif != TIF_ON_OPEN && o->tif != TIF_ON_CLOSE) continue;
            if (first == NULL || o->priority < first->priority) first = o;
        }
        if (first == NULL) return true;
        if (!model_work_left(m)) return false;
        m->work_used++;
        model_order_cancel(m, first->id, CANCEL_REASON_AUCTION_REMAINDER);
    }
}

static void change_state(struct model *m, struct instrument_state *i)
{
    uint8_t state = change(m)->side;
    struct event *e = model_say(m, EVENT_STATE_SET);
    e->state_set = (struct event_state_set){
        .symbol = i->spec.symbol, .state = state, .before = i->spec.state, .cause = STATE_CAUSE_COMMAND};
    if (state == INSTRUMENT_STATE_CONTINUOUS && is_crossed(m, i->id)) {
        e->state_set.state = INSTRUMENT_STATE_HALTED;
        e->state_set.cause = STATE_CAUSE_COLLAR;
    }
    i->spec.state = e->state_set.state;
    memset(change(m), 0, sizeof *change(m));
    model_empty_range_unless_live(m, i);
}

static bool is_uncrossed(const struct instrument_state *i, int to)
{
    if (to == INSTRUMENT_STATE_CONTINUOUS) return true;
    return to == INSTRUMENT_STATE_CLOSED && i->spec.state == INSTRUMENT_STATE_AUCTION;
}

void model_session_on(struct model *m)
{
    struct instrument_state *i = changing(m);
    model_turn_to(m, i->id);
    if (change(m)->stage == STAGE_JOIN) {
        if (!join_on(m, i)) return;
        change(m)->stage = 0;
    }
    if (change(m)->stage == STAGE_PREVENT) {
        if (!prevent_on(m, i)) return;
        change(m)->stage = STAGE_UNCROSS;
        change(m)->next_order_id = 0;
    }
    if (change(m)->stage == STAGE_UNCROSS) {
        if (!uncross_on(m, i)) return;
        change(m)->stage = STAGE_REMAINDERS;
    }
    if (change(m)->stage == STAGE_REMAINDERS && !remainders_on(m, i)) return;
    change_state(m, i);
}

void model_session_begin(struct model *m, struct instrument_state *i, int state)
{
    *change(m) = (struct sweep_state){
        .kind = SWEEP_AUCTION, .side = (uint8_t)state, .instrument_id = i->id, .stage = STAGE_JOIN};
    if (state != INSTRUMENT_STATE_AUCTION) change(m)->stage = 0;
    if (is_uncrossed(i, state)) {
        const struct order_state *buy = head_of_book(m, i->id, SIDE_BUY);
        change(m)->stage = STAGE_PREVENT;
        change(m)->next_order_id = buy == NULL ? 0 : buy->id;
    }
    model_session_on(m);
}

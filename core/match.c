/* core/match.c - trading: a taker against the book, one fill at a time, and what a fill does to both sides.
 * What must stay true: per fill, cash, positions and fees over all accounts change by zero; every order's hold is what order_hold says of
 * its present numbers, and balances' sums follow; price is the resting order's, the head of the best level trades first. */
#include "core/book.h"
#include "core/engine_parts.h"
#include "core/position.h"

/* The position's part of a fill, and what it changes in the balance's sums. */
static void position_trade(struct engine *e, struct position *p, struct balance *b, const struct account *a,
                           const struct instrument *i, int side, int64_t quantity, i128 notional)
{
    struct position_value value = {.quantity = p->quantity, .cost = p->cost, .realized = p->realized};
    position_fill(&value, side, quantity, notional);
    b->cost_net += value.cost - p->cost;
    uint32_t leverage = leverage_of(a, i);
    b->margin_used += money_margin(value.cost, leverage) - money_margin(p->cost, leverage);
    bool was_open = p->quantity != 0;
    conserve_quantity(e, p->instrument, value.quantity - p->quantity);
    p->quantity = value.quantity;
    p->cost = value.cost;
    p->realized = value.realized;
    if (was_open == (p->quantity != 0)) return;
    if (was_open)
        position_closed(e, p);
    else
        position_opened(e, p);
}

/* The part of a fill that closes. An OCO pair's second finds it in the first, whose own part in the sums goes when it is reduced. */
static void closing_settle(struct engine *e, struct order *o, struct position *p, int64_t quantity)
{
    struct order *carrier = o;
    if (UNLIKELY(order_is_held(e, o))) {
        carrier = links_carrier(e, o);
        order_touch(e, carrier);
    } else {
        p->open[o->side - 1] -= quantity;
    }
    int64_t closed = quantity < carrier->closing_leaves ? quantity : carrier->closing_leaves;
    carrier->closing_leaves -= closed;
    p->closing[o->side - 1] -= closed;
}

static i128 fee_settle(struct engine *e, const struct instrument *i, struct order *o, struct balance *b, i128 accrues)
{
    i128 before = money_fee_charged(o->fee_accrued);
    o->fee_accrued += accrues;
    i128 fee = money_fee_charged(o->fee_accrued) - before;
    if (fee == 0) return 0;
    struct balance *fees = balance_at(e, currency_at(e, i->currency)->fees_balance);
    balance_touch(e, fees);
    cash_move(e, fees, fee);
    cash_move(e, b, -fee);
    return fee;
}

/* One side of a fill, `taken` of its quantity from the order's leaves, which are already down. Returns its fee. */
static HOT i128 side_settle(struct engine *e, struct instrument *i, struct order *o, int64_t quantity, int64_t taken,
                            i128 notional, int64_t rate)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    struct account *a = account_at(e, o->account);
    position_touch(e, p);
    balance_touch(e, b);
    closing_settle(e, o, p, taken);
    o->notional_filled += notional;
    o->updated_ns = e->now_ns;
    i128 fee = rate != 0 && a->type != ACCOUNT_TYPE_HOUSE ? fee_settle(e, i, o, b, notional * rate) : 0;
    i128 hold = order_hold(e, o);
    b->reserved += hold - o->hold;
    o->hold = hold;
    cash_move(e, b, o->side == SIDE_BUY ? -notional : notional);
    position_trade(e, p, b, a, i, o->side, quantity, notional);
    return fee;
}

/* Step 8: no reduce-only order may be larger than the position that it could close. */
static void reduce_only_follow(struct turn *t, uint32_t position, const struct order *taker)
{
    struct engine *e = t->engine;
    struct position *p = position_at(e, position);
    for (uint32_t at = p->reduce_first, next; at != 0; at = next) {
        struct order *o = order_at(e, at);
        next = order_extra_at(e, o->extra)->reduce_next;
        int64_t own = o->side == SIDE_SELL ? p->quantity : -p->quantity, most = own > 0 ? own : 0;
        if (o != taker && o->leaves > most) order_reduce(t, at, o->leaves - most, CANCEL_REASON_REDUCE_ONLY);
    }
}

/* Steps 7 and 8, for what only some orders and positions have. */
static void fill_follow(struct turn *t, struct order *buy, struct order *sell, int64_t quantity,
                        const struct order *taker)
{
    struct engine *e = t->engine;
    if (UNLIKELY(buy->extra != 0) && order_extra_at(e, buy->extra)->link != 0) links_filled(t, buy, quantity);
    if (UNLIKELY(sell->extra != 0) && order_extra_at(e, sell->extra)->link != 0) links_filled(t, sell, quantity);
    uint32_t bought = buy->position, sold = sell->position;
    if (UNLIKELY(position_at(e, bought)->reduce_count != 0)) reduce_only_follow(t, bought, taker);
    if (sold != bought && UNLIKELY(position_at(e, sold)->reduce_count != 0)) reduce_only_follow(t, sold, taker);
}

/* What a level shows and holds after a part of one of its orders is gone. In the book an iceberg loses what it shows. */
static void level_fill(struct engine *e, struct order *o, int64_t quantity, bool auction)
{
    struct level *l = level_at(e, o->level);
    l->quantity -= quantity;
    if (LIKELY(o->extra == 0)) return;
    struct order_extra *x = order_extra_at(e, o->extra);
    if (x->display_quantity == 0) return;
    if (auction)
        l->hidden -= quantity;
    else
        x->shown -= quantity;
}

HOT void fill(struct turn *t, struct instrument *i, struct order *buy, struct order *sell, int64_t quantity,
              int64_t price, int aggressor_side)
{
    struct engine *e = t->engine;
    i128 notional = notional_of(i, price, quantity);
    const struct account *buyer = account_at(e, buy->account), *seller = account_at(e, sell->account);
    t->used++;
    buy->leaves -= quantity;
    sell->leaves -= quantity;
    if (aggressor_side != SIDE_BUY) {
        order_touch(e, buy);
        level_fill(e, buy, quantity, aggressor_side == 0);
    }
    if (aggressor_side != SIDE_SELL) {
        order_touch(e, sell);
        level_fill(e, sell, quantity, aggressor_side == 0);
    }
    int64_t buy_rate, sell_rate;
    if (UNLIKELY(aggressor_side == 0)) {
        buy_rate = fee_rate_worst(e, buyer, i);
        sell_rate = fee_rate_worst(e, seller, i);
    } else {
        buy_rate = aggressor_side == SIDE_BUY ? fee_rate_taker(e, buyer, i) : fee_rate_maker(e, buyer, i);
        sell_rate = aggressor_side == SIDE_SELL ? fee_rate_taker(e, seller, i) : fee_rate_maker(e, seller, i);
    }
    struct event_filled *ev = &turn_event(t, EVENT_FILLED)->filled;
    ev->symbol = i->symbol;
    ev->buy_account = buyer->account;
    ev->sell_account = seller->account;
    ev->price = price;
    ev->quantity = quantity;
    ev->notional = notional;
    ev->buy_order_id = buy->id;
    ev->sell_order_id = sell->id;
    ev->buy_leaves = buy->leaves;
    ev->sell_leaves = sell->leaves;
    ev->buy_fee = side_settle(e, i, buy, quantity, quantity, notional, buy_rate);
    ev->sell_fee = side_settle(e, i, sell, quantity, quantity, notional, sell_rate);
    ev->buy_hold = buy->hold;
    ev->sell_hold = sell->hold;
    ev->aggressor_side = (uint8_t)aggressor_side;
    ev->venue = 0;
    ev->simulated = false;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
    i->last_price = price;
    if (UNLIKELY(i->waits & WAITS_TRIGGER) && i->trigger == TRIGGER_LAST) range_take(e, i, price, price);
    fill_follow(t, buy, sell, quantity, aggressor_side == SIDE_BUY ? buy : aggressor_side == SIDE_SELL ? sell : NULL);
}

/* Outside the book: the other side is a venue's house account. */

/* Cash, a fee that is due with it (negative: given back), and the position of one account, by a trade. */
static void account_settle(struct engine *e, struct instrument *i, uint32_t account, int side, int64_t quantity,
                           i128 notional, i128 fee)
{
    struct position *p = position_at(e, position_find(e, account, instrument_index(e, i)));
    struct balance *b = balance_at(e, p->balance);
    position_touch(e, p);
    balance_touch(e, b);
    if (fee != 0) {
        struct balance *fees = balance_at(e, currency_at(e, i->currency)->fees_balance);
        balance_touch(e, fees);
        cash_move(e, fees, fee);
        cash_move(e, b, -fee);
    }
    cash_move(e, b, side == SIDE_BUY ? -notional : notional);
    position_trade(e, p, b, account_at(e, account), i, side, quantity, notional);
}

/* What the fill of a resting order leaves of what it shows. */
static void shown_follow(struct engine *e, struct order *o)
{
    struct order_extra *x = order_extra_at(e, o->extra);
    if (o->level == 0 || o->extra == 0 || x->display_quantity == 0 || x->shown <= o->leaves) return;
    level_at(e, o->level)->hidden += x->shown - o->leaves;
    x->shown = o->leaves;
}

static void outside_event(struct turn *t, const struct instrument *i, const struct outside_fill *x,
                          struct event_filled f)
{
    f.symbol = i->symbol;
    f.price = x->price;
    f.quantity = x->quantity;
    f.notional = notional_of(i, x->price, x->quantity);
    f.venue = x->venue;
    f.simulated = x->simulated;
    f.price_scale = i->price_scale;
    f.quantity_scale = i->quantity_scale;
    f.currency_scale = i->currency_scale;
    turn_event(t, EVENT_FILLED)->filled = f;
}

/* The sides of a FILLED: the account's, of a buyer or a seller, and the house's. */
static struct event_filled outside_sides(const struct engine *e, uint32_t account, uint32_t house, int side)
{
    bool buys = side == SIDE_BUY;
    return (struct event_filled){.buy_account = account_at(e, buys ? account : house)->account,
                                 .sell_account = account_at(e, buys ? house : account)->account,
                                 .aggressor_side = (uint8_t)side};
}

void outside_follow(struct turn *t, uint32_t instrument, uint32_t buyer, uint32_t seller)
{
    uint32_t first = position_find(t->engine, buyer, instrument), second = position_find(t->engine, seller, instrument);
    reduce_only_follow(t, first, NULL);
    if (second != first) reduce_only_follow(t, second, NULL);
}

void fill_outside(struct turn *t, struct instrument *i, struct order *o, const struct outside_fill *x)
{
    struct engine *e = t->engine;
    bool buys = o->side == SIDE_BUY;
    int64_t taken = x->quantity - x->excess;
    i128 notional = notional_of(i, x->price, x->quantity);
    t->used++;
    order_touch(e, o);
    o->leaves -= taken;
    o->quantity += x->excess;
    if (o->level != 0) level_fill(e, o, taken, true);
    shown_follow(e, o);
    if (!buys) account_settle(e, i, x->house, SIDE_BUY, x->quantity, notional, 0);
    i128 fee = side_settle(e, i, o, x->quantity, taken, notional, fee_rate_taker(e, account_at(e, o->account), i));
    if (buys) account_settle(e, i, x->house, SIDE_SELL, x->quantity, notional, 0);
    struct event_filled f = outside_sides(e, o->account, x->house, o->side);
    *(buys ? &f.buy_order_id : &f.sell_order_id) = o->id;
    *(buys ? &f.buy_leaves : &f.sell_leaves) = o->leaves;
    *(buys ? &f.buy_fee : &f.sell_fee) = fee;
    *(buys ? &f.buy_hold : &f.sell_hold) = o->hold;
    outside_event(t, i, x, f);
    if (o->extra != 0 && order_extra_at(e, o->extra)->link != 0 && taken != 0) links_filled(t, o, taken);
    uint32_t own = o->position, other = position_find(e, x->house, instrument_index(e, i));
    uint32_t first = buys ? own : other, second = buys ? other : own;
    reduce_only_follow(t, first, o);
    if (second != first) reduce_only_follow(t, second, o);
}

void fill_outside_late(struct turn *t, struct instrument *i, uint64_t order_id, uint32_t account, int side,
                       const struct outside_fill *x, i128 fee)
{
    struct engine *e = t->engine;
    i128 notional = notional_of(i, x->price, x->quantity);
    bool buys = side == SIDE_BUY;
    t->used++;
    if (!buys) account_settle(e, i, x->house, SIDE_BUY, x->quantity, notional, 0);
    account_settle(e, i, account, side, x->quantity, notional, fee);
    if (buys) account_settle(e, i, x->house, SIDE_SELL, x->quantity, notional, 0);
    struct event_filled f = outside_sides(e, account, x->house, side);
    *(buys ? &f.buy_order_id : &f.sell_order_id) = order_id;
    *(buys ? &f.buy_fee : &f.sell_fee) = fee;
    outside_event(t, i, x, f);
    outside_follow(t, instrument_index(e, i), buys ? account : x->house, buys ? x->house : account);
}

/* The account's side of a fill that was on `side` is taken back: first who buys back. */
void outside_undo(struct turn *t, struct instrument *i, uint32_t account, int side, uint32_t house, int64_t quantity,
                  i128 notional, i128 fee)
{
    struct engine *e = t->engine;
    int back = side_opposite(side);
    if (back == SIDE_SELL) account_settle(e, i, house, SIDE_BUY, quantity, notional, 0);
    account_settle(e, i, account, back, quantity, notional, -fee);
    if (back == SIDE_BUY) account_settle(e, i, house, SIDE_SELL, quantity, notional, 0);
}

void fill_at_quote(struct turn *t, struct instrument *i, struct order *o, int64_t quantity)
{
    struct engine *e = t->engine;
    bool buys = o->side == SIDE_BUY;
    struct outside_fill x = {
        .price = buys ? i->ask : i->bid, .quantity = quantity, .house = e->quote_account, .venue = VENUE_QUOTE};
    instrument_touch(e, i);
    *(buys ? &i->ask_quantity : &i->bid_quantity) -= quantity;
    fill_outside(t, i, o, &x);
}

static void prevented_event(struct turn *t, const struct instrument *i, const struct order *newest,
                            const struct order *oldest, int64_t price, uint8_t stp)
{
    struct event_prevented *ev = &turn_event(t, EVENT_PREVENTED)->prevented;
    ev->account = account_at(t->engine, newest->account)->account;
    ev->symbol = i->symbol;
    ev->newest_order_id = newest->id;
    ev->oldest_order_id = oldest->id;
    ev->price = price;
    ev->quantity = newest->leaves < oldest->leaves ? newest->leaves : oldest->leaves;
    ev->stp = stp;
    ev->newest_side = newest->side;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
}

bool prevent(struct turn *t, struct instrument *i, struct order *newest, struct order *oldest, int64_t price,
             uint8_t stp)
{
    struct engine *e = t->engine;
    int64_t both = newest->leaves < oldest->leaves ? newest->leaves : oldest->leaves;
    bool resting = newest->level != 0, less = stp == STP_DECREMENT && both < newest->leaves;
    bool ends = stp != STP_CANCEL_OLDEST && !less;
    t->used++;
    prevented_event(t, i, newest, oldest, price, stp);
    if (stp == STP_CANCEL_OLDEST || stp == STP_CANCEL_BOTH)
        order_end(t, order_index(e, oldest), EVENT_CANCELLED, CANCEL_REASON_SELF_TRADE, 0);
    else if (stp == STP_DECREMENT)
        order_reduce(t, order_index(e, oldest), both, CANCEL_REASON_SELF_TRADE);
    if (less) order_reduced(t, newest, both, CANCEL_REASON_SELF_TRADE);
    if (ends && resting) order_end(t, order_index(e, newest), EVENT_CANCELLED, CANCEL_REASON_SELF_TRADE, 0);
    return ends;
}

/* A taker meets its own account's order. Returns true when matching ends with it. */
static bool head_prevented(struct turn *t, struct instrument *i, struct order *taker, struct order *head)
{
    return prevent(t, i, taker, head, head->price, taker->stp);
}

static bool head_halts(struct turn *t, struct instrument *i, int64_t price)
{
    if (!breaches_collar(i, price, t->base)) return false;
    state_set(t, i, INSTRUMENT_STATE_HALTED, STATE_CAUSE_COLLAR);
    return true;
}

/* What rests after its fill: nothing, or the rest of an iceberg at the back. */
static void head_settle(struct turn *t, uint32_t head)
{
    const struct order *o = order_at(t->engine, head);
    if (o->leaves == 0) {
        order_remove(t->engine, head);
    } else if (UNLIKELY(o->extra != 0)) {
        const struct order_extra *x = order_extra_at(t->engine, o->extra);
        if (x->display_quantity != 0 && x->shown == 0) order_refill(t, head);
    }
}

static inline int64_t head_shows(const struct engine *e, const struct order *o)
{
    if (LIKELY(o->extra == 0)) return o->leaves;
    const struct order_extra *x = order_extra_at(e, o->extra);
    return x->display_quantity != 0 ? x->shown : o->leaves;
}

/* What became of a taker whose matching was stopped. */
enum cancel_reason match_end_reason(enum match_end end)
{
    switch (end) {
    case MATCH_DONE: return 0;
    case MATCH_WORK: return CANCEL_REASON_WORK_LIMIT;
    case MATCH_HALTED: return CANCEL_REASON_COLLAR_HALT;
    case MATCH_MOST: return CANCEL_REASON_CASH_SHORT;
    default: return CANCEL_REASON_SELF_TRADE;
    }
}

/* What is wanted of o after a level, looked at order by order because its own are among them perhaps; -1: one of those ends it. */
static int64_t level_miss(const struct engine *e, const struct level *level, const struct order *o, int64_t left)
{
    for (uint32_t at = level->first; at != 0 && left > 0; at = order_at(e, at)->next) {
        const struct order *head = order_at(e, at);
        if (head->account != o->account)
            left = head->leaves >= left ? 0 : left - head->leaves;
        else if (o->stp != STP_CANCEL_OLDEST)
            return -1;
    }
    return left;
}

bool match_reaches(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound, uint64_t most,
                   uint64_t *orders)
{
    int other = side_opposite(o->side);
    int64_t worst = book_key(other, bound), left = o->leaves;
    struct book_walk levels = book_walk_begin(e, book_side(i, other));
    *orders = 0;
    for (uint32_t l; left > 0 && (l = book_walk_next(&levels)) != 0;) {
        const struct level *level = level_at(e, l);
        if (book_key(other, level->price) > worst) break;
        *orders += level->orders;
        if (*orders > most) return false;
        if (LIKELY(o->stp == 0))
            left = level->quantity >= left ? 0 : left - (int64_t)level->quantity;
        else
            left = level_miss(e, level, o, left);
    }
    return left == 0;
}

enum match_end match(struct turn *t, struct instrument *i, struct order *taker, int64_t bound, int64_t most)
{
    struct engine *e = t->engine;
    int other = side_opposite(taker->side);
    struct side_tree *tree = book_side(i, other);
    int64_t worst = book_key(other, bound);
    while (taker->leaves > 0) {
        if (most == 0) return MATCH_MOST;
        uint32_t best = book_best(e, tree);
        if (best == 0) return MATCH_DONE;
        const struct level *level = level_at(e, best);
        if (book_key(other, level->price) > worst) return MATCH_DONE;
        if (!turn_has_work(t)) return MATCH_WORK;
        uint32_t head = level->first;
        struct order *maker = order_at(e, head);
        if (UNLIKELY(taker->stp != 0) && maker->account == taker->account) {
            if (head_prevented(t, i, taker, maker)) return MATCH_PREVENTED;
            continue;
        }
        if (UNLIKELY(i->halt_on_breach) && head_halts(t, i, level->price)) return MATCH_HALTED;
        instrument_touch(e, i);
        int64_t shows = head_shows(e, maker), quantity = taker->leaves < shows ? taker->leaves : shows;
        if (quantity > most) quantity = most;
        most -= quantity;
        bool buys = taker->side == SIDE_BUY;
        fill(t, i, buys ? taker : maker, buys ? maker : taker, quantity, level->price, taker->side);
        head_settle(t, head);
    }
    return MATCH_DONE;
}

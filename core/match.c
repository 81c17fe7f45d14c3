/* core/match.c - trading: a taker against the book, one fill at a time, and what a fill does to both sides.
 * What must stay true: per fill, cash, positions and fees over all accounts change by zero; every order's hold is what order_hold says of
 * its present numbers, and balances' sums follow; price is the resting order's, the head of the best level trades first. */
#include "core/book.h"
#include "core/engine_parts.h"
#include "core/money.h"
#include "core/position.h"

i128 order_hold(const struct account *a, const struct instrument *i, const struct order *o)
{
    int64_t opening = o->leaves - o->closing_leaves;
    if (opening == 0 || o->type != ORDER_TYPE_LIMIT || a->type == ACCOUNT_TYPE_HOUSE) return 0;
    i128 notional = money_notional(o->price, opening, i->price_scale, i->quantity_scale, i->currency_scale);
    return money_hold(notional, a->leverage, i->fee_rate_worst, o->fee_accrued);
}

void position_release(struct engine *e, uint32_t index)
{
    struct position *p = position_at(e, index);
    if (p->key == 0) return; /* a trade with oneself: the maker has taken it along */
    if (p->quantity != 0 || p->cost != 0 || p->realized != 0 || p->open[0] != 0 || p->open[1] != 0) return;
    assert(p->closing[0] == 0 && p->closing[1] == 0);
    position_untouch(e, p);
    positions_index_remove(e, index);
    pool_give(e, &e->positions, index);
}

static void account_list_remove(struct engine *e, struct account *a, const struct order *o)
{
    if (o->account_prev != 0)
        order_at(e, o->account_prev)->account_next = o->account_next;
    else
        a->orders_first = o->account_next;
    if (o->account_next != 0)
        order_at(e, o->account_next)->account_prev = o->account_prev;
    else
        a->orders_last = o->account_prev;
    a->orders_count--;
}

void order_remove(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE)) sweep_order_leaves(e, index);
    order_untouch(e, o);
    book_leave(e, instrument_at(e, o->instrument), index);
    if (o->timer != 0) timer_remove(e, index);
    account_list_remove(e, account_at(e, o->account), o);
    orders_index_remove(e, index);
    if (o->client_order_id != 0) pool_give(e, &e->client_ids, o->client_order_id);
    position_release(e, o->position);
    pool_give(e, &e->orders, index);
}

/* The position's part of a fill, and what it changes in the balance's sums. */
static void position_trade(struct position *p, struct balance *b, struct account *a, int side, int64_t quantity,
                           i128 notional)
{
    struct position_value value = {.quantity = p->quantity, .cost = p->cost, .realized = p->realized};
    position_fill(&value, side, quantity, notional);
    b->cost_net += value.cost - p->cost;
    uint32_t leverage = account_leverage(a);
    b->margin_used += money_margin(value.cost, leverage) - money_margin(p->cost, leverage);
    a->positions_open += (uint32_t)(value.quantity != 0) - (uint32_t)(p->quantity != 0);
    p->quantity = value.quantity;
    p->cost = value.cost;
    p->realized = value.realized;
}

/* One side of a fill. The order's leaves are already down. Returns its fee. */
static i128 side_settle(struct engine *e, struct instrument *i, struct order *o, int64_t quantity, i128 notional,
                        int64_t rate)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    struct account *a = account_at(e, o->account);
    position_touch(e, p);
    balance_touch(e, b);
    int64_t closed = quantity < o->closing_leaves ? quantity : o->closing_leaves;
    o->closing_leaves -= closed;
    p->closing[o->side - 1] -= closed;
    p->open[o->side - 1] -= quantity;
    o->notional_filled += notional;
    o->updated_ns = e->now_ns;
    i128 fee = 0;
    if (rate != 0 && a->type != ACCOUNT_TYPE_HOUSE) {
        i128 before = money_fee_charged(o->fee_accrued);
        o->fee_accrued += notional * rate;
        fee = money_fee_charged(o->fee_accrued) - before;
        if (fee != 0) {
            struct balance *fees = balance_at(e, currency_at(e, i->currency)->fees_balance);
            balance_touch(e, fees);
            fees->cash += fee;
            b->cash -= fee;
        }
    }
    i128 hold = order_hold(a, i, o);
    b->reserved += hold - o->hold;
    o->hold = hold;
    b->cash += o->side == SIDE_BUY ? -notional : notional;
    position_trade(p, b, a, o->side, quantity, notional);
    return fee;
}

static void fill(struct turn *t, struct instrument *i, struct order *taker, struct order *maker, int64_t quantity)
{
    struct engine *e = t->engine;
    int64_t price = maker->price;
    i128 notional = money_notional(price, quantity, i->price_scale, i->quantity_scale, i->currency_scale);
    order_touch(e, maker);
    maker->leaves -= quantity;
    taker->leaves -= quantity;
    level_at(e, maker->level)->quantity -= quantity;
    bool taker_buys = taker->side == SIDE_BUY;
    struct order *buy = taker_buys ? taker : maker, *sell = taker_buys ? maker : taker;
    int64_t buy_rate = taker_buys ? i->taker_fee_rate : i->maker_fee_rate;
    int64_t sell_rate = taker_buys ? i->maker_fee_rate : i->taker_fee_rate;
    struct event_filled *ev = &turn_event(t, EVENT_FILLED)->filled;
    ev->symbol = i->symbol;
    ev->buy_account = account_at(e, buy->account)->account;
    ev->sell_account = account_at(e, sell->account)->account;
    ev->price = price;
    ev->quantity = quantity;
    ev->notional = notional;
    ev->buy_order_id = buy->id;
    ev->sell_order_id = sell->id;
    ev->buy_leaves = buy->leaves;
    ev->sell_leaves = sell->leaves;
    ev->buy_fee = side_settle(e, i, buy, quantity, notional, buy_rate);
    ev->sell_fee = side_settle(e, i, sell, quantity, notional, sell_rate);
    ev->buy_hold = buy->hold;
    ev->sell_hold = sell->hold;
    ev->aggressor_side = taker->side;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
    i->last_price = price;
}

bool match(struct turn *t, struct instrument *i, struct order *taker, int64_t bound)
{
    struct engine *e = t->engine;
    int other = side_opposite(taker->side);
    struct side_tree *tree = book_side(i, other);
    int64_t worst = book_key(other, bound);
    uint32_t fills = 0;
    while (taker->leaves > 0) {
        uint32_t best = book_best(e, tree);
        if (best == 0) return false;
        const struct level *level = level_at(e, best);
        if (book_key(other, level->price) > worst) return false;
        if (fills == e->limits.work_max) return true;
        if (fills++ == 0) instrument_touch(e, i);
        uint32_t head = level->first;
        struct order *maker = order_at(e, head);
        int64_t quantity = taker->leaves < maker->leaves ? taker->leaves : maker->leaves;
        fill(t, i, taker, maker, quantity);
        if (maker->leaves == 0) order_remove(e, head);
    }
    return false;
}

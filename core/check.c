/* core/check.c - what must be true of a state between turns, checked the slow way.
 * engine_check stops the program at anything that is not. */
#include "core/book.h"
#include "core/engine_parts.h"
#include "core/money.h"

/* Not assert: whoever asks for a check wants it in every build. */
#define CHECK(truth) ((truth) ? (void)0 : __builtin_trap())

/* The orders of one position, and what they add up to, are found through the account's list. */
static bool position_sums_hold(const struct engine *e, const struct position *p)
{
    int64_t open[2] = {0, 0}, closing[2] = {0, 0};
    for (uint32_t o = account_at(e, p->account)->orders_first; o != 0; o = order_at(e, o)->account_next) {
        const struct order *order = order_at(e, o);
        if (order->instrument != p->instrument) continue;
        open[order->side - 1] += order->leaves;
        closing[order->side - 1] += order->closing_leaves;
    }
    return open[0] == p->open[0] && open[1] == p->open[1] && closing[0] == p->closing[0] && closing[1] == p->closing[1];
}

/* Totals that do not need a walk per object: they hold for the whole exactly when they hold for every part of a true state. */
struct totals {
    i128 hold, reserved, cost_balances, cost_positions, margin_balances, margin_positions, leaves, open, closing_orders,
        closing_positions;
};

static void totals_of_orders(const struct engine *e, struct totals *t)
{
    for (uint32_t o = 1; o <= e->orders.used; o++) {
        const struct order *order = order_at(e, o);
        if (order->id == 0) continue;
        t->hold += order->hold;
        t->leaves += order->leaves;
        t->closing_orders += order->closing_leaves;
    }
}

static void totals_of_positions(const struct engine *e, struct totals *t)
{
    for (uint32_t i = 1; i <= e->positions.used; i++) {
        const struct position *p = position_at(e, i);
        if (p->key == 0) continue;
        const struct account *a = account_at(e, p->account);
        t->open += (i128)p->open[0] + p->open[1];
        t->closing_positions += (i128)p->closing[0] + p->closing[1];
        t->cost_positions += p->cost;
        t->margin_positions += money_margin(p->cost, account_leverage(a));
    }
}

static bool sums_hold(const struct engine *e)
{
    struct totals t = {0};
    totals_of_orders(e, &t);
    totals_of_positions(e, &t);
    for (uint32_t i = 1; i <= e->balances.used; i++) {
        const struct balance *b = balance_at(e, i);
        t.reserved += b->reserved;
        t.cost_balances += b->cost_net;
        t.margin_balances += b->margin_used;
    }
    return t.hold == t.reserved && t.cost_balances == t.cost_positions && t.margin_balances == t.margin_positions &&
           t.leaves == t.open && t.closing_orders == t.closing_positions;
}

static void check_level(const struct engine *e, uint32_t index, int side, uint32_t instrument)
{
    const struct level *l = level_at(e, index);
    uint32_t orders = 0, before = 0;
    int64_t quantity = 0;
    for (uint32_t o = l->first; o != 0; before = o, o = order_at(e, o)->next) {
        const struct order *order = order_at(e, o);
        CHECK(order->level == index && order->prev == before && order->price == l->price && order->leaves > 0);
        CHECK(order->side == side && order->instrument == instrument && order->closing_leaves <= order->leaves);
#ifndef ORDERTAPE_TEST_LIFO
        CHECK(before == 0 || order_at(e, before)->priority < order->priority);
#endif
        quantity += order->leaves;
        orders++;
    }
    CHECK(orders != 0 && orders == l->orders && quantity == l->quantity && l->last == before);
    CHECK(l->side == side && l->instrument == instrument);
}

static void check_books(const struct engine *e)
{
    uint32_t levels = 0;
    for (uint32_t i = 1; i <= e->instruments.used; i++) {
        struct instrument *in = instrument_at(e, i);
        int64_t best[2] = {0, 0};
        for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
            struct book_walk w = book_walk_begin(e, book_side(in, side));
            uint32_t count = 0;
            int64_t before = INT64_MIN;
            for (uint32_t l; (l = book_walk_next(&w)) != 0; count++) {
                int64_t key = book_key(side, level_at(e, l)->price);
                CHECK(key > before && book_level_find(e, book_side(in, side), side, level_at(e, l)->price) == l);
                if (count == 0) best[side - 1] = level_at(e, l)->price;
                before = key;
                check_level(e, l, side, i);
            }
            CHECK(count == book_side(in, side)->levels);
            levels += count;
        }
        CHECK(best[0] == 0 || best[1] == 0 || best[0] < best[1]);
    }
    CHECK(levels == e->levels.live);
    CHECK(e->nodes.live <= e->levels.live);
}

static void check_accounts(const struct engine *e)
{
    uint32_t orders = 0;
    for (uint32_t a = 1; a <= e->accounts.used; a++) {
        uint32_t before = 0, count = 0;
        for (uint32_t o = account_at(e, a)->orders_first; o != 0;
             before = o, o = order_at(e, o)->account_next, count++) {
            const struct order *order = order_at(e, o);
            CHECK(order->account == a && order->account_prev == before && order_find(e, order->id) == o);
            CHECK(before == 0 || order_at(e, before)->priority < order->priority);
            CHECK((order->timer != 0) == (order->tif == TIF_GTD));
        }
        CHECK(count == account_at(e, a)->orders_count && account_at(e, a)->orders_last == before);
        orders += count;
    }
    CHECK(orders == e->orders.live && e->orders_by_id.count == e->orders.live);
}

static void check_conservation(const struct engine *e)
{
    for (uint32_t c = 1; c <= e->currencies.used; c++) {
        i128 cash = 0;
        for (uint32_t b = 1; b <= e->balances.used; b++)
            if (balance_at(e, b)->currency == c) cash += balance_at(e, b)->cash;
        CHECK(cash == 0);
    }
    for (uint32_t i = 1; i <= e->instruments.used; i++) {
        i128 quantity = 0;
        for (uint32_t p = 1; p <= e->positions.used; p++)
            if (position_at(e, p)->key != 0 && position_at(e, p)->instrument == i)
                quantity += position_at(e, p)->quantity;
        CHECK(quantity == 0);
    }
}

void engine_check(const struct engine *e)
{
    check_books(e);
    check_accounts(e);
    check_conservation(e);
    for (uint32_t p = 1; p <= e->positions.used; p++)
        if (position_at(e, p)->key != 0) CHECK(position_sums_hold(e, position_at(e, p)));
    CHECK(sums_hold(e));
    CHECK(e->sweep.kind == SWEEP_NONE || order_find(e, e->sweep.next_order_id) != 0);
}

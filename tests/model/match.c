/* tests/model/match.c - one fill and all that follows of it, prevention, and the loop that makes fills.
 * What must stay true: the best order is looked for anew before every step, so whatever a step took away is not met again. */
#include "tests/model/internal.h"

#include <string.h>

static void renew_iceberg(struct model *m, uint64_t order_id);

/* ---- one fill ---- */

/* One side of a fill: an order, or a venue's house account. */
struct party {
    struct order_state *order; /* NULL: the house */
    struct account_state *account;
    struct balance_state *balance;
    i128 fee;
};

struct trade {
    struct instrument_state *instrument;
    int64_t price, quantity;
    i128 notional;
    struct account_state *house; /* the other side of a fill at a venue; NULL: two orders */
    int64_t excess;              /* of the quantity: more than the order has left */
    uint8_t venue;               /* as in orders */
    bool simulated;
    int aggressor_side;
};

static struct party party_of(struct model *m, const struct trade *t, uint64_t order_id)
{
    struct party p = {.account = t->house};
    if (order_id != 0) {
        p.order = model_find_order(m, order_id);
        p.account = model_account_by_id(m, p.order->account_id);
    }
    p.balance = model_find_balance(m, p.account->id, model_currency_id(m, t->instrument));
    return p;
}

/* The second of an OCO pair closes what its first says: the first goes down when the group follows. */
static void take_from_order(struct model *m, const struct trade *t, struct order_state *o)
{
    model_count_in_sums(m, o, -1);
    int64_t taken = t->quantity - t->excess;
    o->quantity += t->excess;
    o->leaves -= taken;
    o->closing_leaves -= taken < o->closing_leaves ? taken : o->closing_leaves;
    o->notional_filled += t->notional;
    o->updated_ns = m->scalars.now_ns;
    model_count_in_sums(m, o, 1);
}

static int64_t fee_rate(const struct trade *t, const struct party *p)
{
    if (t->house != NULL) return model_taker_rate(p->account, t->instrument);
    if (t->aggressor_side == 0) return model_worst_rate(p->account, t->instrument);
    return p->order->side == t->aggressor_side ? model_taker_rate(p->account, t->instrument)
                                               : model_maker_rate(p->account, t->instrument);
}

static void charge(struct model *m, const struct trade *t, struct party *p)
{
    if (p->order == NULL || p->account->type == ACCOUNT_TYPE_HOUSE) return;
    i128 charged = model_fee_charged(p->order->fee_accrued);
    p->order->fee_accrued += t->notional * fee_rate(t, p);
    p->fee = model_fee_charged(p->order->fee_accrued) - charged;
    p->balance->cash -= p->fee;
    model_find_balance(m, model_fees_account(m)->id, p->balance->currency_id)->cash += p->fee;
}

static void move_position(struct model *m, const struct trade *t, struct party *p, int side)
{
    struct position_state *position = model_find_position(m, p->account->id, t->instrument->id);
    uint32_t leverage = model_effective_leverage(p->account, t->instrument);
    i128 cost = position->cost, margin = model_margin_of(cost, leverage);
    model_position_take_fill(position, side, t->quantity, t->notional);
    p->balance->cost_net += position->cost - cost;
    p->balance->margin_used += model_margin_of(position->cost, leverage) - margin;
}

static void fill_party(struct model *m, const struct trade *t, struct party *p, int side)
{
    if (p->order != NULL) take_from_order(m, t, p->order);
    charge(m, t, p);
    if (p->order != NULL) model_set_hold(m, p->order, model_hold_of_order(m, p->order));
    p->balance->cash += model_is_buy(side) ? -t->notional : t->notional;
    move_position(m, t, p, side);
}

static void say_filled(struct model *m, const struct trade *t, const struct party *bought, const struct party *sold)
{
    struct event_filled *f = &model_say(m, EVENT_FILLED)->filled;
    const struct instrument_spec *spec = &t->instrument->spec;
    *f = (struct event_filled){.symbol = spec->symbol,
                               .buy_account = bought->account->account,
                               .sell_account = sold->account->account,
                               .price = t->price,
                               .quantity = t->quantity,
                               .notional = t->notional,
                               .buy_fee = bought->fee,
                               .sell_fee = sold->fee,
                               .aggressor_side = (uint8_t)t->aggressor_side,
                               .venue = t->venue,
                               .simulated = t->simulated,
                               .price_scale = spec->price_scale,
                               .quantity_scale = spec->quantity_scale,
                               .currency_scale = spec->currency_scale};
    if (bought->order != NULL) {
        f->buy_order_id = bought->order->id;
        f->buy_leaves = bought->order->leaves;
        f->buy_hold = bought->order->hold;
    }
    if (sold->order != NULL) {
        f->sell_order_id = sold->order->id;
        f->sell_leaves = sold->order->leaves;
        f->sell_hold = sold->order->hold;
    }
}

static void take_into_range(struct model *m, struct instrument_state *i, int64_t price)
{
    bool session = m->scalars.sweep.kind == SWEEP_AUCTION && m->scalars.sweep.instrument_id == i->id;
    if (i->spec.trigger == TRIGGER_QUOTE || !model_anybody_waits(m, i->id)) return;
    if (!session && !model_is_live(m, i)) return;
    if (i->range_low == 0 || price < i->range_low) i->range_low = price;
    if (price > i->range_high) i->range_high = price;
}

static void take_from_market(struct model *m, const struct trade *t)
{
    struct instrument_state *i = t->instrument;
    if (t->simulated || t->venue >= VENUE_BROKER_FIRST) return;
    if (t->house == NULL) {
        i->last_price = t->price;
        take_into_range(m, i, t->price);
    } else if (model_is_buy(t->aggressor_side)) {
        i->ask_quantity -= t->quantity;
    } else {
        i->bid_quantity -= t->quantity;
    }
}

/* ---- reduce-only ---- */

/* The reduce-only order of a position that was accepted next after another; NULL: none. */
static struct order_state *next_reduce_only(struct model *m, uint64_t account_id, uint64_t instrument_id,
                                            uint64_t after_id)
{
    struct order_state *next = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (o->account_id != account_id || o->instrument_id != instrument_id || o->id <= after_id) continue;
        if (!(o->flags & PLACE_REDUCE_ONLY) || o->id == m->taker_id) continue;
        if (next == NULL || o->id < next->id) next = o;
    }
    return next;
}

static void reduce_to(struct model *m, struct order_state *o, int64_t closable)
{
    if (o->leaves <= closable) return;
    m->work_used++;
    if (closable == 0) {
        model_order_cancel(m, o->id, CANCEL_REASON_REDUCE_ONLY);
        return;
    }
    bool house = model_account_by_id(m, o->account_id)->type == ACCOUNT_TYPE_HOUSE;
    model_renumber(m, o, o->quantity - (o->leaves - closable), closable, house ? 0 : closable);
    model_say_reduced(m, o, CANCEL_REASON_REDUCE_ONLY);
}

void model_reduce_orders(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    const struct position_state *p = model_find_position(m, account_id, instrument_id);
    int64_t position = p == NULL ? 0 : p->quantity;
    struct order_state *o = next_reduce_only(m, account_id, instrument_id, 0);
    while (o != NULL) {
        uint64_t id = o->id;
        int64_t closable = model_is_buy(o->side) ? -position : position;
        reduce_to(m, o, closable > 0 ? closable : 0);
        o = next_reduce_only(m, account_id, instrument_id, id);
    }
}

static void leave_if_filled(struct model *m, uint64_t order_id)
{
    const struct order_state *o = order_id == 0 ? NULL : model_find_order(m, order_id);
    if (o != NULL && o->leaves == 0) model_order_leaves_state(m, order_id);
}

/* The whole of one fill. The ids say which sides are orders. */
static void trade(struct model *m, struct trade *t, uint64_t buy_order_id, uint64_t sell_order_id)
{
    t->notional = model_notional_of(&t->instrument->spec, t->price, t->quantity);
    take_from_market(m, t);
    struct party bought = party_of(m, t, buy_order_id), sold = party_of(m, t, sell_order_id);
    fill_party(m, t, &bought, SIDE_BUY);
    fill_party(m, t, &sold, SIDE_SELL);
    say_filled(m, t, &bought, &sold);
    uint64_t buyer = bought.account->id, seller = sold.account->id;
    if (buy_order_id != 0) model_group_filled(m, buy_order_id, t->quantity);
    if (sell_order_id != 0) model_group_filled(m, sell_order_id, t->quantity);
    model_reduce_orders(m, buyer, t->instrument->id);
    if (seller != buyer) model_reduce_orders(m, seller, t->instrument->id);
    leave_if_filled(m, buy_order_id);
    leave_if_filled(m, sell_order_id);
}

void model_fill(struct model *m, uint64_t buy_order_id, uint64_t sell_order_id, int64_t price, int64_t quantity,
                int aggressor_side)
{
    const struct order_state *any = model_find_order(m, buy_order_id != 0 ? buy_order_id : sell_order_id);
    struct trade t = {.instrument = model_instrument_by_id(m, any->instrument_id),
                      .price = price,
                      .quantity = quantity,
                      .aggressor_side = aggressor_side};
    if (buy_order_id == 0 || sell_order_id == 0) {
        t.house = model_quote_account(m);
        t.venue = VENUE_QUOTE;
    }
    trade(m, &t, buy_order_id, sell_order_id);
}

/* ---- executions ---- */

static void open_house(struct model *m, uint64_t account_id, const struct instrument_state *i)
{
    model_open_position(m, account_id, i->id);
    model_open_balance(m, account_id, model_currency_id(m, i));
}

void model_fill_at_house(struct model *m, const struct at_house *f)
{
    const struct order_state *o = model_find_order(m, f->order_id);
    struct trade t = {.instrument = model_instrument_by_id(m, o->instrument_id),
                      .price = f->price,
                      .quantity = f->quantity,
                      .house = model_account_by_id(m, f->house_id),
                      .excess = f->excess,
                      .venue = f->venue,
                      .simulated = f->simulated,
                      .aggressor_side = o->side};
    open_house(m, f->house_id, t.instrument);
    bool buys = model_is_buy(o->side);
    trade(m, &t, buys ? f->order_id : 0, buys ? 0 : f->order_id);
    struct order_state *rest = model_find_order(m, f->order_id);
    if (rest == NULL || rest->extra.phase != ORDER_PHASE_RESTING) return;
    if (rest->extra.shown > rest->leaves) rest->extra.shown = rest->leaves;
    renew_iceberg(m, f->order_id);
}

/* An order that has ended takes it as if it were there, outside all sums. */
i128 model_fill_late(struct model *m, const struct at_house *f, struct route_state *r)
{
    struct order_state ghost = {.id = r->order_id, .side = r->side, .fee_accrued = r->fee_accrued};
    struct trade t = {.instrument = model_instrument_by_id(m, r->instrument_id),
                      .price = f->price,
                      .quantity = f->quantity,
                      .house = model_account_by_id(m, f->house_id),
                      .venue = f->venue,
                      .simulated = f->simulated,
                      .aggressor_side = r->side};
    open_house(m, f->house_id, t.instrument);
    open_house(m, r->account_id, t.instrument);
    t.notional = model_notional_of(&t.instrument->spec, t.price, t.quantity);
    uint64_t currency_id = model_currency_id(m, t.instrument);
    struct party own = {.order = &ghost, .account = model_account_by_id(m, r->account_id)};
    struct party house = {.account = t.house};
    own.balance = model_find_balance(m, own.account->id, currency_id);
    house.balance = model_find_balance(m, t.house->id, currency_id);
    bool buys = model_is_buy(r->side);
    charge(m, &t, &own);
    struct party *bought = buys ? &own : &house, *sold = buys ? &house : &own;
    bought->balance->cash -= t.notional;
    move_position(m, &t, bought, SIDE_BUY);
    sold->balance->cash += t.notional;
    move_position(m, &t, sold, SIDE_SELL);
    i128 accrues = ghost.fee_accrued - r->fee_accrued;
    r->fee_accrued = ghost.fee_accrued;
    r->notional_filled += t.notional;
    r->filled += t.quantity;
    say_filled(m, &t, bought, sold);
    uint64_t buyer = bought->account->id, seller = sold->account->id;
    model_reduce_orders(m, buyer, t.instrument->id);
    if (seller != buyer) model_reduce_orders(m, seller, t.instrument->id);
    return accrues;
}

i128 model_house_fee_of(struct model *m, uint64_t account_id, uint64_t instrument_id, i128 notional)
{
    const struct account_state *a = model_account_by_id(m, account_id);
    if (a->type == ACCOUNT_TYPE_HOUSE) return 0;
    return notional * model_taker_rate(a, model_instrument_by_id(m, instrument_id));
}

void model_undo_fill(struct model *m, const struct undo *u)
{
    struct trade t = {
        .instrument = model_instrument_by_id(m, u->instrument_id), .quantity = u->quantity, .notional = u->notional};
    open_house(m, u->account_id, t.instrument);
    open_house(m, u->house_id, t.instrument);
    uint64_t currency_id = model_currency_id(m, t.instrument);
    struct party own = {.account = model_account_by_id(m, u->account_id)};
    struct party house = {.account = model_account_by_id(m, u->house_id)};
    own.balance = model_find_balance(m, u->account_id, currency_id);
    house.balance = model_find_balance(m, u->house_id, currency_id);
    bool bought = model_is_buy(u->side);
    struct party *buys_back = bought ? &house : &own, *sells_back = bought ? &own : &house;
    own.balance->cash += u->fee;
    model_find_balance(m, model_fees_account(m)->id, currency_id)->cash -= u->fee;
    buys_back->balance->cash -= u->notional;
    move_position(m, &t, buys_back, SIDE_BUY);
    sells_back->balance->cash += u->notional;
    move_position(m, &t, sells_back, SIDE_SELL);
}

/* ---- prevention ---- */

static void say_prevented(struct model *m, const struct order_state *newest, const struct order_state *oldest, int stp,
                          int64_t price)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, newest->instrument_id)->spec;
    model_say(m, EVENT_PREVENTED)->prevented =
        (struct event_prevented){.account = model_account_by_id(m, newest->account_id)->account,
                                 .symbol = spec->symbol,
                                 .newest_order_id = newest->id,
                                 .oldest_order_id = oldest->id,
                                 .price = price,
                                 .quantity = newest->leaves < oldest->leaves ? newest->leaves : oldest->leaves,
                                 .stp = (uint8_t)stp,
                                 .newest_side = newest->side,
                                 .price_scale = spec->price_scale,
                                 .quantity_scale = spec->quantity_scale};
}

/* One of two that would have traded with each other goes down by what both have. */
static void decrement(struct model *m, uint64_t order_id, int64_t less)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o == NULL) return;
    if (o->leaves <= less) {
        model_order_cancel(m, order_id, CANCEL_REASON_SELF_TRADE);
        return;
    }
    model_shrink(m, o, less);
    model_say_reduced(m, o, CANCEL_REASON_SELF_TRADE);
    model_group_decremented(m, order_id, less);
}

void model_prevent(struct model *m, uint64_t newest_id, uint64_t oldest_id, int stp, int64_t price)
{
    const struct order_state *newest = model_find_order(m, newest_id), *oldest = model_find_order(m, oldest_id);
    int64_t both = newest->leaves < oldest->leaves ? newest->leaves : oldest->leaves;
    say_prevented(m, newest, oldest, stp, price);
    if (stp == STP_DECREMENT) {
        decrement(m, oldest_id, both);
        decrement(m, newest_id, both);
        return;
    }
    if (stp != STP_CANCEL_NEWEST) model_order_cancel(m, oldest_id, CANCEL_REASON_SELF_TRADE);
    bool still_there = model_find_order(m, newest_id) != NULL;
    if (stp != STP_CANCEL_OLDEST && still_there) model_order_cancel(m, newest_id, CANCEL_REASON_SELF_TRADE);
}

/* ---- matching ---- */

static void halt(struct model *m, struct instrument_state *i)
{
    model_say(m, EVENT_STATE_SET)->state_set = (struct event_state_set){.symbol = i->spec.symbol,
                                                                        .state = INSTRUMENT_STATE_HALTED,
                                                                        .before = i->spec.state,
                                                                        .cause = STATE_CAUSE_COLLAR};
    i->spec.state = INSTRUMENT_STATE_HALTED;
    model_empty_range_unless_live(m, i);
}

static bool breaches(const struct model *m, const struct instrument_state *i, int64_t price)
{
    if (!i->spec.halt_on_breach || i->spec.collar_ppm == 0 || m->base == 0) return false;
    i128 away = price > m->base ? price - m->base : m->base - price;
    return away * 1000000 > (i128)m->base * i->spec.collar_ppm;
}

void model_show(struct model *m, struct order_state *o)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    o->extra.shown = o->leaves < o->extra.display_quantity ? o->leaves : o->extra.display_quantity;
    model_say(m, EVENT_DISPLAYED)->displayed =
        (struct event_displayed){.order_id = o->id,
                                 .account = model_account_by_id(m, o->account_id)->account,
                                 .symbol = spec->symbol,
                                 .shown = o->extra.shown,
                                 .side = o->side,
                                 .quantity_scale = spec->quantity_scale};
}

/* An iceberg that showed its last slice shows the next one, behind everybody at its price. */
static void renew_iceberg(struct model *m, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o == NULL || o->extra.display_quantity == 0 || o->extra.shown > 0) return;
    model_take_priority(m, o);
    model_show(m, o);
}

static int64_t trade_with(struct model *m, struct order_state *taker, struct order_state *head, int64_t most)
{
    bool iceberg = head->extra.display_quantity != 0;
    int64_t there = iceberg ? head->extra.shown : head->leaves;
    int64_t quantity = taker->leaves < there ? taker->leaves : there;
    if (quantity > most) quantity = most;
    if (iceberg) head->extra.shown -= quantity;
    uint64_t taker_id = taker->id, head_id = head->id;
    bool buys = model_is_buy(taker->side);
    model_fill(m, buys ? taker_id : head_id, buys ? head_id : taker_id, head->price, quantity, taker->side);
    renew_iceberg(m, head_id);
    return quantity;
}

enum match_end model_match(struct model *m, struct reach reach, int64_t *most)
{
    while (*most > 0 && model_work_left(m)) {
        struct order_state *taker = model_find_order(m, m->taker_id);
        if (taker == NULL) return MATCH_DONE;
        struct order_state *head = model_first(m, taker->instrument_id, QUEUE_BOOK, model_other_side(taker->side), 0);
        if (head == NULL || !model_reaches(reach, taker->side, head->price)) return MATCH_DONE;
        struct instrument_state *i = model_instrument_by_id(m, taker->instrument_id);
        if (taker->stp != 0 && taker->account_id == head->account_id) {
            m->work_used++;
            model_prevent(m, taker->id, head->id, taker->stp, head->price);
        } else if (breaches(m, i, head->price)) {
            halt(m, i);
            return MATCH_HALTED;
        } else {
            m->work_used++;
            *most -= trade_with(m, taker, head, *most);
        }
    }
    return MATCH_DONE;
}

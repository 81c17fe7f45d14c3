/* snapshots/ledger.c - see ledger.h. */
#include "snapshots/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/money.h"
#include "snapshots/array.h"

/* So many orders that linger are not worth a look. */
enum { LINGERING_MIN = 1024 };

void ledger_init(struct ledger *l, const struct engine *base)
{
    memset(l, 0, sizeof *l);
    l->base = base;
}

void ledger_free(struct ledger *l)
{
    id_map_free(&l->places);
    free(l->rows);
    free(l->free_places);
    free(l->ended);
    free(l->lingering);
    free(l->trades);
    memset(l, 0, sizeof *l);
}

int ledger_copy(struct ledger *dst, const struct ledger *src)
{
    ledger_init(dst, src->base);
    int rc = id_map_copy(&dst->places, &src->places);
    if (rc == 0) rc = array_reserve(&dst->rows, &dst->rows_room, src->rows_count, sizeof *dst->rows);
    if (rc == 0) rc = array_reserve(&dst->free_places, &dst->free_room, src->free_count, sizeof *dst->free_places);
    if (rc) return rc;
    assert(src->ended_count == 0 && src->trades_count == 0); /* one history has nothing to tell of itself */
    if (src->rows_count) memcpy(dst->rows, src->rows, src->rows_count * sizeof *dst->rows);
    if (src->free_count) memcpy(dst->free_places, src->free_places, src->free_count * sizeof *dst->free_places);
    dst->rows_count = src->rows_count;
    dst->free_count = src->free_count;
    return 0;
}

static struct order_row *find(const struct ledger *l, uint64_t order_id)
{
    uint32_t place;
    return id_map_get(&l->places, order_id, &place) ? &l->rows[place] : NULL;
}

const struct order_row *ledger_find(const struct ledger *l, uint64_t order_id)
{
    return find(l, order_id);
}

/* Venues are numbered by the order in which they were made. Empty: no broker's number. */
static struct name broker_name(const struct engine *e, uint8_t number)
{
    struct venue_state_row v = {0};
    uint32_t cursor = 0;
    if (number < VENUE_BROKER_FIRST || number == VENUE_NONE) return (struct name){{0}};
    for (unsigned n = 0; n < number; ++n)
        if (!engine_export_venue(e, &cursor, &v)) return (struct name){{0}};
    return v.venue;
}

static uint8_t venue_number(const struct engine *e, const struct name *venue)
{
    struct venue_state_row v;
    uint8_t number = 0;
    for (uint32_t cursor = 0; engine_export_venue(e, &cursor, &v);) {
        number++;
        if (name_equal(&v.venue, venue)) return number == VENUE_BOOK ? 0 : number;
    }
    return 0;
}

static uint8_t done_status(uint8_t broker_state)
{
    if (broker_state == BROKER_SETTLED) return ORDER_STATUS_SETTLED;
    return broker_state == BROKER_FILLED ? ORDER_STATUS_FILLED : ORDER_STATUS_CANCELLED;
}

/* Of an order that has left the state the desk keeps this much: what was filled, and where. */
static void row_from_route(struct order_row *row, const struct route_state *x, const struct instrument_state *i,
                           const struct account_state *a, const struct name *venue)
{
    const struct instrument_spec *spec = &i->spec;
    memset(row, 0, sizeof *row);
    row->order_id = x->order_id;
    row->created_seq = x->order_id >> ORDER_INDEX_BITS;
    row->account = a->account;
    row->symbol = spec->symbol;
    row->status = done_status(x->state);
    row->quantity = row->filled = x->filled;
    row->price_quantity =
        money_scale_by_pow10(x->notional_filled, spec->price_scale + spec->quantity_scale - spec->currency_scale);
    row->fee = money_fee_charged(x->fee_accrued);
    row->side = x->side;
    row->venue = x->venue;
    row->price_scale = spec->price_scale;
    row->quantity_scale = spec->quantity_scale;
    row->stop_price_scale = row->display_scale = row->trail_scale = DECIMAL_ABSENT;
    row->venue_name = *venue;
    row->attempts = x->attempt;
    row->broker_state = x->state;
    row->manual_review = x->manual_review;
    row->ext_order_id_len = x->ext_order_id_len;
    memcpy(row->ext_order_id, x->ext_order_id, sizeof row->ext_order_id);
}

/* An order that was open at the base, or done and not forgotten by the desk, and is untouched since. */
static bool order_at_base(const struct ledger *l, uint64_t order_id, struct order_row *out)
{
    struct order_state o;
    struct route_state x;
    struct instrument_state i;
    struct account_state a;
    if (!l->base) return false;
    bool open = engine_get_order(l->base, order_id, &o), routed = engine_get_route(l->base, order_id, &x);
    if (!open && !routed) return false;
    bool known = engine_get_instrument_by_id(l->base, open ? o.instrument_id : x.instrument_id, &i) &&
                 engine_get_account_by_id(l->base, open ? o.account_id : x.account_id, &a);
    assert(known);
    if (!known) return false;
    struct name venue = broker_name(l->base, routed ? x.venue : 0);
    if (open)
        order_row_from_state(out, &o, &i, &a, routed ? &x : NULL, &venue);
    else
        row_from_route(out, &x, &i, &a, &venue);
    return true;
}

bool ledger_order(const struct ledger *l, uint64_t order_id, struct order_row *out)
{
    const struct order_row *row = find(l, order_id);
    if (!row) return order_at_base(l, order_id, out);
    *out = *row;
    return true;
}

static int add(struct ledger *l, const struct order_row *row)
{
    int rc = array_reserve(&l->rows, &l->rows_room, l->rows_count + 1, sizeof *l->rows);
    if (rc) return rc;
    uint32_t place = l->free_count ? l->free_places[l->free_count - 1] : (uint32_t)l->rows_count;
    rc = id_map_put(&l->places, row->order_id, place);
    if (rc) return rc;
    if (l->free_count)
        l->free_count--;
    else
        l->rows_count++;
    l->rows[place] = *row;
    return 0;
}

static int forget(struct ledger *l, uint64_t order_id)
{
    uint32_t place;
    if (!id_map_get(&l->places, order_id, &place)) return 0;
    int rc = array_reserve(&l->free_places, &l->free_room, l->free_count + 1, sizeof *l->free_places);
    if (rc) return rc;
    id_map_remove(&l->places, order_id);
    l->rows[place].order_id = 0;
    l->free_places[l->free_count++] = place;
    return 0;
}

/* The row of an order that an event names, to be changed by it; valid until the next touch. */
static int touch(struct ledger *l, uint64_t order_id, struct order_row **row)
{
    *row = find(l, order_id);
    if (*row) return 0;
    struct order_row at_base;
    if (!order_at_base(l, order_id, &at_base)) return ERR_CORRUPT;
    int rc = add(l, &at_base);
    if (rc == 0) *row = find(l, order_id);
    return rc;
}

static int note_end(struct ledger *l, const struct order_row *row)
{
    if (order_row_is_open(row)) return 0;
    int rc = array_reserve(&l->ended, &l->ended_room, l->ended_count + 1, sizeof *l->ended);
    if (rc == 0) l->ended[l->ended_count++] = row->order_id;
    return rc;
}

static int fold_new(struct ledger *l, const struct event *e)
{
    struct order_row row;
    memset(&row, 0, sizeof row);
    if (e->kind == EVENT_PLACED)
        order_row_from_placed(&row, e);
    else
        order_row_from_rejected(&row, e);
    int rc = add(l, &row);
    return rc ? rc : note_end(l, &row);
}

static int fold_side(struct ledger *l, const struct event *e, int side)
{
    struct order_row *row;
    uint64_t order_id = side == SIDE_BUY ? e->filled.buy_order_id : e->filled.sell_order_id;
    if (order_id == 0) return 0; /* a venue's house */
    int rc = touch(l, order_id, &row);
    if (rc) return rc;
    order_row_fill(row, e, side);
    return note_end(l, row);
}

static int add_trade(struct ledger *l, const struct whatif_trade *t)
{
    int rc = array_reserve(&l->trades, &l->trades_room, l->trades_count + 1, sizeof *l->trades);
    if (rc == 0) l->trades[l->trades_count++] = *t;
    return rc;
}

static int fold_fill(struct ledger *l, const struct event *e)
{
    struct whatif_trade t = {.seq = e->seq, .index = e->index, .ts_ns = e->ts_ns, .fill = e->filled};
    int rc = add_trade(l, &t);
    if (rc == 0) rc = fold_side(l, e, SIDE_BUY);
    return rc ? rc : fold_side(l, e, SIDE_SELL);
}

static struct name house_name(const struct name *venue)
{
    struct name n = {"@"};
    memcpy(n.bytes + 1, venue->bytes, NAME_CHARS_MAX - 1);
    return n;
}

/* The opposite trade, between the same two: the order is on the other side of it. */
static struct whatif_trade trade_of_bust(const struct ledger *l, const struct event *e)
{
    const struct event_busted *x = &e->busted;
    struct whatif_trade t = {.seq = e->seq, .index = e->index, .ts_ns = e->ts_ns, .busted = true};
    struct event_filled *f = &t.fill;
    bool sells = x->side == SIDE_BUY;
    f->symbol = x->symbol;
    f->price = x->price;
    f->quantity = x->quantity;
    f->notional = x->notional;
    f->price_scale = x->price_scale;
    f->quantity_scale = x->quantity_scale;
    f->currency_scale = x->currency_scale;
    f->venue = venue_number(l->now, &x->venue);
    f->sell_account = sells ? x->account : house_name(&x->venue);
    f->buy_account = sells ? house_name(&x->venue) : x->account;
    *(sells ? &f->sell_order_id : &f->buy_order_id) = x->order_id;
    *(sells ? &f->sell_leaves : &f->buy_leaves) = x->leaves;
    *(sells ? &f->sell_hold : &f->buy_hold) = x->hold;
    *(sells ? &f->sell_fee : &f->buy_fee) = -x->fee;
    return t;
}

/* Of an OCO pair's second: what the pair holds, the first holds. */
static int fold_holder(struct ledger *l, uint64_t holder_id, i128 hold)
{
    struct order_row *row;
    int rc = touch(l, holder_id, &row);
    if (rc == 0) row->hold = hold;
    return rc;
}

static int fold_change(struct ledger *l, const struct event *e)
{
    struct order_row *row;
    uint64_t order_id = order_row_changed_id(e);
    int rc = touch(l, order_id, &row);
    if (rc) return rc;
    order_row_change(row, e);
    uint64_t holder_id = order_row_holder_id(row);
    rc = note_end(l, row);
    if (rc || e->kind != EVENT_MODIFIED || holder_id == order_id) return rc;
    return fold_holder(l, holder_id, e->modified.hold);
}

static int fold_bust(struct ledger *l, const struct event *e)
{
    struct whatif_trade t = trade_of_bust(l, e);
    int rc = add_trade(l, &t);
    return rc ? rc : fold_change(l, e);
}

static int fold_event(struct ledger *l, const struct event *e)
{
    switch (e->kind) {
    case EVENT_REJECTED: return order_row_is_rejected_by(e) ? fold_new(l, e) : 0;
    case EVENT_PLACED: return fold_new(l, e);
    case EVENT_FILLED: return fold_fill(l, e);
    case EVENT_BUSTED: return fold_bust(l, e);
    default: break;
    }
    /* No order is touched by the others; positions and balances are compared as state. */
    return order_row_changed_id(e) != 0 ? fold_change(l, e) : 0;
}

int ledger_fold(struct ledger *l, const struct engine *now, const struct event *events, uint32_t count)
{
    int rc = 0;
    l->now = now;
    for (uint32_t i = 0; rc == 0 && i < count; ++i) rc = fold_event(l, &events[i]);
    return rc;
}

static bool desk_remembers(const struct ledger *l, uint64_t order_id)
{
    struct route_state x;
    return l && l->now && engine_get_route(l->now, order_id, &x);
}

static int linger(struct ledger *l, uint64_t order_id)
{
    int rc = array_reserve(&l->lingering, &l->lingering_room, l->lingering_count + 1, sizeof *l->lingering);
    if (rc == 0) l->lingering[l->lingering_count++] = order_id;
    return rc;
}

/* Forgets an order that ended on one side if it ended alike on the other and nothing can happen to it any more. */
static int settle_order(struct ledger *baseline, struct ledger *branch, uint64_t order_id)
{
    const struct order_row *a = find(baseline, order_id), *b = branch ? find(branch, order_id) : a;
    if (!a || !b || !order_row_alike(a, b)) return 0;
    if (desk_remembers(baseline, order_id) || desk_remembers(branch, order_id)) return linger(baseline, order_id);
    int rc = forget(baseline, order_id);
    return rc == 0 && branch ? forget(branch, order_id) : rc;
}

/* The desk says nothing when it forgets: now and then, all that linger are looked at again. */
static int settle_lingering(struct ledger *baseline, struct ledger *branch)
{
    size_t count = baseline->lingering_count;
    int rc = 0;
    if (count < baseline->lingering_next + LINGERING_MIN) return 0;
    baseline->lingering_count = 0; /* those that stay are put back, behind the one that is looked at */
    for (size_t i = 0; rc == 0 && i < count; ++i) rc = settle_order(baseline, branch, baseline->lingering[i]);
    baseline->lingering_next = 2 * baseline->lingering_count;
    return rc;
}

static int settle_orders(struct ledger *baseline, struct ledger *branch)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < baseline->ended_count; ++i)
        rc = settle_order(baseline, branch, baseline->ended[i]);
    for (size_t i = 0; rc == 0 && branch && i < branch->ended_count; ++i)
        rc = settle_order(baseline, branch, branch->ended[i]);
    baseline->ended_count = 0;
    if (branch) branch->ended_count = 0;
    return rc ? rc : settle_lingering(baseline, branch);
}

/* An order of a trade, the buyer's where there is one. */
static uint64_t trade_owner(const struct whatif_trade *t)
{
    return t->fill.buy_order_id != 0 ? t->fill.buy_order_id : t->fill.sell_order_id;
}

static bool trades_alike(const struct ledger *baseline, const struct ledger *branch, const struct id_map *kept)
{
    size_t count = baseline->trades_count - baseline->trades_settled;
    if (count != branch->trades_count - branch->trades_settled) return false;
    for (size_t i = 0; i < count; ++i) {
        const struct whatif_trade *a = &baseline->trades[baseline->trades_settled + i];
        const struct whatif_trade *b = &branch->trades[branch->trades_settled + i];
        if (a->fill.buy_order_id != b->fill.buy_order_id || a->fill.sell_order_id != b->fill.sell_order_id)
            return false;
        if (!whatif_trade_alike(a, b) || id_map_get(kept, trade_owner(a), NULL)) return false;
    }
    return true;
}

static int keep_trades(struct ledger *l, struct id_map *kept)
{
    int rc = 0;
    for (; rc == 0 && l->trades_settled < l->trades_count; ++l->trades_settled)
        rc = id_map_put(kept, trade_owner(&l->trades[l->trades_settled]), 0);
    return rc;
}

static int settle_trades(struct ledger *baseline, struct ledger *branch, struct id_map *kept)
{
    if (branch && !trades_alike(baseline, branch, kept)) {
        int rc = keep_trades(baseline, kept);
        return rc ? rc : keep_trades(branch, kept);
    }
    baseline->trades_count = baseline->trades_settled;
    if (branch) branch->trades_count = branch->trades_settled;
    return 0;
}

int ledger_settle(struct ledger *baseline, struct ledger *branch, struct id_map *kept)
{
    int rc = settle_trades(baseline, branch, kept);
    return rc ? rc : settle_orders(baseline, branch);
}

static bool refusals_alike(const struct refusal *a, const struct refusal *b)
{
    return a->reason == b->reason && a->field == b->field && a->value_scale == b->value_scale &&
           a->limit_scale == b->limit_scale && a->value == b->value && a->limit == b->limit;
}

static bool extras_alike(const struct order_row *a, const struct order_row *b)
{
    return a->stop_price == b->stop_price && a->display_quantity == b->display_quantity && a->shown == b->shown &&
           a->trail == b->trail && a->leverage == b->leverage && a->gtt_id == b->gtt_id && a->stp == b->stp &&
           a->venue == b->venue && a->phase == b->phase && a->link == b->link && a->member == b->member &&
           a->activation == b->activation && a->stop_price_scale == b->stop_price_scale &&
           a->display_scale == b->display_scale && a->trail_scale == b->trail_scale;
}

static bool chars_alike(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static bool desks_alike(const struct order_row *a, const struct order_row *b)
{
    return a->batch_id == b->batch_id && a->routed_ns == b->routed_ns && a->settled_ns == b->settled_ns &&
           name_equal(&a->venue_name, &b->venue_name) && a->attempts == b->attempts && a->rule == b->rule &&
           a->broker_state == b->broker_state && a->manual_review == b->manual_review &&
           chars_alike(a->ext_order_id, a->ext_order_id_len, b->ext_order_id, b->ext_order_id_len) &&
           chars_alike(a->reason, a->reason_len, b->reason, b->reason_len);
}

/* Left out: seqs, and the hold, which moves with the account's other orders and shows in its reserved cash. */
bool order_row_alike(const struct order_row *a, const struct order_row *b)
{
    return a->order_id == b->order_id && a->status == b->status && a->cancel_reason == b->cancel_reason &&
           a->price == b->price && a->quantity == b->quantity && a->leaves == b->leaves && a->filled == b->filled &&
           a->price_quantity == b->price_quantity && a->fee == b->fee && a->created_ns == b->created_ns &&
           a->updated_ns == b->updated_ns && a->executed_ns == b->executed_ns && a->expires_ns == b->expires_ns &&
           a->side == b->side && a->type == b->type && a->tif == b->tif && a->flags == b->flags &&
           a->price_scale == b->price_scale && a->quantity_scale == b->quantity_scale &&
           chars_alike(a->client_order_id, a->client_order_id_len, b->client_order_id, b->client_order_id_len) &&
           name_equal(&a->account, &b->account) && name_equal(&a->symbol, &b->symbol) &&
           refusals_alike(&a->refusal, &b->refusal) && extras_alike(a, b) && desks_alike(a, b);
}

/* Of one pair of orders: leaves and holds belong to the orders, and the event id to the command that made it. */
bool whatif_trade_alike(const struct whatif_trade *a, const struct whatif_trade *b)
{
    return a->ts_ns == b->ts_ns && a->fill.price == b->fill.price && a->fill.quantity == b->fill.quantity &&
           a->fill.notional == b->fill.notional && a->fill.buy_fee == b->fill.buy_fee &&
           a->fill.sell_fee == b->fill.sell_fee && a->fill.aggressor_side == b->fill.aggressor_side &&
           a->fill.venue == b->fill.venue && a->fill.simulated == b->fill.simulated && a->busted == b->busted;
}

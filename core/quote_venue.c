/* core/quote_venue.c - execution against the last journaled quote, with the house account @QUOTE on the other side.
 * What must stay true: the size taken of a quote is gone until the next one; nobody trades at a worse price than his own; what waits
 * is looked at when a quote arrives, best price first, then by priority. */
#include "core/book.h"
#include "core/engine_parts.h"

/* What the quote offers to a side. */
static int64_t quote_price(const struct instrument *i, int side)
{
    return side == SIDE_BUY ? i->ask : i->bid;
}
static int64_t quote_size(const struct instrument *i, int side)
{
    return side == SIDE_BUY ? i->ask_quantity : i->bid_quantity;
}

/* A MARKET order's price is before every limit, so it is always acceptable. */
static bool quote_acceptable(const struct instrument *i, const struct order *o)
{
    int64_t price = quote_price(i, o->side);
    return price != 0 && book_key(o->side, o->price) <= book_key(o->side, price);
}

/* Why a fill may not be: what it would make too large. 0: it may. */
static enum reject quote_refuses(const struct engine *e, const struct instrument *i, const struct order *o,
                                 int64_t part)
{
    if (o->notional_filled + notional_of(i, quote_price(i, o->side), part) > NOTIONAL_MAX)
        return REJECT_NOTIONAL_TOO_LARGE;
    const struct position *p = position_at(e, position_find(e, e->quote_account, o->instrument));
    i128 after = o->side == SIDE_BUY ? (i128)p->open[SIDE_SELL - 1] + part - p->quantity
                                     : (i128)p->open[SIDE_BUY - 1] + part + p->quantity;
    return after > POSITION_MAX ? REJECT_POSITION_TOO_LARGE : 0;
}

/* One fill of an order that is in no queue; then it has ended or waits for the next quote. */
static void quote_trade(struct turn *t, struct instrument *i, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    int64_t price = quote_price(i, o->side), size = quote_size(i, o->side);
    int64_t wanted = o->leaves < size ? o->leaves : size, part = wanted;
    if (o->type == ORDER_TYPE_MARKET) part = order_affordable(e, o, price, wanted);
    enum reject no = quote_refuses(e, i, o, part);
    if (no != 0) {
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_REFUSED, no);
        return;
    }
    if (part > 0) fill_at_quote(t, i, o, part);
    if (o->leaves == 0)
        order_remove(e, index);
    else if (o->tif == TIF_IOC)
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_IOC_REMAINDER, 0);
    else if (part < wanted)
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_CASH_SHORT, 0);
    else
        order_join(e, index);
}

/* The whole of a FOK order can be had, and paid for. */
static bool quote_fills_whole(const struct engine *e, const struct instrument *i, struct order *o)
{
    if (!quote_acceptable(i, o) || quote_size(i, o->side) < o->leaves) return false;
    if (o->type != ORDER_TYPE_MARKET) return true;
    return order_affordable(e, o, quote_price(i, o->side), o->leaves) == o->leaves;
}

void quote_work(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, o->instrument);
    if (o->tif == TIF_FOK && !quote_fills_whole(e, i, o)) {
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_FOK_UNFILLED, 0);
        return;
    }
    if (quote_acceptable(i, o) && quote_size(i, o->side) > 0)
        quote_trade(t, i, index);
    else if (o->tif == TIF_IOC)
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_IOC_REMAINDER, 0);
    else
        order_join(e, index);
}

static void quote_queue_trades(struct turn *t, struct instrument *i, int side)
{
    struct engine *e = t->engine;
    while (turn_has_work(t) && quote_size(i, side) > 0) {
        uint32_t best = book_best(e, queue_side(i, TREE_QUOTE, side));
        if (best == 0) return;
        uint32_t head = level_at(e, best)->first;
        if (!quote_acceptable(i, order_at(e, head))) return;
        order_touch(e, order_at(e, head));
        order_leave(e, head);
        uint32_t used = t->used;
        quote_trade(t, i, head);
        if (t->used == used) t->used++; /* an end without a fill is bounded too */
    }
}

void quote_arrived(struct turn *t, struct instrument *i)
{
    struct engine *e = t->engine;
    if (!instrument_live(e, i)) return;
    turn_at(t, instrument_index(e, i));
    quote_queue_trades(t, i, SIDE_BUY);
    quote_queue_trades(t, i, SIDE_SELL);
    if (i->trigger == TRIGGER_QUOTE && (i->waits & WAITS_TRIGGER)) range_set(e, i, i->bid, i->ask);
}

/* tests/model/quote.c - orders that trade with the account @QUOTE at the quote's price.
 * What must stay true: what was taken of a quote is gone until the next one, and nobody waits for a price that is there. */
#include "tests/model/internal.h"

int64_t model_quote_price(const struct instrument_state *i, int side)
{
    return model_is_buy(side) ? i->ask : i->bid;
}

static int64_t quote_size(const struct instrument_state *i, int side)
{
    return model_is_buy(side) ? i->ask_quantity : i->bid_quantity;
}

int64_t model_quote_amount(const struct instrument_state *i, int side, i128 amount)
{
    int64_t price = model_quote_price(i, side);
    if (price == 0) return 0;
    i128 lots = amount / model_notional_of(&i->spec, price, i->spec.lot), lots_max = QUANTITY_MAX / i->spec.lot;
    return (int64_t)(lots < lots_max ? lots : lots_max) * i->spec.lot;
}

static bool accepts(const struct order_state *o, const struct instrument_state *i)
{
    int64_t price = model_quote_price(i, o->side);
    if (price == 0) return false;
    return o->type == ORDER_TYPE_MARKET || model_reaches((struct reach){.price = o->price}, o->side, price);
}

/* What a MARKET order can pay for of `part`; any other order and one that only closes: all. */
static int64_t affordable(struct model *m, const struct order_state *o, const struct instrument_state *i, int64_t part)
{
    const struct account_state *a = model_account_by_id(m, o->account_id);
    bool asked = o->type == ORDER_TYPE_MARKET && o->leaves > o->closing_leaves && a->type != ACCOUNT_TYPE_HOUSE;
    if (!asked) return part;
    i128 available = model_free_of(model_find_balance(m, a->id, model_currency_id(m, i)));
    return model_affordable_part(m, o, 0, model_quote_price(i, o->side), part, available + o->hold);
}

static int judge_fill(struct model *m, const struct order_state *o, const struct instrument_state *i, int64_t quantity)
{
    i128 notional = model_notional_of(&i->spec, model_quote_price(i, o->side), quantity);
    if (o->notional_filled + notional > NOTIONAL_MAX) return REJECT_NOTIONAL_TOO_LARGE;
    const struct position_state *p = model_find_position(m, model_quote_account(m)->id, i->id);
    i128 worst = model_is_buy(o->side) ? (i128)p->quantity - quantity - p->open_sell
                                       : (i128)p->quantity + quantity + p->open_buy;
    return worst > POSITION_MAX || worst < -POSITION_MAX ? REJECT_POSITION_TOO_LARGE : 0;
}

/* One fill at the quote, or the end of an order that cannot have it. The quote has a price that it accepts, and a size. */
static void trade_at_quote(struct model *m, uint64_t order_id)
{
    const struct order_state *o = model_find_order(m, order_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int64_t price = model_quote_price(i, o->side), size = quote_size(i, o->side);
    int64_t part = o->leaves < size ? o->leaves : size;
    int64_t quantity = affordable(m, o, i, part);
    int reason = judge_fill(m, o, i, quantity);
    if (reason != 0) {
        model_order_cancel_refused(m, order_id, (enum reject)reason);
        return;
    }
    if (quantity > 0) {
        m->work_used++;
        model_fill(m, model_is_buy(o->side) ? order_id : 0, model_is_buy(o->side) ? 0 : order_id, price, quantity,
                   o->side);
    }
    o = model_find_order(m, order_id);
    if (o != NULL && quantity < part && o->tif != TIF_IOC) model_order_cancel(m, order_id, CANCEL_REASON_CASH_SHORT);
}

void model_work_at_quote(struct model *m, uint64_t order_id)
{
    const struct order_state *o = model_find_order(m, order_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int64_t size = quote_size(i, o->side);
    if (o->tif == TIF_FOK && (size < o->quantity || !accepts(o, i) || affordable(m, o, i, o->quantity) < o->quantity)) {
        model_order_cancel(m, order_id, CANCEL_REASON_FOK_UNFILLED);
        return;
    }
    if (size > 0 && accepts(o, i)) trade_at_quote(m, order_id);
    o = model_find_order(m, order_id);
    if (o != NULL && o->tif == TIF_IOC) model_order_cancel(m, order_id, CANCEL_REASON_IOC_REMAINDER);
}

static void meet(struct model *m, const struct instrument_state *i, int side)
{
    while (model_work_left(m)) {
        const struct order_state *head = model_first(m, i->id, QUEUE_QUOTE, side, 0);
        if (head == NULL || !accepts(head, i) || quote_size(i, side) <= 0) return;
        uint32_t used = m->work_used;
        trade_at_quote(m, head->id);
        if (m->work_used == used) m->work_used++; /* an end without a fill */
    }
}

void model_quote_meets_orders(struct model *m, uint64_t instrument_id)
{
    meet(m, model_instrument_by_id(m, instrument_id), SIDE_BUY);
    meet(m, model_instrument_by_id(m, instrument_id), SIDE_SELL);
}

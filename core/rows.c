/* core/rows.c - orders as views show them.
 * What must stay true: a row is zeroed before its fields are set, padding included, so that equal rows have
 * equal bytes. */
#include <assert.h>
#include <string.h>

#include "core/money.h"
#include "core/rows.h"

/* Decimals of an average price beyond those of the instrument. price * quantity is below 2^113, so 10^4
 * times it fits. */
enum { AVERAGE_EXTRA_DECIMALS = 4 };

static void row_take_terms(struct order_row *row, const struct order_terms *t)
{
    row->price = t->price;
    row->quantity = t->quantity;
    row->expires_ns = t->expires_ns;
    row->price_scale = t->price_scale;
    row->quantity_scale = t->quantity_scale;
    row->side = t->side;
    row->type = t->type;
    row->tif = t->tif;
    row->flags = t->flags;
    row->client_order_id_len = t->client_order_id_len;
    memcpy(row->client_order_id, t->client_order_id, sizeof row->client_order_id);
    row->account = t->account;
    row->symbol = t->symbol;
}

static void row_create(struct order_row *row, const struct event *e, uint64_t order_id, const struct order_terms *t)
{
    memset(row, 0, sizeof *row);
    row->order_id = order_id;
    row->created_seq = row->updated_seq = e->seq;
    row->created_ns = row->updated_ns = e->ts_ns;
    row_take_terms(row, t);
}

static void row_touch(struct order_row *row, const struct event *e)
{
    row->updated_seq = e->seq;
    row->updated_ns = e->ts_ns;
}

void order_row_from_placed(struct order_row *row, const struct event *e)
{
    assert(e->kind == EVENT_PLACED);
    row_create(row, e, e->placed.order_id, &e->placed.terms);
    row->status = ORDER_STATUS_ACKED;
    row->leaves = e->placed.terms.quantity;
    row->hold = e->placed.hold;
}

void order_row_from_rejected(struct order_row *row, const struct event *e)
{
    assert(e->kind == EVENT_REJECTED && e->rejected.command_kind == COMMAND_PLACE);
    row_create(row, e, e->rejected.order_id, &e->rejected.terms);
    row->status = ORDER_STATUS_REJECTED;
    row->reject_reason = e->rejected.reason;
}

void order_row_fill(struct order_row *row, const struct event *e, int side)
{
    assert(e->kind == EVENT_FILLED && (side == SIDE_BUY || side == SIDE_SELL));
    const struct event_filled *f = &e->filled;
    row_touch(row, e);
    row->executed_ns = e->ts_ns;
    row->leaves = side == SIDE_BUY ? f->buy_leaves : f->sell_leaves;
    row->hold = side == SIDE_BUY ? f->buy_hold : f->sell_hold;
    row->fee += side == SIDE_BUY ? f->buy_fee : f->sell_fee;
    row->filled += f->quantity;
    row->price_quantity += (i128)f->price * f->quantity;
    row->price_scale = f->price_scale; /* a MARKET order was given none; its average needs it */
    row->status = row->leaves == 0 ? ORDER_STATUS_FILLED : ORDER_STATUS_PARTIALLY_FILLED;
}

void order_row_end(struct order_row *row, const struct event *e)
{
    assert(e->kind == EVENT_CANCELLED || e->kind == EVENT_EXPIRED);
    row_touch(row, e);
    row->leaves = 0;
    row->hold = 0;
    row->cancel_reason = e->cancelled.reason;
    row->status = e->kind == EVENT_EXPIRED ? ORDER_STATUS_EXPIRED : ORDER_STATUS_CANCELLED;
}

void order_row_modify(struct order_row *row, const struct event *e)
{
    assert(e->kind == EVENT_MODIFIED);
    row_touch(row, e);
    row->price = e->modified.price;
    row->quantity = e->modified.quantity;
    row->leaves = e->modified.leaves;
    row->hold = e->modified.hold;
}

/* notional = price * quantity * 10^(currency_scale - price_scale - quantity_scale), turned round. */
static i128 price_quantity_of(i128 notional, const struct instrument_spec *spec)
{
    return money_scale_by_pow10(notional, spec->price_scale + spec->quantity_scale - spec->currency_scale);
}

void order_row_from_state(struct order_row *row, const struct order_state *o, const struct instrument_state *i,
                          const struct account_state *a)
{
    memset(row, 0, sizeof *row);
    row->order_id = o->id;
    row->created_seq = o->id >> ORDER_INDEX_BITS;
    row->created_ns = o->created_ns;
    row->updated_ns = o->updated_ns;
    row->price = o->price;
    row->quantity = o->quantity;
    row->leaves = o->leaves;
    row->filled = o->quantity - o->leaves;
    row->expires_ns = o->expires_ns;
    row->price_quantity = price_quantity_of(o->notional_filled, &i->spec);
    row->hold = o->hold;
    row->fee = money_fee_charged(o->fee_accrued);
    row->status = row->filled > 0 ? ORDER_STATUS_PARTIALLY_FILLED : ORDER_STATUS_ACKED;
    row->side = o->side;
    row->type = o->type;
    row->tif = o->tif;
    row->flags = o->flags;
    row->price_scale = i->spec.price_scale;
    row->quantity_scale = i->spec.quantity_scale;
    row->client_order_id_len = o->client_order_id_len;
    memcpy(row->client_order_id, o->client_order_id, sizeof row->client_order_id);
    row->account = a->account;
    row->symbol = i->spec.symbol;
}

bool order_row_rests(const struct order_row *row)
{
    return row->type == ORDER_TYPE_LIMIT && row->leaves > 0 &&
           (row->tif == TIF_DAY || row->tif == TIF_GTC || row->tif == TIF_GTD);
}

size_t order_row_average_price(const struct order_row *row, char *room)
{
    room[0] = '\0';
    if (row->filled == 0) return 0;
    assert(row->price_scale <= DECIMAL_SCALE_MAX);
    i128 scaled = row->price_quantity * pow10_i64(AVERAGE_EXTRA_DECIMALS);
    size_t len =
        decimal_to_text(money_div_half_even(scaled, row->filled), row->price_scale + AVERAGE_EXTRA_DECIMALS, room);
    for (int i = 0; i < AVERAGE_EXTRA_DECIMALS && room[len - 1] == '0'; i++) len--;
    if (room[len - 1] == '.') len--; /* a price without decimals */
    room[len] = '\0';
    return len;
}

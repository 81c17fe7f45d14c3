/* api/json_documents.c - rows of the views as the documents that callers get.
 * What must stay true: a document is a function of its row alone, and every member is described in docs/API.md. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/json_parts.h"
#include "core/rejects.h"

enum { LEVERAGE_DECIMALS = 2, PERCENT_DECIMALS = 4, AVERAGE_EXTRA_DECIMALS = 4 };

void problem_set(struct problem *p, int status, const char *code, const char *title, const char *detail_format, ...)
{
    va_list arguments;
    p->status = status;
    snprintf(p->code, sizeof p->code, "%s", code);
    snprintf(p->title, sizeof p->title, "%s", title);
    va_start(arguments, detail_format);
    vsnprintf(p->detail, sizeof p->detail, detail_format, arguments);
    va_end(arguments);
}

void json_problem(struct json *j, const struct problem *p)
{
    json_object_begin(j);
    member_string(j, "type", "about:blank");
    member_string(j, "title", p->title);
    json_key(j, "status");
    json_i64(j, p->status);
    member_string(j, "detail", p->detail);
    member_string(j, "code", p->code);
    json_object_end(j);
}

/* A MARKET order's row has a price scale once it was filled, for its average, but no price. */
static bool has_price(const struct order_row *o)
{
    return o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT || o->price != 0;
}

static void members_order_terms(struct json *j, const struct order_row *o)
{
    member_id(j, "order_id", o->order_id);
    member_text(j, "client_order_id", o->client_order_id, o->client_order_id_len);
    member_name(j, "account", &o->account);
    member_name(j, "symbol", &o->symbol);
    member_string(j, "side", side_text(o->side));
    member_string(j, "type", order_type_text(o->type));
    member_string(j, "tif", tif_text(o->tif));
    member_time(j, "expires_at", o->expires_ns);
    members_flags(j, o->flags);
    member_decimal(j, "quantity", o->quantity, o->quantity_scale);
    if (has_price(o)) member_decimal(j, "price", o->price, o->price_scale);
    if (o->stop_price != 0) member_decimal(j, "stop_price", o->stop_price, o->stop_price_scale);
    member_trail(j, o->trail, o->trail_scale, o->flags);
    if (o->display_quantity != 0) member_decimal(j, "display_quantity", o->display_quantity, o->display_scale);
    if (o->leverage != 0) member_decimal_short(j, "leverage", o->leverage, LEVERAGE_DECIMALS);
    member_string(j, "stp", stp_text(o->stp));
}

static void member_reject(struct json *j, const struct order_row *o)
{
    if (o->refusal.reason == 0) return;
    json_key(j, "reject");
    json_object_begin(j);
    member_string(j, "code", reject_name(o->refusal.reason));
    member_string(j, "text", reject_text(o->refusal.reason));
    json_refusal_members(j, &o->refusal);
    json_object_end(j);
}

/* Where it is and with whom. An order that the engine refused came to no venue, and of its group nothing was made. */
static void members_place(struct json *j, const struct order_row *o)
{
    if (o->status == ORDER_STATUS_REJECTED && o->refusal.reason != 0) {
        member_string(j, "link", link_text(o->link));
        member_string(j, "activation", activation_text(o->activation));
        return;
    }
    member_venue_named(j, &o->venue_name, o->venue);
    member_name(j, "route", &o->venue_name);
    member_text(j, "ext_order_id", o->ext_order_id, o->ext_order_id_len);
    member_text(j, "broker_reason", o->reason, o->reason_len);
    if (o->attempts != 0) member_u64(j, "attempts", o->attempts);
    member_true(j, "manual_review", o->manual_review);
    members_link(j, o->order_id, o->link, o->member, o->activation);
}

static void members_order(struct json *j, const struct order_row *o)
{
    char average[DECIMAL_TEXT_BYTES_MAX];
    members_order_terms(j, o);
    member_string(j, "status", order_status_text(o->status));
    member_string(j, "phase", order_phase_text(o->phase));
    member_decimal(j, "filled_quantity", o->filled, o->quantity_scale);
    member_decimal(j, "remaining_quantity", o->leaves, o->quantity_scale);
    if (o->shown != 0) member_decimal(j, "shown_quantity", o->shown, o->quantity_scale);
    order_row_average_price(o, average);
    member_string(j, "average_price", average);
    members_place(j, o);
    if (o->gtt_id != 0) member_id(j, "gtt_id", o->gtt_id);
    if (o->batch_id != 0) member_id(j, "batch_id", o->batch_id);
    member_string(j, "cancel_reason", cancel_reason_text(o->cancel_reason));
    member_reject(j, o);
    member_time(j, "created_at", o->created_ns);
    member_time(j, "updated_at", o->updated_ns);
    member_time(j, "routed_at", o->routed_ns);
    member_time(j, "executed_at", o->executed_ns);
    member_time(j, "settled_at", o->settled_ns);
    member_u64(j, "seq", o->updated_seq != 0 ? o->updated_seq : o->created_seq);
}

void json_order(struct json *j, const struct order_row *o)
{
    json_object_begin(j);
    members_order(j, o);
    json_object_end(j);
}

void json_order_with_legs(struct json *j, const struct order_row *o, const struct order_row *legs, size_t legs_count)
{
    json_object_begin(j);
    members_order(j, o);
    json_key(j, "legs");
    json_array_begin(j);
    for (size_t i = 0; i < legs_count; i++) json_order(j, &legs[i]);
    json_array_end(j);
    json_object_end(j);
}

void json_gtt(struct json *j, const struct gtt_row *g)
{
    json_object_begin(j);
    members_gtt(j, &g->gtt);
    member_time(j, "created_at", g->created_ns);
    member_time(j, "updated_at", g->updated_ns);
    member_u64(j, "seq", g->updated_seq);
    json_object_end(j);
}

void json_trading(struct json *j, const struct system_row *s)
{
    json_object_begin(j);
    member_string(j, "status", trading_text(s->trading));
    if (s->updated_seq != 0) member_u64(j, "seq", s->updated_seq);
    json_object_end(j);
}

/* 0: the venue's own side of a trade, which is no order. */
static void member_order_id(struct json *j, const char *key, uint64_t id)
{
    if (id != 0) member_id(j, key, id);
}

/* What a trade was for one account. When it stood on both sides, what it was for its aggressor. */
static void members_trade_side(struct json *j, const struct event_filled *f, const struct name *account)
{
    bool buys = name_equal(account, &f->buy_account), sells = name_equal(account, &f->sell_account);
    if (!buys && !sells) return;
    int side = buys && (!sells || f->aggressor_side != SIDE_SELL) ? SIDE_BUY : SIDE_SELL;
    member_order_id(j, "order_id", side == SIDE_BUY ? f->buy_order_id : f->sell_order_id);
    member_name(j, "account", account);
    member_string(j, "side", side_text(side));
    member_string(j, "liquidity", f->aggressor_side == 0 ? "AUCTION" : side == f->aggressor_side ? "TAKER" : "MAKER");
    member_decimal(j, "fee", side == SIDE_BUY ? f->buy_fee : f->sell_fee, f->currency_scale);
}

void json_trade(struct json *j, const struct trade_row *t, const struct name *account)
{
    const struct event_filled *f = &t->fill;
    json_object_begin(j);
    member_event_id(j, "trade_id", t->seq, t->index);
    member_name(j, "symbol", &f->symbol);
    member_decimal(j, "price", f->price, f->price_scale);
    member_decimal(j, "quantity", f->quantity, f->quantity_scale);
    member_order_id(j, "buy_order_id", f->buy_order_id);
    member_order_id(j, "sell_order_id", f->sell_order_id);
    member_string(j, "aggressor_side", side_text(f->aggressor_side));
    member_venue_named(j, &t->venue_name, f->venue);
    member_text(j, "exec_id", t->exec_id, t->exec_id_len);
    if (t->excess != 0) member_decimal(j, "excess", t->excess, f->quantity_scale);
    member_true(j, "busted", t->busted);
    member_true(j, "late", t->late);
    member_true(j, "simulated", f->simulated);
    member_time(j, "executed_at", t->ts_ns);
    member_u64(j, "seq", t->seq);
    if (account != NULL && !name_empty(account)) members_trade_side(j, f, account);
    json_object_end(j);
}

static i128 divide_half_even(i128 a, i128 b) /* a >= 0, b > 0 */
{
    i128 quotient = a / b, remainder = a % b, rest = b - remainder;
    return remainder > rest || (remainder == rest && quotient % 2 != 0) ? quotient + 1 : quotient;
}

/* An amount over a quantity as a price of so many decimals, rounded half-even. False: it would not fit in 128 bits. */
static bool average_price(i128 amount, i128 quantity, int exponent, i128 *average)
{
    i128 *grows = exponent >= 0 ? &amount : &quantity;
    for (int k = exponent < 0 ? -exponent : exponent; k > 0; k--) {
        if (__builtin_mul_overflow(*grows, (i128)10, grows)) return false;
    }
    *average = divide_half_even(amount, quantity);
    return true;
}

struct price_scales {
    uint8_t price, quantity, currency;
};

/* Of a positive quantity. With a few decimals more than the instrument's, as long as they count; the largest sums have
 * room for fewer. */
static void member_average(struct json *j, const char *key, i128 amount, i128 quantity, struct price_scales s)
{
    i128 average = 0;
    int decimals = s.price + AVERAGE_EXTRA_DECIMALS;
    while (decimals >= 0 && !average_price(amount, quantity, decimals + s.quantity - s.currency, &average)) decimals--;
    if (decimals < 0) return;
    for (; decimals > s.price && average % 10 == 0; decimals--) average /= 10;
    member_decimal(j, key, average, (unsigned)decimals);
}

static void member_average_cost(struct json *j, const struct position_row *p)
{
    struct price_scales s = {p->price_scale, p->quantity_scale, p->currency_scale};
    i128 quantity = p->quantity < 0 ? -(i128)p->quantity : p->quantity;
    if (quantity != 0) member_average(j, "average_price", p->cost < 0 ? -p->cost : p->cost, quantity, s);
}

void json_position(struct json *j, const struct position_row *p)
{
    json_object_begin(j);
    member_name(j, "account", &p->account);
    member_name(j, "symbol", &p->symbol);
    member_decimal(j, "quantity", p->quantity, p->quantity_scale);
    member_average_cost(j, p);
    member_name(j, "currency", &p->currency);
    member_decimal(j, "cost", p->cost, p->currency_scale);
    member_decimal(j, "realized_pnl", p->realized, p->currency_scale);
    if (p->quantity == 0 || p->mark_price != 0) member_decimal(j, "unrealized_pnl", p->unrealized, p->currency_scale);
    if (p->mark_price != 0) member_decimal(j, "mark_price", p->mark_price, p->price_scale);
    if (p->updated_seq != 0) member_u64(j, "seq", p->updated_seq);
    json_object_end(j);
}

void json_candle(struct json *j, const struct candle_row *c)
{
    struct price_scales s = {c->price_scale, c->quantity_scale, c->currency_scale};
    json_object_begin(j);
    json_key(j, "start");
    json_time(j, c->start_ns);
    member_decimal(j, "open", c->open, s.price);
    member_decimal(j, "high", c->high, s.price);
    member_decimal(j, "low", c->low, s.price);
    member_decimal(j, "close", c->close, s.price);
    member_decimal(j, "volume", c->volume, s.quantity);
    member_decimal(j, "notional", c->notional, s.currency);
    member_u64(j, "trades", c->trades);
    member_average(j, "vwap", c->notional, c->volume, s);
    json_object_end(j);
}

static void member_margin_call(struct json *j, const struct account_row *a)
{
    if (a->margin_call.seq == 0) return;
    json_key(j, "margin_call");
    json_object_begin(j);
    member_name(j, "currency", &a->margin_call.currency);
    member_decimal(j, "equity", a->margin_call.equity, a->margin_call.currency_scale);
    member_decimal(j, "exposure", a->margin_call.exposure, a->margin_call.currency_scale);
    member_decimal_short(j, "required_percent", a->margin_call.required_ppm, PERCENT_DECIMALS);
    member_bool(j, "liquidation", a->margin_call.liquidation);
    member_time(j, "time", a->margin_call.ts_ns);
    member_u64(j, "seq", a->margin_call.seq);
    json_object_end(j);
}

static void members_cancelled(struct json *j, const struct orders_cancelled *c)
{
    if (c == NULL) return;
    member_u64(j, "cancelled", c->orders);
    member_bool(j, "more", c->more);
}

void json_account(struct json *j, const struct account_row *a, const struct balance_row *balances,
                  const struct equity_row *equities, size_t count, const struct orders_cancelled *cancelled)
{
    json_object_begin(j);
    members_account(j, &a->account);
    json_key(j, "balances");
    json_array_begin(j);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        members_balance(j, &balances[i]);
        member_decimal(j, "unrealized_pnl", equities[i].unrealized, balances[i].scale);
        member_decimal(j, "exposure", equities[i].exposure, balances[i].scale);
        member_decimal(j, "equity", equities[i].equity, balances[i].scale);
        json_object_end(j);
    }
    json_array_end(j);
    if (count == 1) { /* amounts of several currencies do not add up */
        member_decimal(j, "equity", equities->equity, balances->scale);
        member_decimal(j, "margin_used", balances->margin_used, balances->scale);
    }
    member_margin_call(j, a);
    members_cancelled(j, cancelled);
    if (a->updated_seq != 0) member_u64(j, "seq", a->updated_seq);
    json_object_end(j);
}

static void member_uncrossed(struct json *j, const struct instrument_row *row)
{
    const struct instrument_spec *s = &row->instrument.spec;
    if (row->uncrossed.seq == 0) return;
    json_key(j, "last_auction");
    json_object_begin(j);
    member_decimal(j, "price", row->uncrossed.price, s->price_scale);
    member_decimal(j, "quantity", row->uncrossed.quantity, s->quantity_scale);
    member_decimal(j, "imbalance", row->uncrossed.imbalance, s->quantity_scale);
    member_time(j, "time", row->uncrossed.ts_ns);
    member_u64(j, "seq", row->uncrossed.seq);
    json_object_end(j);
}

void json_instrument(struct json *j, const struct instrument_row *row, const struct orders_cancelled *cancelled)
{
    const struct instrument_state *i = &row->instrument;
    json_object_begin(j);
    members_instrument_spec(j, &i->spec);
    if (i->last_price != 0) member_decimal(j, "last_price", i->last_price, i->spec.price_scale);
    if (i->bid != 0) {
        member_decimal(j, "bid", i->bid, i->spec.price_scale);
        member_decimal(j, "bid_quantity", i->bid_quantity, i->spec.quantity_scale);
    }
    if (i->ask != 0) {
        member_decimal(j, "ask", i->ask, i->spec.price_scale);
        member_decimal(j, "ask_quantity", i->ask_quantity, i->spec.quantity_scale);
    }
    member_uncrossed(j, row);
    if (row->state_cause == STATE_CAUSE_COLLAR) member_string(j, "state_cause", "COLLAR");
    members_cancelled(j, cancelled);
    if (row->updated_seq != 0) member_u64(j, "seq", row->updated_seq);
    json_object_end(j);
}

void json_currency(struct json *j, const struct currency_state *c)
{
    json_object_begin(j);
    member_name(j, "currency", &c->currency);
    member_u64(j, "scale", c->scale);
    json_object_end(j);
}

static void member_levels(struct json *j, const char *key, const struct instrument_spec *s,
                          const struct level_row *levels, size_t count)
{
    json_key(j, key);
    json_array_begin(j);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        member_decimal(j, "price", levels[i].price, s->price_scale);
        member_decimal(j, "quantity", levels[i].quantity, s->quantity_scale);
        member_u64(j, "orders", levels[i].orders);
        json_object_end(j);
    }
    json_array_end(j);
}

/* While orders are collected: where they would trade if the collecting ended now. */
static void member_indicative(struct json *j, const struct instrument_spec *s, const struct auction_price *a)
{
    bool collects = s->state == INSTRUMENT_STATE_PRE_OPEN || s->state == INSTRUMENT_STATE_AUCTION;
    if (!collects || a->quantity == 0) return;
    json_key(j, "indicative");
    json_object_begin(j);
    member_decimal(j, "price", a->price, s->price_scale);
    member_decimal(j, "quantity", a->quantity, s->quantity_scale);
    member_decimal(j, "imbalance", a->imbalance, s->quantity_scale);
    json_object_end(j);
}

void json_book(struct json *j, const struct instrument_state *i, const struct auction_price *indicative, uint64_t seq,
               const struct book_rows *bids, const struct book_rows *asks)
{
    json_object_begin(j);
    member_name(j, "symbol", &i->spec.symbol);
    member_u64(j, "seq", seq);
    member_string(j, "state", instrument_state_text(i->spec.state));
    member_string(j, "trading", trading_text(i->spec.trading));
    member_levels(j, "bids", &i->spec, bids->rows, bids->count);
    member_levels(j, "asks", &i->spec, asks->rows, asks->count);
    member_indicative(j, &i->spec, indicative);
    if (i->last_price != 0) member_decimal(j, "last_price", i->last_price, i->spec.price_scale);
    json_object_end(j);
}

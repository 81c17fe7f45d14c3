/* projections/fold.c - events into rows.
 * What must stay true: a row is changed only as core/rows.h, core/position.h and core/money.h say, so that it ends
 * equal to the engine's state; the events of one call and the cursor behind them commit together or not at all.
 * Events that do not fit the rows (an unknown order, cash that does not add up) are ERR_CORRUPT: the views are of
 * another tape, and folding again is the cure.
 *
 *   REJECTED (of an order), PLACED   orders + their indexes, order_events
 *   PLACED                     level, reserved; the balances of the account, of @fees and at QUOTE of @QUOTE exist from
 *                              now on
 *   FILLED                     both orders, trades + indexes, levels, cash, fees to @fees, positions, cost_net,
 *                              margin_used, last_price; at QUOTE one order, @QUOTE, and the quote's size
 *   CANCELLED EXPIRED MODIFIED TRIGGERED ACTIVATED REDUCED DISPLAYED TRAILED   order, level, reserved
 *   ROUTED ACKED BROKER_STATE SETTLED   the same; ROUTED also decisions, and the balance of its venue's house account
 *   EXECUTED and its FILLED    at brokers and where simulated: order, trades + indexes, executions, cash, fees, positions
 *                              of the account and of the venue's house account; no quote, no last_price, no candle
 *   BUSTED                     all of that the other way, and the trade is busted
 *   VENUE_SET                  venues           ROUTING_SET, ROUTE_RULE_SET   rules       BATCHED   batches
 *   STATEMENT, STATEMENT_ROW   statements, statement_lines
 *   PREVENTED                  order_events of both
 *   CASH_MOVED                 cash of the account, and of @external the other way
 *   GTT_SET                    gtts + its indexes, order_events of the GTT
 *   TRADING_SET                the account's, instrument's or system's row
 *   MARGIN_CALLED              account           UNCROSSED STATE_SET QUOTED   instrument
 *   CURRENCY_, INSTRUMENT_, ACCOUNT_SET   their rows */
#include "core/error.h"
#include "core/money.h"
#include "core/position.h"
#include "projections/fold_parts.h"

struct order_weight order_weight(const struct order_entry *o)
{
    return (struct order_weight){order_row_in_book(&o->row), o->row.price, o->row.hold};
}

/* Orders modulo 2^32: one taken away is added as its complement. */
static int level_add(struct batch *b, const struct order_entry *o, int64_t price, i128 shown, i128 hidden,
                     uint32_t orders)
{
    struct level_entry *level;
    int side = o->row.side;
    if ((side != SIDE_BUY && side != SIDE_SELL) || price < 0) return ERR_CORRUPT;
    int rc = batch_level(b, o->instrument, side, price, &level);
    if (rc != 0) return rc;
    level->quantity += shown;
    level->hidden += hidden;
    level->orders += orders;
    level->head.dirty = true;
    return 0;
}

static int level_change(struct batch *b, const struct order_entry *o, const struct order_weight *before,
                        const struct order_weight *after)
{
    const struct order_in_book *x = &before->in, *y = &after->in;
    int rc = 0;
    if (x->rests && y->rests && before->price == after->price)
        return level_add(b, o, after->price, (i128)y->shown - x->shown, (i128)y->hidden - x->hidden, 0);
    if (x->rests) rc = level_add(b, o, before->price, -(i128)x->shown, -(i128)x->hidden, UINT32_MAX);
    if (rc == 0 && y->rests) rc = level_add(b, o, after->price, y->shown, y->hidden, 1);
    return rc;
}

static void market_add(struct order_entry *o, int64_t quantity)
{
    struct instrument_row *i = &o->instrument->row;
    int64_t *sum = o->row.side == SIDE_BUY ? &i->market_buy : &i->market_sell;
    *sum = (int64_t)((uint64_t)*sum + (uint64_t)quantity);
    o->instrument->head.dirty = true;
}

int order_changed(struct batch *b, struct order_entry *o, struct order_weight before)
{
    struct order_weight after = order_weight(o);
    o->head.dirty = true;
    if (after.hold != before.hold) {
        o->balance->row.reserved += after.hold - before.hold;
        o->balance->head.dirty = true;
    }
    if (after.in.market != before.in.market) market_add(o, after.in.market - before.in.market);
    return level_change(b, o, &before, &after);
}

int history_add(struct batch *b, uint64_t order_id, const struct event *e)
{
    struct key k;
    key_begin(&k);
    key_u64(&k, order_id);
    key_u64(&k, e->seq);
    key_u32(&k, e->index);
    return puts_add(&b->puts, DB_ORDER_EVENTS, &k, &e->kind, sizeof e->kind);
}

static int order_index_client(struct batch *b, const struct order_row *row)
{
    struct key k;
    if (row->client_order_id_len == 0) return 0;
    key_begin(&k);
    key_client_order_id(&k, row->client_order_id, row->client_order_id_len);
    key_u64(&k, row->order_id);
    int rc = puts_add(&b->puts, DB_ORDER_BY_CLIENT, &k, NULL, 0);
    if (rc != 0 || name_empty(&row->account)) return rc;
    key_begin(&k);
    key_name(&k, &row->account);
    key_client_order_id(&k, row->client_order_id, row->client_order_id_len);
    key_u64(&k, row->order_id);
    return puts_add(&b->puts, DB_ORDER_BY_ACCOUNT_CLIENT, &k, NULL, 0);
}

/* The indexes an order keeps for ever. */
static int order_index(struct batch *b, const struct order_row *row)
{
    struct key k;
    int rc = 0;
    if (!name_empty(&row->account)) {
        key_begin(&k);
        key_name(&k, &row->account);
        key_u64(&k, row->order_id);
        rc = puts_add(&b->puts, DB_ORDER_BY_ACCOUNT, &k, NULL, 0);
    }
    if (rc == 0 && !name_empty(&row->symbol)) {
        key_begin(&k);
        key_name(&k, &row->symbol);
        key_u64(&k, row->order_id);
        rc = puts_add(&b->puts, DB_ORDER_BY_SYMBOL, &k, NULL, 0);
    }
    return rc == 0 ? order_index_client(b, row) : rc;
}

static int fold_rejected(struct batch *b, const struct event *e)
{
    const struct event_rejected *r = &e->rejected;
    struct order_entry *o;
    if (!order_row_is_rejected_by(e)) return batch_has_order(b, r->order_id) ? history_add(b, r->order_id, e) : 0;
    if (r->terms.client_order_id_len > CLIENT_ORDER_ID_BYTES_MAX) return ERR_CORRUPT;
    int rc = batch_order_make(b, r->order_id, &o);
    if (rc != 0) return rc;
    order_row_from_rejected(&o->row, e);
    o->head.dirty = true;
    rc = order_index(b, &o->row);
    return rc == 0 ? history_add(b, r->order_id, e) : rc;
}

int house_balance(struct batch *b, const struct name *house, struct currency_entry *currency,
                  struct balance_entry **out)
{
    struct account_entry *account;
    int rc = batch_account(b, house, &account);
    if (rc == 0) rc = batch_balance(b, account, currency, out);
    if (rc == 0 && !(*out)->head.stored) (*out)->head.dirty = true;
    return rc;
}

static int order_link(struct batch *b, struct order_entry *o)
{
    static const struct name fees_name = {"@fees"}, quote_name = {"@QUOTE"};
    struct balance_entry *fees, *quote;
    int rc = batch_account(b, &o->row.account, &o->account);
    if (rc == 0) rc = batch_instrument(b, &o->row.symbol, &o->instrument);
    if (rc == 0) rc = batch_balance(b, o->account, o->instrument->currency, &o->balance);
    if (rc == 0) rc = house_balance(b, &fees_name, o->instrument->currency, &fees);
    if (rc == 0 && o->row.venue == VENUE_QUOTE) rc = house_balance(b, &quote_name, o->instrument->currency, &quote);
    if (rc == 0 && !o->balance->head.stored) o->balance->head.dirty = true;
    return rc;
}

static int fold_placed(struct batch *b, const struct event *e)
{
    struct order_entry *o;
    if (e->placed.terms.client_order_id_len > CLIENT_ORDER_ID_BYTES_MAX) return ERR_CORRUPT;
    int rc = batch_order_make(b, e->placed.order_id, &o);
    if (rc != 0) return rc;
    order_row_from_placed(&o->row, e);
    rc = order_link(b, o);
    if (rc == 0) rc = order_changed(b, o, (struct order_weight){0});
    if (rc == 0) rc = order_index(b, &o->row);
    return rc == 0 ? history_add(b, e->placed.order_id, e) : rc;
}

int order_named(struct batch *b, uint64_t order_id, struct order_entry **out)
{
    int rc = batch_order(b, order_id, out);
    return rc == 0 && (*out)->balance == NULL ? ERR_CORRUPT : rc;
}

/* docs/ENGINE.md, "effective". */
static uint32_t holder_leverage(const struct holder *h)
{
    const struct account_state *a = &h->account->row.account;
    uint32_t most = h->instrument->row.instrument.spec.max_leverage;
    if (a->type == ACCOUNT_TYPE_HOUSE) return LEVERAGE_ONE;
    return most != 0 && most < a->leverage ? most : a->leverage;
}

/* One side's position and the sums over positions that its balance keeps. */
static int position_change(struct batch *b, const struct holder *h, const struct trade *t)
{
    struct position_entry *p;
    int rc = batch_position(b, h->account, h->instrument, &p);
    if (rc != 0) return rc;
    uint32_t leverage = holder_leverage(h);
    struct position_value value = {p->row.quantity, p->row.cost, p->row.realized};
    position_fill(&value, t->side, t->quantity, t->notional);
    h->balance->row.cost_net += value.cost - p->row.cost;
    h->balance->row.margin_used += money_margin(value.cost, leverage) - money_margin(p->row.cost, leverage);
    p->row.quantity = value.quantity;
    p->row.cost = value.cost;
    p->row.realized = value.realized;
    p->row.updated_seq = t->seq;
    p->head.dirty = true;
    return 0;
}

int holder_trade(struct batch *b, const struct holder *h, const struct trade *t)
{
    static const struct name fees_name = {"@fees"};
    struct balance_entry *fees;
    h->balance->row.cash += (t->side == SIDE_BUY ? -t->notional : t->notional) - t->fee;
    h->balance->head.dirty = true;
    int rc = position_change(b, h, t);
    if (rc != 0 || t->fee == 0) return rc;
    rc = house_balance(b, &fees_name, h->instrument->currency, &fees);
    if (rc != 0) return rc;
    fees->row.cash += t->fee;
    fees->head.dirty = true;
    return 0;
}

int holder_named(struct batch *b, const struct name *account, struct instrument_entry *i, struct holder *out)
{
    *out = (struct holder){.instrument = i};
    int rc = batch_account(b, account, &out->account);
    return rc == 0 ? batch_balance(b, out->account, i->currency, &out->balance) : rc;
}

static struct trade trade_of(const struct event *e, int side)
{
    const struct event_filled *f = &e->filled;
    i128 fee = side == SIDE_BUY ? f->buy_fee : f->sell_fee;
    return (struct trade){side, f->quantity, f->notional, fee, e->seq};
}

/* What the quote offered is so much less. */
static int quote_take(struct instrument_entry *i, int side, const struct event_filled *f)
{
    struct instrument_state *s = &i->row.instrument;
    if (f->venue != VENUE_QUOTE) return ERR_CORRUPT;
    int64_t *size = side == SIDE_BUY ? &s->bid_quantity : &s->ask_quantity;
    if (*size < f->quantity) return ERR_CORRUPT;
    *size -= f->quantity;
    return 0;
}

/* The side without an order: a venue's house account. */
static int house_fill(struct batch *b, struct instrument_entry *i, int side, const struct event *e,
                      const struct event_executed *x)
{
    const struct event_filled *f = &e->filled;
    struct trade trade = trade_of(e, side);
    struct holder h;
    int rc = x == NULL ? quote_take(i, side, f) : 0;
    if (rc == 0) rc = holder_named(b, side == SIDE_BUY ? &f->buy_account : &f->sell_account, i, &h);
    return rc == 0 ? holder_trade(b, &h, &trade) : rc;
}

static int fill_side(struct batch *b, struct instrument_entry *i, int side, const struct event *e,
                     const struct event_executed *x)
{
    uint64_t order_id = side == SIDE_BUY ? e->filled.buy_order_id : e->filled.sell_order_id;
    struct order_entry *o;
    if (order_id == 0) return house_fill(b, i, side, e, x);
    int rc = order_named(b, order_id, &o);
    if (rc != 0) return rc;
    if (!execution_fits(&o->row, &e->filled, side, x)) return ERR_CORRUPT;
    struct order_weight before = order_weight(o);
    struct trade trade = trade_of(e, side);
    order_row_fill(&o->row, e, side);
    rc = order_changed(b, o, before);
    if (rc == 0) rc = holder_trade(b, &(struct holder){o->account, o->instrument, o->balance}, &trade);
    return rc == 0 ? history_add(b, order_id, e) : rc;
}

static int candles_fill(struct batch *b, struct instrument_entry *i, const struct event *e)
{
    const struct event_filled *f = &e->filled;
    const struct candle_row one = {.open = f->price,
                                   .high = f->price,
                                   .low = f->price,
                                   .close = f->price,
                                   .volume = f->quantity,
                                   .notional = f->notional,
                                   .trades = 1};
    int venue = f->venue == VENUE_QUOTE ? VENUE_QUOTE : VENUE_BOOK;
    if (e->ts_ns < 0) return ERR_CORRUPT;
    int64_t second = e->ts_ns / 1000000000;
    for (int stored = 0; stored < CANDLE_STORED_COUNT; stored++) {
        struct candle_entry *c;
        int rc = batch_candle(b, i, venue, stored, second - second % candle_stored_s[stored], &c);
        if (rc != 0) return rc;
        candle_add(&c->row, &one);
        c->head.dirty = true;
    }
    return 0;
}

/* What the market paid: a candle, and the last price of the book. */
static int price_seen(struct batch *b, struct instrument_entry *i, const struct event *e)
{
    int rc = candles_fill(b, i, e);
    if (e->filled.venue != VENUE_QUOTE) i->row.instrument.last_price = e->filled.price;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return rc;
}

/* executed: the EXECUTED before it, where there is one. */
static int fold_filled(struct batch *b, const struct event *e, const struct event *executed)
{
    const struct event_executed *x = executed == NULL ? NULL : &executed->executed;
    struct instrument_entry *i;
    if (!filled_fits(&e->filled, x)) return ERR_CORRUPT;
    int rc = batch_instrument(b, &e->filled.symbol, &i);
    if (rc == 0) rc = fill_side(b, i, SIDE_BUY, e, x);
    if (rc == 0) rc = fill_side(b, i, SIDE_SELL, e, x);
    if (rc == 0 && x == NULL) rc = price_seen(b, i, e);
    return rc == 0 ? trade_add(b, e, x) : rc;
}

/* Of an OCO pair's second: what the pair holds, the first holds. */
static int holder_modified(struct batch *b, const struct order_entry *o, const struct event *e)
{
    struct order_entry *first;
    uint64_t holder_id = order_row_holder_id(&o->row);
    if (holder_id == o->row.order_id) return 0;
    int rc = order_named(b, holder_id, &first);
    if (rc != 0) return rc;
    struct order_weight before = order_weight(first);
    first->row.hold = e->modified.hold;
    return order_changed(b, first, before);
}

int fold_order_change(struct batch *b, const struct event *e)
{
    struct order_entry *o;
    uint64_t order_id = order_row_changed_id(e);
    int rc = order_named(b, order_id, &o);
    if (rc != 0) return rc;
    if (!change_fits(&o->row, e)) return ERR_CORRUPT;
    struct order_weight before = order_weight(o);
    order_row_change(&o->row, e);
    rc = order_changed(b, o, before);
    if (rc == 0 && e->kind == EVENT_MODIFIED) rc = holder_modified(b, o, e);
    return rc == 0 ? history_add(b, order_id, e) : rc;
}

static int fold_prevented(struct batch *b, const struct event *e)
{
    int rc = history_add(b, e->prevented.newest_order_id, e);
    return rc == 0 ? history_add(b, e->prevented.oldest_order_id, e) : rc;
}

static int fold_currency_set(struct batch *b, const struct event *e)
{
    struct currency_entry *c;
    int rc = batch_currency_make(b, &e->currency_set.currency, &c);
    if (rc != 0) return rc;
    c->row = e->currency_set;
    c->head.dirty = true;
    return 0;
}

static int fold_instrument_set(struct batch *b, const struct event *e)
{
    struct instrument_entry *i;
    int rc = batch_instrument_make(b, &e->instrument_set.spec.symbol, &i);
    if (rc == 0) rc = batch_currency(b, &e->instrument_set.spec.currency, &i->currency);
    if (rc != 0) return rc;
    i->row.instrument = e->instrument_set;
    i->row.instrument.range_low = i->row.instrument.range_high = i->row.instrument.auction_price = 0;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return 0;
}

static int fold_account_set(struct batch *b, const struct event *e)
{
    struct account_entry *a;
    int rc = batch_account_make(b, &e->account_set.account, &a);
    if (rc != 0) return rc;
    a->row.account = e->account_set;
    a->row.account.rate_tat_ns = 0;
    a->row.updated_seq = e->seq;
    a->head.dirty = true;
    return 0;
}

static int fold_cash_moved(struct batch *b, const struct event *e)
{
    static const struct name external_name = {"@external"};
    const struct event_cash_moved *m = &e->cash_moved;
    struct account_entry *account;
    struct currency_entry *currency;
    struct balance_entry *balance, *external;
    int rc = batch_account(b, &m->account, &account);
    if (rc == 0) rc = batch_currency(b, &m->currency, &currency);
    if (rc == 0) rc = batch_balance(b, account, currency, &balance);
    if (rc == 0) rc = house_balance(b, &external_name, currency, &external);
    if (rc != 0) return rc;
    if (balance->row.cash + m->amount != m->cash) return ERR_CORRUPT;
    balance->row.cash = m->cash;
    balance->head.dirty = true;
    external->row.cash -= m->amount;
    external->head.dirty = true;
    return 0;
}

static int fold_quoted(struct batch *b, const struct event *e)
{
    struct instrument_entry *i;
    int rc = batch_instrument(b, &e->quoted.symbol, &i);
    if (rc != 0) return rc;
    i->row.instrument.bid = e->quoted.bid;
    i->row.instrument.bid_quantity = e->quoted.bid_quantity;
    i->row.instrument.ask = e->quoted.ask;
    i->row.instrument.ask_quantity = e->quoted.ask_quantity;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return 0;
}

static int fold_state_set(struct batch *b, const struct event *e)
{
    struct instrument_entry *i;
    int rc = batch_instrument(b, &e->state_set.symbol, &i);
    if (rc != 0) return rc;
    i->row.instrument.spec.state = e->state_set.state;
    i->row.state_cause = e->state_set.cause;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return 0;
}

static int fold_uncrossed(struct batch *b, const struct event *e)
{
    const struct event_uncrossed *u = &e->uncrossed;
    struct instrument_entry *i;
    int rc = batch_instrument(b, &u->symbol, &i);
    if (rc != 0) return rc;
    i->row.uncrossed.seq = e->seq;
    i->row.uncrossed.ts_ns = e->ts_ns;
    i->row.uncrossed.price = u->price;
    i->row.uncrossed.quantity = u->quantity;
    i->row.uncrossed.imbalance = u->imbalance;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return 0;
}

static int fold_account_status(struct batch *b, const struct event *e)
{
    struct account_entry *a;
    int rc = batch_account(b, &e->trading_set.account, &a);
    if (rc != 0) return rc;
    a->row.account.status = e->trading_set.status;
    a->row.updated_seq = e->seq;
    a->head.dirty = true;
    return 0;
}

static int fold_trading_set(struct batch *b, const struct event *e)
{
    const struct event_trading_set *t = &e->trading_set;
    struct instrument_entry *i;
    uint8_t trading = t->status == ACCOUNT_STATUS_ACTIVE ? 0 : t->status; /* as state has it */
    if (!name_empty(&t->account)) return fold_account_status(b, e);
    if (name_empty(&t->symbol)) {
        b->system = (struct system_row){trading, e->seq};
        b->system_dirty = true;
        return 0;
    }
    int rc = batch_instrument(b, &t->symbol, &i);
    if (rc != 0) return rc;
    i->row.instrument.spec.trading = trading;
    i->row.updated_seq = e->seq;
    i->head.dirty = true;
    return 0;
}

static int fold_gtt_set(struct batch *b, const struct event *e)
{
    struct gtt_entry *g;
    int rc = batch_gtt(b, e->gtt_set.gtt_id, &g);
    if (rc != 0) return rc;
    if (g->row.created_seq == 0) {
        g->row.created_seq = e->seq;
        g->row.created_ns = e->ts_ns;
    }
    g->row.updated_seq = e->seq;
    g->row.updated_ns = e->ts_ns;
    g->row.gtt = e->gtt_set;
    g->head.dirty = true;
    return history_add(b, e->gtt_set.gtt_id, e);
}

static int fold_margin_called(struct batch *b, const struct event *e)
{
    const struct event_margin_called *m = &e->margin_called;
    struct account_entry *a;
    int rc = batch_account(b, &m->account, &a);
    if (rc != 0) return rc;
    a->row.margin_call.seq = e->seq;
    a->row.margin_call.ts_ns = e->ts_ns;
    a->row.margin_call.currency = m->currency;
    a->row.margin_call.equity = m->equity;
    a->row.margin_call.exposure = m->exposure;
    a->row.margin_call.required_ppm = m->required_ppm;
    a->row.margin_call.liquidation = m->liquidation;
    a->row.margin_call.currency_scale = m->currency_scale;
    a->head.dirty = true;
    return 0;
}

/* What is due comes next, in its order, and nothing that must be due comes without. *after: what it belongs to. */
static int due_take(struct batch *b, const struct event *e, const struct event **after)
{
    struct batch_due *d = &b->due;
    *after = d->after;
    if (d->after == NULL) return e->kind == EVENT_ROUTE_RULE_SET || e->kind == EVENT_STATEMENT_ROW ? ERR_CORRUPT : 0;
    if (e->seq != d->after->seq || e->kind != d->kind || e->index - d->after->index != d->next) return ERR_CORRUPT;
    if (d->next++ == d->last) d->after = NULL;
    return 0;
}

static int fold_event(struct batch *b, const struct event *e)
{
    const struct event *after;
    int rc = due_take(b, e, &after);
    if (rc != 0) return rc;
    switch (e->kind) {
    case EVENT_REJECTED: return fold_rejected(b, e);
    case EVENT_PLACED: return fold_placed(b, e);
    case EVENT_FILLED: return fold_filled(b, e, after);
    case EVENT_CANCELLED:
    case EVENT_EXPIRED:
    case EVENT_MODIFIED:
    case EVENT_TRIGGERED:
    case EVENT_ACTIVATED:
    case EVENT_REDUCED:
    case EVENT_DISPLAYED:
    case EVENT_TRAILED: return fold_order_change(b, e);
    case EVENT_PREVENTED: return fold_prevented(b, e);
    case EVENT_UNCROSSED: return fold_uncrossed(b, e);
    case EVENT_STATE_SET: return fold_state_set(b, e);
    case EVENT_TRADING_SET: return fold_trading_set(b, e);
    case EVENT_GTT_SET: return fold_gtt_set(b, e);
    case EVENT_MARGIN_CALLED: return fold_margin_called(b, e);
    case EVENT_CURRENCY_SET: return fold_currency_set(b, e);
    case EVENT_INSTRUMENT_SET: return fold_instrument_set(b, e);
    case EVENT_ACCOUNT_SET: return fold_account_set(b, e);
    case EVENT_CASH_MOVED: return fold_cash_moved(b, e);
    case EVENT_QUOTED: return fold_quoted(b, e);
    case EVENT_LIMITS_SET:
    case EVENT_KEY_CLEARED:
    case EVENT_SWEPT: return 0; /* no view shows them */
    default: return fold_desk_event(b, e, after);
    }
}

/* Events must come after `seq`, in the order of their ids. */
static int fold_events(struct batch *b, const struct event *events, uint32_t count, uint64_t seq, uint64_t seq_last)
{
    int64_t index = INT64_MAX; /* nothing of `seq` itself may follow */
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->seq < seq || (e->seq == seq && (int64_t)e->index <= index) || e->seq > seq_last) return ERR_USAGE;
        seq = e->seq;
        index = e->index;
        int rc = fold_event(b, e);
        if (rc != 0) return rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc;
    }
    return b->due.after != NULL ? ERR_CORRUPT : batch_emit(b);
}

/* Writes what the batch holds; when the map is full it grows and everything is written again. Takes txn. */
static int fold_write(struct views *v, MDB_txn *txn, const struct views_state *s)
{
    for (;;) {
        int code = puts_write(&v->batch->puts, v, txn);
        if (code == 0)
            code = env_commit(v, txn, s);
        else
            mdb_txn_abort(txn);
        if (code != MDB_MAP_FULL) return env_error(code);
        int rc = env_grow(v);
        if (rc == 0) rc = env_error(mdb_txn_begin(v->env, NULL, 0, &txn));
        if (rc != 0) return rc;
    }
}

static int fold_batch(struct views *v, const struct event *events, uint32_t count, struct views_cursor to)
{
    MDB_txn *txn;
    struct views_state s = v->state;
    if (to.seq < s.cursor.seq) return ERR_USAGE;
    int rc = env_mark_unclean(v);
    if (rc == 0) rc = env_error(mdb_txn_begin(v->env, NULL, 0, &txn));
    if (rc != 0) return rc;
    batch_clear(v->batch, v, txn);
    rc = fold_events(v->batch, events, count, s.cursor.seq, to.seq);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    if (count == 0) { /* the chain hash stays that of the last event's block */
        to.chain_hash_lo = s.cursor.chain_hash_lo;
        to.chain_hash_hi = s.cursor.chain_hash_hi;
    } else {
        s.event_seq = events[count - 1].seq;
    }
    s.cursor = to;
    return fold_write(v, txn, &s);
}

int views_fold(struct views *v, const struct event *events, uint32_t count, struct views_cursor to)
{
    if (v->env == NULL) return ERR_IO;
    if (v->options.read_only) return ERR_USAGE;
    int rc = fold_batch(v, events, count, to);
    if (rc != 0) env_break(v);
    return rc;
}

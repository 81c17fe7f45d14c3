/* projections/fold_desk.c - the desk's events into rows: decisions, executions and busts, venues, rules, batches, statements.
 * What must stay true: an event that cannot be of the rows as they are is ERR_CORRUPT before it changes one; a bust takes
 * back exactly what the execution of that name gave, from the account and from the venue's house account. */
#include <string.h>

#include "core/error.h"
#include "projections/fold_parts.h"

/* "@" and the venue's name. False: no venue has such a name. */
static bool house_name(const struct name *venue, struct name *out)
{
    size_t len = name_len(venue);
    *out = (struct name){{'@'}};
    if (len == 0 || len >= NAME_CHARS_MAX) return false;
    memcpy(out->bytes + 1, venue->bytes, len);
    return true;
}

/* What fits. */

static bool routed_fits(const struct order_row *row, const struct event_routed *r)
{
    bool none = r->venue == VENUE_NONE;
    return order_row_is_open(row) && r->cause != 0 && r->cause <= ROUTE_CAUSE_NUMBER_MAX &&
           name_empty(&r->chosen) == none && (none || r->venue <= VENUES_MAX);
}

static bool executed_fits(const struct order_row *row, const struct event_executed *x)
{
    return x->late == !order_row_is_open(row) && x->excess >= 0 && x->excess <= POSITION_MAX &&
           x->exec_id_len <= EXT_ID_BYTES_MAX && (x->exec_id_len != 0 || x->simulated);
}

/* Of those that an event of its own, and not ROUTED, CANCELLED or SETTLED, tells. */
static bool broker_state_told(uint8_t state)
{
    return state == BROKER_ACKED || state == BROKER_PENDING_CANCEL || state == BROKER_PENDING_MODIFY ||
           state == BROKER_UNKNOWN;
}

static bool at_broker(const struct order_row *row)
{
    return order_row_is_open(row) && row->broker_state != 0;
}

static bool broker_state_fits(const struct order_row *row, const struct event_broker_state *b)
{
    bool told = broker_state_told(b->state) || b->state == row->broker_state ||
                (b->state == BROKER_FILLED && b->leaves == 0 && b->hold == 0);
    return at_broker(row) && told && b->leaves >= 0 && b->leaves <= POSITION_MAX && b->reason_len <= REASON_BYTES_MAX;
}

bool change_fits(const struct order_row *row, const struct event *e)
{
    switch (e->kind) {
    case EVENT_ROUTED: return routed_fits(row, &e->routed);
    case EVENT_EXECUTED: return executed_fits(row, &e->executed);
    case EVENT_BROKER_STATE: return broker_state_fits(row, &e->broker_state);
    case EVENT_ACKED:
        return at_broker(row) && broker_state_told(e->acked.state) && e->acked.ext_order_id_len <= EXT_ID_BYTES_MAX;
    case EVENT_SETTLED: return row->status == ORDER_STATUS_FILLED && row->broker_state == BROKER_FILLED;
    case EVENT_BUSTED: return row->filled >= e->busted.quantity && row->broker_state != 0;
    default: return order_row_is_open(row);
    }
}

bool filled_fits(const struct event_filled *f, const struct event_executed *x)
{
    bool outside = f->simulated || f->venue >= VENUE_BROKER_FIRST, bought = f->buy_order_id != 0;
    struct name house;
    if (x == NULL) return !outside;
    return outside && bought == (f->sell_order_id == 0) && x->simulated == f->simulated &&
           x->order_id == (bought ? f->buy_order_id : f->sell_order_id) && name_equal(&x->symbol, &f->symbol) &&
           name_equal(&x->account, bought ? &f->buy_account : &f->sell_account) && house_name(&x->venue, &house) &&
           name_equal(&house, bought ? &f->sell_account : &f->buy_account) && x->excess <= f->quantity;
}

bool execution_fits(const struct order_row *row, const struct event_filled *f, int side, const struct event_executed *x)
{
    int64_t leaves = side == SIDE_BUY ? f->buy_leaves : f->sell_leaves;
    if (x == NULL) return order_row_is_open(row);
    return row->side == side && row->venue == f->venue && leaves == row->leaves - (f->quantity - x->excess);
}

/* Decisions. */

/* Where it goes, the venue's house account has a balance from now on. */
static int routed_house(struct batch *b, const struct event_routed *r)
{
    struct instrument_entry *i;
    struct balance_entry *balance;
    struct name house;
    if (r->venue == 0 || r->venue == VENUE_NONE) return 0;
    if (!house_name(&r->chosen, &house)) return ERR_CORRUPT;
    int rc = batch_instrument(b, &r->symbol, &i);
    return rc == 0 ? house_balance(b, &house, i->currency, &balance) : rc;
}

static int fold_routed(struct batch *b, const struct event *e)
{
    struct decision_row row = {e->seq, e->index, e->ts_ns, e->routed};
    uint8_t room[VALUE_BYTES_MAX];
    struct key k;
    int rc = fold_order_change(b, e);
    if (rc == 0) rc = routed_house(b, &e->routed);
    if (rc != 0) return rc;
    key_begin(&k);
    key_u64(&k, e->routed.order_id);
    key_u64(&k, e->seq);
    key_u32(&k, e->index);
    return puts_add(&b->puts, DB_DECISIONS, &k, room, decision_encode(&row, room));
}

/* Trades and executions. */

static int trade_index(struct batch *b, enum view_db db, const struct name *of, const struct event *e)
{
    struct key k;
    key_begin(&k);
    key_name(&k, of);
    key_u64(&k, e->seq);
    key_u32(&k, e->index);
    return puts_add(&b->puts, db, &k, NULL, 0);
}

/* Those of the book itself are all the others, and most. */
static int trade_index_venue(struct batch *b, const struct event *e, const struct event_executed *x)
{
    static const struct name quote = {"QUOTE"};
    if (e->filled.venue == 0) return 0;
    return trade_index(b, DB_TRADE_BY_VENUE, e->filled.venue == VENUE_QUOTE ? &quote : &x->venue, e);
}

static int trade_indexes(struct batch *b, const struct event *e, const struct event_executed *x)
{
    const struct event_filled *f = &e->filled;
    int rc = trade_index(b, DB_TRADE_BY_SYMBOL, &f->symbol, e);
    if (rc == 0) rc = trade_index(b, DB_TRADE_BY_ACCOUNT, &f->buy_account, e);
    if (rc == 0 && !name_equal(&f->buy_account, &f->sell_account))
        rc = trade_index(b, DB_TRADE_BY_ACCOUNT, &f->sell_account, e);
    return rc == 0 ? trade_index_venue(b, e, x) : rc;
}

static void trade_execute(struct trade_row *row, const struct event_executed *x)
{
    row->executed = true;
    row->late = x->late;
    row->excess = x->excess;
    row->exec_id_len = x->exec_id_len;
    memcpy(row->exec_id, x->exec_id, x->exec_id_len);
    if (row->fill.venue >= VENUE_BROKER_FIRST) row->venue_name = x->venue;
}

static int execution_add(struct batch *b, const struct trade_row *row, const struct event_executed *x)
{
    struct execution_entry *entry;
    int rc = batch_execution_make(b, x->order_id, x->exec_id, x->exec_id_len, &entry);
    if (rc != 0) return rc;
    entry->row = *row;
    entry->head.dirty = true;
    return 0;
}

int trade_add(struct batch *b, const struct event *e, const struct event_executed *x)
{
    struct trade_row row = {.seq = e->seq, .index = e->index, .ts_ns = e->ts_ns, .fill = e->filled};
    uint8_t room[VALUE_BYTES_MAX];
    struct key k;
    int rc = trade_indexes(b, e, x);
    if (rc != 0) return rc;
    if (x != NULL) trade_execute(&row, x);
    /* Only a broker takes back; where fills are made up an exec_id may be used again. */
    if (row.fill.venue >= VENUE_BROKER_FIRST && row.exec_id_len != 0) return execution_add(b, &row, x);
    key_begin(&k);
    key_u64(&k, e->seq);
    key_u32(&k, e->index);
    return puts_add(&b->puts, DB_TRADES, &k, room, trade_encode(&row, room));
}

static int fold_executed(struct batch *b, const struct event *e)
{
    int rc = fold_order_change(b, e);
    if (rc == 0) b->due = (struct batch_due){e, EVENT_FILLED, 1, 1};
    return rc;
}

static bool bust_fits(const struct event_busted *u, const struct trade_row *row)
{
    const struct event_filled *f = &row->fill;
    uint64_t order_id = u->side == SIDE_BUY ? f->buy_order_id : f->sell_order_id;
    return !row->busted && order_id == u->order_id && name_equal(&u->venue, &row->venue_name) &&
           name_equal(&u->account, u->side == SIDE_BUY ? &f->buy_account : &f->sell_account) && u->price == f->price &&
           u->quantity == f->quantity && u->notional == f->notional;
}

/* Both sides the other way round, first who buys back. */
static int bust_sides(struct batch *b, const struct event *e, const struct event_filled *f)
{
    const struct event_busted *u = &e->busted;
    bool bought = u->side == SIDE_BUY;
    struct trade buys_back = {SIDE_BUY, u->quantity, u->notional, bought ? 0 : -u->fee, e->seq};
    struct trade sells_back = {SIDE_SELL, u->quantity, u->notional, bought ? -u->fee : 0, e->seq};
    struct instrument_entry *i;
    struct holder buyer, seller;
    int rc = batch_instrument(b, &f->symbol, &i);
    if (rc == 0) rc = holder_named(b, &f->buy_account, i, &buyer);
    if (rc == 0) rc = holder_named(b, &f->sell_account, i, &seller);
    if (rc == 0) rc = holder_trade(b, &seller, &buys_back);
    return rc == 0 ? holder_trade(b, &buyer, &sells_back) : rc;
}

static int fold_busted(struct batch *b, const struct event *e)
{
    const struct event_busted *u = &e->busted;
    struct execution_entry *x;
    if (u->exec_id_len == 0 || u->exec_id_len > EXT_ID_BYTES_MAX) return ERR_CORRUPT;
    int rc = batch_execution(b, u->order_id, u->exec_id, u->exec_id_len, &x);
    if (rc != 0) return rc;
    if (!bust_fits(u, &x->row)) return ERR_CORRUPT;
    rc = fold_order_change(b, e);
    if (rc == 0) rc = bust_sides(b, e, &x->row.fill);
    x->row.busted = true;
    x->head.dirty = true;
    return rc;
}

/* What an operator sets and sends. */

static int fold_venue_set(struct batch *b, const struct event *e)
{
    const struct event_venue_set *v = &e->venue_set;
    struct venue_entry *entry;
    if (v->number == 0 || v->number > VENUES_MAX || v->state == 0 || v->state > VENUE_STATE_NUMBER_MAX)
        return ERR_CORRUPT;
    int rc = batch_venue(b, v->number, &entry);
    if (rc != 0) return rc;
    bool there = entry->head.stored || entry->head.dirty;
    if (there != (v->before != 0)) return ERR_CORRUPT;
    if (there && !name_equal(&v->venue, &entry->row.venue.venue)) return ERR_CORRUPT;
    entry->row = (struct venue_row){e->seq, e->ts_ns, *v};
    entry->head.dirty = true;
    return 0;
}

static int fold_routing_set(struct batch *b, const struct event *e)
{
    uint32_t rules = e->routing_set.rules;
    if (rules > ROUTE_RULES_MAX) return ERR_CORRUPT;
    b->rules_dirty = true;
    b->rules_count = 0;
    if (rules != 0) b->due = (struct batch_due){e, EVENT_ROUTE_RULE_SET, 1, rules};
    return 0;
}

static int fold_route_rule_set(struct batch *b, const struct event *e, const struct event *routing)
{
    uint32_t number = e->route_rule_set.number;
    if (number != e->index - routing->index) return ERR_CORRUPT;
    b->rules[number - 1] = e->route_rule_set.rule;
    b->rules_count = number;
    return 0;
}

static int fold_batched(struct batch *b, const struct event *e)
{
    struct batch_row row = {e->batched.batch_id, e->ts_ns, e->batched};
    uint8_t room[VALUE_BYTES_MAX];
    struct key k;
    if (row.batch_id != e->seq << ORDER_INDEX_BITS || row.batch.orders == 0 || row.batch.orders > BATCH_ORDERS_MAX)
        return ERR_CORRUPT;
    key_begin(&k);
    key_u64(&k, row.batch_id);
    return puts_add(&b->puts, DB_BATCHES, &k, room, desk_batch_encode(&row, room));
}

static int fold_statement(struct batch *b, const struct event *e)
{
    struct statement_header_row row = {e->ts_ns, e->statement};
    uint8_t room[VALUE_BYTES_MAX];
    struct key k;
    if (row.statement.statement_id != e->seq << ORDER_INDEX_BITS || row.statement.rows > STATEMENT_ROWS_MAX)
        return ERR_CORRUPT;
    if (row.statement.rows != 0) b->due = (struct batch_due){e, EVENT_STATEMENT_ROW, 1, row.statement.rows};
    key_begin(&k);
    key_u64(&k, row.statement.statement_id);
    return puts_add(&b->puts, DB_STATEMENTS, &k, room, statement_encode(&row, room));
}

static int fold_statement_row(struct batch *b, const struct event *e, const struct event *statement)
{
    const struct event_statement_row *line = &e->statement_row;
    uint8_t room[VALUE_BYTES_MAX];
    struct key k;
    if (line->number != e->index - statement->index || line->exec_id_len > EXT_ID_BYTES_MAX ||
        line->ext_order_id_len > EXT_ID_BYTES_MAX)
        return ERR_CORRUPT;
    key_begin(&k);
    key_u64(&k, statement->statement.statement_id);
    key_u32(&k, line->number);
    return puts_add(&b->puts, DB_STATEMENT_LINES, &k, room, line_encode(line, room));
}

int fold_desk_event(struct batch *b, const struct event *e, const struct event *after)
{
    switch (e->kind) {
    case EVENT_ROUTED: return fold_routed(b, e);
    case EVENT_EXECUTED: return fold_executed(b, e);
    case EVENT_BUSTED: return fold_busted(b, e);
    case EVENT_ACKED:
    case EVENT_BROKER_STATE:
    case EVENT_SETTLED: return fold_order_change(b, e);
    case EVENT_VENUE_SET: return fold_venue_set(b, e);
    case EVENT_ROUTING_SET: return fold_routing_set(b, e);
    case EVENT_ROUTE_RULE_SET: return fold_route_rule_set(b, e, after);
    case EVENT_BATCHED: return fold_batched(b, e);
    case EVENT_STATEMENT: return fold_statement(b, e);
    case EVENT_STATEMENT_ROW: return fold_statement_row(b, e, after);
    default: return ERR_CORRUPT;
    }
}

/* api/json_desk.c - the order desk's rows as the documents that callers get: venues, rules, decisions, batches, statements.
 * What must stay true: a document is a function of its rows alone, and every member is described in docs/API.md. */
#include "api/batch_totals.h"
#include "api/json_parts.h"

void json_venue(struct json *j, const struct venue_row *v)
{
    json_object_begin(j);
    members_venue(j, &v->venue);
    member_time(j, "updated_at", v->updated_ns);
    member_u64(j, "seq", v->updated_seq);
    json_object_end(j);
}

void json_routing(struct json *j, const struct rule_row *rules, size_t count, uint64_t seq)
{
    json_object_begin(j);
    json_key(j, "rules");
    json_array_begin(j);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        members_rule(j, &rules[i].rule);
        json_object_end(j);
    }
    json_array_end(j);
    if (seq != 0) member_u64(j, "seq", seq);
    json_object_end(j);
}

void json_decision(struct json *j, const struct decision_row *d)
{
    json_object_begin(j);
    member_event_id(j, "decision_id", d->seq, d->index);
    member_id(j, "order_id", d->routed.order_id);
    member_name(j, "account", &d->routed.account);
    member_name(j, "symbol", &d->routed.symbol);
    members_decision(j, &d->routed);
    member_time(j, "at", d->ts_ns);
    member_u64(j, "seq", d->seq);
    json_object_end(j);
}

/* The latest command that changed the batch, by its orders. */
static uint64_t batch_seq(const struct batch_row *b, const struct order_row *orders, size_t count)
{
    uint64_t seq = b->batch_id >> ORDER_INDEX_BITS;
    for (size_t i = 0; i < count; i++)
        if (orders[i].updated_seq > seq) seq = orders[i].updated_seq;
    return seq;
}

static void member_orders(struct json *j, const struct order_row *orders, size_t count)
{
    json_key(j, "orders");
    json_array_begin(j);
    for (size_t i = 0; i < count; i++) json_order(j, &orders[i]);
    json_array_end(j);
}

static void members_batch(struct json *j, const struct batch_row *b, const struct order_row *orders, size_t count)
{
    member_id(j, "batch_id", b->batch_id);
    member_string(j, "status", batch_status_text(orders, count));
    member_name(j, "account", &b->batch.account);
}

void json_batch(struct json *j, const struct batch_row *b, const struct order_row *orders, size_t count)
{
    json_object_begin(j);
    members_batch(j, b, orders, count);
    member_bool(j, "atomic", b->batch.atomic);
    member_time(j, "created_at", b->created_ns);
    member_u64(j, "seq", batch_seq(b, orders, count));
    member_orders(j, orders, count);
    json_object_end(j);
}

static void member_exact(struct json *j, const char *key, const struct exact *x)
{
    if (!x->too_large) member_decimal_short(j, key, x->value, x->scale);
}

void json_reconcile_batch(struct json *j, const struct batch_row *b, const struct order_row *orders, size_t count,
                          unsigned currency_scale)
{
    struct batch_totals t;
    batch_totals_add_up(&t, orders, count, currency_scale);
    json_object_begin(j);
    members_batch(j, b, orders, count);
    member_u64(j, "total_orders", t.total_orders);
    member_u64(j, "filled_orders", t.filled_orders);
    member_u64(j, "pending_orders", t.pending_orders);
    member_u64(j, "cancelled_orders", t.cancelled_orders);
    member_u64(j, "rejected_orders", t.rejected_orders);
    member_exact(j, "total_qty", &t.total_qty);
    member_exact(j, "filled_qty", &t.filled_qty);
    member_exact(j, "total_value", &t.total_value);
    member_exact(j, "filled_value", &t.filled_value);
    member_exact(j, "expected_pnl", &t.expected_pnl);
    member_exact(j, "actual_pnl", &t.actual_pnl);
    member_u64(j, "seq", batch_seq(b, orders, count));
    member_orders(j, orders, count);
    json_object_end(j);
}

static const char *reconcile_text(int kind)
{
    switch (kind) {
    case RECONCILE_EQUAL: return "EQUAL";
    case RECONCILE_MISSING_HERE: return "MISSING_HERE";
    case RECONCILE_MISSING_THERE: return "MISSING_THERE";
    case RECONCILE_DIFFERS: return "DIFFERS";
    default: return "";
    }
}

static void member_differs(struct json *j, uint8_t differs)
{
    static const struct {
        uint8_t bit;
        const char *word;
    } words[] = {{DIFFERS_SIDE, "SIDE"},
                 {DIFFERS_SYMBOL, "SYMBOL"},
                 {DIFFERS_PRICE, "PRICE"},
                 {DIFFERS_QUANTITY, "QUANTITY"},
                 {DIFFERS_FEE, "FEE"}};
    if (differs == 0) return;
    json_key(j, "differs");
    json_array_begin(j);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((differs & words[i].bit) != 0) json_string(j, words[i].word);
    json_array_end(j);
}

static void member_here(struct json *j, const struct reconcile_row *r)
{
    const struct event_filled *f = &r->trade.fill;
    json_key(j, "here");
    json_object_begin(j);
    member_event_id(j, "trade_id", r->trade.seq, r->trade.index);
    member_text(j, "exec_id", r->trade.exec_id, r->trade.exec_id_len);
    member_id(j, "order_id", r->order_id);
    member_name(j, "account", r->side == SIDE_BUY ? &f->buy_account : &f->sell_account);
    member_name(j, "symbol", &f->symbol);
    member_string(j, "side", side_text(r->side));
    member_decimal(j, "price", f->price, f->price_scale);
    member_decimal(j, "quantity", f->quantity, f->quantity_scale);
    member_decimal(j, "fee", r->fee, f->currency_scale);
    member_time(j, "executed_at", r->trade.ts_ns);
    json_object_end(j);
}

static void write_reconcile_row(struct json *j, const struct reconcile_row *r)
{
    json_object_begin(j);
    member_string(j, "kind", reconcile_text(r->kind));
    member_differs(j, r->differs);
    if (r->has_line) {
        member_u64(j, "row", r->line.number);
        json_key(j, "there");
        json_object_begin(j);
        members_statement_line(j, &r->line);
        json_object_end(j);
    }
    if (r->has_trade) member_here(j, r);
    json_object_end(j);
}

static void member_totals(struct json *j, const struct reconcile_totals *t)
{
    json_key(j, "totals");
    json_object_begin(j);
    member_u64(j, "rows", t->lines);
    member_u64(j, "trades", t->trades);
    member_u64(j, "equal", t->equal);
    member_u64(j, "missing_here", t->missing_here);
    member_u64(j, "missing_there", t->missing_there);
    member_u64(j, "differing", t->differing);
    json_object_end(j);
}

void json_statement(struct json *j, const struct statement_header_row *s, const struct reconcile_totals *totals,
                    const struct reconcile_row *rows, size_t count)
{
    json_object_begin(j);
    members_statement(j, &s->statement);
    member_time(j, "created_at", s->created_ns);
    member_u64(j, "seq", s->statement.statement_id >> ORDER_INDEX_BITS);
    if (totals != NULL) {
        member_totals(j, totals);
        json_key(j, "items");
        json_array_begin(j);
        for (size_t i = 0; i < count; i++) write_reconcile_row(j, &rows[i]);
        json_array_end(j);
    }
    json_object_end(j);
}

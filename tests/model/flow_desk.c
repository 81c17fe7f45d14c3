/* tests/model/flow_desk.c - venues, rules, brokers that answer as brokers do and as they should not, batches, statements and keys of the
 * random flow.
 * How it works: a report or an execution is first made to fit an order at a broker as the model has it, then often it does not: it
 * names another venue, comes twice, comes late, is too large, undoes what was undone. */
#include "tests/model/flow_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Lists above what a command may hold: nobody looks into them. */
static const struct route_rule no_rules[ROUTE_RULES_MAX + 1];
static const struct command_place no_orders[BATCH_ORDERS_MAX + 1];
static const struct fill_row no_fills[FILLS_MAX + 1];
static const struct statement_row no_rows[STATEMENT_ROWS_MAX + 1];

static const char too_long[] =
    "a name that is longer than any identifier or any reason that a broker may give, whatever it says next";

_Static_assert(sizeof too_long > REASON_BYTES_MAX + 1, "longer than every text");

static struct decimal some_decimal(struct flow *f, int64_t low, int64_t high, unsigned scales)
{
    struct decimal d = {flow_between(f, low, high), 0};
    d.scale = (uint8_t)flow_roll(f, scales);
    return d;
}

static struct text text_of(struct flow *f, const char *bytes)
{
    size_t len = strlen(bytes);
    char *kept = flow_list(f, len + 1);
    memcpy(kept, bytes, len);
    return (struct text){kept, (uint32_t)len};
}

static struct text spoiled_text(struct flow *f, uint32_t len_bytes_max)
{
    if (flow_chance(f, 500)) return (struct text){NULL, 0};
    return (struct text){too_long, len_bytes_max + 1};
}

/* ---- venues and rules ---- */

enum { FEW_BROKERS = 4, MANY_BROKERS = 60 };

/* A world in which there are to be as many venues as there may be. */
static bool has_many_venues(const struct model *m)
{
    return m->scalars.limits.accounts_max > 50;
}

static struct name broker_name(unsigned number)
{
    struct name n = {{'V', (char)('0' + number / 10), (char)('0' + number % 10)}};
    return n;
}

static struct name any_venue(struct flow *f, const struct model *m)
{
    if (flow_chance(f, 100)) return flow_word("BOOK");
    if (flow_chance(f, 100)) return flow_word("QUOTE");
    return broker_name(flow_roll(f, flow_chance(f, has_many_venues(m) ? 800 : 50) ? MANY_BROKERS : FEW_BROKERS));
}

static struct name known_venue(struct flow *f, const struct model *m)
{
    if (m->venues_count == 0 || flow_chance(f, 20)) return any_venue(f, m);
    return m->venues[flow_roll(f, m->venues_count < 8 ? m->venues_count : 8)].venue;
}

bool flow_known_broker(struct flow *f, const struct model *m, struct name *out)
{
    if (m->venues_count < VENUE_BROKER_FIRST) return false;
    uint32_t brokers = m->venues_count - (VENUE_BROKER_FIRST - 1);
    *out = m->venues[VENUE_BROKER_FIRST - 1 + flow_roll(f, brokers < 5 ? brokers : 5)].venue;
    return true;
}

static void spoil_set_venue(struct flow *f, struct command_set_venue *s)
{
    switch (flow_roll(f, 7)) {
    case 0: s->venue = flow_word(""); break;
    case 1: s->venue = flow_word("@V00"); break;
    case 2: s->venue = flow_word(flow_chance(f, 500) ? "fees" : "external"); break;
    case 3: s->venue = flow_word("a-name-of-23-characters"); break;
    case 4: s->state = 4; break;
    case 5: s->simulated = 3; break;
    default: s->cause = (uint8_t)(3 * flow_roll(f, 2)); break;
    }
}

static void make_set_venue(struct flow *f, const struct model *m, struct command *c)
{
    static const uint8_t states[] = {VENUE_STATE_UP,   VENUE_STATE_UP,   VENUE_STATE_UP,       VENUE_STATE_UP,
                                     VENUE_STATE_DOWN, VENUE_STATE_DOWN, VENUE_STATE_DEGRADED, 0};
    c->kind = COMMAND_SET_VENUE;
    struct command_set_venue *s = &c->set_venue;
    s->venue = flow_chance(f, has_many_venues(m) ? 100 : 500) ? known_venue(f, m) : any_venue(f, m);
    for (uint32_t k = 0; k < m->venues_count && flow_chance(f, 300); k++)
        if (m->venues[k].state == VENUE_STATE_DOWN) s->venue = m->venues[k].venue;
    s->state = FLOW_PICK(f, states);
    s->simulated = (uint8_t)(flow_chance(f, 400) ? 1 + (flow_roll(f, 4) > 0) : 0);
    s->cause = (uint8_t)(1 + flow_roll(f, VENUE_CAUSE_NUMBER_MAX));
    if (flow_chance(f, 80)) spoil_set_venue(f, s);
}

static void spoil_rule(struct flow *f, struct route_rule *r)
{
    switch (flow_roll(f, 9)) {
    case 0: r->type = 5; break;
    case 1: r->side = 3; break;
    case 2: r->min_quantity = flow_spoiled(f, (struct decimal){5, 0}); break;
    case 3: r->max_quantity = flow_spoiled(f, (struct decimal){5, 0}); break;
    case 4: r->min_quantity = (struct decimal){50, 1}, r->max_quantity = (struct decimal){499, 2}; break;
    case 5: r->venues[0] = flow_word(""); break;
    case 6: r->venues[1] = r->venues[0]; break;
    case 7: r->venues[1] = flow_word(""), r->venues[2] = flow_word("QUOTE"); break;
    default: r->venues[0] = flow_word("NYSE"); break;
    }
}

static void make_rule(struct flow *f, const struct model *m, struct route_rule *r)
{
    r->min_quantity = r->max_quantity = flow_absent;
    if (flow_chance(f, 200)) r->account = flow_known_account(f, m);
    if (flow_chance(f, 300)) r->symbol = flow_known_symbol(f, m);
    if (flow_chance(f, 250)) r->type = (uint8_t)(1 + flow_roll(f, ORDER_TYPE_NUMBER_MAX));
    if (flow_chance(f, 200)) r->side = (uint8_t)(1 + flow_roll(f, SIDE_NUMBER_MAX));
    if (flow_chance(f, 200)) r->min_quantity = some_decimal(f, 0, 8, 2);
    if (flow_chance(f, 200)) r->max_quantity = (struct decimal){flow_between(f, 8, 60), 0};
    unsigned count = 1 + flow_roll(f, ROUTE_CANDIDATES_MAX), at = 0;
    for (unsigned k = 0; k < count; k++) {
        struct name venue = known_venue(f, m);
        bool there = false;
        for (unsigned i = 0; i < at; i++) there |= memcmp(&r->venues[i], &venue, sizeof venue) == 0;
        if (!there) r->venues[at++] = venue;
    }
    if (flow_chance(f, 60)) spoil_rule(f, r);
}

static void make_set_routing(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_ROUTING;
    struct command_set_routing *s = &c->set_routing;
    s->rules_count = flow_chance(f, 250) ? 0 : 1 + flow_roll(f, 4);
    struct route_rule *rules = flow_list(f, (s->rules_count + 1) * sizeof *rules);
    for (uint32_t k = 0; k < s->rules_count; k++) make_rule(f, m, &rules[k]);
    s->rules = rules;
    if (flow_chance(f, 25)) s->rules = no_rules, s->rules_count = ROUTE_RULES_MAX + 1;
}

/* ---- an order at a broker ---- */

static bool is_open(const struct route_state *r)
{
    return r->state < BROKER_FILLED;
}

/* Any of them; mostly one that is open, or one of a state when that is not 0. NULL when there is none at all. */
static const struct route_state *some_route(struct flow *f, const struct model *m, int state)
{
    if (m->routes_count == 0) return NULL;
    uint32_t start = flow_roll(f, m->routes_count);
    bool picky = !flow_chance(f, 100);
    for (uint32_t k = 0; k < m->routes_count && picky; k++) {
        const struct route_state *r = &m->routes[(start + k) % m->routes_count];
        if (state == 0 ? is_open(r) : r->state == state) return r;
    }
    return &m->routes[start];
}

static uint64_t any_order_id(struct flow *f, const struct model *m)
{
    if (m->orders_count == 0 || flow_chance(f, 100)) return flow_below(f, UINT64_MAX);
    return m->orders[flow_roll(f, m->orders_count)].id;
}

static struct name venue_of(const struct model *m, const struct route_state *r)
{
    struct name none = {{0}};
    return r->venue == 0 || r->venue > m->venues_count ? none : m->venues[r->venue - 1].venue;
}

/* Who speaks of the order: its broker, an operator, seldom somebody else. */
static struct name speaker(struct flow *f, const struct model *m, const struct route_state *r)
{
    if (flow_chance(f, 40)) return flow_word("NYSE");
    if (flow_chance(f, 60)) return known_venue(f, m);
    if (r == NULL || flow_chance(f, 350)) return flow_word("");
    return venue_of(m, r);
}

static const struct instrument_state *instrument_by_id(const struct model *m, uint64_t id)
{
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == id) return &m->instruments[k];
    return &m->instruments[0];
}

/* ---- reports ---- */

/* What a broker may say of an order in that state; some of it several times. */
static int fitting_report(struct flow *f, const struct route_state *r)
{
    static const uint8_t routed[] = {REPORT_ACK,       REPORT_ACK,    REPORT_ACK,       REPORT_ACK,    REPORT_REJECT,
                                     REPORT_NOT_FOUND, REPORT_REJECT, REPORT_NOT_FOUND, REPORT_UNKNOWN};
    static const uint8_t acked[] = {REPORT_CANCELLED, REPORT_EXPIRED, REPORT_ACK};
    static const uint8_t cancelling[] = {REPORT_CANCELLED, REPORT_CANCELLED, REPORT_CANCEL_REJECTED, REPORT_UNKNOWN};
    static const uint8_t modifying[] = {REPORT_REPLACED, REPORT_REPLACED, REPORT_REPLACE_REJECTED, REPORT_UNKNOWN,
                                        REPORT_CANCELLED};
    int state = r->state == BROKER_UNKNOWN ? r->doubt : r->state;
    if (r->state == BROKER_UNKNOWN && flow_chance(f, 150)) return REPORT_ACK;
    switch (state) {
    case BROKER_ROUTED: return FLOW_PICK(f, routed);
    case BROKER_ACKED: return FLOW_PICK(f, acked);
    case BROKER_PENDING_CANCEL: return FLOW_PICK(f, cancelling);
    case BROKER_PENDING_MODIFY: return FLOW_PICK(f, modifying);
    default: return (int)flow_between(f, 1, REPORT_NUMBER_MAX);
    }
}

static struct text ext_order_id(struct flow *f, uint64_t order_id)
{
    char bytes[EXT_ID_BYTES_MAX];
    snprintf(bytes, sizeof bytes, "%s-%" PRIx64, flow_chance(f, 60) ? "other" : "ext", order_id);
    return text_of(f, bytes);
}

static void make_report(struct flow *f, const struct model *m, struct command *c)
{
    static const char *const reasons[] = {"no", "market closed", "insufficient margin at the broker"};
    static const uint8_t states[] = {BROKER_PENDING_CANCEL, BROKER_PENDING_MODIFY, BROKER_UNKNOWN, BROKER_ROUTED};
    c->kind = COMMAND_REPORT;
    struct command_report *s = &c->report;
    const struct route_state *r = some_route(f, m, flow_chance(f, 500) ? FLOW_PICK(f, states) : 0);
    s->order_id = r == NULL || flow_chance(f, 20) ? any_order_id(f, m) : r->order_id;
    s->report =
        (uint8_t)(r != NULL && flow_chance(f, 850) ? fitting_report(f, r) : (int)flow_between(f, 1, REPORT_NUMBER_MAX));
    if (s->report == REPORT_ACK || flow_chance(f, 60)) s->ext_order_id = ext_order_id(f, s->order_id);
    if (flow_chance(f, 300)) s->reason = text_of(f, FLOW_PICK(f, reasons));
    s->venue = speaker(f, m, r);
    if (!flow_chance(f, 40)) return;
    switch (flow_roll(f, 3)) {
    case 0: s->report = (uint8_t)(flow_chance(f, 500) ? 0 : REPORT_NUMBER_MAX + 1); break;
    case 1: s->ext_order_id = spoiled_text(f, EXT_ID_BYTES_MAX); break;
    default: s->reason = (struct text){too_long, REASON_BYTES_MAX + 1}; break;
    }
}

/* ---- executions ---- */

/* One of the order's executions, of those that are not busted mostly; NULL when there is none. */
static const struct execution_state *some_execution(struct flow *f, const struct model *m, uint64_t order_id)
{
    const struct execution_state *found = NULL;
    uint32_t start = m->executions_count == 0 ? 0 : flow_roll(f, m->executions_count);
    bool any = flow_chance(f, 100);
    for (uint32_t k = 0; k < m->executions_count; k++) {
        const struct execution_state *x = &m->executions[(start + k) % m->executions_count];
        if (x->order_id == order_id && (found == NULL || (found->busted && !any))) found = x;
    }
    return found;
}

static struct text exec_id_of(struct flow *f, const struct execution_state *x)
{
    char *bytes = flow_list(f, EXT_ID_BYTES_MAX);
    memcpy(bytes, x->exec_id, x->exec_id_len);
    return (struct text){bytes, x->exec_id_len};
}

static struct text new_exec_id(struct flow *f, unsigned row)
{
    char bytes[EXT_ID_BYTES_MAX];
    snprintf(bytes, sizeof bytes, "x%" PRIu64 "-%u", f->seq, row);
    return text_of(f, bytes);
}

static int64_t some_fill_quantity(struct flow *f, const struct instrument_state *i, const struct order_state *o)
{
    int64_t lot = i->spec.lot, leaves = o == NULL ? flow_quantity(f, i) : o->leaves;
    if (leaves < lot) return lot;
    if (flow_chance(f, 80)) return leaves + flow_between(f, 1, 4) * lot;
    if (flow_chance(f, 350)) return leaves;
    return flow_between(f, 1, leaves / lot) * lot;
}

static void choose_fill_numbers(struct flow *f, const struct instrument_state *i, const struct order_state *o,
                                struct fill_row *row)
{
    row->price = flow_written(f, flow_near_price(f, i), i->spec.price_scale);
    row->quantity = flow_written(f, some_fill_quantity(f, i, o), i->spec.quantity_scale);
    if (flow_chance(f, 6)) row->price = (struct decimal){PRICE_MAX / i->spec.tick * i->spec.tick, i->spec.price_scale};
    if (flow_chance(f, 6))
        row->quantity = (struct decimal){QUANTITY_MAX / i->spec.lot * i->spec.lot, i->spec.quantity_scale};
}

static void spoil_fill(struct flow *f, struct fill_row *row)
{
    switch (flow_roll(f, 6)) {
    case 0: row->kind = (uint8_t)(4 * flow_roll(f, 2)); break;
    case 1: row->exec_id = spoiled_text(f, EXT_ID_BYTES_MAX); break;
    case 2: row->ref_exec_id = spoiled_text(f, EXT_ID_BYTES_MAX); break;
    case 3: row->price = flow_spoiled(f, row->price); break;
    case 4: row->quantity = flow_spoiled(f, row->quantity); break;
    default: row->order_id++; break;
    }
}

/* An execution, a bust or a correction of the order. */
static void make_fill_row(struct flow *f, const struct model *m, uint64_t order_id, uint64_t instrument_id,
                          unsigned number, struct fill_row *row)
{
    const struct execution_state *x = some_execution(f, m, order_id);
    row->order_id = order_id;
    row->kind = FILL_NEW;
    row->price = row->quantity = flow_absent;
    if (x != NULL && flow_chance(f, 250)) row->kind = flow_chance(f, 500) ? FILL_BUST : FILL_CORRECT;
    if (row->kind != FILL_NEW) row->ref_exec_id = exec_id_of(f, x);
    if (row->kind != FILL_NEW && flow_chance(f, 60)) row->ref_exec_id = new_exec_id(f, 99);
    if (row->kind != FILL_BUST && m->instruments_count > 0)
        choose_fill_numbers(f, instrument_by_id(m, instrument_id), model_order(m, order_id), row);
    if (row->kind != FILL_BUST || flow_chance(f, 300)) row->exec_id = new_exec_id(f, number);
    if (x != NULL && flow_chance(f, 60)) row->exec_id = exec_id_of(f, x);
    if (flow_chance(f, 40)) spoil_fill(f, row);
}

/* As many of the largest executions as no position has room for. */
static void make_vast_fill(struct flow *f, const struct instrument_state *i, uint64_t order_id, struct command_fill *s)
{
    enum { VAST_FILLS = 60 };
    struct fill_row *rows = flow_list(f, VAST_FILLS * sizeof *rows);
    for (unsigned k = 0; k < VAST_FILLS; k++)
        rows[k] = (struct fill_row){
            .order_id = order_id,
            .price = {i->spec.tick, i->spec.price_scale},
            .quantity = {QUANTITY_MAX / i->spec.lot * i->spec.lot, i->spec.quantity_scale},
            .exec_id = new_exec_id(f, k),
            .kind = FILL_NEW,
        };
    s->fills = rows;
    s->fills_count = VAST_FILLS;
}

static void make_fill(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_FILL;
    struct command_fill *s = &c->fill;
    const struct route_state *r = some_route(f, m, flow_chance(f, 100) ? BROKER_CANCELLED : 0);
    s->venue = speaker(f, m, r);
    s->fills_count = flow_chance(f, 800) ? 1 : 1 + flow_roll(f, 4);
    struct fill_row *rows = flow_list(f, s->fills_count * sizeof *rows);
    s->fills = rows;
    for (unsigned k = 0; k < s->fills_count; k++) {
        const struct route_state *of = k == 0 || flow_chance(f, 700) ? r : some_route(f, m, 0);
        uint64_t order_id = of == NULL ? any_order_id(f, m) : of->order_id;
        make_fill_row(f, m, order_id, of == NULL ? 0 : of->instrument_id, k, &rows[k]);
    }
    if (r != NULL && m->instruments_count > 0 && flow_chance(f, 8))
        make_vast_fill(f, instrument_by_id(m, r->instrument_id), r->order_id, s);
    if (flow_chance(f, 15)) s->fills = no_fills, s->fills_count = flow_chance(f, 500) ? 0 : FILLS_MAX + 1;
}

/* Made up: of any open order, at the book and the quote too. */
static void make_simulated_fill(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_FILL;
    struct command_fill *s = &c->fill;
    s->simulated = true;
    s->fills_count = flow_chance(f, 700) ? 1 : 1 + flow_roll(f, 3);
    struct fill_row *rows = flow_list(f, s->fills_count * sizeof *rows);
    s->fills = rows;
    for (unsigned k = 0; k < s->fills_count; k++) {
        const struct order_state *o = m->orders_count == 0 ? NULL : &m->orders[flow_roll(f, m->orders_count)];
        make_fill_row(f, m, o == NULL ? 1 : o->id, o == NULL ? 0 : o->instrument_id, k, &rows[k]);
        if (!flow_chance(f, 30)) rows[k].kind = FILL_NEW;
        if (flow_chance(f, 500)) rows[k].exec_id = (struct text){NULL, 0};
        if (k > 0 && flow_chance(f, 300)) rows[k].order_id = rows[0].order_id;
    }
}

/* ---- what is asked of orders at brokers ---- */

static void make_route(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_ROUTE;
    const struct route_state *r = some_route(f, m, flow_chance(f, 750) ? BROKER_PENDING_ROUTE : BROKER_UNKNOWN);
    c->route.order_id = r == NULL || flow_chance(f, 40) ? any_order_id(f, m) : r->order_id;
    if (flow_chance(f, 600)) c->route.venue = known_venue(f, m);
    if (flow_chance(f, 40)) c->route.venue = flow_word("NYSE");
}

static void make_settle(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SETTLE;
    const struct route_state *r = some_route(f, m, BROKER_FILLED);
    c->settle.order_id = r == NULL || flow_chance(f, 60) ? any_order_id(f, m) : r->order_id;
}

/* A cancel or a modification of an order at a broker, in any state. */
static void make_request(struct flow *f, const struct model *m, struct command *c)
{
    const struct route_state *r = some_route(f, m, flow_chance(f, 600) ? BROKER_ACKED : 0);
    if (flow_chance(f, 700)) {
        flow_make_modify_of(f, m, r == NULL ? 1 : r->order_id, c);
        return;
    }
    c->kind = COMMAND_CANCEL;
    c->cancel.order_id = r == NULL ? 1 : r->order_id;
}

/* ---- batches ---- */

/* What an atomic batch takes. */
static void make_calm(struct flow *f, struct command_place *p)
{
    if (flow_chance(f, 40)) return;
    p->flags = 0;
    p->trail = p->display_quantity = p->min_quantity = p->quote_quantity = flow_absent;
    if (p->type == ORDER_TYPE_MARKET) p->type = ORDER_TYPE_LIMIT;
    if (p->tif > TIF_GTD) p->tif = TIF_GTC;
    if (p->tif != TIF_GTD) p->expires_ns = 0;
    bool limit = p->type == ORDER_TYPE_LIMIT || p->type == ORDER_TYPE_STOP_LIMIT;
    if (limit && p->price.scale == DECIMAL_ABSENT) p->price = (struct decimal){flow_between(f, 1, 200), 0};
    if (!limit || p->type == ORDER_TYPE_STOP_LIMIT) return;
    p->stop_price = flow_absent;
}

static void make_batch(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_BATCH;
    struct command_batch *s = &c->batch;
    s->atomic = flow_chance(f, 500);
    s->account = flow_known_account(f, m);
    s->orders_count = flow_chance(f, 900) ? 1 + flow_roll(f, 5) : 1 + flow_roll(f, 16);
    struct command_place *orders = flow_list(f, s->orders_count * sizeof *orders);
    s->orders = orders;
    bool one_market = flow_chance(f, 500);
    for (uint32_t k = 0; k < s->orders_count; k++) {
        orders[k] = flow_order(f, m, s->atomic ? 12 : 50);
        if (one_market) orders[k].symbol = orders[0].symbol;
        if (s->atomic) make_calm(f, &orders[k]);
        if (k > 0 && flow_chance(f, 10)) orders[k].client_order_id = orders[k - 1].client_order_id;
    }
    if (!flow_chance(f, 20)) return;
    s->orders = no_orders;
    s->orders_count = flow_chance(f, 500) ? 0 : s->atomic ? BATCH_ATOMIC_MAX + 1 : BATCH_ORDERS_MAX + 1;
}

static void make_cancel_batch(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_CANCEL_BATCH;
    struct command_cancel_batch *s = &c->cancel_batch;
    uint32_t start = m->orders_count == 0 ? 0 : flow_roll(f, m->orders_count);
    s->batch_id = any_order_id(f, m) >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[(start + k) % m->orders_count];
        if (o->flags & PLACE_BATCH) s->batch_id = o->id >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
    }
    s->orders_count = 1 + flow_roll(f, 18);
    if (flow_chance(f, 40)) s->batch_id = flow_chance(f, 500) ? 0 : s->batch_id + 1;
    if (flow_chance(f, 40)) s->orders_count = flow_chance(f, 500) ? 0 : BATCH_ORDERS_MAX + 1;
}

/* ---- statements ---- */

static void spoil_statement_row(struct flow *f, struct statement_row *row)
{
    switch (flow_roll(f, 7)) {
    case 0: row->exec_id = spoiled_text(f, EXT_ID_BYTES_MAX); break;
    case 1: row->ext_order_id = (struct text){too_long, EXT_ID_BYTES_MAX + 1}; break;
    case 2: row->symbol = flow_word(""); break;
    case 3: row->side = (uint8_t)(3 * flow_roll(f, 2)); break;
    case 4: row->price = flow_spoiled(f, row->price); break;
    case 5: row->quantity = flow_spoiled(f, row->quantity); break;
    default: row->fee.scale = (uint8_t)(CASH_SCALE_MAX + 1 + flow_roll(f, 9)); break;
    }
}

static void make_statement_row(struct flow *f, const struct model *m, unsigned number, struct statement_row *row)
{
    row->exec_id = new_exec_id(f, number);
    if (flow_chance(f, 500)) row->ext_order_id = ext_order_id(f, flow_below(f, 1000));
    row->symbol = flow_known_symbol(f, m);
    row->price = some_decimal(f, 1, 99999, 10);
    row->quantity = some_decimal(f, 1, 999, 10);
    row->fee = (struct amount){flow_between(f, -50, 50), 2};
    if (flow_chance(f, 300)) row->fee = (struct amount){0, DECIMAL_ABSENT};
    row->side = (uint8_t)(1 + flow_roll(f, 2));
    if (flow_chance(f, 100)) spoil_statement_row(f, row);
}

static void make_statement(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_STATEMENT;
    struct command_statement *s = &c->statement;
    if (flow_chance(f, 900)) s->venue = known_venue(f, m);
    if (flow_chance(f, 400)) s->account = flow_known_account(f, m);
    if (flow_chance(f, 40)) s->venue = flow_word("NYSE");
    if (flow_chance(f, 40)) s->account = flow_word("nobody");
    s->to_ns = f->ts_ns;
    s->from_ns = f->ts_ns - flow_between(f, 1, 86400) * 1000000000;
    if (flow_chance(f, 80)) s->from_ns = f->ts_ns + (int64_t)flow_roll(f, 2);
    s->rows_count = flow_roll(f, 4);
    struct statement_row *rows = flow_list(f, (s->rows_count + 1) * sizeof *rows);
    s->rows = rows;
    for (unsigned k = 0; k < s->rows_count; k++) make_statement_row(f, m, k, &rows[k]);
    if (flow_chance(f, 30)) s->rows = no_rows, s->rows_count = STATEMENT_ROWS_MAX + 1;
}

/* ---- keys ---- */

/* Few enough to come again, and more than the smallest table holds. */
enum { KEYS = 400 };

static struct key_hash some_key(struct flow *f)
{
    return (struct key_hash){1 + flow_below(f, KEYS), 0x6b6579};
}

static bool is_known(const struct model *m, const struct key_hash *key)
{
    for (uint32_t k = 0; k < m->keys_count; k++)
        if (m->keys[k].key.lo == key->lo && m->keys[k].key.hi == key->hi) return true;
    return false;
}

/* As the sequencer, which stamps no command whose key it knows or has no room for. */
void flow_choose_origin(struct flow *f, const struct model *m, struct command *c)
{
    struct command_origin *o = &c->origin;
    if (flow_uses(f, FLOW_DESK, 200)) {
        o->actor = flow_word(flow_chance(f, 500) ? "key:ops" : "alice");
        o->request_id = (struct text){"req-8f14e45f", 12};
    }
    if (!flow_uses(f, FLOW_KEYS, 150) || m->keys_count >= m->scalars.limits.keys_max) return;
    struct key_hash key = some_key(f);
    if (is_known(m, &key)) return;
    o->key = key;
    o->body = (struct key_hash){flow_below(f, 3), f->seq};
}

static void make_clear_key(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_CLEAR_KEY;
    c->clear_key.key = some_key(f);
    if (m->keys_count > 0 && flow_chance(f, 700)) c->clear_key.key = m->keys[flow_roll(f, m->keys_count)].key;
}

/* ---- the mix ---- */

/* roll is below 1000. */
static void make_broker_command(struct flow *f, const struct model *m, struct command *c, unsigned roll)
{
    bool no_brokers = m->venues_count < VENUE_BROKER_FIRST;
    if (roll < (no_brokers ? 400 : has_many_venues(m) ? 110 : 70))
        make_set_venue(f, m, c);
    else if (roll < (no_brokers ? 450 : 140))
        make_set_routing(f, m, c);
    else if (roll < 480)
        make_report(f, m, c);
    else if (roll < 730)
        make_fill(f, m, c);
    else if (roll < 780)
        make_simulated_fill(f, m, c);
    else if (roll < 830)
        make_route(f, m, c);
    else if (roll < 855)
        make_settle(f, m, c);
    else if (roll < 980)
        make_request(f, m, c);
    else
        make_statement(f, m, c);
}

bool flow_make_desk(struct flow *f, const struct model *m, struct command *c)
{
    if (flow_uses(f, FLOW_BATCHES, 35))
        (flow_chance(f, 800) ? make_batch : make_cancel_batch)(f, m, c);
    else if (flow_uses(f, FLOW_KEYS, 4))
        make_clear_key(f, m, c);
    else if (flow_uses(f, FLOW_DESK, 300))
        make_broker_command(f, m, c, flow_roll(f, 1000));
    else
        return false;
    return true;
}

/* What is left to an order that goes to a broker of what only the book or the quote takes. */
void flow_choose_broker(struct flow *f, const struct model *m, struct command_place *p)
{
    struct name broker;
    if (!flow_uses(f, FLOW_DESK, 200) || !flow_known_broker(f, m, &broker)) return;
    bool calm = flow_chance(f, 900);
    p->venue = broker;
    if (!calm) return;
    p->flags &= (uint8_t) ~(PLACE_POST_ONLY | PLACE_ALL_OR_NONE | PLACE_REDUCE_ONLY);
    p->display_quantity = p->min_quantity = flow_absent;
    if (p->quote_quantity.scale != DECIMAL_ABSENT) p->venue = flow_word("");
    if (p->trail.scale != DECIMAL_ABSENT || p->tif >= TIF_ON_OPEN) p->venue = flow_word("");
}

void flow_choose_desk_limits(struct flow *f, unsigned features, struct limits *l)
{
    static const uint32_t routes[] = {3, 12, 60, 300, 300}, executions[] = {3, 40, 500, 500};
    static const uint32_t client_ids[] = {4, 30, 400, 4000, 4000}, keys[] = {3, 20, 300, 300};
    static const uint32_t ttls[] = {1, 2, 10, 40, 86400}, lingers[] = {1, 5, 60, 86400};
    l->routes_max = FLOW_PICK(f, routes);
    l->executions_max = FLOW_PICK(f, executions);
    l->client_ids_max = FLOW_PICK(f, client_ids);
    l->keys_max = FLOW_PICK(f, keys);
    l->key_ttl_s = FLOW_PICK(f, ttls);
    l->linger_s = FLOW_PICK(f, lingers);
    if (l->client_ids_max <= 400 && l->key_ttl_s > 40) l->key_ttl_s = 20;   /* else hardly an order is accepted */
    if (features & FLOW_DESK && flow_chance(f, 400)) l->accounts_max += 50; /* as many venues as there may be */
}

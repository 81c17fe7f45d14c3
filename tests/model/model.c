/* tests/model/model.c - the frame of one command: time, timers, the command, and what there is to look up.
 * Invariant: a command that is refused has changed nothing but seq, now and the orders whose time had come. */
#include "tests/model/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *room_for(uint32_t count, size_t size_bytes)
{
    void *room = calloc(count, size_bytes);
    if (room == NULL) {
        fputs("model: no memory\n", stderr);
        exit(2);
    }
    return room;
}

struct model *model_new(const struct limits *l)
{
    struct model *m = room_for(1, sizeof *m);
    m->scalars.limits = *l;
    m->scalars.priority_next = 1;
    m->currencies = room_for(l->currencies_max, sizeof *m->currencies);
    m->instruments = room_for(l->instruments_max, sizeof *m->instruments);
    m->accounts = room_for(l->accounts_max, sizeof *m->accounts);
    m->balances = room_for(l->balances_max, sizeof *m->balances);
    m->positions = room_for(l->positions_max, sizeof *m->positions);
    m->orders = room_for(l->orders_max + 1, sizeof *m->orders); /* a liquidation's order asks for no room */
    m->venues = room_for(VENUES_MAX, sizeof *m->venues);
    m->rules = room_for(ROUTE_RULES_MAX, sizeof *m->rules);
    m->routes = room_for(l->routes_max, sizeof *m->routes);
    m->executions = room_for(l->executions_max, sizeof *m->executions);
    m->client_ids = room_for(l->client_ids_max, sizeof *m->client_ids);
    m->keys = room_for(l->keys_max, sizeof *m->keys);
    m->sweep_ids = room_for(l->orders_max + 1, sizeof *m->sweep_ids);
    return m;
}

void model_free(struct model *m)
{
    if (m == NULL) return;
    free(m->currencies);
    free(m->instruments);
    free(m->accounts);
    free(m->balances);
    free(m->positions);
    free(m->orders);
    free(m->venues);
    free(m->rules);
    free(m->routes);
    free(m->executions);
    free(m->client_ids);
    free(m->keys);
    free(m->sweep_ids);
    free(m);
}

uint32_t model_events_max(const struct limits *l)
{
    /* work_max timers, then work_max steps of a few events each, and what one step may bring with it: all trailing stops, the
     * reduce-only orders of two positions, an account's call in every currency; or the five of SET_LIMITS. */
    uint32_t rows = STATEMENT_ROWS_MAX + 4 * BATCH_ORDERS_MAX + (8 + 2 * REDUCE_ONLY_MAX) * FILLS_MAX + ROUTE_RULES_MAX;
    return rows + 24 * l->work_max + TRAILING_MAX + 4 * REDUCE_ONLY_MAX + 64 + l->currencies_max;
}

uint64_t model_own_id(const struct model *m, unsigned index)
{
    return m->scalars.seq << ORDER_INDEX_BITS | index;
}

struct event *model_say(struct model *m, enum event_kind kind)
{
    struct event *e = &m->events[m->events_count];
    memset(e, 0, sizeof *e);
    e->seq = m->scalars.seq;
    e->ts_ns = m->scalars.now_ns;
    e->index = m->events_count++;
    e->kind = (uint8_t)kind;
    return e;
}

static struct order_terms terms_as_written(const struct command_place *p)
{
    struct order_terms t = {.account = p->account,
                            .symbol = p->symbol,
                            .price = p->price.mantissa,
                            .quantity = p->quantity.mantissa,
                            .expires_ns = p->expires_ns,
                            .stop_price = p->stop_price.mantissa,
                            .display_quantity = p->display_quantity.mantissa,
                            .trail = p->trail.mantissa,
                            .price_scale = p->price.scale,
                            .quantity_scale = p->quantity.scale,
                            .stop_price_scale = p->stop_price.scale,
                            .display_scale = p->display_quantity.scale,
                            .trail_scale = p->trail.scale,
                            .side = p->side,
                            .type = p->type,
                            .tif = p->tif,
                            .flags = p->flags,
                            .stp = p->stp};
    uint32_t len = p->client_order_id.len_bytes;
    if (len > CLIENT_ORDER_ID_BYTES_MAX) len = CLIENT_ORDER_ID_BYTES_MAX;
    t.client_order_id_len = (uint8_t)len;
    if (len > 0) memcpy(t.client_order_id, p->client_order_id.bytes, len);
    return t;
}

void model_say_rejected_order(struct model *m, const struct command_place *p, uint64_t order_id)
{
    struct event *e = model_say(m, EVENT_REJECTED);
    e->rejected.order_id = order_id;
    e->rejected.refusal = m->refusal;
    e->rejected.command_kind = COMMAND_BATCH;
    e->rejected.terms = terms_as_written(p);
}

static uint64_t id_of_refused(const struct model *m, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE:
    case COMMAND_PLACE_LINKED:
    case COMMAND_GTT_PLACE: return model_own_id(m, 0);
    case COMMAND_MODIFY: return c->modify.order_id;
    case COMMAND_CANCEL: return c->cancel.order_id;
    case COMMAND_GTT_MODIFY: return c->gtt_modify.gtt_id;
    case COMMAND_GTT_DELETE: return c->gtt_delete.gtt_id;
    case COMMAND_CANCEL_BATCH: return c->cancel_batch.batch_id;
    case COMMAND_ROUTE: return c->route.order_id;
    case COMMAND_REPORT: return c->report.order_id;
    case COMMAND_SETTLE: return c->settle.order_id;
    case COMMAND_BATCH:
    case COMMAND_FILL: return m->refused_order_id;
    default: return 0;
    }
}

static void say_rejected(struct model *m, const struct command *c)
{
    struct event *e = model_say(m, EVENT_REJECTED);
    e->rejected.order_id = id_of_refused(m, c);
    e->rejected.refusal = m->refusal;
    e->rejected.command_kind = c->kind;
    if (c->kind == COMMAND_PLACE) e->rejected.terms = terms_as_written(&c->place);
    if (c->kind == COMMAND_BATCH && m->refused_order != NULL) e->rejected.terms = terms_as_written(m->refused_order);
    if (c->kind != COMMAND_PLACE_LINKED) return;
    e->rejected.terms = terms_as_written(&c->place_linked.entry);
    e->rejected.terms.link = c->place_linked.link;
    e->rejected.terms.activation = c->place_linked.activation;
}

int model_refuse(struct model *m, enum reject reason, int field, i128 value, unsigned value_scale, i128 limit,
                 unsigned limit_scale)
{
    m->refusal = (struct refusal){.reason = (uint16_t)reason,
                                  .field = (uint8_t)field,
                                  .value_scale = (uint8_t)value_scale,
                                  .limit_scale = (uint8_t)limit_scale,
                                  .value = value,
                                  .limit = limit};
    return (int)reason;
}

int model_refuse_plain(struct model *m, enum reject reason, int field)
{
    return model_refuse(m, reason, field, 0, DECIMAL_ABSENT, 0, DECIMAL_ABSENT);
}

static int apply_kind(struct model *m, const struct command *c)
{
    if (m->limits_set == (c->kind == COMMAND_SET_LIMITS)) return model_refuse_plain(m, REJECT_LIMITS_FIRST, 0);
    switch (c->kind) {
    case COMMAND_SET_LIMITS: return model_apply_set_limits(m, c);
    case COMMAND_SET_CURRENCY: return model_apply_set_currency(m, c);
    case COMMAND_SET_INSTRUMENT: return model_apply_set_instrument(m, c);
    case COMMAND_SET_ACCOUNT: return model_apply_set_account(m, c);
    case COMMAND_SET_TRADING: return model_apply_set_trading(m, c);
    case COMMAND_MOVE_CASH: return model_apply_move_cash(m, c);
    case COMMAND_SET_QUOTE: return model_apply_set_quote(m, c);
    case COMMAND_PLACE: return model_apply_place(m, c);
    case COMMAND_PLACE_LINKED: return model_apply_place_linked(m, c);
    case COMMAND_MODIFY: return model_apply_modify(m, c);
    case COMMAND_CANCEL: return model_apply_cancel(m, c);
    case COMMAND_MASS_CANCEL: return model_apply_mass_cancel(m, c);
    case COMMAND_END_OF_DAY: return model_apply_end_of_day(m, c);
    case COMMAND_GTT_PLACE: return model_apply_gtt_place(m, c);
    case COMMAND_GTT_MODIFY: return model_apply_gtt_modify(m, c);
    case COMMAND_GTT_DELETE: return model_apply_gtt_delete(m, c);
    case COMMAND_CHECK_MARGIN: return model_apply_check_margin(m, c);
    case COMMAND_SET_VENUE: return model_apply_set_venue(m, c);
    case COMMAND_SET_ROUTING: return model_apply_set_routing(m, c);
    case COMMAND_BATCH: return model_apply_batch(m, c);
    case COMMAND_CANCEL_BATCH: return model_apply_cancel_batch(m, c);
    case COMMAND_ROUTE: return model_apply_route(m, c);
    case COMMAND_REPORT: return model_apply_report(m, c);
    case COMMAND_FILL: return model_apply_fill(m, c);
    case COMMAND_SETTLE: return model_apply_settle(m, c);
    case COMMAND_CLEAR_KEY: return model_apply_clear_key(m, c);
    case COMMAND_STATEMENT: return model_apply_statement(m, c);
    case COMMAND_TICK: return 0;
    case COMMAND_CONTINUE: return model_apply_continue(m, c);
    default: return model_refuse(m, REJECT_COMMAND_UNKNOWN, REFUSAL_KIND, c->kind, 0, 0, DECIMAL_ABSENT);
    }
}

static void say_swept(struct model *m)
{
    struct event *e = model_say(m, EVENT_SWEPT);
    e->swept = (struct event_swept){.orders = m->swept.orders, .more = model_pending(m), .sweep = m->swept.kind};
}

/* What a BATCH or FILL is about before any of its orders is looked at. */
static uint64_t first_named(const struct model *m, const struct command *c)
{
    if (c->kind == COMMAND_BATCH) return model_own_id(m, 0);
    bool any = m->limits_set && c->kind == COMMAND_FILL && c->fill.fills_count > 0 && c->fill.fills_count <= FILLS_MAX;
    return any ? c->fill.fills[0].order_id : 0;
}

/* These change nothing that anybody could wait for. */
static bool has_aftermath(int kind)
{
    return kind != COMMAND_TICK && kind != COMMAND_SETTLE && kind != COMMAND_CLEAR_KEY && kind != COMMAND_STATEMENT;
}

uint32_t model_apply(struct model *m, const struct command *c, struct event *events)
{
    assert(c->seq > m->scalars.seq && c->ts_ns >= m->scalars.now_ns);
    m->scalars.seq = c->seq;
    m->scalars.now_ns = c->ts_ns;
    m->events = events;
    m->events_count = 0;
    m->touched_instrument_id = 0;
    m->base = 0;
    m->checks = 0;
    m->checked = 0;
    m->sent_count = 0;
    memset(&m->swept, 0, sizeof m->swept);
    m->refused_order_id = first_named(m, c);
    m->refused_order = NULL;
    memset(&m->batch, 0, sizeof m->batch);
    m->work_used = 0;
    if (m->limits_set) {
        model_forget_old(m);
        model_keep_key(m, c);
    }
    model_expire_due(m);
    m->work_used = 0;
    if (apply_kind(m, c) != 0) {
        say_rejected(m, c);
        return m->events_count;
    }
    if (has_aftermath(c->kind)) model_aftermath(m);
    if (m->swept.say) say_swept(m);
    return m->events_count;
}

uint32_t model_work_room(const struct model *m)
{
    return model_work_left(m) ? m->scalars.limits.work_max - m->work_used : 0;
}

bool model_work_left(const struct model *m)
{
    return m->work_used < m->scalars.limits.work_max;
}

bool model_is_live(const struct model *m, const struct instrument_state *i)
{
    return i->spec.state == INSTRUMENT_STATE_CONTINUOUS && i->spec.trading != ACCOUNT_STATUS_HALTED &&
           m->scalars.trading != ACCOUNT_STATUS_HALTED;
}

bool model_aftermath_pending(const struct model *m)
{
    struct model *any = (struct model *)(uintptr_t)m;
    return model_first_to_follow(any) != NULL || model_instrument_with_range(any) != NULL;
}

bool model_pending(const struct model *m)
{
    return m->scalars.sweep.kind != SWEEP_NONE || model_aftermath_pending(m);
}

void model_empty_range_unless_live(struct model *m, struct instrument_state *i)
{
    if (model_is_live(m, i)) return;
    i->range_low = 0;
    i->range_high = 0;
}

void model_turn_to(struct model *m, uint64_t instrument_id)
{
    if (m->touched_instrument_id == instrument_id) return;
    m->touched_instrument_id = instrument_id;
    m->base = model_instrument_by_id(m, instrument_id)->last_price;
}

bool model_is_buy(int side)
{
    return side == SIDE_BUY;
}

int model_other_side(int side)
{
    return model_is_buy(side) ? SIDE_SELL : SIDE_BUY;
}

uint64_t model_currency_id(struct model *m, const struct instrument_state *i)
{
    return model_find_currency(m, &i->spec.currency)->id;
}

struct order_state *model_find_order(struct model *m, uint64_t order_id)
{
    for (uint32_t i = 0; i < m->orders_count; i++)
        if (m->orders[i].id == order_id) return &m->orders[i];
    return NULL;
}

static bool same(const struct name *a, const struct name *b)
{
    return memcmp(a->bytes, b->bytes, NAME_BYTES) == 0;
}

struct instrument_state *model_find_instrument(struct model *m, const struct name *symbol)
{
    for (uint32_t i = 0; i < m->instruments_count; i++)
        if (same(&m->instruments[i].spec.symbol, symbol)) return &m->instruments[i];
    return NULL;
}

struct instrument_state *model_instrument_by_id(struct model *m, uint64_t id)
{
    for (uint32_t i = 0; i < m->instruments_count; i++)
        if (m->instruments[i].id == id) return &m->instruments[i];
    return NULL;
}

struct account_state *model_find_account(struct model *m, const struct name *account)
{
    for (uint32_t i = 0; i < m->accounts_count; i++)
        if (same(&m->accounts[i].account, account)) return &m->accounts[i];
    return NULL;
}

struct account_state *model_account_by_id(struct model *m, uint64_t id)
{
    for (uint32_t i = 0; i < m->accounts_count; i++)
        if (m->accounts[i].id == id) return &m->accounts[i];
    return NULL;
}

struct currency_state *model_find_currency(struct model *m, const struct name *currency)
{
    for (uint32_t i = 0; i < m->currencies_count; i++)
        if (same(&m->currencies[i].currency, currency)) return &m->currencies[i];
    return NULL;
}

struct position_state *model_find_position(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    for (uint32_t i = 0; i < m->positions_count; i++)
        if (m->positions[i].account_id == account_id && m->positions[i].instrument_id == instrument_id)
            return &m->positions[i];
    return NULL;
}

struct balance_state *model_find_balance(struct model *m, uint64_t account_id, uint64_t currency_id)
{
    for (uint32_t i = 0; i < m->balances_count; i++)
        if (m->balances[i].account_id == account_id && m->balances[i].currency_id == currency_id)
            return &m->balances[i];
    return NULL;
}

/* The first command that was accepted made these first. */
struct account_state *model_fees_account(struct model *m)
{
    return &m->accounts[0];
}

struct account_state *model_external_account(struct model *m)
{
    return &m->accounts[1];
}

struct account_state *model_quote_account(struct model *m)
{
    return &m->accounts[3];
}

struct position_state *model_open_position(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    struct position_state *p = model_find_position(m, account_id, instrument_id);
    if (p != NULL) return p;
    assert(m->positions_count < m->scalars.limits.positions_max);
    p = &m->positions[m->positions_count++];
    *p = (struct position_state){.account_id = account_id, .instrument_id = instrument_id};
    return p;
}

struct balance_state *model_open_balance(struct model *m, uint64_t account_id, uint64_t currency_id)
{
    struct balance_state *b = model_find_balance(m, account_id, currency_id);
    if (b != NULL) return b;
    assert(m->balances_count < m->scalars.limits.balances_max);
    b = &m->balances[m->balances_count++];
    *b = (struct balance_state){.account_id = account_id, .currency_id = currency_id};
    return b;
}

i128 model_free_of(const struct balance_state *b)
{
    return b->cash + b->cost_net - b->margin_used - b->reserved;
}

uint32_t model_effective_leverage(const struct account_state *a, const struct instrument_state *i)
{
    if (a->type == ACCOUNT_TYPE_HOUSE) return LEVERAGE_ONE;
    bool capped = i->spec.max_leverage != 0 && i->spec.max_leverage < a->leverage;
    return capped ? i->spec.max_leverage : a->leverage;
}

int64_t model_maker_rate(const struct account_state *a, const struct instrument_state *i)
{
    return a->limits.own_maker_fee ? a->limits.maker_fee_rate : i->spec.maker_fee_rate;
}

int64_t model_taker_rate(const struct account_state *a, const struct instrument_state *i)
{
    return a->limits.own_taker_fee ? a->limits.taker_fee_rate : i->spec.taker_fee_rate;
}

int64_t model_worst_rate(const struct account_state *a, const struct instrument_state *i)
{
    int64_t maker = model_maker_rate(a, i), taker = model_taker_rate(a, i);
    int64_t worst = maker > taker ? maker : taker;
    return worst > 0 ? worst : 0;
}

struct order_state *model_new_order(struct model *m)
{
    assert(m->orders_count <= m->scalars.limits.orders_max);
    struct order_state *o = &m->orders[m->orders_count++];
    memset(o, 0, sizeof *o);
    return o;
}

void model_drop_order(struct model *m, uint64_t order_id)
{
    model_sweep_pass_over(m, order_id);
    *model_find_order(m, order_id) = m->orders[m->orders_count - 1];
    m->orders_count--;
}

const struct order_state *model_order(const struct model *m, uint64_t order_id)
{
    return model_find_order((struct model *)(uintptr_t)m, order_id);
}

const struct instrument_state *model_instrument(const struct model *m, const struct name *symbol)
{
    return model_find_instrument((struct model *)(uintptr_t)m, symbol);
}

const struct account_state *model_account(const struct model *m, const struct name *account)
{
    return model_find_account((struct model *)(uintptr_t)m, account);
}

const struct currency_state *model_currency(const struct model *m, const struct name *currency)
{
    return model_find_currency((struct model *)(uintptr_t)m, currency);
}

const struct position_state *model_position(const struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    return model_find_position((struct model *)(uintptr_t)m, account_id, instrument_id);
}

const struct balance_state *model_balance(const struct model *m, uint64_t account_id, uint64_t currency_id)
{
    return model_find_balance((struct model *)(uintptr_t)m, account_id, currency_id);
}

static bool same_level(const struct order_state *a, const struct order_state *b)
{
    return a->instrument_id == b->instrument_id && model_queue_of(a) == model_queue_of(b) &&
           model_queue_side(a) == model_queue_side(b) && model_queue_price(a) == model_queue_price(b);
}

bool model_alone_at_its_level(const struct model *m, const struct order_state *o)
{
    uint32_t there = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) there += same_level(&m->orders[k], o);
    return there == 1;
}

uint32_t model_levels(const struct model *m)
{
    uint32_t levels = 0;
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        bool counts = model_queue_of(o) != QUEUE_NONE && o->id != m->taker_id;
        for (uint32_t j = 0; j < i && counts; j++)
            counts = m->orders[j].id == m->taker_id || !same_level(&m->orders[j], o);
        levels += counts;
    }
    return levels;
}

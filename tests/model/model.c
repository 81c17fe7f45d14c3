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
    m->orders = room_for(l->orders_max, sizeof *m->orders);
    m->sweep_ids = room_for(l->orders_max, sizeof *m->sweep_ids);
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
    free(m->sweep_ids);
    free(m);
}

uint32_t model_events_max(const struct limits *l)
{
    /* work_max timers, then work_max fills or cancels between a PLACED and a CANCELLED; or the four of SET_LIMITS. */
    return 2 * l->work_max + 8;
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
                            .price_scale = p->price.scale,
                            .quantity_scale = p->quantity.scale,
                            .side = p->side,
                            .type = p->type,
                            .tif = p->tif,
                            .flags = p->flags};
    uint32_t len = p->client_order_id.len_bytes;
    if (len > CLIENT_ORDER_ID_BYTES_MAX) len = CLIENT_ORDER_ID_BYTES_MAX;
    t.client_order_id_len = (uint8_t)len;
    if (len > 0) memcpy(t.client_order_id, p->client_order_id.bytes, len);
    return t;
}

void model_say_rejected(struct model *m, const struct command *c, int reason)
{
    struct event *e = model_say(m, EVENT_REJECTED);
    e->rejected.reason = (uint16_t)reason;
    e->rejected.command_kind = c->kind;
    if (c->kind == COMMAND_MODIFY) e->rejected.order_id = c->modify.order_id;
    if (c->kind == COMMAND_CANCEL) e->rejected.order_id = c->cancel.order_id;
    if (c->kind == COMMAND_PLACE) {
        e->rejected.order_id = model_own_id(m, 0);
        e->rejected.terms = terms_as_written(&c->place);
    }
}

static int apply_kind(struct model *m, const struct command *c)
{
    if (m->limits_set == (c->kind == COMMAND_SET_LIMITS)) return REJECT_LIMITS_FIRST;
    switch (c->kind) {
    case COMMAND_SET_LIMITS: return model_apply_set_limits(m, c);
    case COMMAND_SET_CURRENCY: return model_apply_set_currency(m, c);
    case COMMAND_SET_INSTRUMENT: return model_apply_set_instrument(m, c);
    case COMMAND_SET_ACCOUNT: return model_apply_set_account(m, c);
    case COMMAND_MOVE_CASH: return model_apply_move_cash(m, c);
    case COMMAND_SET_QUOTE: return model_apply_set_quote(m, c);
    case COMMAND_PLACE: return model_apply_place(m, c);
    case COMMAND_MODIFY: return model_apply_modify(m, c);
    case COMMAND_CANCEL: return model_apply_cancel(m, c);
    case COMMAND_MASS_CANCEL: return model_apply_mass_cancel(m, c);
    case COMMAND_END_OF_DAY: return model_apply_end_of_day(m, c);
    case COMMAND_TICK: return 0;
    case COMMAND_CONTINUE: return model_apply_continue(m, c);
    default: return REJECT_COMMAND_UNKNOWN;
    }
}

uint32_t model_apply(struct model *m, const struct command *c, struct event *events)
{
    assert(c->seq > m->scalars.seq && c->ts_ns >= m->scalars.now_ns);
    m->scalars.seq = c->seq;
    m->scalars.now_ns = c->ts_ns;
    m->events = events;
    m->events_count = 0;
    model_expire_due_orders(m);
    int reason = apply_kind(m, c);
    if (reason != 0) model_say_rejected(m, c, reason);
    return m->events_count;
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

/* The first command that was accepted made these two first. */
struct account_state *model_fees_account(struct model *m)
{
    return &m->accounts[0];
}

struct account_state *model_external_account(struct model *m)
{
    return &m->accounts[1];
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

uint32_t model_effective_leverage(const struct account_state *a)
{
    return a->type == ACCOUNT_TYPE_HOUSE ? LEVERAGE_ONE : a->leverage;
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

uint32_t model_levels(const struct model *m)
{
    uint32_t levels = 0;
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        bool seen = false;
        for (uint32_t j = 0; j < i && !seen; j++) {
            const struct order_state *p = &m->orders[j];
            seen = p->instrument_id == o->instrument_id && p->side == o->side && p->price == o->price;
        }
        levels += !seen;
    }
    return levels;
}

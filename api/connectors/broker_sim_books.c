/* api/connectors/broker_sim_books.c - the books of the simulated broker: orders by our id, executions by number.
 * What must stay true: filled is the sum of an order's executions that are not busted, fills by hand included; an open order is in its
 * symbol's list and has leaves; every change goes to the log (or comes from it). A bust takes from filled and never opens the order
 * again: leaves stay, as they do with us. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/connectors/broker_sim_log.h"
#include "api/connectors/broker_sim_parts.h"
#include "core/error.h"

void *sim_grown(void *array, uint32_t count, uint32_t *room, size_t item_bytes)
{
    if (count < *room) return array;
    uint32_t wanted = *room == 0 ? 64 : *room * 2;
    void *grown = realloc(array, wanted * item_bytes);
    if (grown != NULL) *room = wanted;
    return grown;
}

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void uuid_text(uint64_t seed, uint64_t counter, char *room)
{
    uint64_t a = mixed(seed + counter * 0x9e3779b97f4a7c15u), b = mixed(a + counter);
    (void)snprintf(room, EXT_ID_BYTES_MAX + 1, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
                   (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, ((unsigned)(b >> 48) & 0x3fff) | 0x8000,
                   (unsigned long long)(b & 0xffffffffffff));
}

void sim_ext_order_id(const struct broker_sim *s, const struct sim_order *o, char *room)
{
    room[0] = '\0';
    if (o->counter == 0) return;
    if (s->o.style == BROKER_STYLE_UUIDS)
        uuid_text(s->o.seed, o->counter, room);
    else
        (void)snprintf(room, EXT_ID_BYTES_MAX + 1, "%06u%09u", o->day, o->counter);
}

void sim_exec_id(const struct broker_sim *s, uint64_t number, char *room)
{
    if (s->o.style == BROKER_STYLE_UUIDS)
        uuid_text(~s->o.seed, number, room);
    else
        (void)snprintf(room, EXT_ID_BYTES_MAX + 1, "%llu", (unsigned long long)(10000000 + number));
}

/* ---- The table. ---- */

static uint32_t *bucket_of(const struct broker_sim *s, uint64_t order_id)
{
    return &s->buckets[(uint32_t)(mixed(order_id) >> 32) & (s->buckets_count - 1)];
}

struct sim_order *sim_find(const struct broker_sim *s, uint64_t order_id)
{
    if (s->buckets_count == 0) return NULL;
    uint32_t at = *bucket_of(s, order_id);
    while (at != NONE_INDEX && s->orders[at].order_id != order_id) at = s->orders[at].next_in_bucket;
    return at == NONE_INDEX ? NULL : &s->orders[at];
}

static int buckets_grow(struct broker_sim *s)
{
    if (s->orders_count < s->buckets_count) return 0;
    uint32_t count = s->buckets_count == 0 ? 1024 : s->buckets_count * 2;
    uint32_t *grown = malloc(count * sizeof *grown);
    if (grown == NULL) return ERR_NO_MEMORY;
    free(s->buckets);
    s->buckets = grown;
    s->buckets_count = count;
    memset(grown, 0xff, count * sizeof *grown);
    for (uint32_t i = 0; i < s->orders_count; i++) {
        uint32_t *bucket = bucket_of(s, s->orders[i].order_id);
        s->orders[i].next_in_bucket = *bucket;
        *bucket = i;
    }
    return 0;
}

/* The order of that id, made when it is missing. */
static struct sim_order *order_made(struct broker_sim *s, uint64_t order_id)
{
    struct sim_order *o = sim_find(s, order_id);
    if (o != NULL) return o;
    struct sim_order *orders = sim_grown(s->orders, s->orders_count, &s->orders_room, sizeof *orders);
    if (orders == NULL) return NULL;
    s->orders = orders;
    if (buckets_grow(s) != 0) return NULL;
    uint32_t *bucket = bucket_of(s, order_id);
    o = &s->orders[s->orders_count];
    *o = (struct sim_order){.order_id = order_id, .symbol = NONE_INDEX, .next_in_bucket = *bucket};
    *bucket = s->orders_count++;
    return o;
}

uint32_t sim_symbol_index(struct broker_sim *s, const struct name *symbol)
{
    for (uint32_t i = 0; i < s->symbols_count; i++)
        if (name_equal(&s->symbols[i].symbol, symbol)) return i;
    struct sim_symbol *symbols = sim_grown(s->symbols, s->symbols_count, &s->symbols_room, sizeof *symbols);
    if (symbols == NULL) return NONE_INDEX;
    s->symbols = symbols;
    symbols[s->symbols_count] = (struct sim_symbol){.symbol = *symbol, .first = NONE_INDEX, .last = NONE_INDEX};
    return s->symbols_count++;
}

static void open_link(struct broker_sim *s, struct sim_order *o)
{
    struct sim_symbol *y = &s->symbols[o->symbol];
    uint32_t index = (uint32_t)(o - s->orders);
    o->before = y->last;
    o->after = NONE_INDEX;
    if (y->last != NONE_INDEX)
        s->orders[y->last].after = index;
    else
        y->first = index;
    y->last = index;
}

static void open_unlink(struct broker_sim *s, struct sim_order *o)
{
    struct sim_symbol *y = &s->symbols[o->symbol];
    if (o->before != NONE_INDEX)
        s->orders[o->before].after = o->after;
    else
        y->first = o->after;
    if (o->after != NONE_INDEX)
        s->orders[o->after].before = o->before;
    else
        y->last = o->before;
}

static void state_becomes(struct broker_sim *s, struct sim_order *o, uint8_t state)
{
    if (o->state == BROKER_ORDER_OPEN && state != BROKER_ORDER_OPEN) open_unlink(s, o);
    if (o->state != BROKER_ORDER_OPEN && state == BROKER_ORDER_OPEN) open_link(s, o);
    o->state = state;
}

/* ---- Changes. ---- */

int sim_take_order(struct broker_sim *s, const struct broker_order *terms, uint32_t day, uint8_t state)
{
    struct sim_order *o = order_made(s, terms->order_id);
    uint32_t symbol = sim_symbol_index(s, &terms->symbol);
    if (o == NULL || symbol == NONE_INDEX) return ERR_NO_MEMORY;
    struct log_order r;
    memset(&r, 0, sizeof r);
    r.terms = *terms;
    r.day = day;
    r.state = state;
    int failed = sim_log_append(s, LOG_ORDER, &r, sizeof r);
    if (failed != 0) return failed;
    o->terms = *terms;
    o->symbol = symbol;
    o->day = day;
    o->triggered = false;
    if (state == BROKER_ORDER_REJECTED) {
        o->state = state;
        return 0;
    }
    o->counter = ++s->taken_count;
    o->leaves = terms->quantity.mantissa - o->filled;
    state_becomes(s, o, o->leaves > 0 ? BROKER_ORDER_OPEN : BROKER_ORDER_FILLED);
    return 0;
}

int sim_set_state(struct broker_sim *s, uint64_t order_id, uint8_t state)
{
    struct log_state r = {order_id, state};
    struct sim_order *o = sim_find(s, order_id);
    if (o == NULL || o->symbol == NONE_INDEX) return ERR_CORRUPT;
    int failed = sim_log_append(s, LOG_STATE, &r, sizeof r);
    if (failed == 0) state_becomes(s, o, state);
    return failed;
}

int sim_replace(struct broker_sim *s, const struct broker_replace *r)
{
    struct sim_order *o = sim_find(s, r->order_id);
    if (o == NULL || o->state != BROKER_ORDER_OPEN) return ERR_CORRUPT;
    int failed = sim_log_append(s, LOG_REPLACE, r, sizeof *r);
    if (failed != 0) return failed;
    if (r->price.scale != DECIMAL_ABSENT) o->terms.price = r->price;
    if (r->stop_price.scale != DECIMAL_ABSENT) o->terms.stop_price = r->stop_price;
    if (r->quantity.scale != DECIMAL_ABSENT) {
        o->terms.quantity = r->quantity;
        o->leaves = r->quantity.mantissa > o->filled ? r->quantity.mantissa - o->filled : 0;
        if (o->leaves == 0) state_becomes(s, o, BROKER_ORDER_FILLED);
    }
    return 0;
}

static void fill(struct broker_sim *s, struct sim_order *o, int64_t quantity)
{
    o->filled += quantity;
    if (o->state != BROKER_ORDER_OPEN) return;
    o->leaves = quantity < o->leaves ? o->leaves - quantity : 0;
    if (o->leaves == 0) state_becomes(s, o, BROKER_ORDER_FILLED);
}

/* The one that is busted or corrected goes. */
static int undo(struct broker_sim *s, struct sim_order *o, uint32_t ref)
{
    if (ref == 0 || ref > s->executions_count || s->executions[ref - 1].busted) return ERR_CORRUPT;
    s->executions[ref - 1].busted = true;
    o->filled -= s->executions[ref - 1].quantity;
    return 0;
}

int sim_execute(struct broker_sim *s, uint64_t order_id, const struct sim_execution *x)
{
    struct sim_order *o = sim_find(s, order_id);
    struct sim_execution *grown =
        sim_grown(s->executions, s->executions_count, &s->executions_room, sizeof *s->executions);
    if (o == NULL) return ERR_CORRUPT;
    if (grown == NULL) return ERR_NO_MEMORY;
    s->executions = grown;
    struct log_execution r;
    memset(&r, 0, sizeof r);
    r.order_id = order_id;
    r.execution = *x;
    int failed = x->kind == FILL_NEW ? 0 : undo(s, o, x->ref);
    if (failed == 0) failed = sim_log_append(s, LOG_EXECUTION, &r, sizeof r);
    if (failed != 0) return failed;
    s->executions[s->executions_count] = *x;
    s->executions[s->executions_count].order = (uint32_t)(o - s->orders);
    o->last_number = ++s->executions_count;
    if (x->kind == FILL_NEW)
        fill(s, o, x->quantity);
    else if (x->kind == FILL_CORRECT)
        o->filled += x->quantity;
    return 0;
}

static bool by_hand_known(const struct broker_sim *s, uint64_t seq, uint32_t index)
{
    for (uint32_t i = s->by_hand_count; i > 0; i--)
        if (s->by_hand[i - 1].seq == seq && s->by_hand[i - 1].index == index) return true;
    return false;
}

int sim_execute_by_hand(struct broker_sim *s, uint64_t order_id, uint64_t seq, uint32_t index, int64_t price,
                        int64_t quantity)
{
    if (by_hand_known(s, seq, index)) return 0;
    struct sim_by_hand *grown = sim_grown(s->by_hand, s->by_hand_count, &s->by_hand_room, sizeof *s->by_hand);
    if (grown == NULL) return ERR_NO_MEMORY;
    s->by_hand = grown;
    struct sim_order *o = order_made(s, order_id); /* it may not have arrived yet: then it comes with less to fill */
    if (o == NULL) return ERR_NO_MEMORY;
    struct log_by_hand r = {order_id, seq, index, price, quantity};
    int failed = sim_log_append(s, LOG_BY_HAND, &r, sizeof r);
    if (failed != 0) return failed;
    s->by_hand[s->by_hand_count++] =
        (struct sim_by_hand){.seq = seq, .index = index, .order = (uint32_t)(o - s->orders)};
    fill(s, o, quantity);
    return 0;
}

bool broker_sim_next_order(const struct broker_sim *s, uint32_t *cursor, struct broker_sim_order *out)
{
    if (*cursor >= s->orders_count) return false;
    const struct sim_order *o = &s->orders[(*cursor)++];
    *out = (struct broker_sim_order){.order_id = o->order_id,
                                     .state = o->state,
                                     .quantity = o->terms.quantity.mantissa,
                                     .leaves = o->leaves,
                                     .filled = o->filled};
    sim_ext_order_id(s, o, out->ext_order_id);
    return true;
}

bool broker_sim_execution(const struct broker_sim *s, uint64_t number, struct broker_execution *out, bool *busted)
{
    if (number == 0 || number > s->executions_count) return false;
    const struct sim_execution *x = &s->executions[number - 1];
    const struct sim_order *o = &s->orders[x->order];
    *out = (struct broker_execution){.number = number, .order_id = o->order_id, .kind = x->kind};
    out->price.scale = out->quantity.scale = DECIMAL_ABSENT;
    if (x->kind != FILL_BUST) {
        out->price = (struct decimal){x->price, x->price_scale};
        out->quantity = (struct decimal){x->quantity, o->terms.quantity.scale};
        sim_exec_id(s, number, out->exec_id);
    }
    if (x->kind != FILL_NEW) sim_exec_id(s, x->ref, out->ref_exec_id);
    if (busted != NULL) *busted = x->busted;
    return true;
}
